//! Examples of a rule page: fenced blocks below `## Examples`, grouped by `###` heading.

use manicheck::rule::Page;
use manicheck::source::Source;
use manicheck::yaml::{Dialect, Node, SrcNode, Value};

/// One example.
#[derive(Default)]
pub(super) struct Example {
    /// Its heading.
    pub(super) heading: String,
    /// Options of the rule.
    pub(super) options: serde_json::Value,
    /// Files that are reported.
    pub(super) bad: Vec<Fence>,
    /// Files that are not.
    pub(super) good: Vec<Fence>,
    /// The bad files after the fix; only those that it changes.
    pub(super) fixed: Vec<Fence>,
}

/// One fenced block.
#[derive(Clone)]
pub(super) struct Fence {
    /// `file=…` of the info string, or `manifests.yaml`.
    pub(super) path: String,
    /// `partial` in the info string: objects of the scope may be missing.
    pub(super) partial: bool,
    /// `target=…` of the info string.
    pub(super) target: Option<String>,
    /// The lines, as written.
    pub(super) text: String,
}

/// The examples of a page.
pub(super) fn examples(page: &Page) -> Result<Vec<Example>, String> {
    let mut out: Vec<Example> = Vec::new();
    let mut inside = false;
    let mut lines = page.body.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("### ") {
            if inside {
                out.push(Example { heading: heading.into(), ..Example::default() });
            }
        } else if let Some(heading) = line.strip_prefix("## ") {
            inside = heading == "Examples";
        } else if let Some(info) = line.strip_prefix("```") {
            let mut text = String::new();
            loop {
                match lines.next() {
                    Some("```") => break,
                    Some(line) => text.extend([line, "\n"]),
                    None => return Err("a fence has no end".into()),
                }
            }
            if inside {
                let example = out.last_mut().ok_or("an example stands under no `###` heading")?;
                add(example, info, text).map_err(|e| format!("{}: {e}", example.heading))?;
            }
        }
    }
    if let Some(empty) = out.iter().find(|e| e.bad.is_empty() && e.good.is_empty()) {
        return Err(format!("{}: no example below the heading", empty.heading));
    }
    Ok(out)
}

fn add(example: &mut Example, info: &str, text: String) -> Result<(), String> {
    let mut fence = Fence { path: "manifests.yaml".into(), partial: false, target: None, text };
    let mut role = None;
    for word in info.split_whitespace().skip(1) {
        match word.split_once('=') {
            Some(("file", path)) => fence.path = path.into(),
            Some(("target", version)) => fence.target = Some(version.into()),
            None if word == "partial" => fence.partial = true,
            None if ["bad", "good", "fixed", "options"].contains(&word) => role = Some(word),
            _ => return Err(format!("`{word}` in `{info}` is not understood")),
        }
    }
    let files = match role {
        Some("bad") => &mut example.bad,
        Some("good") => &mut example.good,
        Some("fixed") => &mut example.fixed,
        Some(_) => {
            example.options = options(&fence.text);
            return Ok(());
        }
        None => return Err(format!("`{info}` says neither bad nor good")),
    };
    if files.iter().any(|f| f.path == fence.path) {
        return Err(format!("two fences are `{}`", fence.path));
    }
    files.push(fence);
    Ok(())
}

fn options(text: &str) -> serde_json::Value {
    let source = Source::new("options".into(), "options".into(), text.as_bytes().to_vec());
    let root = source.tree().documents.first().and_then(|d| d.root);
    root.map_or(serde_json::Value::Null, |id| json(&Node::Source(SrcNode { source: &source, id }, None)))
}

fn json(node: &Node<'_>) -> serde_json::Value {
    if node.is_map() {
        return node.entries().map(|(k, v)| (k.text().unwrap().into_owned(), json(&v))).collect();
    }
    if node.is_seq() {
        return node.items().map(|item| json(&item)).collect();
    }
    match node.resolve(Dialect::V3) {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => value.into(),
        Value::Int(value) => i64::try_from(value).unwrap().into(),
        Value::Float(value) => value.into(),
        Value::Timestamp | Value::Str | Value::Binary | Value::Invalid => node.text().unwrap().into(),
    }
}
