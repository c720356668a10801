//! `deprecated-api`: see `rules/deprecated-api.md`.

use serde::Deserialize;

use super::api::{end_of_version, replace_version};
use crate::rule::{ObjectCx, Rule, Sink};

/// Reports versions of kinds that later clusters will not serve.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DeprecatedApi {}

impl Rule for DeprecatedApi {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        let Some((row, at)) = end_of_version(object, cx.env).filter(|(row, at)| row.is_deprecated(*at)) else { return };
        // Without a replacement yet, there is nothing that one could do.
        if !row.replacements.is_empty() && row.replacement(at).is_none() {
            return;
        }
        let Some(node) = object.node.get("apiVersion") else { return };
        let (kind, version) = (object.kind(), object.api_version());
        let message = match (row.removed, row.component) {
            (Some(removed), None) => format!("{kind} `{version}` is deprecated and goes away in {removed}"),
            (Some(removed), Some(name)) => {
                format!("{kind} `{version}` is deprecated and goes away in {name} {removed}")
            }
            (None, _) => format!("{kind} `{version}` is deprecated"),
        };
        let mut draft = sink.at(&node, message);
        replace_version(&mut draft, object, row, at);
    }
}
