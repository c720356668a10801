//! A node as it would be without what patches took out of it: the other side of [`Removed`], for those who ask what a removal did.

use std::hash::BuildHasher;
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::changed;
use super::node::{Kind, Map, Node};
use super::removed::Removed;
use crate::source::Span;

/// A place in a patch that took something out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss<'s> {
    /// The place: [`Removed::at`].
    pub at: Span<'s>,
    /// What it took out, in words for a message: `` `livenessProbe` ``; empty if that was several things.
    pub what: String,
}

impl<'s> Node<'s> {
    /// Adds the places that took something out of this node or out of what is in it, each once, in the order of the node. What stands in
    /// a file as it was written lost nothing, and is not looked at.
    pub fn losses(&self, out: &mut Vec<Loss<'s>>) {
        match self {
            Node::Map(map) => {
                for removed in self.lost_entries(map) {
                    add(out, removed.at, || format!("`{}`", removed.key));
                }
                for (removed, lost) in self.lost_items(map, &|_| true) {
                    for (_, item) in lost {
                        add(out, removed.at, || match title(&item) {
                            Some(title) => format!("`{title}` of `{}`", removed.key),
                            None => format!("an item of `{}`", removed.key),
                        });
                    }
                }
                map.entries.iter().for_each(|(_, value)| value.losses(out));
            }
            Node::Seq(seq) => seq.items.iter().for_each(|item| item.losses(out)),
            Node::Source(..) | Node::Scalar(_) => {}
        }
    }

    /// The node as it would be if the places that `undone` names had taken nothing out; none if that changes nothing.
    pub fn restored(&self, undone: &dyn Fn(Span<'s>) -> bool) -> Option<Node<'s>> {
        match self {
            Node::Map(map) => {
                let made = changed::values(map, |value| value.restored(undone));
                let mut node = made.map(|made| Node::Map(Arc::new(made)));
                for removed in self.lost_entries(map).filter(|removed| undone(removed.at)) {
                    let value = removed.value.restored(undone).unwrap_or_else(|| removed.value.clone());
                    let key = Node::string(&*removed.key, removed.value.origin());
                    node.get_or_insert_with(|| self.clone()).set(key, value);
                }
                for (removed, lost) in self.lost_items(map, undone) {
                    let list = node.get_or_insert_with(|| self.clone()).get_mut(&removed.key);
                    if let Some(seq) = list.and_then(Node::seq_mut) {
                        // Where it was in the earlier list, as far as that can be told.
                        lost.into_iter().for_each(|(at, item)| seq.items.insert(at.min(seq.items.len()), item));
                    }
                }
                node
            }
            Node::Seq(seq) => changed::items(seq, |item| item.restored(undone)).map(|made| Node::Seq(Arc::new(made))),
            Node::Source(..) | Node::Scalar(_) => None,
        }
    }

    fn lost_entries<'a>(&'a self, map: &'a Map<'s>) -> impl Iterator<Item = &'a Removed<'s>> {
        let entries = map.removed.iter().flat_map(|r| &r.entries);
        entries.filter(|removed| self.removed(&removed.key).is_some())
    }

    /// The items of earlier lists that are not in the lists that are there now, with their places; no list that lost none.
    fn lost_items<'a>(
        &self,
        map: &'a Map<'s>,
        undone: &dyn Fn(Span<'s>) -> bool,
    ) -> Vec<(&'a Removed<'s>, Vec<(usize, Node<'s>)>)> {
        let mut known: FxHashMap<&str, Items<'s>> = FxHashMap::default();
        let mut out = Vec::new();
        for removed in map.removed.iter().flat_map(|r| &r.lists).filter(|removed| undone(removed.at)) {
            let Some(now) = self.get(&removed.key).filter(Node::is_seq) else { continue };
            let now = known.entry(&removed.key).or_insert_with(|| Items::of(&now));
            let lost: Vec<_> = removed.value.items().enumerate().filter(|(_, old)| now.find(old).is_none()).collect();
            if !lost.is_empty() {
                out.push((removed, lost));
            }
        }
        out
    }
}

fn add<'s>(out: &mut Vec<Loss<'s>>, at: Span<'s>, what: impl Fn() -> String) {
    match out.iter_mut().find(|loss| loss.at == at) {
        Some(known) => {
            if known.what != what() {
                known.what.clear();
            }
        }
        None => out.push(Loss { at, what: what() }),
    }
}

/// How an item of a list is called.
fn title<'s>(item: &Node<'s>) -> Option<std::borrow::Cow<'s, str>> {
    if item.is_scalar() { item.text() } else { item.get("name").and_then(|name| name.as_str()) }
}

