//! `overlapping-job-runs`: see `rules/overlapping-job-runs.md`.

use serde::Deserialize;

use crate::finding::Safety;
use crate::rule::{ObjectCx, Rule, Sink, edit};

/// Reports CronJobs that start a run while the last one is not done.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct OverlappingJobRuns {}

impl Rule for OverlappingJobRuns {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        let Some(spec) = object.spec().filter(|s| s.is_map() && object.is("batch", "CronJob")) else { return };
        let policy = spec.get("concurrencyPolicy").filter(|n| !n.is_null());
        if policy.as_ref().is_some_and(|p| !p.has_text("Allow") && !p.has_text("")) {
            return;
        }
        let fix = edit::set(&object.node, &["spec", "concurrencyPolicy"], "Forbid");
        let place = policy.unwrap_or_else(|| object.anchor());
        sink.at(&place, format!("runs of CronJob `{}` may overlap", object.shown_name().unwrap_or_default()))
            .help("write `concurrencyPolicy: Forbid` to skip a run while one goes on, or `Replace` to end the old one")
            .offer(Safety::Unsafe, "set `concurrencyPolicy: Forbid`", fix);
    }
}
