//! `staging-issuer`: see `rules/staging-issuer.md`.

use serde::Deserialize;

use super::network::Network;
use crate::k8s::issuers::{GROUP, issuer_references};
use crate::k8s::placeholder::is_placeholder;
use crate::rule::{BuildCx, Rule, Sink};

/// Reports certificates that a staging certificate authority issues.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct StagingIssuer {}

impl Rule for StagingIssuer {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if !cx.scope.complete {
            return;
        }
        let network = Network::new(cx);
        for object in &cx.scope.objects {
            for (node, kind) in issuer_references(object) {
                let Some(name) = node.as_str().filter(|n| !is_placeholder(n)) else { continue };
                let namespace = if kind == "Issuer" { object.namespace() } else { None };
                let issuer = network.find(&[GROUP], kind, namespace.as_deref(), &name);
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

/// True if the host of an ACME directory names it as staging (`acme-staging-v02.api.letsencrypt.org`).
fn is_staging_server(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().contains("staging")
}
