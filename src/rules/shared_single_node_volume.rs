//! `shared-single-node-volume`: see `rules/shared-single-node-volume.md`.

use serde::Deserialize;

use super::reliability::{Limit, claim_of, horizontal, is_single_node, stays_together};
use super::resource::at_cause;
use crate::k8s::Workload;
use crate::rule::{BuildCx, Rule, Sink, Within};
use crate::yaml::Node;

/// Reports replicas that share a claim that only one node can mount.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct SharedSingleNodeVolume {}

impl Rule for SharedSingleNodeVolume {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for workload in &cx.scope.workloads {
            if !matches!(
                (workload.object.group(), workload.object.kind()),
                ("apps", "Deployment") | ("argoproj.io", "Rollout") | ("apps.kruise.io", "CloneSet")
            ) || workload.is_off()
                || stays_together(workload)
            {
                continue;
            }
            let Some((why, cause)) = why(cx, workload) else { continue };
            for volume in workload.get("volumes").iter().flat_map(Node::items) {
                let Some(claim) = volume.get("persistentVolumeClaim") else { continue };
                let read_only = claim.get("readOnly").and_then(|r| r.as_bool()) == Some(true);
                let Some(node) = claim.get("claimName").filter(|_| !read_only && is_written(workload, &volume)) else {
                    continue;
                };
                let Some(name) = node.as_str() else { continue };
                let claim = claim_of(cx.run, Within::Own(cx.scope), workload, &name);
                let Some(object) = claim.filter(|claim| is_single_node(claim)) else { continue };
                sink.on(&workload.object, None);
                let message = format!("{} shares claim `{name}` that one node can mount: {why}", workload.title());
                let (cause, text) = cause.as_ref().map_or((&node, ""), |(node, text)| (node, *text));
                at_cause((&node, "the volume"), (cause, text), message, sink)
                    .related(&object.anchor(), "the claim")
                    .help(
                        "a pod on another node waits for the volume until the first pod is gone: with one replica, set \
                         `strategy.type: Recreate`; with more, use a StatefulSet or a ReadWriteMany volume",
                    )
                    .suggest("set `strategy.type: Recreate` with one replica, or use a StatefulSet");
            }
        }
    }
}

/// A value that lets there be two pods at a time, and what it is.
type Cause<'s> = Option<(Node<'s>, &'static str)>;

/// Why there can be two pods at a time, and what says so; none if there cannot.
fn why<'s>(cx: &BuildCx<'_, 's>, workload: &Workload<'s>) -> Option<(String, Cause<'s>)> {
    let spec = workload.object.spec()?;
    let scaled = horizontal(cx.run, Within::Own(cx.scope), &workload.object).and_then(|scaler| {
        let spec = scaler.object.spec()?;
        number(spec.get("maxReplicas").or_else(|| spec.get("maxReplicaCount"))?)
    });
    let written = scaled.or_else(|| number(spec.get("replicas")?));
    let replicas = written.as_ref().map_or(1, |(_, n)| *n);
    if replicas > 1 {
        return Some((format!("it has up to {replicas} replicas"), written.map(|(node, _)| (node, "the replicas"))));
    }
    if workload.object.kind() != "Deployment" {
        return None;
    }
    let strategy = spec.get("strategy");
    let kind = strategy.as_ref().and_then(|s| s.get("type"));
    if kind.as_ref().is_some_and(|t| t.has_text("Recreate")) {
        return None;
    }
    let surge = strategy.and_then(|s| s.path(&["rollingUpdate", "maxSurge"])).filter(|n| !n.is_null());
    let starts_first = surge.is_none_or(|n| Limit::of(&n).is_none_or(|limit| limit.up(replicas) > 0));
    let why = "an update starts the new pod before it stops the old one";
    starts_first.then(|| (why.to_string(), kind.map(|kind| (kind, "the strategy"))))
}

/// The number that a node holds, with the node.
fn number(node: Node<'_>) -> Option<(Node<'_>, i64)> {
    let number = node.as_i64()?;
    Some((node, number))
}

/// True if a container mounts the volume for writing.
fn is_written(workload: &Workload<'_>, volume: &Node<'_>) -> bool {
    let Some(name) = volume.get("name").and_then(|n| n.as_str()) else { return false };
    workload.containers.iter().any(|container| {
        let mounts = container.get("volumeMounts");
        mounts.iter().flat_map(Node::items).any(|m| {
            m.get("name").is_some_and(|n| n.has_text(&name))
                && m.get("readOnly").and_then(|r| r.as_bool()) != Some(true)
        })
    })
}
