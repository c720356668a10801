//! HorizontalPodAutoscalers: bounds, and metrics that do not fit their type.

use super::{Reject, items, set, set_keys, written};
use crate::k8s::Object;
use crate::yaml::Node;

/// The types of metrics, with the block of each.
const TYPES: [(&str, &str); 5] = [
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
    ("Pods", "pods"),
    ("Object", "object"),
    ("External", "external"),
];

pub(super) fn check<'s>(object: &Object<'s>, reject: &mut Reject<'_, '_, 's>) {
    let Some(spec) = object.spec().filter(|_| object.is("autoscaling", "HorizontalPodAutoscaler")) else { return };
    let metrics = items(&spec, "metrics");
    let number = |field: &str| set(&spec, field).and_then(|n| Some((n.as_i64()?, n)));
    let (min, max) = (number("minReplicas"), number("maxReplicas"));
    if let Some((max, node)) = &max {
        if *max < 1 {
            reject.at(node, "`maxReplicas` is at least 1");
        } else if let Some((min, min_node)) = min.as_ref().filter(|(min, _)| min > max) {
            let why = format!("`minReplicas` ({min}) is more than `maxReplicas` ({max})");
            reject.both(&[node.clone(), min_node.clone()], why);
        }
    }
    let to_zero = metrics.iter().any(|m| m.get("type").is_some_and(|t| t.has_text("Object") || t.has_text("External")));
    if let Some((_, node)) = min.filter(|(min, _)| *min < 0 || (*min == 0 && !to_zero)) {
        reject.at(&node, "`minReplicas` is at least 1 without a metric of type Object or External");
    }
    for metric in metrics {
        fits(&metric, reject);
    }
}

fn fits<'s>(metric: &Node<'s>, reject: &mut Reject<'_, '_, 's>) {
    let Some((node, kind)) = written(metric, "type") else { return };
    let Some((_, block)) = TYPES.iter().find(|(name, _)| *name == kind) else { return };
    let blocks = set_keys(metric, &TYPES.map(|(_, block)| block));
    if !blocks.iter().any(|b| b.has_text(block)) {
        reject.at(&node, format!("a metric of type {kind} needs `{block}`"));
    } else if blocks.len() > 1 {
        reject.both(&blocks, format!("a metric of type {kind} has `{block}` only"));
    }
}
