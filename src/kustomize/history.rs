//! Upstream keeps the history of an object in annotations of its own; here they only matter where that shows.

use super::resource::{Behavior, Previous, Resource, strings};
use crate::yaml::{Node, Origin};

/// Annotations with this prefix hold the history.
const PREFIX: &str = "internal.config.kubernetes.io/";

/// The annotations that upstream takes out of what it prints.
const REMOVED: [&str; 19] = [
    "internal.config.kubernetes.io/previousKinds",
    "internal.config.kubernetes.io/previousNames",
    "internal.config.kubernetes.io/previousNamespaces",
    "internal.config.kubernetes.io/prefixes",
    "internal.config.kubernetes.io/suffixes",
    "internal.config.kubernetes.io/refBy",
    "internal.config.kubernetes.io/generatorBehavior",
    "internal.config.kubernetes.io/needsHashSuffix",
    "internal.config.kubernetes.io/allowNameChange",
    "internal.config.kubernetes.io/allowKindChange",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "internal.config.kubernetes.io/helm-generated",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
];

/// An object as it is read, with the history that its annotations claim.
pub(super) fn read(node: Node<'_>) -> Resource<'_> {
    let annotations = strings(&node, "annotations");
    let mut resource = Resource::new(node);
    if !annotations.keys().any(|k| k.starts_with(PREFIX)) {
        return resource;
    }
    let text = |name: &str| annotations.get(&format!("{PREFIX}{name}")).map(String::as_str);
    let list =
        |name: &str| text(name).map(|t| t.split(',').map(String::from).collect::<Vec<String>>()).unwrap_or_default();
    let (names, namespaces, kinds) = (list("previousNames"), list("previousNamespaces"), list("previousKinds"));
    if names.len() == namespaces.len() && names.len() == kinds.len() {
        let all = names.into_iter().zip(namespaces).zip(kinds);
        let previous = |((name, namespace), kind): ((String, String), String)| Previous {
            name: name.into(),
            namespace: namespace.into(),
            kind: kind.into(),
        };
        resource.previous = all.map(previous).collect();
    }
    resource.prefixes = list("prefixes");
    resource.suffixes = list("suffixes");
    resource.needs_hash = text("needsHashSuffix") == Some("enabled");
    resource.by_helm = text("helm-generated") == Some("true");
    resource.behavior = match text("generatorBehavior") {
        Some("merge") => Behavior::Merge,
        Some("replace") => Behavior::Replace,
        _ => Behavior::Create,
    };
    resource
}

/// Gives an object that has none an empty mapping of annotations: where upstream keeps a history there always is one, and a
/// JSON patch can add to it.
pub(super) fn make_room(object: &mut Node<'_>) {
    let missing = |object: &Node<'_>| object.path(&["metadata", "annotations"]).is_none_or(|a| a.is_null());
    if missing(object)
        && let Some(metadata) = object.get_mut("metadata")
    {
        metadata.set(Node::string("annotations", Origin::default()), Node::map(Vec::new(), Origin::default()));
    }
}

/// Takes out the annotations that are never printed.
pub(super) fn remove(object: &mut Node<'_>) {
    let found: Vec<&str> = {
        let annotations = strings(object, "annotations");
        REMOVED.into_iter().filter(|name| annotations.contains_key(*name)).collect()
    };
    if let (false, Some(annotations)) =
        (found.is_empty(), object.get_mut("metadata").and_then(|m| m.get_mut("annotations")))
    {
        for name in found {
            annotations.remove(name);
        }
    }
}
