//! Edits of patches that are written in a kustomization: one that writes nothing else goes with the value that it writes.

use super::{end_of_last_line, line_of, newline, remove_pair};
use crate::finding::Edit;
use crate::source::{Source, Span};
use crate::yaml::{Node, RawKind, SrcNode, Style};

/// The fields of a kustomization that hold strategic merge patches as text.
const FIELDS: [&str; 2] = ["patches", "patchesStrategicMerge"];

/// Removes the entry of the patch that writes this scalar under this key, if that is all that it writes: what is left of it would change
/// nothing. None for JSON patches, for patches in files of their own, and for those that write more.
pub(super) fn remove_entry<'s>(key: &Node<'s>, value: &Node<'s>) -> Option<Edit<'s>> {
    let (named, at) = (key.origin().span?, value.origin().span?);
    let source = at.source;
    let [document] = &source.tree().documents[..] else { return None };
    if !std::ptr::eq(named.source, source) || !value.is_scalar() {
        return None;
    }
    let root = SrcNode { source, id: document.root? };
    let held = |node: &SrcNode<'s>| node.span().contains(at) && node.span().contains(named);
    let (field, list) = root
        .pairs()
        .find(|(name, list)| FIELDS.contains(&&*name.text()) && list.raw().kind == RawKind::Seq && held(list))?;
    let item = list.children().find(held)?;
    let text = if item.raw().kind == RawKind::Map { item.find("patch")?.1.text() } else { item.text() };
    if !writes_only(&text, &key.text()?) {
        return None;
    }
    if list.children().count() == 1 { remove_pair(field, list) } else { remove_item(list, item) }
}

/// True for an object that has nothing but who it is and one scalar of this key.
fn writes_only(patch: &str, key: &str) -> bool {
    let source = Source::new("patch".into(), "patch".into(), patch.as_bytes().to_vec());
    let [document] = &source.tree().documents[..] else { return false };
    let Some(id) = document.root.filter(|_| source.tree().first_problem().is_none()) else { return false };
    let root = Node::Source(SrcNode { source: &source, id }, None);
    let mut written = Vec::new();
    if root.is_map() {
        for (name, value) in root.entries() {
            if name.has_text("metadata") && value.is_map() {
                let own = value.entries().filter(|(name, _)| !name.has_text("name") && !name.has_text("namespace"));
                own.for_each(|(name, value)| leaves(&name, &value, &mut written));
            } else if !name.has_text("apiVersion") && !name.has_text("kind") {
                leaves(&name, &value, &mut written);
            }
        }
    }
    matches!(&written[..], [only] if only == key)
}

/// The keys of what is at and below a value, without the names of list items.
fn leaves(key: &Node<'_>, value: &Node<'_>, out: &mut Vec<String>) {
    if value.is_empty() {
        out.push(key.text().unwrap_or_default().into_owned());
    }
    value.entries().for_each(|(key, value)| leaves(&key, &value, out));
    for item in value.items() {
        let named = item.get("name").is_some();
        if !item.is_map() {
            out.push(key.text().unwrap_or_default().into_owned());
        }
        let entries = item.entries().filter(|(key, _)| !named || !key.has_text("name"));
        entries.for_each(|(key, value)| leaves(&key, &value, out));
    }
}

/// Removes the lines of an item of a block sequence.
fn remove_item<'s>(list: SrcNode<'s>, item: SrcNode<'s>) -> Option<Edit<'s>> {
    let source = item.source;
    let start = line_of(source, item.raw().start).start;
    let before = source.text().get(start as usize..item.raw().start as usize)?;
    if list.raw().style == Style::Flow || before.trim() != "-" {
        return None;
    }
    let end = end_of_last_line(item)?;
    let end = (end + newline(source, end).len() as u32).min(source.text().len() as u32);
    Some(Edit { span: Span { source, start: super::blank_end(source, start, end), end }, text: String::new() })
}
