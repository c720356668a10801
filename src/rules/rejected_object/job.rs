//! Jobs: negative counts, failure policies.

use super::{Reject, set};
use crate::k8s::Object;

pub(super) fn check<'s>(object: &Object<'s>, reject: &mut Reject<'_, '_, 's>) {
    let spec = match (object.group(), object.kind()) {
        ("batch", "Job") => object.spec(),
        ("batch", "CronJob") => object.node.path(&["spec", "jobTemplate", "spec"]),
        _ => return,
    };
    let Some(spec) = spec else { return };
    for field in ["parallelism", "completions", "backoffLimit"] {
        if let Some(node) = set(&spec, field).filter(|n| n.as_i64().is_some_and(|n| n < 0)) {
            reject.at(&node, format!("`{field}` is negative"));
        }
    }
    let policy = spec.entry("podFailurePolicy").filter(|(_, v)| !v.is_null());
    let restart = spec.path(&["template", "spec", "restartPolicy"]).filter(|n| !n.is_null() && !n.has_text("Never"));
    if let (Some((policy, _)), Some(restart)) = (policy, restart) {
        reject.at(&restart, "`podFailurePolicy` needs `restartPolicy: Never`").related(&policy, "excludes it");
    }
}
