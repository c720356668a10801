//! `missing-rate-limit`: see `rules/missing-rate-limit.md`.

use serde::Deserialize;

use super::network::{Attached, Network, extend};
use crate::k8s::Object;
use crate::k8s::controller::Controller;
use crate::rule::{BuildCx, Rule, Sink, any, removal};

/// Reports routes without a request rate limit, where their controller takes one.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingRateLimit {}

impl Rule for MissingRateLimit {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let network = Network::new(cx);
        for object in &cx.scope.objects {
            let Some((controller, attached)) = network.route(object) else { continue };
            let Some(knob) = knob(object, controller) else { continue };
            let knob = extend(&attached, controller, "rateLimit").unwrap_or_else(|| knob.to_string());
            if !attached.unresolved.is_empty() || is_limited(object, controller, &attached) {
                continue;
            }
            sink.on(object, None);
            let name = object.name().unwrap_or_default();
            let path = |key| ["metadata", "annotations", key];
            let removal = keys(controller).iter().find_map(|key| removal(&object.node, &path(*key), any));
            let message = format!("{} `{name}` sets no request rate limit", object.kind());
            sink.missing(&object.anchor(), removal, message)
                .help(format!("{knob}: well above what one client needs"))
                .suggest(knob);
        }
    }
}

/// What sets a limit, as an order; none where nothing in manifests does.
fn knob(object: &Object<'_>, controller: Controller) -> Option<&'static str> {
    Some(match (controller, object.kind()) {
        (Controller::IngressNginx, "Ingress") => "set `nginx.ingress.kubernetes.io/limit-rps`",
        (Controller::NginxInc, "Ingress") => "set `nginx.org/limit-req-rate`",
        (Controller::HaproxyIngress, "Ingress") => "set `haproxy-ingress.github.io/limit-rps`",
        (Controller::HaproxyTech, "Ingress") => "set `haproxy.org/rate-limit-requests`",
        (Controller::Traefik, _) => "attach a Middleware with `rateLimit`",
        (Controller::Kong, _) => "attach a KongPlugin `rate-limiting`",
        (Controller::EnvoyGateway, _) => "add a BackendTrafficPolicy with `rateLimit`",
        _ => return None,
    })
}

/// The annotations that set a limit.
fn keys(controller: Controller) -> &'static [&'static str] {
    match controller {
        Controller::IngressNginx => &[
            "nginx.ingress.kubernetes.io/limit-rps",
            "nginx.ingress.kubernetes.io/limit-rpm",
            "nginx.ingress.kubernetes.io/limit-connections",
            "nginx.ingress.kubernetes.io/global-rate-limit",
        ],
        Controller::NginxInc => &["nginx.org/limit-req-rate"],
        Controller::HaproxyIngress => &[
            "haproxy-ingress.github.io/limit-rps",
            "haproxy-ingress.github.io/limit-connections",
            "ingress.kubernetes.io/limit-rps",
            "ingress.kubernetes.io/limit-connections",
        ],
        Controller::HaproxyTech => &["haproxy.org/rate-limit-requests"],
        _ => &[],
    }
}

fn is_limited(object: &Object<'_>, controller: Controller, attached: &Attached<'_, '_>) -> bool {
    if keys(controller).iter().any(|key| object.annotation_node(key).is_some()) {
        return true;
    }
    let spec = |field: &str| attached.objects.iter().any(|o| o.spec().is_some_and(|s| s.get(field).is_some()));
    match controller {
        Controller::IngressNginx | Controller::HaproxyIngress | Controller::HaproxyTech => false,
        // A policy may limit the rate; what it holds is not followed.
        Controller::NginxInc => object.annotation_node("nginx.org/policies").is_some(),
        Controller::Traefik => spec("rateLimit") || spec("inFlightReq"),
        Controller::Kong => attached.objects.iter().any(|o| {
            let plugin = o.node.get("plugin").and_then(|p| p.as_str()).unwrap_or_default();
            matches!(&*plugin, "rate-limiting" | "rate-limiting-advanced" | "response-ratelimiting")
        }),
        Controller::EnvoyGateway => spec("rateLimit"),
        _ => true,
    }
}
