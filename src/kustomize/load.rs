//! Reads the objects of a resource file or a patch (upstream `kyaml/kio`, `api/resource/factory.go`).

use std::convert::Infallible;

use super::embed;
use super::error::{Error, ErrorKind, Result};
use super::jsonpatch::unblocked;
use super::update::{update_items, update_key};
use crate::source::{Source, Span};
use crate::yaml::{Node, Style, SyntaxError, documents};

/// The objects of a file, in order, lists unwrapped.
pub(super) fn objects<'s>(source: &'s Source) -> Result<'s, Vec<Node<'s>>> {
    if let Some(bad) = source.tree().first_problem() {
        return Err(syntax(source, bad));
    }
    if let Some(directive) = directives(source).next() {
        let message =
            "kustomize cannot read a file of objects or patches that starts with a `%` directive; leave it out";
        return Err(Error::new(ErrorKind::Syntax, Some(directive), message));
    }
    let documents: Vec<Node<'s>> = documents(source).into_iter().map(|d| d.node).collect();
    let count = source.tree().documents.len();
    from_documents(documents, count, Some(source.span(0..0)), source.text())
}

/// The `%` directives at the start of a file.
pub(super) fn directives(source: &Source) -> impl Iterator<Item = Span<'_>> {
    let text = source.text();
    let lines = text.split_inclusive('\n').scan(0, |next, line| {
        let start = *next;
        *next += line.len();
        Some((start, line.trim_end()))
    });
    let head = lines.take_while(|(_, line)| line.is_empty() || line.starts_with(['#', '%']));
    head.filter(|(_, line)| line.starts_with('%'))
        .map(|(start, line)| source.span(start as u32..(start + line.len()) as u32))
}

/// The error for what is not YAML.
pub(super) fn syntax<'s>(source: &'s Source, bad: &SyntaxError) -> Box<Error<'s>> {
    let span = source.span(bad.start..bad.end);
    Error::new(ErrorKind::Syntax, Some(span), format!("this is not YAML: {}", bad.message))
}

/// The objects of an inline stream, in order, lists unwrapped.
pub(super) fn inline_objects<'s>(scalar: &Node<'s>) -> Result<'s, Vec<Node<'s>>> {
    embedded_objects(embed::parse(scalar), scalar)
}

/// The objects of an inline patch, as [`inline_objects`].
pub(super) fn inline_patch<'s>(scalar: &Node<'s>) -> Result<'s, Vec<Node<'s>>> {
    embedded_objects(embed::parse_trimmed(scalar), scalar)
}

fn embedded_objects<'s>(embedded: embed::Embedded<'s>, scalar: &Node<'s>) -> Result<'s, Vec<Node<'s>>> {
    if let Some((message, span)) = embedded.error {
        return Err(Error::new(ErrorKind::Syntax, span, format!("this is not YAML: {message}")));
    }
    from_documents(embedded.roots, embedded.count, scalar.span(), &scalar.text().unwrap_or_default())
}

/// The objects of the documents of the stream `text`, that has `count` of them in all. `whole` is where to point for what has no
/// place of its own.
fn from_documents<'s>(
    documents: Vec<Node<'s>>,
    count: usize,
    whole: Option<Span<'s>>,
    text: &str,
) -> Result<'s, Vec<Node<'s>>> {
    let may_have_quoted_merges = memchr::memmem::find(text.as_bytes(), b"<<").is_some();
    let mut nodes = Vec::new();
    for mut document in documents {
        if may_have_quoted_merges {
            drop_merge_keys(&mut document);
        }
        let kind = document.get("kind").and_then(|k| k.text()).unwrap_or_default();
        match document.get("items") {
            Some(items) if count == 1 && (kind == "List" || kind == "ResourceList") => nodes.extend(items.items()),
            _ => nodes.push(document),
        }
    }
    let nodes = checked(nodes, whole)?;
    unwrap_lists(nodes, whole)
}

/// Upstream drops `<<` in quotes with its value, wherever it is a key (`kyaml/yaml/rnode.go`, `removeMergeTags`). Without quotes it is
/// a merge, which is done before. True if there was one.
fn drop_merge_keys(node: &mut Node<'_>) -> bool {
    let is_merge = |key: &Node<'_>| key.has_text("<<");
    let mut changed = node.entries().any(|(key, _)| is_merge(&key));
    if changed && let Some(map) = node.map_mut() {
        map.entries.retain(|(key, _)| !is_merge(key));
    }
    changed |= update_children(node, drop_merge_keys);
    changed
}

/// Runs `change` on every value and item directly below. True if one was changed.
fn update_children<'s>(node: &mut Node<'s>, change: impl Fn(&mut Node<'s>) -> bool) -> bool {
    let below = |child: &mut Node<'s>| Ok::<bool, Infallible>(change(child));
    let keys: Vec<String> = node.entries().filter_map(|(key, _)| Some(key.text()?.into_owned())).collect();
    let mut changed = false;
    for key in keys {
        changed |= update_key(node, &key, below).unwrap_or_default();
    }
    changed | update_items(node, below).unwrap_or_default()
}

/// Other lists: their items go behind all other objects of the file.
fn unwrap_lists<'s>(nodes: Vec<Node<'s>>, whole: Option<Span<'s>>) -> Result<'s, Vec<Node<'s>>> {
    let mut queue = std::collections::VecDeque::from(nodes);
    let mut out = Vec::new();
    while let Some(node) = queue.pop_front() {
        let kind = node.get("kind").and_then(|k| k.text()).unwrap_or_default().into_owned();
        match node.get("items") {
            Some(items) if kind.ends_with("List") => {
                if items.is_null() {
                    continue;
                }
                if !items.is_seq() {
                    let message = format!("`items` of a {kind} must be a list");
                    return Err(Error::new(ErrorKind::Invalid, items.span(), message));
                }
                let mut inner = checked(items.items().collect(), whole)?;
                for item in &mut inner {
                    unblock(item);
                }
                queue.extend(inner);
            }
            _ => out.push(node),
        }
    }
    Ok(out)
}

/// The items of such a list were JSON before they are written for the first time. True if that changes one.
fn unblock(node: &mut Node<'_>) -> bool {
    if node.is_scalar() {
        let is_block = matches!(node.style(), Style::Literal | Style::Folded);
        if is_block {
            *node = unblocked(node.clone());
        }
        return is_block;
    }
    update_children(node, unblock)
}

/// Leaves out empty nodes; refuses what is no object.
fn checked<'s>(nodes: Vec<Node<'s>>, whole: Option<Span<'s>>) -> Result<'s, Vec<Node<'s>>> {
    let mut out = Vec::new();
    for node in nodes {
        if node.is_null() || (!node.is_scalar() && node.is_empty()) {
            continue;
        }
        let fail = |message: &str| Err(Error::new(ErrorKind::Invalid, node.span().or(whole), message));
        if !node.is_map() {
            return fail("this is no object: it must be a mapping");
        }
        let given = |n: Option<Node<'s>>| n.filter(|n| n.as_str().is_some_and(|t| !t.is_empty()));
        let Some(kind) = given(node.get("kind")) else { return fail("this is no object: `kind` is missing") };
        let list = kind.text().is_some_and(|k| k.ends_with("List"));
        if !list && given(node.path(&["metadata", "name"])).is_none() {
            return fail("this object has no `metadata.name`");
        }
        out.push(node);
    }
    Ok(out)
}
