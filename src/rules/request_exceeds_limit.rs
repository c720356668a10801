//! `request-exceeds-limit`: see `rules/request-exceeds-limit.md`.

use serde::Deserialize;

use super::resource::{at_cause, pod_level};
use crate::k8s::{Class, Container, Quantity, Workload};
use crate::rule::{PodCx, Rule, Sink};
use crate::yaml::Node;

/// Reports requests above their limits.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RequestExceedsLimit {}

impl Rule for RequestExceedsLimit {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let workload = cx.workload;
        for container in workload.containers.iter().filter(|c| c.class != Class::Ephemeral) {
            sink.on(&workload.object, Some(container));
            own_limits(container, sink);
        }
        sink.on(&workload.object, None);
        if pod_level(cx.env) {
            of_pod(workload, sink);
        }
    }
}

/// Resources of a field with their quantities; those that cannot be read are for `invalid-quantity`.
fn list<'s>(holder: &Node<'s>, field: &str) -> Vec<(String, Node<'s>, Quantity)> {
    let found = holder.get("resources").and_then(|r| r.get(field));
    found
        .iter()
        .flat_map(Node::entries)
        .filter_map(|(key, value)| {
            let quantity = Quantity::read(&value)?;
            Some((key.text()?.into_owned(), value, quantity))
        })
        .collect()
}

fn find<'l, 's>(list: &'l [(String, Node<'s>, Quantity)], resource: &str) -> Option<&'l (String, Node<'s>, Quantity)> {
    list.iter().find(|(r, ..)| r == resource)
}

fn own_limits<'s>(container: &Container<'s>, sink: &mut Sink<'_, 's>) {
    let name = container.name();
    let limits = list(&container.node, "limits");
    for (resource, node, request) in &list(&container.node, "requests") {
        let exact = must_be_equal(resource);
        match find(&limits, resource) {
            Some((_, limit_node, limit)) if request > limit => {
                let message =
                    format!("{resource} request {} of `{name}` exceeds its limit {}", text(node), text(limit_node));
                at_cause((node, "the request"), (limit_node, "the limit"), message, sink)
                    .help("raise the limit or lower the request")
                    .suggest("raise the limit to the request");
            }
            Some((_, limit_node, limit)) if exact && request != limit => {
                let message =
                    format!("{resource} request {} of `{name}` is not its limit {}", text(node), text(limit_node));
                at_cause((node, "the request"), (limit_node, "the limit"), message, sink)
                    .help(format!("{resource} cannot be overcommitted: request and limit must be equal"));
            }
            None if exact && !has(&container.node, "limits", resource) => {
                let message = format!("{resource} request {} of `{name}` has no limit", text(node));
                sink.at(node, message)
                    .help(format!("{resource} cannot be overcommitted: write the same number under `limits`"));
            }
            _ => {}
        }
    }
}

fn of_pod<'s>(workload: &Workload<'s>, sink: &mut Sink<'_, 's>) {
    let (requests, limits) = (list(&workload.spec, "requests"), list(&workload.spec, "limits"));
    for (resource, node, request) in &requests {
        if let Some((_, limit_node, limit)) = find(&limits, resource)
            && request > limit
        {
            let message =
                format!("{resource} request {} of the pod exceeds its limit {}", text(node), text(limit_node));
            sink.at(node, message).related(limit_node, "the limit").help("raise the limit or lower the request");
        }
    }
    for (resource, pod_node, pod_limit) in &limits {
        for container in workload.containers.iter().filter(|c| c.class != Class::Ephemeral) {
            if let Some((_, node, limit)) = find(&list(&container.node, "limits"), resource)
                && limit > pod_limit
            {
                let name = container.name();
                let message = format!(
                    "{resource} limit {} of `{name}` exceeds the limit {} of its pod",
                    text(node),
                    text(pod_node)
                );
                sink.at(node, message)
                    .related(pod_node, "the pod's limit")
                    .help("raise the pod's limit or lower this one");
            }
        }
    }
    let bounds = requests.iter().chain(limits.iter().filter(|(r, ..)| find(&requests, r).is_none()));
    for (resource, node, bound) in bounds {
        let sum = aggregate(workload, resource);
        if sum > *bound {
            let what = if find(&requests, resource).is_some() { "request" } else { "limit" };
            let message = format!(
                "{resource} {what} {} of the pod is less than the {sum} that its containers request",
                text(node)
            );
            sink.at(node, message).help(format!("raise the pod's {what} or lower the containers' requests"));
        }
    }
}

/// What the containers of a pod request together, as the scheduler counts: those that run beside each other, or more if an init
/// container, with the sidecars before it, needs more.
fn aggregate(workload: &Workload<'_>, resource: &str) -> Quantity {
    let zero = Quantity::units(0);
    let (mut running, mut sidecars, mut peak) = (zero, zero, zero);
    for container in &workload.containers {
        let own = |field| find(&list(&container.node, field), resource).map(|(.., q)| *q);
        let need = own("requests").or_else(|| own("limits")).unwrap_or(zero);
        match container.class {
            Class::App => running = running.plus(need),
            Class::Sidecar => {
                sidecars = sidecars.plus(need);
                running = running.plus(need);
            }
            Class::Init => peak = peak.max(sidecars.plus(need)),
            Class::Ephemeral => {}
        }
    }
    running.max(peak)
}

/// True for resources that nodes cannot overcommit: huge pages, and extended resources (`vendor.example/gpu`).
fn must_be_equal(resource: &str) -> bool {
    let extended = resource.split_once('/').is_some_and(|(domain, _)| !domain.ends_with("kubernetes.io"));
    extended || resource.starts_with("hugepages-")
}

fn has(holder: &Node<'_>, field: &str, resource: &str) -> bool {
    holder.path(&["resources", field, resource]).is_some_and(|n| !n.is_null())
}

fn text(node: &Node<'_>) -> String {
    node.text().unwrap_or_default().into_owned()
}
