//! `rollout-takes-all-down`: see `rules/rollout-takes-all-down.md`.

use serde::Deserialize;

use super::reliability::{Limit, Scalers, is_off};
use crate::finding::Safety;
use crate::k8s::Object;
use crate::rule::{BuildCx, Rule, Sink, edit};

/// Reports rollouts that may stop every replica at once.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RolloutTakesAllDown {}

impl Rule for RolloutTakesAllDown {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let scalers = Scalers::new(cx);
        for workload in &cx.scope.workloads {
            let object = &workload.object;
            let Some(path) = path(object) else { continue };
            let Some(node) = object.node.path(path) else { continue };
            let (Some(limit), false) = (Limit::of(&node), is_off(object)) else { continue };
            let (all, written) = if object.is("apps", "DaemonSet") {
                // The number of nodes is not known.
                if !matches!(limit, Limit::Percent(p) if p >= 100) {
                    continue;
                }
                ("all its pods".to_string(), None)
            } else {
                let Some(replicas) = scalers.replicas(workload).filter(|r| r.count >= 1) else { continue };
                if limit.down(replicas.count) < replicas.count {
                    continue;
                }
                let all = match replicas.count {
                    1 => "its only replica".to_string(),
                    count => format!("all {count} replicas"),
                };
                (all, replicas.node)
            };
            sink.on(object, None);
            let mut draft = sink.at(&node, format!("a rollout of {} may stop {all}", workload.title()));
            draft
                .label("old pods may go before new ones are ready")
                .help("remove `maxUnavailable`; by default a quarter, rounded down, may be missing")
                .offer(Safety::Unsafe, "remove `maxUnavailable`", edit::remove(&object.node, path));
            if let Some(written) = written {
                draft.related(&written, "this many run");
            }
        }
    }
}

/// Where the limit is; none for other kinds, and for strategies that do not use it.
fn path(object: &Object<'_>) -> Option<&'static [&'static str]> {
    let rolling = |field: &str| {
        let kind = object.spec().and_then(|s| s.path(&[field, "type"])).filter(|n| !n.is_null());
        kind.is_none_or(|n| n.has_text("RollingUpdate"))
    };
    match (object.group(), object.kind()) {
        ("apps", "Deployment") => {
            rolling("strategy").then_some(&["spec", "strategy", "rollingUpdate", "maxUnavailable"][..])
        }
        ("apps", "StatefulSet" | "DaemonSet") => {
            rolling("updateStrategy").then_some(&["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"][..])
        }
        ("argoproj.io", "Rollout") => Some(&["spec", "strategy", "canary", "maxUnavailable"]),
        _ => None,
    }
}
