//! `server-managed-field`: see `rules/server-managed-field.md`.

use serde::Deserialize;

use crate::finding::Safety;
use crate::k8s::Object;
use crate::rule::{ObjectCx, Rule, Sink, edit};
use crate::yaml::{Kind, Node};

/// Reports fields that the cluster writes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ServerManagedField {}

const METADATA: [&str; 7] =
    ["uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "selfLink", "managedFields"];
const ANNOTATIONS: [&str; 2] =
    ["kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision"];

impl Rule for ServerManagedField {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        let is_crd = object.is("apiextensions.k8s.io", "CustomResourceDefinition");
        let status = object.node.get("status").is_some_and(|s| !s.is_scalar() && !is_hollow(&s)) && !is_all(object);
        let mut judge = |holder: &Node<'s>, path: &[&str]| {
            let entry = path.last().and_then(|last| holder.entry(last));
            let Some((key, _)) = entry.filter(|(_, value)| !value.is_null()) else { return };
            let shown = path.join(".").replace("annotations.", "annotations/");
            sink.at(&key, format!("`{shown}` is written by the cluster, not by people"))
                .help("take it out: it describes one object of one cluster at the time of the export")
                .offer(Safety::Safe, format!("remove `{shown}`"), edit::remove(&object.node, path));
        };
        if status && !is_crd {
            judge(&object.node, &["status"]);
        }
        let Some(metadata) = object.node.get("metadata") else { return };
        METADATA.iter().for_each(|field| judge(&metadata, &["metadata", field]));
        if let Some(annotations) = metadata.get("annotations") {
            ANNOTATIONS.iter().for_each(|key| judge(&annotations, &["metadata", "annotations", key]));
        }
    }
}

/// True for an object that is nothing but a status, as documentation shows what a controller writes.
fn is_all(object: &Object<'_>) -> bool {
    let known = ["apiVersion", "kind", "metadata", "status"];
    object.node.entries().all(|(key, _)| known.iter().any(|k| key.has_text(k)))
}

/// True for a node without any value in it, as `kubectl create --dry-run` writes a status.
fn is_hollow(node: &Node<'_>) -> bool {
    match node.kind() {
        Kind::Map => node.entries().all(|(_, value)| is_hollow(&value)),
        Kind::Seq => node.items().all(|item| is_hollow(&item)),
        Kind::Scalar => node.is_null() || node.has_text(""),
    }
}
