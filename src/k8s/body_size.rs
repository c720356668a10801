//! Request body limits: where each controller takes them from, what it accepts, and what it does with what it cannot read.

use super::controller::{Controller, Known};
use super::object::Object;
use crate::yaml::Node;

mod parse;

pub use parse::{for_people, in_words, nginx_size};

/// What a written limit comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Size {
    /// So many bytes.
    Bytes(u128),
    /// No limit, explicitly.
    Unlimited,
    /// The controller cannot read it.
    Invalid {
        /// What happens instead, in words that go behind a colon.
        effect: &'static str,
        /// The nearest value that it can read.
        nearest: Option<String>,
    },
}

/// A limit as it is written somewhere.
#[derive(Clone)]
pub struct BodyLimit<'s> {
    /// The scalar.
    pub node: Node<'s>,
    /// The controller that reads it.
    pub controller: Controller,
    /// What it comes to.
    pub size: Size,
}

/// True for controllers that take a limit from manifests.
pub fn has_knob(controller: Controller) -> bool {
    matches!(
        controller,
        Controller::IngressNginx
            | Controller::NginxInc
            | Controller::NginxGatewayFabric
            | Controller::HaproxyIngress
            | Controller::Traefik
            | Controller::Kong
            | Controller::EnvoyGateway
            | Controller::Apisix
    )
}

/// True for controllers that have a small limit where none is written (1 MiB, nginx's own).
pub fn has_default(controller: Controller) -> bool {
    matches!(controller, Controller::IngressNginx | Controller::NginxInc | Controller::NginxGatewayFabric)
}

/// The controller whose configuration a ConfigMap is: by the name of the published manifests, or by its label.
pub fn configured_by(config_map: &Object<'_>) -> Option<Controller> {
    if !config_map.is("", "ConfigMap") {
        return None;
    }
    match config_map.name().as_deref() {
        Some("ingress-nginx-controller") => return Some(Controller::IngressNginx),
        Some("nginx-config") => return Some(Controller::NginxInc),
        _ => {}
    }
    match config_map.label("app.kubernetes.io/name").as_deref() {
        Some("ingress-nginx") => Some(Controller::IngressNginx),
        Some("nginx-ingress") => Some(Controller::NginxInc),
        _ => None,
    }
}

/// The limits written on an object. `known` is the controller of an Ingress: annotations that it does not read are left out.
pub fn written_on<'s>(object: &Object<'s>, known: Option<Known>) -> Vec<BodyLimit<'s>> {
    let mut out = Vec::new();
    match (object.group(), object.kind()) {
        ("networking.k8s.io" | "extensions", "Ingress") => on_ingress(object, known, &mut out),
        ("", "ConfigMap") => on_config_map(object, &mut out),
        ("k8s.nginx.org", "VirtualServer" | "VirtualServerRoute") => {
            let effect = "the controller rejects the resource and serves none of its routes";
            for upstream in list(object.spec(), "upstreams") {
                push(&mut out, upstream.get("client-max-body-size"), Controller::NginxInc, |n| {
                    parse::nginx(n, false, effect)
                });
            }
        }
        ("gateway.nginx.org", "ClientSettingsPolicy") => {
            let node = object.spec().and_then(|s| s.path(&["body", "maxSize"]));
            push(&mut out, node, Controller::NginxGatewayFabric, parse::gateway_fabric);
        }
        ("traefik.io" | "traefik.containo.us", "Middleware") => {
            let node = object.spec().and_then(|s| s.path(&["buffering", "maxRequestBodyBytes"]));
            push(&mut out, node, Controller::Traefik, |n| {
                parse::integer(n, "the API server rejects the Middleware, which wants bytes as an integer")
            });
        }
        ("configuration.konghq.com", "KongPlugin" | "KongClusterPlugin") => on_kong_plugin(object, &mut out),
        ("gateway.envoyproxy.io", "BackendTrafficPolicy") => {
            let node = object.spec().and_then(|s| s.path(&["requestBuffer", "limit"]));
            push(&mut out, node, Controller::EnvoyGateway, parse::quantity);
        }
        ("apisix.apache.org", "ApisixRoute") => {
            for route in list(object.spec(), "http") {
                on_apisix_plugins(&route, &mut out);
            }
        }
        ("apisix.apache.org", "ApisixPluginConfig") => {
            if let Some(spec) = object.spec() {
                on_apisix_plugins(&spec, &mut out);
            }
        }
        _ => {}
    }
    out
}

