//! `missing-job-deadline`: see `rules/missing-job-deadline.md`.

use serde::Deserialize;

use crate::rule::{ObjectCx, Rule, Sink, any, removal};
use crate::yaml::Node;

/// Reports Jobs that may run for ever, and CronJobs that may start at any time after they were missed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingJobDeadline {}

impl Rule for MissingJobDeadline {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        let Some(spec) = object.spec().filter(|s| s.is_map()) else { return };
        let job = if object.is("batch", "Job") {
            Some(spec.clone())
        } else if object.is("batch", "CronJob") {
            spec.path(&["jobTemplate", "spec"])
        } else {
            return;
        };
        let mut missing = Vec::new();
        // The deadline of the pod ends a hung run as well.
        let bounded = |job: &Node<'s>| {
            is_set(job, &["activeDeadlineSeconds"]) || is_set(job, &["template", "spec", "activeDeadlineSeconds"])
        };
        let mut removed = None;
        if let Some(job) = job.filter(|job| !bounded(job)) {
            missing.push("`activeDeadlineSeconds`");
            let pods = || removal(&job, &["template", "spec", "activeDeadlineSeconds"], any);
            removed = removal(&job, &["activeDeadlineSeconds"], any).or_else(pods);
        }
        if object.is("batch", "CronJob") && !is_set(&spec, &["startingDeadlineSeconds"]) {
            missing.push("`startingDeadlineSeconds`");
            removed = removed.or_else(|| removal(&spec, &["startingDeadlineSeconds"], any));
        }
        if missing.is_empty() {
            return;
        }
        let what = match missing.as_slice() {
            ["`startingDeadlineSeconds`"] => "a late run is started at any time",
            ["`activeDeadlineSeconds`"] => "a hung run is not ended",
            _ => "a hung run is not ended, and a late one is started at any time",
        };
        let fields = missing.join(" and no ");
        sink.missing(&object.anchor(), removed, format!("{} has no {fields}: {what}", object.title()))
            .help(match missing.as_slice() {
                ["`startingDeadlineSeconds`"] => LATE,
                ["`activeDeadlineSeconds`"] => HUNG,
                _ => BOTH,
            })
            .suggest(format!("add {}", missing.join(" and ")));
    }
}

const HUNG: &str = "set `activeDeadlineSeconds` a little above the longest run so far";
const LATE: &str = "set `startingDeadlineSeconds` to how late a run is still of use";
const BOTH: &str = "set `activeDeadlineSeconds` a little above the longest run so far, and `startingDeadlineSeconds` to how late a run is still of use";

fn is_set(node: &Node<'_>, path: &[&str]) -> bool {
    node.path(path).is_some_and(|n| !n.is_null())
}
