//! What a made mapping remembers of the entries that were taken out of it: an origin for what is no longer there.

use super::node::{Kind, Node};
use super::restored::Items;
use crate::source::Span;

/// An entry that a transformation took out of a mapping.
#[derive(Clone)]
pub struct Removed<'s> {
    /// The key.
    pub key: Box<str>,
    /// The value as it was, with what had been removed from it before.
    pub value: Node<'s>,
    /// What removed it: the `path` of a JSON 6902 operation, the key that a patch sets to null, or its `$patch`.
    pub at: Span<'s>,
}

/// What patches took out of one mapping. In a box of its own: nearly all mappings have none.
#[derive(Clone, Default)]
pub(super) struct Removals<'s> {
    /// At most one entry for a key.
    pub(super) entries: Vec<Removed<'s>>,
    /// Lists that are still there and lost items, as they were.
    pub(super) lists: Vec<Removed<'s>>,
}

impl Removals<'_> {
    /// Drops what it has for `key`, which is written again.
    pub(super) fn forget(&mut self, key: &str) {
        self.entries.retain(|removed| &*removed.key != key);
    }
}

impl<'s> Node<'s> {
    /// What was last taken out of this mapping at `key` by a patch. None if the key is there again, never was there, or went for
    /// a reason that no patch asked for.
    pub fn removed(&self, key: &str) -> Option<&Removed<'s>> {
        let Node::Map(map) = self else { return None };
        let found = map.removed.as_ref()?.entries.iter().find(|r| &*r.key == key)?;
        self.get(key).is_none_or(|now| now.is_null()).then_some(found)
    }

    /// Remembers that `value` was at `key` of this mapping until `at` removed it. Does nothing to a node that is no mapping.
    pub fn note_removed(&mut self, key: &str, value: Node<'s>, at: Span<'s>) {
        if let Some(map) = self.map_mut() {
            let removals = map.removed.get_or_insert_default();
            removals.forget(key);
            removals.entries.push(Removed { key: key.into(), value, at });
        }
    }

    /// What the list at `key` of this mapping was before patches took items out of it, newest first. May hold only the items that
    /// went.
    pub fn earlier_lists<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Removed<'s>> {
        let removals = if let Node::Map(map) = self { map.removed.as_deref() } else { None };
        removals.into_iter().flat_map(|r| r.lists.iter().rev()).filter(move |r| &*r.key == key)
    }

    /// Remembers that the list at `key` was `old` until `at` took items out of it. Does nothing to a node that is no mapping.
    pub fn note_list(&mut self, key: &str, old: Node<'s>, at: Span<'s>) {
        if let Some(map) = self.map_mut() {
            map.removed.get_or_insert_default().lists.push(Removed { key: key.into(), value: old, at });
        }
    }

    /// Remembers `emptied`, which went from `key` because all of it had been removed.
    pub fn note_emptied(&mut self, key: &str, emptied: Node<'s>) {
        let Node::Map(map) = &emptied else { return };
        let last = map.removed.as_ref().and_then(|r| r.entries.last()).map(|removed| removed.at);
        if let Some(at) = last {
            self.note_removed(key, emptied, at);
        }
    }

    /// Remembers what `old` had and this mapping, which `at` put in its place, has not; the same for mappings and lists that both have.
    /// Copies only what lost something. Returns whether any did.
    pub fn note_lost(&mut self, old: &Node<'s>, at: Span<'s>) -> bool {
        if self.kind() != Kind::Map {
            return false;
        }
        let mut any = false;
        for (key, value) in old.entries().filter(|(_, value)| !value.is_null()) {
            let Some(key) = key.text() else { continue };
            match self.get(&key) {
                None => {
                    self.note_removed(&key, value, at);
                    any = true;
                }
                Some(now) if now.is_seq() && value.is_seq() => any |= self.note_lost_items(&key, now, &value, at),
                Some(mut now) => {
                    if now.note_lost(&value, at)
                        && let Some(slot) = self.get_mut(&key)
                    {
                        *slot = now;
                        any = true;
                    }
                }
            }
        }
        any
    }

    /// [`Node::note_lost`] for the list at a key: what it was if it lost items, and what those that are still there lost.
    fn note_lost_items(&mut self, key: &str, mut now: Node<'s>, old: &Node<'s>, at: Span<'s>) -> bool {
        let mut changed = Vec::new();
        let mut lost = false;
        let items = Items::of(&now);
        for item in old.items() {
            match items.find(&item) {
                None => lost = true,
                Some((nth, new)) => {
                    let mut new = new.clone();
                    if new.note_lost(&item, at) {
                        changed.push((nth, new));
                    }
                }
            }
        }
        let any = lost || !changed.is_empty();
        if !changed.is_empty()
            && let Some(seq) = now.seq_mut()
        {
            for (nth, item) in changed {
                if let Some(slot) = seq.items.get_mut(nth) {
                    *slot = item;
                }
            }
            if let Some(slot) = self.get_mut(key) {
                *slot = now;
            }
        }
        if lost {
            self.note_list(key, old.clone(), at);
        }
        any
    }

    /// This mapping, remembering what was removed from `old`, which it is made from.
    pub fn with_removed_of(mut self, old: &Node<'s>) -> Self {
        if let Node::Map(old) = old
            && old.removed.is_some()
            && let Some(map) = self.map_mut()
        {
            map.removed.clone_from(&old.removed);
        }
        self
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::source::Source;
    use crate::yaml::{Origin, SrcNode};

    pub(in crate::yaml) fn source(text: &str) -> Source {
        Source::new("f.yaml".into(), "f.yaml".into(), text.as_bytes().to_vec())
    }

    pub(in crate::yaml) fn root(source: &Source) -> Node<'_> {
        Node::Source(SrcNode { source, id: source.tree().documents[0].root.unwrap() }, None)
    }

    #[test]
    fn a_removed_key_is_remembered_until_it_is_written_again() {
        let (base, patch) = (source("a: {b: 1}\nc: 2\n"), source("a"));
        let at = patch.span(0..1);
        let mut node = root(&base);
        assert!(node.removed("a").is_none());
        let value = node.remove("a").unwrap();
        assert!(node.removed("a").is_none(), "nobody asked for it");
        node.note_removed("a", value, at);
        let removed = node.removed("a").unwrap();
        assert_eq!((removed.at, removed.value.len()), (at, 1));
        let copy = node.clone();
        node.set(Node::string("a", Origin::default()), Node::plain("3", Origin::default()));
        assert!(node.removed("a").is_none());
        node.remove("a");
        assert!(node.removed("a").is_none(), "it was another value");
        assert!(copy.removed("a").is_some());
    }

    #[test]
    fn what_was_emptied_and_what_lists_were_is_remembered() {
        let (base, patch) = (source("a: {b: 1}\nc: [1, 2]\n"), source("a"));
        let at = patch.span(0..1);
        let mut node = root(&base);
        let mut a = node.get("a").unwrap();
        let b = a.remove("b").unwrap();
        a.note_removed("b", b, at);
        node.remove("a");
        node.note_emptied("a", a);
        assert!(node.removed("a").unwrap().value.removed("b").unwrap().value.has_text("1"));
        let list = node.get("c").unwrap();
        node.note_list("c", list, at);
        assert_eq!(node.earlier_lists("c").map(|l| l.value.len()).collect::<Vec<_>>(), [2]);
        assert_eq!((node.earlier_lists("a").count(), node.removed("c").is_none()), (0, true));
    }

    #[test]
    fn a_mapping_in_the_place_of_another_remembers_what_it_lost() {
        let (base, patch) = (source("{a: {b: 1, c: 2}, d: 3, e: ~, f: {g: 4}}"), source("{a: {b: 5}, f: {g: 6}}"));
        let at = patch.span(1..2);
        let mut node = root(&patch);
        assert!(node.note_lost(&root(&base), at));
        assert!(node.removed("d").is_some() && node.removed("a").is_none() && node.removed("e").is_none());
        assert!(node.get("a").unwrap().removed("c").is_some());
        assert!(matches!(node.get("f"), Some(Node::Source(..))), "what lost nothing stays in its file");
    }
}