/// The items of a list, to look for others among them: lists of thousands are changed too.
pub(super) struct Items<'s> {
    all: Vec<Node<'s>>,
    by_digest: FxHashMap<u64, Vec<usize>>,
}

impl<'s> Items<'s> {
    pub(super) fn of(list: &Node<'s>) -> Self {
        let all: Vec<Node<'s>> = list.items().collect();
        let mut by_digest: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
        for (at, item) in all.iter().enumerate() {
            by_digest.entry(digest(item)).or_default().push(at);
        }
        Items { all, by_digest }
    }

    /// The first item that is the same as another, with its place.
    pub(super) fn find(&self, other: &Node<'s>) -> Option<(usize, &Node<'s>)> {
        let places = self.by_digest.get(&digest(other))?;
        places.iter().filter_map(|at| Some((*at, self.all.get(*at)?))).find(|(_, item)| is_same(item, other))
    }
}

/// A number that is the same for items that are.
fn digest(item: &Node<'_>) -> u64 {
    item.get("name").filter(Node::is_scalar).map_or_else(|| content(item), |name| content(&name))
}

fn content(node: &Node<'_>) -> u64 {
    let hash = FxBuildHasher;
    match node.kind() {
        Kind::Scalar => hash.hash_one(node.text()),
        Kind::Seq => node.items().fold(1, |all, item| hash.hash_one((all, content(&item)))),
        Kind::Map => {
            let entries = node.entries().map(|(key, value)| hash.hash_one((key.text(), content(&value))));
            entries.fold(2, u64::wrapping_add)
        }
    }
}

/// True for items of the same name, and for nameless ones that are equal.
fn is_same(a: &Node<'_>, b: &Node<'_>) -> bool {
    match (a.get("name"), b.get("name")) {
        (Some(a), Some(b)) if a.is_scalar() && b.is_scalar() => a.text() == b.text(),
        _ => is_equal(a, b),
    }
}

fn is_equal(a: &Node<'_>, b: &Node<'_>) -> bool {
    match (a.kind(), b.kind()) {
        (Kind::Scalar, Kind::Scalar) => a.text() == b.text(),
        (Kind::Seq, Kind::Seq) => a.len() == b.len() && a.items().zip(b.items()).all(|(a, b)| is_equal(&a, &b)),
        (Kind::Map, Kind::Map) => {
            let has = |(key, value): (Node<'_>, Node<'_>)| {
                key.text().and_then(|key| b.get(&key)).is_some_and(|other| is_equal(&value, &other))
            };
            a.len() == b.len() && a.entries().all(has)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::yaml::removed::tests::{root, source};

    #[test]
    fn what_was_taken_out_is_named_and_can_be_put_back() {
        let (base, patch) = (source("{a: {b: 1}, c: [{name: x}, {name: y}, {name: z}]}"), source("ab"));
        let (first, second) = (patch.span(0..1), patch.span(1..2));
        let mut node = root(&base);
        let a = node.remove("a").unwrap();
        node.note_removed("a", a, first);
        let before = node.get("c").unwrap();
        node.get_mut("c").unwrap().seq_mut().unwrap().items.remove(1);
        node.note_list("c", before, second);
        let mut losses = Vec::new();
        node.losses(&mut losses);
        let named: Vec<_> = losses.iter().map(|l| (l.at, l.what.as_str())).collect();
        assert_eq!(named, [(first, "`a`"), (second, "`y` of `c`")]);
        assert!(node.restored(&|_| false).is_none());
        let whole = node.restored(&|_| true).unwrap();
        assert_eq!(format!("{whole:?}"), r#"{"c": [{"name": "x"}, {"name": "y"}, {"name": "z"}], "a": {"b": "1"}}"#);
        let one = node.restored(&|at| at == first).unwrap();
        assert_eq!((one.len(), one.get("c").unwrap().len()), (2, 2));
        assert!(root(&base).restored(&|_| true).is_none());
    }
}
