//! `ingress-host-without-tls`: see `rules/ingress-host-without-tls.md`.

use serde::Deserialize;

use super::network::Network;
use crate::k8s::controller::{Controller, Known};
use crate::k8s::{Object, ingress};
use crate::rule::{BuildCx, Rule, Sink};
use crate::yaml::Node;

/// Reports hosts of an Ingress that none of its TLS entries covers, and entries that cannot get a certificate.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct IngressHostWithoutTls {
    /// The controller has a default certificate that fits: entries without `secretName` count.
    pub default_certificate: bool,
    /// Report TLS hosts that no rule serves, too.
    pub reverse: bool,
}

impl Rule for IngressHostWithoutTls {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let network = Network::new(cx);
        for object in network.ingresses() {
            let Some((tls_key, _)) = object.spec().and_then(|s| s.entry("tls")) else { continue };
            let entries: Vec<Entry<'s>> =
                ingress::tls(object).into_iter().map(|node| Entry::new(node, object)).collect();
            if entries.is_empty() || ingress::flag(object, "nginx.ingress.kubernetes.io/ssl-passthrough") == Some(true)
            {
                continue;
            }
            sink.on(object, None);
            let known = network.controller(object);
            for entry in &entries {
                report_without_certificate(entry, &tls_key, sink);
            }
            let usable = |entry: &&Entry<'s>| self.is_usable(entry, known, object);
            for rule in ingress::rules(object) {
                report_uncovered(&rule, entries.iter().filter(usable), &tls_key, sink);
            }
            if self.reverse {
                report_unserved(object, &entries, sink);
            }
        }
    }
}

/// An entry of `spec.tls`.
struct Entry<'s> {
    node: Node<'s>,
    hosts: Vec<Node<'s>>,
    secret: Option<Node<'s>>,
    /// cert-manager issues the certificates of this Ingress.
    issued: bool,
}

impl<'s> Entry<'s> {
    fn new(node: Node<'s>, object: &Object<'s>) -> Self {
        let hosts = node.get("hosts").map(|h| h.items().collect()).unwrap_or_default();
        let secret = node.get("secretName").filter(|s| s.as_str().is_some_and(|s| !s.is_empty()));
        Entry { node, hosts, secret, issued: ingress::asks_cert_manager(object) }
    }

    fn covers(&self, host: &str) -> bool {
        self.hosts.is_empty() || self.hosts.iter().filter_map(Node::as_str).any(|h| ingress::covers(&h, host))
    }
}

impl IngressHostWithoutTls {
    /// True if connections can use the entry. With cert-manager, an entry that cannot get a certificate is reported itself.
    fn is_usable(&self, entry: &Entry<'_>, known: Option<Known>, object: &Object<'_>) -> bool {
        if entry.secret.is_some() || entry.issued || self.default_certificate {
            return true;
        }
        match known.map(|k| k.controller) {
            // Nobody knows what an unknown controller does without a Secret.
            None | Some(Controller::Other) => true,
            Some(Controller::Traefik) => {
                object.annotation("traefik.ingress.kubernetes.io/router.tls.certresolver").is_some()
            }
            Some(controller) => matches!(
                controller,
                Controller::Alb
                    | Controller::Gce
                    | Controller::OpenShift
                    | Controller::Tailscale
                    | Controller::CloudflareTunnel
            ),
        }
    }
}

fn report_without_certificate<'a, 's>(entry: &Entry<'s>, tls_key: &Node<'s>, sink: &mut Sink<'a, 's>) {
    if !entry.issued {
        return;
    }
    let (lacks, place) = match (&entry.secret, entry.hosts.first()) {
        (Some(_), Some(_)) => return,
        (Some(secret), None) => ("hosts", secret.clone()),
        (None, Some(host)) => ("secretName", host.clone()),
        (None, None) => ("hosts and secretName", tls_key.clone()),
    };
    let what = lacks.replace(" and ", "` and `");
    sink.at(&place, format!("TLS entry without `{what}`: cert-manager issues no certificate for it"))
        .entry(&entry.node)
        .help("give the entry `hosts` and the `secretName` that cert-manager writes the certificate to");
}

fn report_uncovered<'e, 'a, 's: 'e>(
    rule: &Node<'s>,
    mut usable: impl Iterator<Item = &'e Entry<'s>>,
    tls_key: &Node<'s>,
    sink: &mut Sink<'a, 's>,
) {
    let Some(host) = ingress::host(rule) else {
        if usable.next().is_none()
            && let Some((key, _)) = rule.entries().next()
        {
            sink.at(&key, "requests for every host are covered by no TLS entry")
                .entry(rule)
                .help("give the TLS entry a `secretName`");
        }
        return;
    };
    if ingress::is_internal_host(&host) || usable.any(|entry| entry.covers(&host)) {
        return;
    }
    let Some(node) = rule.get("host") else { return };
    sink.at(&node, format!("host `{host}` is covered by no TLS entry"))
        .entry(rule)
        .related(tls_key, "the TLS entries")
        .help("name the host in the `hosts` of a TLS entry that has a `secretName`")
        .suggest(format!("add `{host}` to the `hosts` of a TLS entry"));
}

fn report_unserved<'a, 's>(object: &Object<'s>, entries: &[Entry<'s>], sink: &mut Sink<'a, 's>) {
    let Some(served) = ingress::hosts(object).into_iter().collect::<Option<Vec<_>>>() else { return };
    if served.is_empty() {
        return;
    }
    for node in entries.iter().flat_map(|e| &e.hosts) {
        if let Some(host) = node.as_str()
            && !served.iter().any(|s| ingress::covers(&host, s) || ingress::covers(s, &host))
        {
            sink.at(node, format!("TLS host `{host}` is served by no rule"))
                .entry(node)
                .help("remove the host, or add the rule that serves it");
        }
    }
}
