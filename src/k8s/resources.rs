//! Requests and limits as they take effect: of the container, else of the pod.

use super::workload::{Container, Workload};
use crate::yaml::Node;

/// A request or limit that takes effect.
#[derive(Clone)]
pub struct Effective<'s> {
    /// Its scalar.
    pub node: Node<'s>,
    /// True if it is the pod's, shared by its containers.
    pub of_pod: bool,
    /// True if it stands for a missing request and is written as a limit.
    pub from_limit: bool,
}

/// The request of a resource: the container's, else its limit (the API copies it), else the pod's request or limit.
/// `pod_level` says that the target knows resources of pods.
pub fn request<'s>(
    workload: &Workload<'s>,
    container: &Container<'s>,
    resource: &str,
    pod_level: bool,
) -> Option<Effective<'s>> {
    let own = |field| written(&container.node, field, resource);
    let pod = |field| if pod_level { of_pod(workload, field, resource) } else { None };
    let effective = |of_pod, from_limit| move |node| Effective { node, of_pod, from_limit };
    own("requests")
        .map(effective(false, false))
        .or_else(|| own("limits").map(effective(false, true)))
        .or_else(|| pod("requests").map(effective(true, false)))
        .or_else(|| pod("limits").map(effective(true, true)))
}

/// The limit of a resource: the container's, else the pod's.
pub fn limit<'s>(
    workload: &Workload<'s>,
    container: &Container<'s>,
    resource: &str,
    pod_level: bool,
) -> Option<Effective<'s>> {
    let own = written(&container.node, "limits", resource);
    own.map(|node| Effective { node, of_pod: false, from_limit: false }).or_else(|| {
        let node = of_pod(workload, "limits", resource).filter(|_| pod_level)?;
        Some(Effective { node, of_pod: true, from_limit: false })
    })
}

/// A request or limit that is written at the container. A null is none.
pub fn of_container<'s>(container: &Container<'s>, field: &str, resource: &str) -> Option<Node<'s>> {
    written(&container.node, field, resource)
}

/// A request or limit that is written at the pod, if it is of a resource that pods can have (cpu, memory, hugepages).
pub fn of_pod<'s>(workload: &Workload<'s>, field: &str, resource: &str) -> Option<Node<'s>> {
    let allowed = matches!(resource, "cpu" | "memory") || resource.starts_with("hugepages-");
    written(&workload.spec, field, resource).filter(|_| allowed)
}

fn written<'s>(holder: &Node<'s>, field: &str, resource: &str) -> Option<Node<'s>> {
    holder.get("resources")?.get(field)?.get(resource).filter(|n| !n.is_null())
}
