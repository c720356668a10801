//! `duplicate-key`: see `rules/duplicate-key.md`.

use std::ops::Range;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::secret::lines::range_in;
use crate::finding::Safety;
use crate::rule::{Rule, Sink, SourceCx, SourceRole, edit};
use crate::yaml::{Kind, Node, NodeId, RawKind, RawNode, SrcNode, Style};

/// Reports keys that a mapping has twice.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DuplicateKey {}

impl Rule for DuplicateKey {
    fn source<'a, 's>(&self, cx: &SourceCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if cx.role == SourceRole::GeneratorInput {
            return;
        }
        // The file as written: reading it through aliases would show what is written once in several places.
        let source = cx.source;
        let tree = source.tree();
        let mut keys = Vec::new();
        for document in &tree.documents {
            let Some(root) = document.root else { continue };
            let (from, to) = (root as usize, tree.nodes.get(root as usize).map_or(root, |n| n.next) as usize);
            for (at, node) in tree.nodes.get(from..to).unwrap_or_default().iter().enumerate() {
                if node.kind == RawKind::Map && may_repeat(&tree.nodes, source.text(), from + at, &mut keys) {
                    judge(SrcNode { source, id: (from + at) as NodeId }, sink);
                }
            }
        }
    }
}

/// False for a mapping whose keys certainly differ: nearly all, so this is quick. `keys` is room to work in.
fn may_repeat(nodes: &[RawNode], text: &str, map: usize, keys: &mut Vec<Key>) -> bool {
    if is_sorted(nodes, text, map) {
        return false;
    }
    keys.clear();
    for key in keys_of(nodes, map) {
        let Some(key) = bytes_of(key, text) else { return true };
        keys.push(Key::new(text, key));
    }
    if keys.len() > 16 {
        keys.sort_unstable();
        return keys.windows(2).any(|pair| pair[0] == pair[1]);
    }
    keys.iter().enumerate().any(|(at, key)| keys[..at].contains(key))
}

/// True for a mapping whose keys are in the order of their first bytes, as programs write them: then each differs from all others.
fn is_sorted(nodes: &[RawNode], text: &str, map: usize) -> bool {
    let mut before = None;
    keys_of(nodes, map).all(|key| {
        let first = bytes_of(key, text).map(|bytes| first_eight(text, bytes));
        first.is_some() && before.replace(first) < Some(first)
    })
}

/// The keys of a mapping.
fn keys_of(nodes: &[RawNode], map: usize) -> impl Iterator<Item = &RawNode> {
    let end = nodes.get(map).map_or(0, |node| node.next as usize);
    let mut at = map + 1;
    std::iter::from_fn(move || {
        let key = nodes.get(at).filter(|_| at < end)?;
        at = nodes.get(key.next as usize).map_or(end, |value| value.next as usize);
        Some(key)
    })
}

/// The bytes of a key in the text; none for one that must be decoded.
#[inline]
fn bytes_of(key: &RawNode, text: &str) -> Option<Range<usize>> {
    let as_it_is = key.kind == RawKind::Scalar && key.flags & (RawNode::COOKED | RawNode::ENCODED) == 0;
    if as_it_is && key.style == Style::Plain {
        return Some(key.start as usize..key.end as usize);
    }
    key.bare(text).map(|bare| range_in(bare, text))
}

/// The first bytes of a key as a number: of two that differ in them, the number of the greater one is greater. A short key is filled up
/// with zeros.
#[inline]
fn first_eight(text: &str, key: Range<usize>) -> u64 {
    let bytes = text.as_bytes();
    // Taken from the text in one piece; only at its very end may that be too long.
    match bytes.get(key.start..).and_then(|rest| rest.first_chunk()) {
        Some(first) if key.len() >= 8 => u64::from_be_bytes(*first),
        Some(first) => u64::from_be_bytes(*first) & !(u64::MAX >> (8 * key.len())),
        None => {
            bytes.get(key).unwrap_or_default().iter().zip((0..8).rev()).map(|(b, at)| u64::from(*b) << (8 * at)).sum()
        }
    }
}

/// What tells nearly all keys apart: how they start and end, and their length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    first: u64,
    last: u64,
    len: usize,
}

impl Key {
    fn new(text: &str, key: Range<usize>) -> Self {
        let bytes = text.as_bytes().get(key.clone()).unwrap_or_default();
        let last = bytes.last_chunk().map_or(0, |last| u64::from_be_bytes(*last));
        Key { first: first_eight(text, key), last, len: bytes.len() }
    }
}

fn judge<'s>(map: SrcNode<'s>, sink: &mut Sink<'_, 's>) {
    let mut first: FxHashMap<std::borrow::Cow<'s, str>, (SrcNode<'s>, SrcNode<'s>)> = FxHashMap::default();
    for (key, value) in map.pairs().filter(|(key, _)| key.raw().kind == RawKind::Scalar) {
        let text = key.text();
        // Several merge keys in a mapping are a way to merge several mappings.
        if text == "<<" {
            continue;
        }
        let Some((first_key, first_value)) = first.get(&text).copied() else {
            first.insert(text, (key, value));
            continue;
        };
        let whole = Node::Source(map, None);
        let is_last = whole.entry(&text).is_some_and(|(k, _)| matches!(k, Node::Source(k, _) if k.id == key.id));
        let same = equal(&Node::Source(first_value, None), &Node::Source(value, None));
        let fix = if same && is_last { edit::remove(&whole, &[&text]) } else { None };
        sink.at(&Node::Source(key, None), format!("key `{text}` occurs twice in this mapping"))
            .related(&Node::Source(first_key, None), "it is here first")
            .help("some readers take the last value, others refuse the file: keep one")
            .offer(Safety::Safe, format!("remove the second `{text}`: it says the same"), fix);
    }
}

/// True if both say the same.
fn equal(a: &Node<'_>, b: &Node<'_>) -> bool {
    if a.kind() != b.kind() || a.len() != b.len() || a.tag() != b.tag() {
        return false;
    }
    match a.kind() {
        Kind::Scalar => {
            let alias = |n: &Node<'_>| matches!(n, Node::Source(src, _) if src.raw().kind == RawKind::Alias);
            let plain = |n: &Node<'_>| n.style() == crate::yaml::Style::Plain;
            !alias(a) && !alias(b) && plain(a) == plain(b) && a.text() == b.text()
        }
        Kind::Seq => a.items().zip(b.items()).all(|(a, b)| equal(&a, &b)),
        Kind::Map => a.entries().zip(b.entries()).all(|((ka, va), (kb, vb))| equal(&ka, &kb) && equal(&va, &vb)),
    }
}
