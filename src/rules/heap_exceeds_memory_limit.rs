//! `heap-exceeds-memory-limit`: see `rules/heap-exceeds-memory-limit.md`.

use serde::Deserialize;

use super::resource::{at_cause, pod_level};
use crate::k8s::{Quantity, resources};
use crate::rule::{ContainerCx, Rule, Sink};
use crate::yaml::Node;

/// Reports heaps that are as large as the container's memory limit, or larger.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct HeapExceedsMemoryLimit {}

const JAVA: [&str; 5] = ["JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CATALINA_OPTS"];

impl Rule for HeapExceedsMemoryLimit {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let container = cx.container;
        if !container.class.runs_with_pod() {
            return;
        }
        let Some(limit) = resources::limit(cx.workload, container, "memory", pod_level(cx.env)) else { return };
        let Some(bound) = Quantity::read(&limit.node).filter(|q| !q.is_zero()) else { return };
        for (node, heap) in heaps(&container.node) {
            if heap < bound {
                continue;
            }
            let text = limit.node.text().unwrap_or_default();
            let message = format!("heap {heap} of `{}` does not fit its memory limit {text}", container.name());
            at_cause((&node, "the heap"), (&limit.node, "the limit"), message, sink)
                .help("leave a quarter of the limit to what is not heap: stacks, code, buffers")
                .suggest("lower the heap or raise the limit");
        }
    }
}

/// Literal heap sizes, with the scalars that hold them.
fn heaps<'s>(container: &Node<'s>) -> Vec<(Node<'s>, Quantity)> {
    let mut out = Vec::new();
    for entry in container.get("env").iter().flat_map(Node::items) {
        let (Some(name), Some(value)) = (entry.get("name").and_then(|n| n.as_str()), entry.get("value")) else {
            continue;
        };
        let Some(text) = value.as_str().filter(|t| !t.contains("$(")) else { continue };
        let heap = match &*name {
            name if JAVA.contains(&name) => last(&text, java),
            "NODE_OPTIONS" => last(&text, node),
            "GOMEMLIMIT" => go(&text),
            _ => None,
        };
        out.extend(heap.map(|heap| (value, heap)));
    }
    // Of several, the last one counts.
    let mut argument = None;
    for field in ["command", "args"] {
        for item in container.get(field).iter().flat_map(Node::items) {
            let Some(text) = item.as_str().filter(|t| !t.contains("$(")) else { continue };
            if let Some(heap) = last(&text, java).or_else(|| last(&text, node)) {
                argument = Some((item, heap));
            }
        }
    }
    out.extend(argument);
    out
}

/// The last word that the reader understands.
fn last(text: &str, read: fn(&str) -> Option<Quantity>) -> Option<Quantity> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).rev().find_map(read)
}

/// `-Xmx512m`: bytes, or with k, m, g, t.
fn java(word: &str) -> Option<Quantity> {
    let size = word.strip_prefix("-Xmx")?;
    let digits = size.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match size[digits.len()..].to_ascii_lowercase().as_str() {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => return None,
    };
    bytes(digits, shift)
}

/// `--max-old-space-size=4096`: MiB.
fn node(word: &str) -> Option<Quantity> {
    let name = word.strip_prefix("--max-old-space-size=").or_else(|| word.strip_prefix("--max_old_space_size="))?;
    bytes(name, 20)
}

/// `750MiB`: bytes, or with B, KiB, MiB, GiB, TiB.
fn go(value: &str) -> Option<Quantity> {
    let value = value.trim();
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match &value[digits.len()..] {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        "TiB" => 40,
        _ => return None,
    };
    bytes(digits, shift)
}

fn bytes(digits: &str, shift: u32) -> Option<Quantity> {
    let number: i64 = digits.parse().ok().filter(|n| *n > 0)?;
    Some(Quantity::units(number.checked_mul(1 << shift)?))
}
