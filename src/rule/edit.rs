//! Edits that make a rendered value another one, written where its text comes from.
//!
//! Every function gives none, so that a fix is withheld, rather than an edit that may do something else: for values that are
//! composed of several texts, that an alias brought, that carry an anchor or a tag, or that stand in no file.

mod inline;

use crate::finding::Edit;
use crate::source::{Source, Span};
use crate::yaml::{Node, RawKind, RawNode, SrcNode, StepKind, Style};

/// Replaces a scalar by `text`, which is YAML: quoted if it needs quotes.
pub fn replace<'s>(node: &Node<'s>, text: &str) -> Option<Edit<'s>> {
    let span = node.origin().span?;
    let plain = node.is_scalar() && !matches!(node.style(), Style::Literal | Style::Folded);
    if !plain || node.pieces().len() > 1 || is_aliased(node) || span.start == span.end || span.text().contains('\n') {
        return None;
    }
    let as_written = match node {
        Node::Source(src, _) => !is_marked(src.raw()),
        // Made by a transformation, or read from a text inside a scalar: the span may be more than the value, or less.
        _ => node.text().is_some_and(|text| bare(span.text()) == text) && !is_moved(node),
    };
    if !as_written {
        return None;
    }
    Some(Edit { span, text: text.to_string() })
}

/// Sets the value behind a path of mapping keys below `root`, and makes the mappings on the way. `value` is YAML that fits on
/// the key's line. A new key goes to the end of the mapping that lacks it; of a mapping that several files wrote, to the part
/// that holds its `name`.
pub fn set<'s>(root: &Node<'s>, path: &[&str], value: &str) -> Option<Edit<'s>> {
    let (first, rest) = path.split_first()?;
    match root.entry(first) {
        Some((_, old)) if rest.is_empty() => replace(&old, value),
        Some((_, below)) if below.is_map() => set(&below, rest, value),
        Some(_) => None,
        None => insert(root, path, value),
    }
}

/// Removes the entry behind a path of mapping keys below `root`, and the mappings on the way that would be left empty. Of an inline patch
/// that writes only this, its entry in the kustomization goes; of one that writes more, nothing is removed.
pub fn remove<'s>(root: &Node<'s>, path: &[&str]) -> Option<Edit<'s>> {
    let mut holder = root.clone();
    let mut from = root.clone();
    let mut doomed = None;
    for key in path {
        let (key, value) = from.entry(key)?;
        // The topmost entry whose mapping keeps other entries.
        if doomed.is_none() || from.len() > 1 {
            (holder, doomed) = (from, Some((key, value.clone())));
        }
        from = value;
    }
    let (key, value) = doomed?;
    if holder.len() < 2 || is_aliased(&key) || is_aliased(&value) {
        return None;
    }
    let (Node::Source(key, _), Node::Source(value, _)) = (&key, &value) else {
        return inline::remove_entry(&key, &value);
    };
    if !std::ptr::eq(key.source, value.source) {
        return None;
    }
    remove_pair(*key, *value)
}

/// Puts `item`, which is YAML, in front of the first item of a sequence.
pub fn prepend<'s>(seq: &Node<'s>, item: &str) -> Option<Edit<'s>> {
    let Node::Source(src, _) = seq else { return None };
    if is_aliased(seq) || src.raw().kind != RawKind::Seq || src.raw().flags & RawNode::ANCHORED != 0 {
        return None;
    }
    let first = src.children().next();
    if src.raw().style == Style::Flow {
        let comma = if first.is_some() { ", " } else { "" };
        return Some(at(src.source, src.raw().start + 1, format!("{item}{comma}")));
    }
    let first = first?.raw().start;
    let line = line_of(src.source, first);
    let before = src.source.text().get(line.start as usize..first as usize)?;
    let dash = before.rfind('-')?;
    // An item without text starts right behind its dash.
    let rest = before.get(dash + 1..)?;
    if rest.is_empty() || !rest.bytes().all(|b| b == b' ') || !before.bytes().all(|b| matches!(b, b' ' | b'-')) {
        return None;
    }
    let newline = newline(src.source, line.end);
    Some(at(src.source, first, format!("{item}{newline}{}- ", " ".repeat(dash))))
}

