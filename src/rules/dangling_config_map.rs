//! `dangling-config-map`: see `rules/dangling-config-map.md`.

use serde::Deserialize;

use super::absence::{Presence, judge_pods};
use crate::rule::{BuildCx, Rule, Sink};

/// Reports pods that need a ConfigMap that does not exist.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingConfigMap {}

impl Rule for DanglingConfigMap {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        judge_pods(cx, "ConfigMap", Presence::Any, sink, |who, name| {
            format!("{who} needs ConfigMap `{name}`, which does not exist")
        });
    }
}
