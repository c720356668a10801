//! Autoscalers: what they scale, to how many, and which resources they set.

use std::borrow::Cow;

use super::object::Object;
use super::workload::Workload;
use crate::yaml::Node;

/// True if a reference (`apiVersion`, `kind`, `name`) of an object in the same namespace names the workload. The version of the
/// group does not count; a missing `apiVersion` fits any.
pub fn refers_to(reference: &Node<'_>, holder: &Object<'_>, workload: &Object<'_>, default_kind: &str) -> bool {
    let text = |key| reference.get(key).and_then(|n| n.as_str());
    let group = |version: &str| version.split_once('/').map_or(String::new(), |(group, _)| group.to_string());
    holder.same_namespace(workload)
        && text("kind").as_deref().unwrap_or(default_kind) == workload.kind()
        && text("name").is_some_and(|name| workload.name().is_some_and(|own| own == name))
        && text("apiVersion").is_none_or(|version| group(&version) == workload.group())
}

/// The reference to what an autoscaler scales, of a HorizontalPodAutoscaler, ScaledObject or VerticalPodAutoscaler.
pub fn target<'s>(object: &Object<'s>) -> Option<Node<'s>> {
    let field = match (object.group(), object.kind()) {
        ("autoscaling", "HorizontalPodAutoscaler") | ("keda.sh", "ScaledObject") => "scaleTargetRef",
        ("autoscaling.k8s.io", "VerticalPodAutoscaler") => "targetRef",
        _ => return None,
    };
    object.spec()?.get(field)
}

/// A horizontal autoscaler of a workload.
pub struct Horizontal<'a, 's> {
    /// The HorizontalPodAutoscaler or ScaledObject.
    pub object: &'a Object<'s>,
    /// The scalar of its minimum, if it is written.
    pub min: Option<Node<'s>>,
    /// The minimum that takes effect: unset is 1 for a HorizontalPodAutoscaler and 0 for a ScaledObject.
    pub min_replicas: i64,
}

/// The autoscaler that targets the workload: a HorizontalPodAutoscaler, or KEDA's ScaledObject.
pub fn horizontal<'a, 's: 'a>(
    objects: impl IntoIterator<Item = &'a Object<'s>>,
    workload: &Object<'_>,
) -> Option<Horizontal<'a, 's>> {
    objects.into_iter().find_map(|object| {
        let (field, default_kind, unset) = if object.is("autoscaling", "HorizontalPodAutoscaler") {
            ("minReplicas", "", 1)
        } else if object.is("keda.sh", "ScaledObject") {
            ("minReplicaCount", "Deployment", 0)
        } else {
            return None;
        };
        let spec = object.spec()?;
        if !refers_to(&spec.get("scaleTargetRef")?, object, workload, default_kind) {
            return None;
        }
        let min = spec.get(field).filter(|n| !n.is_null());
        let min_replicas = min.as_ref().and_then(Node::as_i64).unwrap_or(unset);
        Some(Horizontal { object, min, min_replicas })
    })
}

/// True if a VerticalPodAutoscaler that acts (any `updateMode` but Off) targets the workload and sets this resource of this
/// container.
pub fn vertical_controls<'a, 's: 'a>(
    objects: impl IntoIterator<Item = &'a Object<'s>>,
    workload: &Workload<'_>,
    container: &str,
    resource: &str,
) -> bool {
    objects.into_iter().any(|object| {
        let Some(spec) = object.spec().filter(|_| object.is("autoscaling.k8s.io", "VerticalPodAutoscaler")) else {
            return false;
        };
        let targets = spec.get("targetRef").is_some_and(|r| refers_to(&r, object, &workload.object, ""));
        let off = spec.path(&["updatePolicy", "updateMode"]).is_some_and(|mode| mode.has_text("Off"));
        targets && !off && policy_controls(&spec, container, resource)
    })
}

/// The policy of the container, else that of `*`. Without `controlledResources`, cpu and memory are set.
fn policy_controls(spec: &Node<'_>, container: &str, resource: &str) -> bool {
    let policies = spec.path(&["resourcePolicy", "containerPolicies"]);
    let named = |name: &str| {
        policies
            .iter()
            .flat_map(Node::items)
            .find(|p| p.get("containerName").and_then(|n| n.as_str()).unwrap_or(Cow::Borrowed("*")) == name)
    };
    let usual = matches!(resource, "cpu" | "memory");
    let Some(policy) = named(container).or_else(|| named("*")) else { return usual };
    if policy.get("mode").is_some_and(|mode| mode.has_text("Off")) {
        return false;
    }
    match policy.get("controlledResources").filter(Node::is_seq) {
        Some(list) => list.items().any(|r| r.has_text(resource)),
        None => usual,
    }
}