fn insert<'s>(map: &Node<'s>, path: &[&str], value: &str) -> Option<Edit<'s>> {
    let map = written_map(map)?;
    let (first, _) = path.split_first()?;
    if map.pairs().any(|(key, _)| key.text() == *first) || map.raw().flags & RawNode::ANCHORED != 0 {
        return None;
    }
    let (key, _) = match map.pairs().next() {
        Some(pair) => pair,
        None if map.raw().style == Style::Flow => return Some(at(map.source, map.raw().start + 1, flow(path, value))),
        None => return None,
    };
    if map.raw().style == Style::Flow {
        return Some(at(map.source, map.raw().start + 1, format!("{}, ", flow(path, value))));
    }
    let indent = indent(map.source, key.raw().start)?;
    let line_end = end_of_last_line(map)?;
    let newline = newline(map.source, line_end);
    let mut text = String::new();
    for (depth, key) in path.iter().enumerate() {
        text.push_str(newline);
        text.push_str(&" ".repeat(indent + 2 * depth));
        text.push_str(key);
        text.push(':');
    }
    text.push(' ');
    text.push_str(value);
    Some(at(map.source, line_end, text))
}

fn remove_pair<'s>(key: SrcNode<'s>, value: SrcNode<'s>) -> Option<Edit<'s>> {
    let source = key.source;
    let map = parent(key)?;
    let nodes = source.tree().nodes.get(key.id as usize..value.raw().next as usize)?;
    if nodes.iter().any(|n| n.flags & RawNode::ANCHORED != 0) {
        return None;
    }
    let pairs: Vec<(SrcNode<'s>, SrcNode<'s>)> = map.pairs().collect();
    let index = pairs.iter().position(|(k, _)| k.id == key.id)?;
    // A merge may bring another value in its place.
    if pairs.len() < 2 || pairs.iter().any(|(k, _)| k.text() == "<<") {
        return None;
    }
    let next = pairs.get(index + 1).map(|(k, _)| k.raw().start);
    let start = key.raw().start;
    if map.raw().style == Style::Flow {
        let range = match (next, index.checked_sub(1).and_then(|i| pairs.get(i))) {
            (Some(next), _) => start..next,
            (None, Some((_, before))) => before.raw().end..value.raw().end,
            (None, None) => return None,
        };
        return Some(Edit { span: source.span(range), text: String::new() });
    }
    indent(source, start)?;
    let line = line_of(source, start);
    let alone = source.text().get(line.start as usize..start as usize)?.bytes().all(|b| b == b' ');
    let range = if alone {
        let end = end_of_last_line(value).max(end_of_last_line(key))?;
        let end = (end + newline(source, end).len() as u32).min(source.text().len() as u32);
        blank_end(source, line.start, end)..end
    } else {
        // The first entry of a mapping in a list: the next one takes its place behind the dash.
        start..next?
    };
    Some(Edit { span: source.span(range), text: String::new() })
}

/// Where to start a removal that would leave blank lines at the end of the file: before them.
fn blank_end(source: &Source, start: u32, end: u32) -> u32 {
    let text = source.text();
    let before = text.get(..start as usize).unwrap_or_default();
    // Blank lines may belong to a block scalar that keeps them.
    if text.len() > end as usize || before.contains("|+") || before.contains(">+") {
        return start;
    }
    let kept = before.trim_end_matches(['\n', '\r', ' ']).len();
    let line = line_of(source, kept as u32);
    if kept == 0 { start } else { (line.end + newline(source, line.end).len() as u32).min(start) }
}

