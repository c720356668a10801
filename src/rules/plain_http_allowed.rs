//! `plain-http-allowed`: see `rules/plain-http-allowed.md`.

use serde::Deserialize;

use super::network::Network;
use super::network_tls as tls;
use crate::finding::Safety;
use crate::k8s::controller::Controller;
use crate::k8s::{Object, ingress};
use crate::rule::{BuildCx, Rule, Sink, edit};
use crate::yaml::Node;

/// Reports routes with TLS that are told to answer over plain HTTP as well.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct PlainHttpAllowed {}

/// Annotations that switch the redirect off, who reads them, and the annotations that switch it on again.
const SWITCHES: [(&str, Controller, &[&str]); 7] = [
    (
        "nginx.ingress.kubernetes.io/ssl-redirect",
        Controller::IngressNginx,
        &["nginx.ingress.kubernetes.io/force-ssl-redirect"],
    ),
    ("nginx.org/redirect-to-https", Controller::NginxInc, &["nginx.org/ssl-redirect"]),
    ("nginx.org/ssl-redirect", Controller::NginxInc, &["nginx.org/redirect-to-https"]),
    ("ingress.kubernetes.io/ssl-redirect", Controller::NginxInc, &["nginx.org/redirect-to-https"]),
    ("ingress.kubernetes.io/ssl-redirect", Controller::HaproxyIngress, &[]),
    ("haproxy.org/ssl-redirect", Controller::HaproxyTech, &[]),
    ("haproxy-ingress.github.io/ssl-redirect", Controller::HaproxyIngress, &[]),
];

impl Rule for PlainHttpAllowed {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let network = Network::new(cx);
        for object in &cx.scope.objects {
            sink.on(object, None);
            if ingress::is_ingress(object) && !ingress::is_acme_solver(object) {
                judge(&network, object, sink);
            } else if object.is("route.openshift.io", "Route") {
                let policy = object.spec().and_then(|s| s.path(&["tls", "insecureEdgeTerminationPolicy"]));
                if let Some(policy) = policy.filter(|p| p.has_text("Allow")) {
                    report(object, &policy, "Redirect", "set `insecureEdgeTerminationPolicy: Redirect`", sink);
                }
            }
        }
    }
}

fn judge<'a, 's>(network: &Network<'a, 's>, object: &Object<'s>, sink: &mut Sink<'a, 's>) {
    let has_tls = !ingress::tls(object).is_empty();
    if !has_tls && !tls::is_set_elsewhere(network, object) {
        return;
    }
    let known = network.controller(object).map(|k| k.controller);
    for (key, controller, others) in SWITCHES {
        // Of the old prefix, a known controller must say who reads it.
        let read = match known {
            Some(known) => known == controller,
            None => !key.starts_with("ingress.kubernetes.io/"),
        };
        let Some(node) = object.annotation_node(key) else { continue };
        if read && is(&node, false) && !others.iter().any(|o| ingress::flag(object, o) == Some(true)) {
            report(object, &node, "\"true\"", &format!("set `{key}: \"true\"`"), sink);
        }
    }
    if matches!(known, None | Some(Controller::Gce))
        && let Some(node) = object.annotation_node("kubernetes.io/ingress.allow-http")
        && is(&node, true)
        && object.annotation_node("networking.gke.io/v1beta1.FrontendConfig").is_none()
    {
        report(object, &node, "\"false\"", "set `kubernetes.io/ingress.allow-http: \"false\"`", sink);
    }
    if matches!(known, None | Some(Controller::Alb)) && tls::listens(object) == (true, true) {
        let redirects = object.annotation_node("alb.ingress.kubernetes.io/ssl-redirect").is_some();
        if let Some(node) = object.annotation_node("alb.ingress.kubernetes.io/listen-ports").filter(|_| !redirects) {
            add(object, &node, "alb.ingress.kubernetes.io/ssl-redirect", "\"443\"", sink);
        }
    }
    if matches!(known, None | Some(Controller::Kong))
        && let Some(node) = object.annotation_node("konghq.com/protocols")
        && object.annotation_node("konghq.com/https-redirect-status-code").is_none()
    {
        let text = node.text().unwrap_or_default();
        let speaks = |p: &str| text.split(',').any(|t| t.trim() == p);
        if speaks("http") && speaks("https") {
            report(object, &node, "\"https\"", "set `konghq.com/protocols: \"https\"`", sink);
        }
    }
}

fn is(node: &Node<'_>, value: bool) -> bool {
    node.text().is_some_and(|t| ingress::parse_bool(t.trim()) == Some(value))
}

fn report<'a, 's>(object: &Object<'s>, node: &Node<'s>, text: &str, order: &str, sink: &mut Sink<'a, 's>) {
    let mut draft = sink.at(node, message(object));
    draft.help(format!("{order}, so that plain requests are sent to HTTPS"));
    match edit::replace(node, text) {
        Some(edit) => draft.fix(Safety::Unsafe, order, vec![edit]),
        None => draft.suggest(order),
    };
}

/// Reports what an annotation lacks beside it.
fn add<'a, 's>(object: &Object<'s>, node: &Node<'s>, key: &str, value: &str, sink: &mut Sink<'a, 's>) {
    let order = format!("set `{key}: {value}`");
    let mut draft = sink.at(node, message(object));
    draft.help(format!("{order}, so that plain requests are sent to HTTPS"));
    match edit::set(&object.node, &["metadata", "annotations", key], value) {
        Some(edit) => draft.fix(Safety::Unsafe, order, vec![edit]),
        None => draft.suggest(order),
    };
}

fn message(object: &Object<'_>) -> String {
    format!("{} `{}` keeps answering over plain HTTP", object.kind(), object.shown_name().unwrap_or_default())
}
