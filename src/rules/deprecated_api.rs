//! `deprecated-api`: see `rules/deprecated-api.md`.

use serde::Deserialize;

use super::api::replace_version;
use crate::k8s::lifecycle::lifecycle;
use crate::rule::{ObjectCx, Rule, Sink};

/// Reports versions of kinds that later clusters will not serve.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DeprecatedApi {}

impl Rule for DeprecatedApi {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let (object, target) = (cx.object, cx.env.target);
        let Some(row) = lifecycle(object).filter(|row| row.is_deprecated(target)) else { return };
        // Without a replacement yet, there is nothing that one could do.
        if row.replacement.is_some() && row.replacement(target).is_none() {
            return;
        }
        let Some(node) = object.node.get("apiVersion") else { return };
        let (kind, version) = (object.kind(), object.api_version());
        let message = match row.removed {
            Some(minor) => format!("{kind} `{version}` is deprecated and goes away in 1.{minor}"),
            None => format!("{kind} `{version}` is deprecated"),
        };
        let mut draft = sink.at(&node, message);
        replace_version(&mut draft, object, row, target);
    }
}
