//! `dangling-claim`: see `rules/dangling-claim.md`.

use serde::Deserialize;

use super::absence::{Presence, judge_pods};
use crate::rule::{BuildCx, Rule, Sink};

/// Reports pods that mount a claim that does not exist.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingClaim {}

impl Rule for DanglingClaim {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        judge_pods(cx, "PersistentVolumeClaim", Presence::Owned, sink, |who, name| {
            format!("{who} mounts claim `{name}`, which does not exist")
        });
    }
}
