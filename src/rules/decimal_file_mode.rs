//! `decimal-file-mode`: see `rules/decimal-file-mode.md`.

use serde::Deserialize;

use crate::finding::Safety;
use crate::rule::{PodCx, Rule, Sink, edit};
use crate::yaml::{Node, Style};

/// Reports file modes that are written with the digits of octal ones and read as decimal.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DecimalFileMode {}

/// The digits of usual octal modes.
const USUAL: [&str; 17] = [
    "400", "440", "444", "500", "550", "555", "600", "640", "644", "660", "664", "700", "750", "755", "770", "775",
    "777",
];

impl Rule for DecimalFileMode {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for volume in cx.workload.get("volumes").iter().flat_map(Node::items) {
            for kind in ["configMap", "secret", "downwardAPI"] {
                if let Some(source) = volume.get(kind) {
                    files(&source, sink);
                }
            }
            let Some(projected) = volume.get("projected") else { continue };
            mode(&projected, "defaultMode", sink);
            for source in projected.get("sources").iter().flat_map(Node::items) {
                for kind in ["configMap", "secret", "downwardAPI"] {
                    if let Some(source) = source.get(kind) {
                        files(&source, sink);
                    }
                }
            }
        }
    }
}

fn files<'s>(source: &Node<'s>, sink: &mut Sink<'_, 's>) {
    mode(source, "defaultMode", sink);
    for item in source.get("items").iter().flat_map(Node::items) {
        mode(&item, "mode", sink);
    }
}

fn mode<'s>(holder: &Node<'s>, field: &str, sink: &mut Sink<'_, 's>) {
    let Some(node) = holder.get(field) else { return };
    // JSON has no octal numbers.
    let json = node.span().is_some_and(|s| s.source.display().ends_with(".json"));
    let Some(text) = node.text().filter(|t| !json && node.style() == Style::Plain && USUAL.contains(&&**t)) else {
        return;
    };
    let Some(number) = node.as_i64() else { return };
    sink.at(&node, format!("`{field}: {text}` is decimal, octal {number:o}, not the octal {text} it looks like"))
        .help("a number is octal if it starts with 0")
        .offer(Safety::Unsafe, format!("write `0{text}`"), edit::replace(&node, &format!("0{text}")));
}