fn on_ingress<'s>(object: &Object<'s>, known: Option<Known>, out: &mut Vec<BodyLimit<'s>>) {
    let read_by = |controller| known.is_none_or(|k| k.controller == controller);
    let node = |key: &str| object.annotation_node(key);
    if read_by(Controller::IngressNginx) {
        let node = node("nginx.ingress.kubernetes.io/proxy-body-size").filter(|n| !is_blank(n));
        push(out, node, Controller::IngressNginx, |n| {
            parse::nginx(n, true, "the value of the controller's ConfigMap applies, or 1m")
        });
    }
    if read_by(Controller::NginxInc) {
        let effect = "the controller rejects the Ingress and serves none of its routes";
        push(out, node("nginx.org/client-max-body-size"), Controller::NginxInc, |n| parse::nginx(n, false, effect));
    }
    if read_by(Controller::HaproxyIngress) {
        let own = node("haproxy-ingress.github.io/proxy-body-size");
        // The old prefix belongs to nobody in particular, so the controller must be known.
        let old = || known.and_then(|_| node("ingress.kubernetes.io/proxy-body-size"));
        push(out, own.or_else(old).filter(|n| !is_blank(n)), Controller::HaproxyIngress, parse::haproxy);
    }
}

fn on_config_map<'s>(object: &Object<'s>, out: &mut Vec<BodyLimit<'s>>) {
    let (key, controller) = match configured_by(object) {
        Some(Controller::IngressNginx) => ("proxy-body-size", Controller::IngressNginx),
        Some(Controller::NginxInc) => ("client-max-body-size", Controller::NginxInc),
        _ => return,
    };
    let node = object.node.path(&["data", key]).filter(|n| !is_blank(n));
    push(out, node, controller, |n| parse::nginx(n, false, "1m applies"));
}

fn on_kong_plugin<'s>(object: &Object<'s>, out: &mut Vec<BodyLimit<'s>>) {
    if !object.node.get("plugin").is_some_and(|p| p.has_text("request-size-limiting")) {
        return;
    }
    let Some(config) = object.node.get("config") else { return };
    let unit = match config.get("size_unit").and_then(|u| u.as_str()).as_deref() {
        Some("bytes") => 1,
        Some("kilobytes") => 1 << 10,
        None | Some("megabytes") => 1 << 20,
        Some(_) => return,
    };
    push(out, config.get("allowed_payload_size"), Controller::Kong, |n| {
        match parse::integer(n, "Kong rejects the plugin, which wants an integer (`size_unit` names the unit)") {
            Size::Bytes(n) => Size::Bytes(n.saturating_mul(unit)),
            // Kong has no word for unlimited; 0 lets no body pass.
            Size::Unlimited => Size::Bytes(0),
            Size::Invalid { effect, .. } => Size::Invalid { effect, nearest: None },
        }
    });
}

fn on_apisix_plugins<'s>(holder: &Node<'s>, out: &mut Vec<BodyLimit<'s>>) {
    for plugin in list(Some(holder.clone()), "plugins") {
        let off = plugin.get("enable").and_then(|e| e.as_bool()) == Some(false);
        if off || !plugin.get("name").is_some_and(|n| n.has_text("client-control")) {
            continue;
        }
        push(out, plugin.path(&["config", "max_body_size"]), Controller::Apisix, |n| {
            parse::integer(n, "APISIX rejects the plugin, which wants bytes as an integer")
        });
    }
}

fn list<'s>(holder: Option<Node<'s>>, field: &str) -> Vec<Node<'s>> {
    holder.and_then(|h| h.get(field)).map(|l| l.items().collect()).unwrap_or_default()
}

fn push<'s>(
    out: &mut Vec<BodyLimit<'s>>,
    node: Option<Node<'s>>,
    controller: Controller,
    size: impl FnOnce(&Node<'s>) -> Size,
) {
    if let Some(node) = node.filter(|n| n.is_scalar() && !n.is_null()) {
        let size = size(&node);
        out.push(BodyLimit { node, controller, size });
    }
}

/// Controllers take an empty annotation for none.
fn is_blank(node: &Node<'_>) -> bool {
    node.text().is_none_or(|t| t.trim().is_empty())
}

/// A field that looks like a limit of a Middleware and is none: `memRequestBodyBytes` is how much is kept in memory.
pub fn lookalike<'s>(object: &Object<'s>) -> Option<Node<'s>> {
    if object.kind() != "Middleware" {
        return None;
    }
    object.spec().and_then(|s| s.path(&["buffering", "memRequestBodyBytes"]))
}

/// The annotation that holds the limit of an Ingress, for controllers that read one.
pub fn annotation_key(controller: Controller) -> Option<&'static str> {
    match controller {
        Controller::IngressNginx => Some("nginx.ingress.kubernetes.io/proxy-body-size"),
        Controller::NginxInc => Some("nginx.org/client-max-body-size"),
        Controller::HaproxyIngress => Some("haproxy-ingress.github.io/proxy-body-size"),
        _ => None,
    }
}

/// The controller of a custom resource that routes requests by itself; none for any other object.
pub fn route_controller(object: &Object<'_>) -> Option<Controller> {
    match (object.group(), object.kind()) {
        ("k8s.nginx.org", "VirtualServer" | "VirtualServerRoute") => Some(Controller::NginxInc),
        ("traefik.io" | "traefik.containo.us", "IngressRoute") => Some(Controller::Traefik),
        ("apisix.apache.org", "ApisixRoute") => Some(Controller::Apisix),
        _ => None,
    }
}
