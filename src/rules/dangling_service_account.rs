//! `dangling-service-account`: see `rules/dangling-service-account.md`.

use serde::Deserialize;

use super::absence::{Presence, judge_pods};
use crate::rule::{BuildCx, Rule, Sink};

/// Reports pods that run as a ServiceAccount that does not exist.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingServiceAccount {}

impl Rule for DanglingServiceAccount {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        judge_pods(cx, "ServiceAccount", Presence::Owned, sink, |who, name| {
            format!("{who} runs as ServiceAccount `{name}`, which does not exist")
        });
    }
}
