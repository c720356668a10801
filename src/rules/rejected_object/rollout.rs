//! Rollouts and disruption budgets: limits and strategies that exclude each other.

use super::super::reliability::Limit;
use super::{Reject, says, set};
use crate::k8s::Object;
use crate::yaml::Node;

pub(super) fn check<'s>(object: &Object<'s>, reject: &mut Reject<'_, '_, 's>) {
    let Some(spec) = object.spec() else { return };
    match (object.group(), object.kind()) {
        ("apps", "Deployment") => deployment(&spec, Some(600), reject),
        // Its deadline is none unless one is set.
        ("extensions", "Deployment") => deployment(&spec, None, reject),
        ("apps" | "extensions", "DaemonSet") => {
            let rolling = spec.path(&["updateStrategy", "rollingUpdate"]);
            if let Some(rolling) = rolling.filter(|_| !is_other(&spec, "updateStrategy")) {
                // The default of its `maxSurge` is 0.
                limits(&rolling, true, reject);
            }
        }
        ("apps", "StatefulSet") => {
            if let Some(node) = spec.path(&["updateStrategy", "rollingUpdate", "maxUnavailable"]) {
                percentage(&node, "maxUnavailable", reject);
            }
        }
        ("policy", "PodDisruptionBudget") => {
            let limits = [spec.entry("minAvailable"), spec.entry("maxUnavailable")];
            let limits: Vec<Node<'s>> =
                limits.into_iter().flatten().filter(|(_, v)| !v.is_null()).map(|(k, _)| k).collect();
            if limits.len() == 2 {
                reject.both(&limits, "a budget has `minAvailable` or `maxUnavailable`, not both");
            }
        }
        _ => {}
    }
}

fn is_other(spec: &Node<'_>, strategy: &str) -> bool {
    spec.get(strategy).is_some_and(|s| set(&s, "type").is_some_and(|t| !t.has_text("RollingUpdate")))
}

/// `default`: the seconds of a deadline that is not set.
fn deployment<'s>(spec: &Node<'s>, default: Option<i64>, reject: &mut Reject<'_, '_, 's>) {
    if let Some(strategy) = spec.get("strategy") {
        let rolling = strategy.entry("rollingUpdate").filter(|(_, v)| !v.is_null());
        match rolling {
            Some((key, _)) if says(&strategy, "type", "Recreate") => {
                if let Some(kind) = strategy.get("type") {
                    reject
                        .at(&kind, "strategy Recreate has no `rollingUpdate`")
                        .related(&key, "excludes it")
                        .help("remove `rollingUpdate`; a patch does that with `rollingUpdate: null`");
                }
            }
            Some((_, rolling)) => limits(&rolling, false, reject),
            None => {}
        }
    }
    let number = |field: &str| spec.get(field).and_then(|n| n.as_i64());
    let (deadline, ready) = (number("progressDeadlineSeconds"), number("minReadySeconds").unwrap_or(0));
    let place = set(spec, "progressDeadlineSeconds").or_else(|| set(spec, "minReadySeconds"));
    if let (Some(node), Some(deadline)) = (place, deadline.or(default).filter(|deadline| *deadline <= ready)) {
        let why = format!(
            "`progressDeadlineSeconds` ({deadline}) is more than `minReadySeconds` ({ready}) in a valid Deployment"
        );
        reject.at(&node, why).help("a pod that is ready only after the deadline would never count");
    }
}

/// Both limits at 0, and more than all. `unset_is_zero`: a surge that is not written is 0.
fn limits<'s>(rolling: &Node<'s>, unset_is_zero: bool, reject: &mut Reject<'_, '_, 's>) {
    let (unavailable, surge) = (set(rolling, "maxUnavailable"), set(rolling, "maxSurge"));
    let is_zero = |node: &Node<'s>| matches!(Limit::of(node), Some(Limit::Count(0) | Limit::Percent(0)));
    if let Some(node) = unavailable.as_ref().filter(|n| is_zero(n))
        && surge.as_ref().map_or(unset_is_zero, is_zero)
    {
        let mut draft = reject.at(node, "`maxUnavailable` and `maxSurge` are both 0, so no pod could be replaced");
        if let Some(surge) = &surge {
            draft.related(surge, "and this is 0");
        }
    }
    if let Some(node) = unavailable {
        percentage(&node, "maxUnavailable", reject);
    }
}

fn percentage<'s>(node: &Node<'s>, field: &str, reject: &mut Reject<'_, '_, 's>) {
    if matches!(Limit::of(node), Some(Limit::Percent(percent)) if percent > 100) {
        reject.at(node, format!("`{field}` is more than 100 %"));
    }
}
