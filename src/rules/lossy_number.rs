//! `lossy-number`: see `rules/lossy-number.md`.

use serde::Deserialize;

use crate::finding::Safety;
use crate::rule::{KustomizationCx, ObjectCx, Rule, Sink, edit};
use crate::yaml::{Dialect, Kind, Node, Style, Value};

/// Reports numbers that are not numbers, and lose digits because they are read as such.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct LossyNumber {}

/// Words of keys whose values are texts, even if they look like numbers.
const WORDS: [&str; 9] = ["version", "tag", "sha", "revision", "commit", "id", "zip", "phone", "digest"];

impl Rule for LossyNumber {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let group = cx.object.group();
        // The fields of built-in kinds have types.
        if !group.contains('.') || group.ends_with(".k8s.io") {
            return;
        }
        for (key, value) in cx.object.node.entries() {
            let key = key.text().unwrap_or_default();
            if !matches!(&*key, "apiVersion" | "kind" | "metadata") {
                judge(&key, &value, sink);
            }
        }
    }

    fn kustomization<'a, 's>(&self, cx: &KustomizationCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for chart in cx.node.get("helmCharts").iter().flat_map(Node::items) {
            for field in ["version", "valuesInline"] {
                if let Some(value) = chart.get(field) {
                    judge(field, &value, sink);
                }
            }
        }
    }
}

fn judge<'s>(key: &str, node: &Node<'s>, sink: &mut Sink<'_, 's>) {
    match node.kind() {
        Kind::Map => {
            for (key, value) in node.entries() {
                judge(&key.text().unwrap_or_default(), &value, sink);
            }
        }
        Kind::Seq => {
            for item in node.items() {
                judge(key, &item, sink);
            }
        }
        Kind::Scalar => {
            let text = node.text().unwrap_or_default();
            let Some(value) = is_text(key).then(|| becomes(node, &text)).flatten() else { return };
            sink.at(node, format!("`{text}` becomes `{value}`"))
                .label("read as a number")
                .help("quotes make it the text that it is")
                .offer(Safety::Unsafe, format!("write `\"{text}\"`"), edit::replace(node, &format!("\"{text}\"")));
        }
    }
}

/// True if a word of the key says that the value is a text.
fn is_text(key: &str) -> bool {
    let mut word = String::new();
    let mut words = Vec::new();
    for c in key.chars() {
        if !c.is_ascii_alphabetic() || c.is_ascii_uppercase() && word.ends_with(|c: char| c.is_ascii_lowercase()) {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphabetic() {
            word.push(c);
        }
    }
    words.push(word);
    words.iter().any(|w| WORDS.iter().any(|known| w.eq_ignore_ascii_case(known)))
}

/// What a number is printed as, if that is another text than the one written.
fn becomes(node: &Node<'_>, text: &str) -> Option<String> {
    if node.style() != Style::Plain || node.tag().is_some() {
        return None;
    }
    let value = match node.resolve(Dialect::V1) {
        // JSON readers keep 53 bits.
        Value::Int(value) if value.unsigned_abs() > 1 << 53 => format!("{}", value as f64),
        Value::Int(value) => value.to_string(),
        Value::Float(value) if value.is_finite() && value.abs() < 1e21 => format!("{value}"),
        Value::Float(value) if value.is_finite() => format!("{value:e}"),
        _ => return None,
    };
    (value != text.trim_start_matches('+')).then_some(value)
}
