//! `invalid-body-size`: see `rules/invalid-body-size.md`.

use serde::Deserialize;

use super::network::Network;
use crate::k8s::body_size::{self, Size};
use crate::k8s::ingress;
use crate::k8s::placeholder::is_placeholder;
use crate::rule::{BuildCx, Rule, Sink};

/// Reports request body limits that the controller cannot read.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct InvalidBodySize {}

impl Rule for InvalidBodySize {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let network = Network::new(cx);
        for object in &cx.scope.objects {
            let known = if ingress::is_ingress(object) { network.controller(object) } else { None };
            for limit in body_size::written_on(object, known) {
                let Size::Invalid { effect, nearest } = limit.size else { continue };
                let value = limit.node.text().unwrap_or_default();
                let value = value.trim();
                if is_placeholder(value) {
                    continue;
                }
                sink.on(object, None);
                let controller = limit.controller.name();
                let mut draft =
                    sink.at(&limit.node, format!("`{value}` is no body size {controller} understands: {effect}"));
                draft.label("not a size it can read");
                match nearest {
                    Some(nearest) => draft.help(format!("write `{nearest}`")).suggest(format!("write `{nearest}`")),
                    None => draft.help("write a number with a unit that the controller knows"),
                };
            }
        }
    }
}
