//! `hpa-without-requests`: see `rules/hpa-without-requests.md`.

use serde::Deserialize;

use super::reliability::{is_off, together};
use super::resource::{pod_level, removed};
use crate::k8s::autoscale::{self, vertical_controls};
use crate::k8s::{Container, Object, Workload, limits, resources};
use crate::rule::{BuildCx, Rule, Sink, Within};
use crate::yaml::Node;

/// Reports autoscalers that target a share of a request that is not there.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct HpaWithoutRequests {}

impl Rule for HpaWithoutRequests {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if !cx.scope.complete {
            return;
        }
        let pod_level = pod_level(cx.env);
        let around = Within::Around(cx.scope);
        for scaler in cx.scope.of_kind("autoscaling", "HorizontalPodAutoscaler") {
            let metrics = metrics(scaler);
            if metrics.is_empty() {
                continue;
            }
            for workload in targets(cx, scaler) {
                let defaults = limits::defaults(cx.run.limit_ranges(around, &workload.object), &workload.object);
                let name = workload.object.name().unwrap_or_default();
                let lacks = |container: &Container<'s>, resource: &str| {
                    container.class.runs_with_pod()
                        && resources::request(workload, container, resource, pod_level).is_none()
                        && !vertical_controls(cx.run.targeting(around, &name), workload, &container.name(), resource)
                };
                for metric in metrics.iter().filter(|m| !defaults.requests.contains(&m.resource)) {
                    let resource = &metric.resource;
                    let measured = |c: &&'a Container<'s>| metric.container.as_ref().is_none_or(|n| c.name() == *n);
                    for container in workload.containers.iter().filter(measured).filter(|c| lacks(c, resource)) {
                        let (hpa, name) = (scaler.name().unwrap_or_default(), container.name());
                        let message =
                            format!("autoscaler `{hpa}` cannot compute {resource} use: `{name}` requests none");
                        sink.on(&workload.object, Some(container));
                        let removal = removed(workload, container, &["requests", "limits"], resource);
                        sink.missing(&container.anchor(), removal, message)
                            .label(format!("no {resource} request"))
                            .related(&metric.place, "a share of the request")
                            .help(
                                "the share is of what all containers of the pod request; one without makes it unknown",
                            )
                            .suggest(format!("add `resources.requests.{resource}`"));
                    }
                }
            }
        }
    }
}

/// A target that is a share of what is requested.
struct Metric<'s> {
    resource: String,
    /// The container that is measured; none for the whole pod.
    container: Option<String>,
    place: Node<'s>,
}

/// The workloads that an autoscaler may mean. Of plain manifests, those of its own directory go first; of several others, nobody
/// can tell which.
fn targets<'a, 's>(cx: &BuildCx<'a, 's>, scaler: &Object<'s>) -> Vec<&'a Workload<'s>> {
    let scope = cx.scope;
    let Some(reference) = autoscale::target(scaler) else { return Vec::new() };
    let text = |key: &str| reference.get(key).and_then(|n| n.as_str()).unwrap_or_default();
    let mut all = cx.run.workloads_named(Within::Own(scope), &text("kind"), &text("name"));
    all.retain(|w| !is_off(&w.object) && autoscale::refers_to(&reference, scaler, &w.object, ""));
    let near: Vec<&'a Workload<'s>> = all.iter().copied().filter(|w| together(scope, &w.object, scaler)).collect();
    match (&near[..], &all[..]) {
        ([], [one]) => vec![*one],
        _ => near,
    }
}

fn metrics<'s>(scaler: &Object<'s>) -> Vec<Metric<'s>> {
    let field = |name: &str| scaler.spec().and_then(|s| s.get(name)).filter(|n| !n.is_null());
    let cpu = |place: Node<'s>| vec![Metric { resource: "cpu".into(), container: None, place }];
    if scaler.version() == "v1" {
        // Metrics of later versions, as version 1 carries them.
        let others = scaler.annotation_node("autoscaling.alpha.kubernetes.io/metrics").is_some();
        return match field("targetCPUUtilizationPercentage") {
            Some(node) => cpu(node),
            None if others => Vec::new(),
            None => cpu(scaler.anchor()),
        };
    }
    match field("metrics").filter(|m| !m.is_empty()) {
        Some(list) => list.items().filter_map(|m| metric(&m)).collect(),
        None => cpu(scaler.anchor()),
    }
}

fn metric<'s>(node: &Node<'s>) -> Option<Metric<'s>> {
    let field = match &*node.get("type")?.text()? {
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        _ => return None,
    };
    let source = node.get(field)?;
    // Version 2beta1 has it beside the name.
    let share = source.path(&["target", "averageUtilization"]).or_else(|| source.get("targetAverageUtilization"));
    let share = share.filter(|n| !n.is_null())?;
    let text = |key: &str| source.get(key)?.as_str().map(|t| t.into_owned());
    let container = if field == "containerResource" { Some(text("container")?) } else { None };
    Some(Metric { resource: text("name")?, container, place: share })
}
