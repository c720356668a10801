//! `non-string-value`: see `rules/non-string-value.md`.

use serde::Deserialize;

use super::secret::is_sensitive;
use crate::finding::Safety;
use crate::rule::{KustomizationCx, ObjectCx, Rule, Sink, edit};
use crate::yaml::{Dialect, Node, Style, Value};

/// Reports values that YAML reads as numbers or booleans where the API takes strings.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct NonStringValue {}

impl Rule for NonStringValue {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        metadata(object.metadata(), sink);
        if object.is("", "ConfigMap") {
            map(object.node.get("data"), "data", false, sink);
        }
        if object.is("", "Secret") {
            map(object.node.get("stringData"), "stringData", true, sink);
        }
        let Some(spec) = object.spec() else { return };
        if object.is("", "Service") || object.is("", "ReplicationController") {
            map(spec.get("selector"), "selector", false, sink);
        } else if object.is("apps", object.kind()) || object.is("batch", object.kind()) {
            map(spec.path(&["selector", "matchLabels"]), "matchLabels", false, sink);
        }
        for workload in cx.workloads {
            let own = workload.spec.identity() == spec.identity();
            if !own {
                metadata(workload.metadata.as_ref(), sink);
            }
            map(workload.get("nodeSelector"), "nodeSelector", false, sink);
            for container in &workload.containers {
                for entry in container.get("env").iter().flat_map(Node::items) {
                    let name = entry.get("name").filter(|n| !n.is_null());
                    if let Some(node) = &name {
                        scalar(node, Place::of("name"), false, sink);
                    }
                    if let Some(value) = entry.get("value") {
                        let name = name.and_then(|n| n.text()).unwrap_or_default();
                        scalar(&value, Place { key: Some(&name), field: "value" }, false, sink);
                    }
                }
                for field in ["command", "args"] {
                    for item in container.get(field).iter().flat_map(Node::items) {
                        scalar(&item, Place::of(field), false, sink);
                    }
                }
            }
        }
    }

    fn kustomization<'a, 's>(&self, cx: &KustomizationCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for field in ["namePrefix", "nameSuffix", "namespace"] {
            if let Some(node) = cx.node.get(field) {
                scalar(&node, Place::of(field), false, sink);
            }
        }
        for field in ["commonLabels", "commonAnnotations"] {
            map(cx.node.get(field), field, false, sink);
        }
        for labels in cx.node.get("labels").iter().flat_map(Node::items) {
            map(labels.get("pairs"), "pairs", false, sink);
        }
        for (list, fields) in [
            ("images", &["name", "newName", "newTag", "digest"][..]),
            ("replicas", &["name"]),
            ("configMapGenerator", &["name", "namespace"]),
            ("secretGenerator", &["name", "namespace"]),
        ] {
            for entry in cx.node.get(list).iter().flat_map(Node::items) {
                for field in fields {
                    if let Some(node) = entry.get(field) {
                        scalar(&node, Place::of(field), false, sink);
                    }
                }
                for literal in entry.get("literals").iter().flat_map(Node::items) {
                    scalar(&literal, Place::of("literals"), list == "secretGenerator", sink);
                }
                generated(entry.get("options"), sink);
            }
        }
        generated(cx.node.get("generatorOptions"), sink);
    }
}

fn generated<'s>(options: Option<Node<'s>>, sink: &mut Sink<'_, 's>) {
    metadata(options.as_ref(), sink);
}

fn metadata<'s>(metadata: Option<&Node<'s>>, sink: &mut Sink<'_, 's>) {
    for field in ["labels", "annotations"] {
        map(metadata.and_then(|m| m.get(field)), field, false, sink);
    }
}

/// Judges keys and values of a mapping from strings to strings.
fn map<'s>(map: Option<Node<'s>>, field: &str, secret: bool, sink: &mut Sink<'_, 's>) {
    for (key, value) in map.iter().flat_map(Node::entries) {
        let text = key.text().unwrap_or_default();
        // A key becomes a string again; it matters only if that is another one.
        if let Some(kind) = kind(&key).filter(|_| changes(&key)) {
            sink.at(&key, format!("key `{text}` is read as a {kind}, and keys of `{field}` are strings")).offer(
                Safety::Safe,
                format!("write `\"{text}\"`"),
                edit::replace(&key, &quoted(&text)),
            );
        }
        let place = Place { key: Some(&text), field };
        scalar(&value, place, secret, sink);
    }
}

/// Where a scalar stands: behind a key of a mapping from strings to strings, or as the value of a field.
#[derive(Clone, Copy)]
struct Place<'p> {
    key: Option<&'p str>,
    field: &'p str,
}

impl<'p> Place<'p> {
    fn of(field: &'p str) -> Self {
        Place { key: None, field }
    }
}

fn scalar<'s>(node: &Node<'s>, place: Place<'_>, secret: bool, sink: &mut Sink<'_, 's>) {
    let Some(kind) = kind(node) else { return };
    let text = node.text().unwrap_or_default();
    let secret = secret || place.key.is_some_and(is_sensitive);
    let shown = if secret { "the value".into() } else { format!("`{text}`") };
    let what = match place.key {
        Some(key) => format!("{shown} of `{key}`"),
        None => shown,
    };
    let order = if secret { "quote it".into() } else { format!("quote it: `\"{text}\"`") };
    sink.at(node, format!("{what} is read as a {kind}, and `{}` takes strings", place.field))
        .help("quote it: the API server refuses the object, or changes the text")
        .offer(Safety::Safe, order, edit::replace(node, &quoted(&text)));
}

/// What the API server reads a plain scalar as, if not as a string or null.
fn kind(node: &Node<'_>) -> Option<&'static str> {
    if !node.is_scalar() || node.style() != Style::Plain || node.tag().is_some() {
        return None;
    }
    match node.resolve(Dialect::V1) {
        Value::Bool(_) => Some("boolean"),
        Value::Int(_) | Value::Float(_) => Some("number"),
        _ => None,
    }
}

/// True if a key is another text after it was read.
fn changes(key: &Node<'_>) -> bool {
    match key.resolve(Dialect::V1) {
        Value::Bool(value) => !key.has_text(if value { "true" } else { "false" }),
        Value::Int(value) => !key.has_text(&value.to_string()),
        Value::Float(_) => true,
        _ => false,
    }
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
