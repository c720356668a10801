//! What a pod template names: ConfigMaps, Secrets, claims, its ServiceAccount.

use super::workload::Workload;
use crate::yaml::Node;

/// A reference from a pod template to another object of its namespace.
#[derive(Clone)]
pub struct PodReference<'s> {
    /// The kind that is named: `ConfigMap`, `Secret`, `PersistentVolumeClaim`, `ServiceAccount`.
    pub kind: &'static str,
    /// The scalar that names it.
    pub name: Node<'s>,
    /// The keys of it that the pod needs, where it names some.
    pub keys: Vec<Node<'s>>,
    /// [`super::Container::index`] of the container that needs it; none for the pod.
    pub container: Option<usize>,
}

/// The references of a pod template, in the order of the manifest's parts: containers, volumes, pull secrets, ServiceAccount.
/// Those that are optional are left out.
pub(super) fn pod_references<'s>(workload: &Workload<'s>) -> Vec<PodReference<'s>> {
    let mut out = Vec::new();
    for container in &workload.containers {
        let index = Some(container.index);
        for env in items(&container.node, "env") {
            let Some(from) = env.get("valueFrom") else { continue };
            for (field, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
                if let Some(source) = from.get(field) {
                    let keys = source.get("key").into_iter().collect();
                    push(&mut out, kind, &source, "name", keys, index);
                }
            }
        }
        for from in items(&container.node, "envFrom") {
            for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
                if let Some(source) = from.get(field) {
                    push(&mut out, kind, &source, "name", Vec::new(), index);
                }
            }
        }
    }
    for volume in items(&workload.spec, "volumes") {
        volume_references(&volume, &mut out);
    }
    for secret in items(&workload.spec, "imagePullSecrets") {
        push(&mut out, "Secret", &secret, "name", Vec::new(), None);
    }
    let account =
        ["serviceAccountName", "serviceAccount"].into_iter().find(|f| workload.get(f).is_some_and(|n| !n.is_null()));
    if let Some(field) = account {
        push(&mut out, "ServiceAccount", &workload.spec, field, Vec::new(), None);
    }
    out
}

fn volume_references<'s>(volume: &Node<'s>, out: &mut Vec<PodReference<'s>>) {
    if let Some(source) = volume.get("configMap") {
        push(out, "ConfigMap", &source, "name", keys(&source), None);
    }
    if let Some(source) = volume.get("secret") {
        push(out, "Secret", &source, "secretName", keys(&source), None);
    }
    if let Some(source) = volume.get("persistentVolumeClaim") {
        push(out, "PersistentVolumeClaim", &source, "claimName", Vec::new(), None);
    }
    let Some(projected) = volume.get("projected") else { return };
    for part in items(&projected, "sources") {
        for (field, kind) in [("configMap", "ConfigMap"), ("secret", "Secret")] {
            if let Some(source) = part.get(field) {
                push(out, kind, &source, "name", keys(&source), None);
            }
        }
    }
}

fn keys<'s>(source: &Node<'s>) -> Vec<Node<'s>> {
    items(source, "items").iter().filter_map(|item| item.get("key")).collect()
}

fn items<'s>(holder: &Node<'s>, field: &str) -> Vec<Node<'s>> {
    holder.get(field).map(|l| l.items().collect()).unwrap_or_default()
}

fn push<'s>(
    out: &mut Vec<PodReference<'s>>,
    kind: &'static str,
    source: &Node<'s>,
    field: &str,
    keys: Vec<Node<'s>>,
    container: Option<usize>,
) {
    let optional = source.get("optional").and_then(|o| o.as_bool()) == Some(true);
    let Some(name) = source.get(field).filter(|n| n.as_str().is_some_and(|n| !n.is_empty())) else { return };
    if !optional {
        out.push(PodReference { kind, name, keys, container });
    }
}
