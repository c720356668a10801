//! Collections with some of their values changed, and the others as they are: nothing is copied where nothing changes.

use super::node::{Map, Node, Seq};

/// The mapping with the values that `change` gives for those that are there; none if it changes none.
pub(super) fn values<'s>(map: &Map<'s>, change: impl Fn(&Node<'s>) -> Option<Node<'s>>) -> Option<Map<'s>> {
    let mut made: Option<Map<'s>> = None;
    for (at, (_, value)) in map.entries.iter().enumerate() {
        if let Some(value) = change(value)
            && let Some(slot) = made.get_or_insert_with(|| map.clone()).entries.get_mut(at)
        {
            slot.1 = value;
        }
    }
    made
}

/// As [`values`], for the items of a sequence.
pub(super) fn items<'s>(seq: &Seq<'s>, change: impl Fn(&Node<'s>) -> Option<Node<'s>>) -> Option<Seq<'s>> {
    let mut made: Option<Seq<'s>> = None;
    for (at, item) in seq.items.iter().enumerate() {
        if let Some(item) = change(item)
            && let Some(slot) = made.get_or_insert_with(|| seq.clone()).items.get_mut(at)
        {
            *slot = item;
        }
    }
    made
}
