//! Writing into a part of a node without copying what stays as it is.
//!
//! A base is shared by all overlays that use it. [`update_key`] and [`update_item`] therefore take a mapping or sequence out
//! of its source, or unshare it, only if the closure reports a change.

use std::sync::Arc;

use crate::yaml::Node;

/// Runs `change` on the value of `key`. False if the key is not there or nothing was changed.
pub(crate) fn update_key<'s, E>(
    node: &mut Node<'s>,
    key: &str,
    change: impl FnOnce(&mut Node<'s>) -> Result<bool, E>,
) -> Result<bool, E> {
    if let Node::Map(map) = node
        && let Some(map) = Arc::get_mut(map)
    {
        return match map.entries.iter_mut().rfind(|(k, _)| k.has_text(key)) {
            Some((_, value)) => change(value),
            None => Ok(false),
        };
    }
    let Some(mut value) = node.get(key) else { return Ok(false) };
    let changed = change(&mut value)?;
    if changed && let Some(slot) = node.get_mut(key) {
        *slot = value;
    }
    Ok(changed)
}

/// Runs `change` on every item of a sequence. False if nothing was changed.
pub(crate) fn update_items<'s, E>(
    node: &mut Node<'s>,
    mut change: impl FnMut(&mut Node<'s>) -> Result<bool, E>,
) -> Result<bool, E> {
    let mut any = false;
    for index in 0..node.len() {
        any |= update_item(node, index, &mut change)?;
    }
    Ok(any)
}

/// Runs `change` on one item of a sequence. False if there is none at `index` or nothing was changed.
pub(crate) fn update_item<'s, E>(
    node: &mut Node<'s>,
    index: usize,
    change: impl FnOnce(&mut Node<'s>) -> Result<bool, E>,
) -> Result<bool, E> {
    if let Node::Seq(seq) = node
        && let Some(seq) = Arc::get_mut(seq)
    {
        return seq.items.get_mut(index).map_or(Ok(false), change);
    }
    let Some(mut item) = node.items().nth(index) else { return Ok(false) };
    let changed = change(&mut item)?;
    if changed && let Some(slot) = node.seq_mut().and_then(|seq| seq.items.get_mut(index)) {
        *slot = item;
    }
    Ok(changed)
}
