//! `duplicate-key`: see `rules/duplicate-key.md`.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use crate::finding::Safety;
use crate::rule::{Rule, Sink, SourceCx, SourceRole, edit};
use crate::yaml::{Kind, Node, RawKind, SrcNode};

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
        let mut keys = FxHashSet::default();
        for document in &tree.documents {
            let Some(root) = document.root else { continue };
            let end = tree.nodes.get(root as usize).map_or(root, |n| n.next);
            for id in root..end {
                let node = SrcNode { source, id };
                if node.raw().kind == RawKind::Map && may_repeat(node, &mut keys) {
                    judge(node, sink);
                }
            }
        }
    }
}

/// False for a mapping whose keys certainly differ: nearly all, so this is quick and allocates nothing.
fn may_repeat<'s>(map: SrcNode<'s>, keys: &mut FxHashSet<&'s str>) -> bool {
    const FEW: usize = 8;
    let text = map.source.text();
    if is_sorted(map) {
        return false;
    }
    let mut few = [""; FEW];
    let mut seen = 0_u64;
    keys.clear();
    for (at, (key, _)) in map.pairs().enumerate() {
        let Some(key) = key.raw().bare(text) else { return true };
        // Most keys differ in length or in a character at the end, and need no comparison.
        let (first, last) = (key.bytes().next().unwrap_or(0), key.bytes().next_back().unwrap_or(0));
        let mixed = (key.len() as u32).wrapping_mul(31) ^ u32::from(first).wrapping_mul(7) ^ u32::from(last);
        let bit = 1_u64 << (mixed % 64);
        let is_new = seen & bit == 0;
        seen |= bit;
        match few.get_mut(at) {
            Some(slot) => *slot = key,
            None => {
                if at == FEW {
                    keys.extend(few);
                }
                if !keys.insert(key) {
                    return true;
                }
            }
        }
        if !is_new && at < FEW && few[..at].contains(&key) {
            return true;
        }
    }
    false
}

/// True for a mapping whose keys are in the order of their bytes, as programs write them: then each differs from all others.
fn is_sorted(map: SrcNode<'_>) -> bool {
    let text = map.source.text();
    let mut before: Option<&str> = None;
    map.pairs().all(|(key, _)| {
        let key = key.raw().bare(text);
        key.is_some() && before.replace(key.unwrap_or_default()).is_none_or(|before| Some(before) < key)
    })
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
