//! Where routes lead: the Services and Gateways that Ingresses and the like name.

use super::ingress;
use super::object::Object;
use crate::yaml::Node;

/// A reference from a route.
pub struct Backend<'s> {
    /// The group of the kind; empty for core.
    pub group: &'static str,
    /// `Service` or `Gateway`.
    pub kind: &'static str,
    /// The scalar that names it.
    pub name: Node<'s>,
    /// The namespace, where one is written; the route's otherwise.
    pub namespace: Option<String>,
    /// The port of the Service, a number or a name, where one is written.
    pub port: Option<Node<'s>>,
}

/// The references of a route, in order; none for other objects.
pub fn backends<'s>(object: &Object<'s>) -> Vec<Backend<'s>> {
    let Some(spec) = object.spec() else { return Vec::new() };
    let mut out = Vec::new();
    if ingress::is_ingress(object) {
        let default = spec.get("defaultBackend").or_else(|| spec.get("backend"));
        out.extend(default.and_then(|b| of_ingress(&b)));
        for path in ingress::rules(object).iter().flat_map(ingress::paths) {
            out.extend(path.get("backend").and_then(|b| of_ingress(&b)));
        }
        return out;
    }
    match (object.group(), object.kind()) {
        ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute" | "TCPRoute" | "TLSRoute" | "UDPRoute") => {
            for reference in items(&spec, "parentRefs") {
                out.extend(of_gateway_api(&reference, "gateway.networking.k8s.io", "Gateway"));
            }
            for reference in items(&spec, "rules").iter().flat_map(|r| items(r, "backendRefs")) {
                out.extend(of_gateway_api(&reference, "", "Service"));
            }
        }
        ("traefik.io" | "traefik.containo.us", "IngressRoute" | "IngressRouteTCP" | "IngressRouteUDP") => {
            let services = items(&spec, "routes").into_iter().flat_map(|r| items(&r, "services"));
            let core = services.filter(|s| s.get("kind").is_none_or(|k| k.has_text("Service")));
            out.extend(core.filter_map(|s| service(&s, "name", "port")));
        }
        ("projectcontour.io", "HTTPProxy") => {
            let mut services: Vec<Node<'s>> =
                items(&spec, "routes").iter().flat_map(|r| items(r, "services")).collect();
            services.extend(spec.get("tcpproxy").iter().flat_map(|t| items(t, "services")));
            out.extend(services.iter().filter_map(|s| service(s, "name", "port")));
        }
        ("route.openshift.io", "Route") => {
            let mut targets: Vec<Node<'s>> = spec.get("to").into_iter().collect();
            targets.extend(items(&spec, "alternateBackends"));
            let core = targets.iter().filter(|t| t.get("kind").is_none_or(|k| k.has_text("Service")));
            // `spec.port.targetPort` is a port of the Service or of the pod.
            out.extend(core.filter_map(|t| service(t, "name", "")));
        }
        ("networking.istio.io", "VirtualService") => {
            let routes = ["http", "tcp", "tls"].into_iter().flat_map(|kind| items(&spec, kind));
            for destination in routes.flat_map(|r| items(&r, "route")).filter_map(|r| r.get("destination")) {
                let short = destination.get("host").and_then(|h| h.as_str()).is_some_and(|h| !h.contains(['.', '*']));
                if short && let Some(mut backend) = service(&destination, "host", "") {
                    backend.port = destination.path(&["port", "number"]);
                    out.push(backend);
                }
            }
        }
        _ => {}
    }
    out
}

fn of_ingress<'s>(backend: &Node<'s>) -> Option<Backend<'s>> {
    if let Some(name) = backend.get("serviceName") {
        let port = backend.get("servicePort");
        return Some(Backend { group: "", kind: "Service", name, namespace: None, port });
    }
    let target = backend.get("service")?;
    let port = target.get("port").and_then(|p| p.get("number").or_else(|| p.get("name")));
    Some(Backend { group: "", kind: "Service", name: target.get("name")?, namespace: None, port })
}

fn of_gateway_api<'s>(
    reference: &Node<'s>,
    default_group: &'static str,
    default_kind: &'static str,
) -> Option<Backend<'s>> {
    let text = |key: &str| reference.get(key).and_then(|n| n.as_str());
    let group = text("group").unwrap_or(default_group.into());
    let kind = text("kind").unwrap_or(default_kind.into());
    let (group, kind) = match (&*group, &*kind) {
        ("" | "core", "Service") => ("", "Service"),
        ("gateway.networking.k8s.io", "Gateway") => ("gateway.networking.k8s.io", "Gateway"),
        _ => return None,
    };
    let port = reference.get("port").filter(|_| kind == "Service");
    Some(Backend {
        group,
        kind,
        name: reference.get("name")?,
        namespace: text("namespace").map(|n| n.into_owned()),
        port,
    })
}

fn service<'s>(node: &Node<'s>, name: &str, port: &str) -> Option<Backend<'s>> {
    let name = node.get(name)?;
    // `name@provider` is Traefik's own.
    if name.as_str().is_none_or(|n| n.contains('@')) {
        return None;
    }
    let namespace = node.get("namespace").and_then(|n| n.as_str()).map(|n| n.into_owned());
    Some(Backend { group: "", kind: "Service", name, namespace, port: node.get(port) })
}

fn items<'s>(node: &Node<'s>, field: &str) -> Vec<Node<'s>> {
    node.get(field).map(|l| l.items().collect()).unwrap_or_default()
}
