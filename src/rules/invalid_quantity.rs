//! `invalid-quantity`: see `rules/invalid-quantity.md`.

use serde::{Deserialize, Deserializer};

use crate::k8s::Object;
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::quantity::{self, Quantity};
use crate::rule::{ObjectCx, Rule, Sink};
use crate::yaml::Node;

/// Reports quantities that do not parse, or parse as something that nobody means.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct InvalidQuantity {
    /// The least memory that a container can sensibly request or be limited to.
    #[serde(deserialize_with = "read")]
    pub(super) min_memory: Quantity,
    /// The most CPU that a container can sensibly request.
    #[serde(deserialize_with = "read")]
    pub(super) max_cpu: Quantity,
}

impl Default for InvalidQuantity {
    fn default() -> Self {
        InvalidQuantity { min_memory: Quantity::units(1 << 20), max_cpu: Quantity::units(256) }
    }
}

/// A quantity in options: a string or a whole number.
fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Quantity, D::Error> {
    let text = match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    Quantity::parse(&text).map_err(|e| serde::de::Error::custom(format!("`{text}` is no quantity: {e}")))
}

impl Rule for InvalidQuantity {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        for workload in cx.workloads {
            for container in &workload.containers {
                self.resources(&container.node, Holder::Container, sink);
            }
            self.resources(&workload.spec, Holder::Pod, sink);
            for volume in workload.get("volumes").iter().flat_map(Node::items) {
                if let Some(limit) = volume.path(&["emptyDir", "sizeLimit"]) {
                    self.judge("storage", &limit, Holder::Other, sink);
                }
                if let Some(claim) = volume.path(&["ephemeral", "volumeClaimTemplate", "spec"]) {
                    self.resources(&claim, Holder::Other, sink);
                }
            }
        }
        self.other(object, sink);
    }
}

/// What a quantity is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holder {
    Container,
    Pod,
    Other,
}

impl InvalidQuantity {
    fn other<'s>(&self, object: &Object<'s>, sink: &mut Sink<'_, 's>) {
        let Some(spec) = object.spec() else { return };
        match (object.group(), object.kind()) {
            ("", "PersistentVolumeClaim") => self.resources(&spec, Holder::Other, sink),
            ("apps", "StatefulSet") => {
                for claim in spec.get("volumeClaimTemplates").iter().flat_map(Node::items) {
                    if let Some(spec) = claim.get("spec") {
                        self.resources(&spec, Holder::Other, sink);
                    }
                }
            }
            ("", "ResourceQuota") => self.list(spec.get("hard"), Holder::Other, sink),
            ("", "LimitRange") => {
                for item in spec.get("limits").iter().flat_map(Node::items) {
                    for field in ["default", "defaultRequest", "max", "min"] {
                        self.list(item.get(field), Holder::Other, sink);
                    }
                }
            }
            _ => {}
        }
    }

    fn resources<'s>(&self, holder: &Node<'s>, of: Holder, sink: &mut Sink<'_, 's>) {
        let Some(resources) = holder.get("resources") else { return };
        self.list(resources.get("requests"), of, sink);
        self.list(resources.get("limits"), if of == Holder::Container { of } else { Holder::Other }, sink);
    }

    fn list<'s>(&self, list: Option<Node<'s>>, of: Holder, sink: &mut Sink<'_, 's>) {
        for (key, value) in list.iter().flat_map(Node::entries) {
            if let Some(resource) = key.text() {
                self.judge(&resource, &value, of, sink);
            }
        }
    }

    fn judge<'s>(&self, resource: &str, node: &Node<'s>, of: Holder, sink: &mut Sink<'_, 's>) {
        let Some(text) = node.text().filter(|t| !node.is_null() && !is_placeholder(t)) else { return };
        let (why, meant) = match Quantity::of(node) {
            Some(Err(error)) => (error.0, corrected(&text)),
            Some(Ok(value)) => match self.unusable(resource, &text, value, of) {
                Some(found) => found,
                None => return,
            },
            None => return,
        };
        let mut draft = sink.at(node, format!("`{}` is not a usable quantity: {why}", text.trim_end()));
        match meant {
            Some(meant) => draft.help(format!("write `{meant}` if that is meant")).suggest(format!("write `{meant}`")),
            None => draft.help("write a number with a unit: `500m` CPU, `512Mi` memory, `10Gi` storage"),
        };
    }

    /// Why a quantity that parses cannot be meant, and what may be.
    fn unusable(&self, resource: &str, text: &str, value: Quantity, of: Holder) -> Option<(String, Option<String>)> {
        let is_bytes = ["memory", "storage"].iter().any(|r| resource.ends_with(r)) || resource.contains("hugepages-");
        let number = text.trim_end_matches(char::is_alphabetic);
        if value.is_negative() {
            return Some(("it is negative".into(), None));
        }
        if is_bytes && text.ends_with('m') {
            return Some(("`m` means thousandths, here of a byte".into(), Some(format!("{number}Mi"))));
        }
        if of == Holder::Container && resource == "memory" && !value.is_zero() && value < self.min_memory {
            let bytes = if value.ceil() == 1 { "byte" } else { "bytes" };
            let meant = if number == text { Some(format!("{number}Mi")) } else { None };
            return Some((format!("it is {} {bytes} of memory", value.ceil()), meant));
        }
        if of != Holder::Other && resource == "cpu" && value > self.max_cpu && text != "0" {
            let meant = if number == text { Some(format!("{number}m")) } else { None };
            return Some((format!("it is {} CPU cores", value.ceil()), meant));
        }
        None
    }
}

/// The text with the unit that its author most likely means.
fn corrected(text: &str) -> Option<String> {
    let text = text.trim();
    let with_point = text.replacen(',', ".", 1);
    let at = with_point.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(with_point.len());
    let (number, suffix) = with_point.split_at(at);
    let suffix = suffix.trim();
    let unit = if Quantity::parse(&format!("1{suffix}")).is_ok() { suffix } else { quantity::meant(suffix)? };
    let corrected = format!("{number}{unit}");
    Quantity::parse(&corrected).ok().map(|_| corrected)
}
