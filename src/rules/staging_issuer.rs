//! `staging-issuer`: see `rules/staging-issuer.md`.

use serde::Deserialize;

use super::network::Network;
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{Object, ingress};
use crate::rule::{BuildCx, Rule, Sink};
use crate::yaml::Node;

/// Reports certificates that a staging certificate authority issues.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct StagingIssuer {}

const CERT_MANAGER: &str = "cert-manager.io";

impl Rule for StagingIssuer {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if !cx.scope.complete {
            return;
        }
        let network = Network::new(cx);
        for object in &cx.scope.objects {
            for (node, kind) in references(object) {
                let Some(name) = node.as_str().filter(|n| !is_placeholder(n)) else { continue };
                let namespace = if kind == "Issuer" { object.namespace() } else { None };
                let issuer = network.find(&[CERT_MANAGER], kind, namespace.as_deref(), &name);
                let server = issuer.and_then(|i| i.spec()?.path(&["acme", "server"]));
                let staging = match (issuer, &server) {
                    (Some(_), Some(server)) => server.as_str().is_some_and(|s| is_staging_server(&s)),
                    (Some(_), None) => false,
                    (None, _) => name.split(['-', '.', '_']).any(|token| token.eq_ignore_ascii_case("staging")),
                };
                if !staging {
                    continue;
                }
                sink.on(object, None);
                let title = object.name().unwrap_or_default();
                let mut draft =
                    sink.at(&node, format!("certificate of {} `{title}` comes from a staging CA", object.kind()));
                draft.help("name the issuer of the production CA: browsers do not trust certificates of a staging one");
                if let Some(server) = server {
                    draft.related(&server, "the staging server");
                }
            }
        }
    }
}

/// The scalars that name an issuer, with its kind.
fn references<'s>(object: &Object<'s>) -> Vec<(Node<'s>, &'static str)> {
    let mut out = Vec::new();
    if object.is(CERT_MANAGER, "Certificate") {
        let Some(issuer) = object.spec().and_then(|s| s.get("issuerRef")) else { return out };
        let foreign = issuer.get("group").and_then(|g| g.as_str()).is_some_and(|g| g != CERT_MANAGER);
        let kind = match issuer.get("kind").and_then(|k| k.as_str()).as_deref() {
            Some("ClusterIssuer") => "ClusterIssuer",
            None | Some("Issuer") => "Issuer",
            Some(_) => return out,
        };
        out.extend(issuer.get("name").filter(|_| !foreign).map(|name| (name, kind)));
    } else if ingress::is_ingress(object) || object.is("gateway.networking.k8s.io", "Gateway") {
        if object.annotation("cert-manager.io/issuer-group").is_some_and(|g| g != CERT_MANAGER) {
            return out;
        }
        out.extend(object.annotation_node("cert-manager.io/issuer").map(|node| (node, "Issuer")));
        out.extend(object.annotation_node("cert-manager.io/cluster-issuer").map(|node| (node, "ClusterIssuer")));
    }
    out
}

/// True if the host of an ACME directory names it as staging (`acme-staging-v02.api.letsencrypt.org`).
fn is_staging_server(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().contains("staging")
}
