//! Edits that write a deprecated field anew. None where the text has a form that they cannot be sure of.

use crate::finding::Edit;
use crate::source::Source;
use crate::yaml::{Node, RawKind, SrcNode, Style};

/// Gives the key another name, if no key has that name.
pub(super) fn rename<'s>(root: &Node<'s>, key: &Node<'s>, new: &str) -> Option<Vec<Edit<'s>>> {
    if has(root, new) {
        return None;
    }
    Some(vec![replaced(source_node(key)?, new)?])
}

/// Renames a list, or puts its items behind those of the list that has the name.
pub(super) fn move_items<'s>(root: &Node<'s>, key: &Node<'s>, value: &Node<'s>, new: &str) -> Option<Vec<Edit<'s>>> {
    let Some(list) = root.get(new) else { return rename(root, key, new) };
    let (key, value, list) = (source_node(key)?, source_node(value)?, source_node(&list)?);
    let source = key.source;
    let (items, others) = (items_on_lines(value)?, items_on_lines(list)?);
    let last = others.last()?;
    let line = line_of(source, last.raw().start);
    let prefix = source.text().get(line.start as usize..last.raw().start as usize)?;
    let newline = newline(source);
    let mut text = String::new();
    for item in &items {
        text.push_str(newline);
        text.push_str(prefix);
        text.push_str(item.span().text());
    }
    let from = line_of(source, key.raw().start).start;
    let end = line_of(source, items.last()?.raw().start).end;
    let removed = source.text().get(from as usize..end as usize)?;
    if removed.contains('#') || removed.lines().count() != items.len() + 1 {
        return None;
    }
    let to = if source.text().get(end as usize..)?.starts_with(newline) { end + newline.len() as u32 } else { end };
    Some(vec![
        Edit { span: source.span(line.end..line.end), text },
        Edit { span: source.span(from..to), text: String::new() },
    ])
}

/// `commonLabels` as an entry of `labels`.
pub(super) fn common_labels<'s>(root: &Node<'s>, key: &Node<'s>, value: &Node<'s>) -> Option<Vec<Edit<'s>>> {
    if has(root, "labels") {
        return None;
    }
    let (key, value) = (source_node(key)?, source_node(value)?);
    let source = key.source;
    let newline = newline(source);
    let mut edits = vec![replaced(key, &format!("labels:{newline}- includeSelectors: true{newline}  pairs"))?];
    if value.raw().kind != RawKind::Map || value.raw().start == value.raw().end {
        return None;
    }
    if value.raw().style == Style::Flow {
        return one_line(value).then_some(edits);
    }
    for (key, text) in value.pairs() {
        if !one_line(text) || source.line_col(key.raw().start).line != source.line_col(text.raw().start).line {
            return None;
        }
        let line = line_of(source, key.raw().start);
        let before = source.text().get(line.start as usize..key.raw().start as usize)?;
        if !before.bytes().all(|b| b == b' ') {
            return None;
        }
        edits.push(Edit { span: source.span(line.start..line.start), text: "  ".into() });
    }
    Some(edits)
}

/// `patchesStrategicMerge` with paths as `patches`.
pub(super) fn patches<'s>(root: &Node<'s>, key: &Node<'s>, value: &Node<'s>) -> Option<Vec<Edit<'s>>> {
    let mut edits = rename(root, key, "patches")?;
    for item in items_on_lines(source_node(value)?)? {
        if !matches!(item.raw().style, Style::Plain | Style::SingleQuoted | Style::DoubleQuoted) {
            return None;
        }
        let start = item.raw().start;
        edits.push(Edit { span: item.source.span(start..start), text: "path: ".into() });
    }
    Some(edits)
}

/// `env: file` of a generator as `envs: [file]`.
pub(super) fn env<'s>(generator: &Node<'s>, key: &Node<'s>, value: &Node<'s>) -> Option<Vec<Edit<'s>>> {
    if has(generator, "envs") {
        return None;
    }
    let value = source_node(value)?;
    let text = value.span().text();
    if !one_line(value) || text.contains([',', '[', ']', '{', '}']) {
        return None;
    }
    Some(vec![replaced(source_node(key)?, "envs")?, Edit { span: value.span(), text: format!("[{text}]") }])
}

fn has(map: &Node<'_>, name: &str) -> bool {
    map.entries().any(|(key, _)| key.text().is_some_and(|k| k.eq_ignore_ascii_case(name)))
}

/// The node as it stands in its file; none if an alias brought it.
fn source_node<'s>(node: &Node<'s>) -> Option<SrcNode<'s>> {
    match node {
        Node::Source(src, None) => Some(*src),
        _ => None,
    }
}

/// Another text for a plain key at the start of its line, or behind a dash.
fn replaced<'s>(key: SrcNode<'s>, text: &str) -> Option<Edit<'s>> {
    let line = line_of(key.source, key.raw().start);
    let before = key.source.text().get(line.start as usize..key.raw().start as usize)?;
    let block = before.trim_start_matches('\u{feff}').bytes().all(|b| matches!(b, b' ' | b'-'));
    (block && key.raw().style == Style::Plain).then(|| Edit { span: key.span(), text: text.to_string() })
}

/// The items of a block sequence, each on a line of its own.
fn items_on_lines<'s>(seq: SrcNode<'s>) -> Option<Vec<SrcNode<'s>>> {
    let block = seq.raw().kind == RawKind::Seq && seq.raw().style != Style::Flow;
    let items: Vec<SrcNode<'s>> = seq.children().collect();
    let plain = |item: &SrcNode<'s>| {
        let line = line_of(item.source, item.raw().start);
        let before = item.source.text().get(line.start as usize..item.raw().start as usize);
        let dash = before.is_some_and(|b| b.trim_start().starts_with('-') && b.trim_matches([' ', '-']).is_empty());
        item.raw().kind == RawKind::Scalar && one_line(*item) && dash
    };
    (block && !items.is_empty() && items.iter().all(plain)).then_some(items)
}

fn one_line(node: SrcNode<'_>) -> bool {
    !node.span().text().contains(['\n', '\r'])
}

fn line_of(source: &Source, offset: u32) -> std::ops::Range<u32> {
    source.line_around(offset)
}

fn newline(source: &Source) -> &'static str {
    if source.text().contains("\r\n") { "\r\n" } else { "\n" }
}
