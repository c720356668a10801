//! `excessive-body-size`: see `rules/excessive-body-size.md`.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::network::Network;
use crate::k8s::body_size::{self, Size};
use crate::k8s::ingress;
use crate::rule::{BuildCx, Rule, Sink};

/// Reports request body limits that are switched off or far too large.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ExcessiveBodySize {
    /// The largest limit that is accepted: a number with `k`, `m` or `g`, 1024-based.
    #[serde(deserialize_with = "size")]
    pub max: u128,
}

impl Default for ExcessiveBodySize {
    fn default() -> Self {
        ExcessiveBodySize { max: 100 << 20 }
    }
}

impl Rule for ExcessiveBodySize {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let network = Network::new(cx);
        for object in &cx.scope.objects {
            let known = if ingress::is_ingress(object) { network.controller(object) } else { None };
            for limit in body_size::written_on(object, known) {
                let size = match limit.size {
                    Size::Unlimited => "of any size".to_owned(),
                    Size::Bytes(bytes) if bytes > self.max => format!("up to {}", body_size::for_people(bytes)),
                    _ => continue,
                };
                sink.on(object, None);
                let name = object.name().unwrap_or_default();
                sink.at(&limit.node, format!("{} `{name}` accepts request bodies {size}", object.kind())).help(
                    format!(
                        "set the largest body that the application needs, at most {}",
                        body_size::in_words(self.max)
                    ),
                );
            }
        }
    }
}

/// The option's text as bytes.
fn size<'de, D: Deserializer<'de>>(input: D) -> Result<u128, D::Error> {
    let text = match serde_json::Value::deserialize(input)? {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    body_size::nginx_size(text.trim()).ok_or_else(|| {
        D::Error::custom(format!("`{text}` is no size; write a number with `k`, `m` or `g`, like `100m`"))
    })
}
