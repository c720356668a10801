//! Where TLS is set apart from `spec.tls`: what the rules on TLS of the category network share.

use crate::k8s::controller::{Controller, class_of};
use crate::k8s::{Object, ingress};
use crate::yaml::Node;

use super::network::Network;

/// Annotations that name a certificate, whatever controller reads them.
const CERTIFICATES: [&str; 4] = [
    "alb.ingress.kubernetes.io/certificate-arn",
    "networking.gke.io/managed-certificates",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
];

/// Classes whose controllers end TLS before a request reaches the cluster.
const TUNNELS: [&str; 2] = ["tailscale", "cloudflare-tunnel"];

/// True if an Ingress without `spec.tls` gets TLS by an annotation, by its class, or by another Ingress of its group.
pub(super) fn is_set_elsewhere<'s>(network: &Network<'_, 's>, ingress: &Object<'s>) -> bool {
    let known = network.controller(ingress).map(|k| k.controller);
    if matches!(known, Some(Controller::Tailscale | Controller::CloudflareTunnel))
        || class_of(ingress).is_some_and(|class| TUNNELS.contains(&&*class))
    {
        return true;
    }
    is_annotated(ingress) || group_has_tls(network, ingress)
}

fn is_annotated(ingress: &Object<'_>) -> bool {
    let set = |key: &str| ingress::annotation(ingress, key).is_some_and(|v| !v.is_empty());
    let on = |key: &str| ingress::flag(ingress, key) == Some(true);
    CERTIFICATES.iter().any(|key| set(key))
        || listens(ingress).1
        || on("traefik.ingress.kubernetes.io/router.tls")
        || set("traefik.ingress.kubernetes.io/router.tls.certresolver")
        || ingress::annotation(ingress, "traefik.ingress.kubernetes.io/router.entrypoints")
            .is_some_and(|points| points.split(',').all(is_secure_entry_point))
        || set("route.openshift.io/termination")
        || on("nginx.ingress.kubernetes.io/ssl-passthrough")
        // The proxy in front ends TLS, and whoever comes without it is sent there.
        || on("nginx.ingress.kubernetes.io/force-ssl-redirect")
}

/// An ALB that several Ingresses share has the certificates of all of them.
fn group_has_tls<'s>(network: &Network<'_, 's>, ingress: &Object<'s>) -> bool {
    const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
    let Some(group) = ingress::annotation(ingress, GROUP).filter(|g| !g.is_empty()) else { return false };
    network.of_kind("Ingress").any(|other| {
        ingress::is_ingress(other)
            && ingress::annotation(other, GROUP).is_some_and(|g| g == group)
            && is_annotated(other)
    })
}

/// Whether the ALB of an Ingress is told to listen for HTTP, and for HTTPS.
pub(super) fn listens(ingress: &Object<'_>) -> (bool, bool) {
    let Some(text) = ingress::annotation(ingress, "alb.ingress.kubernetes.io/listen-ports") else {
        return (false, false);
    };
    let Ok(serde_json::Value::Array(ports)) = serde_json::from_str(&text) else { return (false, false) };
    let speaks = |protocol: &str| ports.iter().any(|port| port.get(protocol).is_some());
    (speaks("HTTP"), speaks("HTTPS"))
}

/// True if an IngressRoute without `spec.tls` answers over plain HTTP: on an entry point that may be plain, with at least one
/// route that does not redirect.
pub(super) fn traefik_serves_plain<'s>(network: &Network<'_, 's>, object: &Object<'s>) -> bool {
    let Some(spec) = object.spec() else { return false };
    let points: Vec<String> = spec
        .get("entryPoints")
        .iter()
        .flat_map(Node::items)
        .filter_map(|p| p.as_str().map(|p| p.into_owned()))
        .collect();
    // An entry point may have TLS by its own (static) configuration; by convention its name says so. The entry points of
    // the dashboard and of metrics are not exposed.
    let closed = |p: &String| is_secure_entry_point(p) || matches!(p.as_str(), "traefik" | "metrics");
    if !points.is_empty() && points.iter().all(closed) {
        return false;
    }
    spec.get("routes").iter().flat_map(Node::items).any(|route| {
        let attached = network.middlewares(&route, object);
        // A Middleware that is not in the run is taken by its name.
        let by_name = |n: &String| n.contains("redirect") || n.contains("https");
        !attached.redirects() && !attached.unresolved.iter().any(by_name)
    })
}

fn is_secure_entry_point(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    name.contains("https") || name.contains("secure")
}

/// The hosts that the routes of an IngressRoute match; none if one of them takes every host.
pub(super) fn traefik_hosts(spec: &Node<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for route in spec.get("routes").iter().flat_map(Node::items) {
        let Some(rule) = route.get("match").and_then(|m| m.as_str()) else { return Vec::new() };
        let before = out.len();
        for part in rule.split("Host(").skip(1) {
            let arguments = part.split(')').next().unwrap_or_default();
            out.extend(arguments.split(',').map(|h| h.trim().trim_matches(['`', '"', '\'']).to_owned()));
        }
        if out.len() == before {
            return Vec::new();
        }
    }
    out
}
