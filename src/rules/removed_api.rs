//! `removed-api`: see `rules/removed-api.md`.

use serde::Deserialize;

use super::api::{end_of_version, replace_version};
use crate::rule::{ObjectCx, Rule, Sink};

/// Reports versions of kinds that the cluster does not serve any more.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RemovedApi {}

impl Rule for RemovedApi {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        let Some((row, at)) = end_of_version(object, cx.env).filter(|(row, at)| row.is_removed(*at)) else { return };
        let Some(node) = object.node.get("apiVersion") else { return };
        let (kind, version) = (object.kind(), object.api_version());
        let mut draft = sink.at(&node, format!("{kind} `{version}` is not served by {} {at}", row.server()));
        replace_version(&mut draft, object, row, at);
    }
}
