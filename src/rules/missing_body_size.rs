//! `missing-body-size`: see `rules/missing-body-size.md`.

use serde::Deserialize;

use super::network::{Attached, Network, extend};
use crate::k8s::Object;
use crate::k8s::body_size;
use crate::k8s::controller::{Controller, Known};
use crate::rule::{BuildCx, Rule, Sink, any, removal};

/// Reports routes without a request body limit, where their controller takes one.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingBodySize {
    /// Leave out controllers that apply a small limit of their own (1m).
    pub only_unlimited: bool,
}

impl Rule for MissingBodySize {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let network = Network::new(cx);
        for object in &cx.scope.objects {
            let Some((controller, attached)) = network.route(object) else { continue };
            if !body_size::has_knob(controller)
                || (self.only_unlimited && body_size::has_default(controller))
                || !attached.unresolved.is_empty()
                || is_limited(&network, object, controller, &attached)
            {
                continue;
            }
            sink.on(object, None);
            let applies = if body_size::has_default(controller) {
                format!("{} applies 1m", controller.name())
            } else {
                format!("{} lets bodies of any size pass", controller.name())
            };
            let name = object.name().unwrap_or_default();
            let order = extend(&attached, controller, "requestBuffer.limit").unwrap_or_else(|| order(controller));
            let message = format!("{} `{name}` sets no request body limit: {applies}", object.kind());
            let key = body_size::annotation_key(controller);
            let removal = key.and_then(|key| removal(&object.node, &["metadata", "annotations", key], any));
            let mut draft = sink.missing(&object.anchor(), removal, message);
            draft.help(format!("{order}: the largest body that the application needs")).suggest(order);
            for other in attached.objects {
                if let Some(node) = body_size::lookalike(other) {
                    draft.related(&node, "limits what is kept in memory, not the body");
                }
            }
        }
    }
}

fn is_limited<'s>(
    network: &Network<'_, 's>,
    object: &Object<'s>,
    controller: Controller,
    attached: &Attached<'_, 's>,
) -> bool {
    let known = Some(Known { controller, certain: false });
    let limits = |o: &Object<'s>| !body_size::written_on(o, known).is_empty();
    limits(object)
        || attached.objects.iter().any(|o| limits(o) || is_kong_default(o))
        || network.configs().iter().any(|o| body_size::configured_by(o) == Some(controller) && limits(o))
        || (controller == Controller::Apisix && names_plugin_config(object))
}

/// Kong's plugin limits bodies to 128 MB where it says nothing.
fn is_kong_default(object: &Object<'_>) -> bool {
    object.node.get("plugin").is_some_and(|p| p.has_text("request-size-limiting"))
}

/// An ApisixRoute may take its plugins from an ApisixPluginConfig, which we do not follow.
fn names_plugin_config(object: &Object<'_>) -> bool {
    let routes = object.spec().and_then(|s| s.get("http"));
    routes.iter().flat_map(|r| r.items()).any(|route| route.get("plugin_config_name").is_some())
}

fn order(controller: Controller) -> String {
    match controller {
        Controller::NginxGatewayFabric => "add a ClientSettingsPolicy with `body.maxSize`".into(),
        Controller::Traefik => "attach a Middleware with `buffering.maxRequestBodyBytes`".into(),
        Controller::Kong => "attach a KongPlugin `request-size-limiting` with `allowed_payload_size`".into(),
        Controller::EnvoyGateway => "add a BackendTrafficPolicy with `requestBuffer.limit`".into(),
        Controller::Apisix => "add the plugin `client-control` with `max_body_size`".into(),
        controller => match body_size::annotation_key(controller) {
            Some(key) => format!("set `{key}`"),
            None => "set `client-max-body-size` of the upstreams".into(),
        },
    }
}