/// The mapping of a file that a new key of `map` goes to.
fn written_map<'s>(map: &Node<'s>) -> Option<SrcNode<'s>> {
    if is_aliased(map) {
        return None;
    }
    match map {
        Node::Source(src, _) => (src.raw().kind == RawKind::Map).then_some(*src),
        Node::Map(_) => {
            let key = map.entry("name").or_else(|| map.entries().next()).map(|(key, _)| key)?;
            match &key {
                Node::Source(src, _) if !is_aliased(&key) => parent(*src),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The collection that holds a node directly.
fn parent(node: SrcNode<'_>) -> Option<SrcNode<'_>> {
    let source = node.source;
    let documents = &source.tree().documents;
    let before = documents.partition_point(|d| d.start <= node.raw().start);
    let id = documents.get(..before)?.iter().rev().find_map(|d| d.root)?;
    let mut at = Some(SrcNode { source, id }).filter(|root| holds(*root, node))?;
    loop {
        match at.children().find(|child| child.id == node.id || holds(*child, node))? {
            child if child.id == node.id => return Some(at),
            child => at = child,
        }
    }
}

fn holds(outer: SrcNode<'_>, inner: SrcNode<'_>) -> bool {
    outer.id < inner.id && inner.id < outer.raw().next
}

/// The end of the last line that a node of a block mapping is written on. None if more than a comment follows there, or if
/// the node ends in a block scalar that keeps its line breaks.
fn end_of_last_line(node: SrcNode<'_>) -> Option<u32> {
    let (source, raw) = (node.source, node.raw());
    let leaf = source.tree().nodes.get((raw.next as usize).checked_sub(1)?)?;
    if matches!(leaf.style, Style::Literal | Style::Folded) && leaf.kind == RawKind::Scalar {
        // The node may start at its indicator or at its text, so the line of the indicator is the last that is not blank.
        let upto = source.text().get(..leaf.start as usize + 1)?;
        let above = if upto.ends_with(['|', '>']) { upto } else { source.text().get(..leaf.start as usize)? };
        let header = line_of(source, above.trim_end().len() as u32);
        if source.text().get(header.start as usize..header.end as usize)?.contains('+') {
            return None;
        }
    }
    let end = source.text().get(raw.start as usize..raw.end as usize)?.trim_end().len() as u32 + raw.start;
    let line = line_of(source, end);
    let rest = source.text().get(end as usize..line.end as usize)?;
    let trimmed = rest.trim_start_matches([' ', '\t']);
    let comment = trimmed.starts_with('#') && trimmed.len() < rest.len();
    (trimmed.is_empty() || comment).then_some(line.end)
}

/// The column of a key of a block mapping, from 0; none if more than spaces and dashes stand in front of it.
fn indent(source: &Source, key: u32) -> Option<usize> {
    let line = line_of(source, key);
    let before = source.text().get(line.start as usize..key as usize)?;
    before.bytes().all(|b| matches!(b, b' ' | b'-')).then_some(before.len())
}

fn line_of(source: &Source, offset: u32) -> std::ops::Range<u32> {
    source.line_around(offset)
}

fn newline(source: &Source, line_end: u32) -> &'static str {
    let rest = source.text().get(line_end as usize..).unwrap_or_default();
    if rest.starts_with("\r\n") { "\r\n" } else { "\n" }
}

/// `a: {b: value}`
fn flow(path: &[&str], value: &str) -> String {
    format!("{}: {value}{}", path.join(": {"), "}".repeat(path.len().saturating_sub(1)))
}

fn at<'s>(source: &'s Source, offset: u32, text: String) -> Edit<'s> {
    Edit { span: Span { source, start: offset, end: offset }, text }
}

fn is_aliased(node: &Node<'_>) -> bool {
    node.origin().links().any(|link| link.step.kind == StepKind::Alias)
}

/// A scalar without its quotes.
fn bare(text: &str) -> &str {
    let quoted = |q| text.strip_prefix(q).and_then(|t| t.strip_suffix(q));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(text)
}

/// True for a value that was copied from another place, which has it for its own sake.
fn is_moved(node: &Node<'_>) -> bool {
    let copies = |kind| matches!(kind, StepKind::Replacement | StepKind::Var | StepKind::NameReference);
    node.origin().links().any(|link| copies(link.step.kind))
}

fn is_marked(raw: &RawNode) -> bool {
    raw.flags & (RawNode::ANCHORED | RawNode::TAGGED) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, edit: impl for<'s> Fn(&Node<'s>) -> Option<Edit<'s>>) -> Option<String> {
        let source = Source::new("a.yaml".into(), "a.yaml".into(), text.as_bytes().to_vec());
        let id = source.tree().documents.first()?.root?;
        let edit = edit(&Node::Source(SrcNode { source: &source, id }, None))?;
        let mut out = text.to_string();
        out.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        Some(out)
    }

    #[test]
    fn set_replaces_inserts_and_makes_mappings() {
        let set = |text: &str| edited(text, |n| set(n, &["s", "a"], "true"));
        assert_eq!(set("s:\n  a: false # x\n").unwrap(), "s:\n  a: true # x\n");
        assert_eq!(set("s:\n  b: 1\nt: 2\n").unwrap(), "s:\n  b: 1\n  a: true\nt: 2\n");
        assert_eq!(set("t: 2 # two\n").unwrap(), "t: 2 # two\ns:\n  a: true\n");
        assert_eq!(set("t: 2").unwrap(), "t: 2\ns:\n  a: true");
        assert_eq!(set("t: 2\r\nu: 3\r\n").unwrap(), "t: 2\r\nu: 3\r\ns:\r\n  a: true\r\n");
        assert_eq!(set("s: {}\n").unwrap(), "s: {a: true}\n");
        assert_eq!(set("s: {b: 1}\n").unwrap(), "s: {a: true, b: 1}\n");
        assert_eq!(set("{t: 2}\n").unwrap(), "{s: {a: true}, t: 2}\n");
        assert_eq!(set("t: |\n  text # no comment\n\n").unwrap(), "t: |\n  text # no comment\ns:\n  a: true\n\n");
        assert_eq!(set("t: |+\n  text\n"), None);
        assert_eq!(set("s:\nt: 1\n"), None);
        assert_eq!(set("s: &x {b: 1}\n"), None);
        assert_eq!(set("s:\n  a: &x false\n"), None);
    }

    #[test]
    fn set_in_a_list_item_keeps_its_indentation() {
        let out = edited("c:\n- name: x\n  image: y\n- name: z\n", |n| {
            set(&n.get("c")?.items().next()?, &["s", "a"], "[ALL]")
        });
        assert_eq!(out.unwrap(), "c:\n- name: x\n  image: y\n  s:\n    a: [ALL]\n- name: z\n");
    }

    #[test]
    fn remove_takes_what_would_be_left_empty() {
        let remove = |text: &str| edited(text, |n| remove(n, &["s", "a", "type"]));
        assert_eq!(remove("t: 1\ns:\n  a:\n    type: x\nu: 1\n").unwrap(), "t: 1\nu: 1\n");
        assert_eq!(remove("t: 1\ns:\n  b: 2\n  a:\n    type: x # why\n").unwrap(), "t: 1\ns:\n  b: 2\n");
        assert_eq!(remove("t: 1\ns: {b: 2, a: {type: x}}\n").unwrap(), "t: 1\ns: {b: 2}\n");
        assert_eq!(remove("t: 1\ns: {a: {type: x}, b: 2}\n").unwrap(), "t: 1\ns: {b: 2}\n");
        assert_eq!(remove("s:\n  a:\n    type: x\n"), None);
        assert_eq!(remove("t: 1\ns: {b: 2, a: &k {type: x}}\n"), None);
        assert_eq!(remove("t: &t {a: {type: y}}\ns:\n  <<: *t\n  a:\n    type: x\n"), None);
        assert_eq!(remove("t: 1\n\ns: {a: {type: x}}\n").unwrap(), "t: 1\n");
        assert_eq!(remove("t: |+\n  1\n\ns: {a: {type: x}}\n").unwrap(), "t: |+\n  1\n\n");
        let first = edited("- host: a\n  port: 1\n", |n| super::remove(&n.items().next()?, &["host"]));
        assert_eq!(first.unwrap(), "- port: 1\n");
    }

    #[test]
    fn prepend_takes_both_styles() {
        let prepend = |text: &str| edited(text, |n| prepend(&n.get("drop")?, "ALL"));
        assert_eq!(prepend("drop: [A]\n").unwrap(), "drop: [ALL, A]\n");
        assert_eq!(prepend("drop: []\n").unwrap(), "drop: [ALL]\n");
        assert_eq!(prepend("drop:\n-  \n"), None);
        assert_eq!(prepend("drop:\n  - A\n  - B\n").unwrap(), "drop:\n  - ALL\n  - A\n  - B\n");
    }
}
