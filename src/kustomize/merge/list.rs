//! Lists that are merged by keys, or as sets of scalars.
//!
//! Upstream works on shared, mutable lists with one function that replaces, appends or removes "the item with these keys",
//! and its results for odd lists (items without a key, repeated keys, a second key on one side only) follow from the order in
//! which it does so. The lists here are the same lists: indexes into a pool of items, so that an item that is in two lists
//! changes in both.

use std::borrow::Cow;

use super::{DIRECTIVE, Directive, Merger, Patch, Walked, directive, without_directive};
use crate::kustomize::schema::Schema;
use crate::kustomize::transform_error::TransformError;
use crate::yaml::{Kind, Node, Origin};

/// Items by index into [`Pool::items`].
type List = Vec<usize>;

/// The text that upstream compares: nothing for what is no scalar.
fn text_of<'s>(node: &Node<'s>) -> Cow<'s, str> {
    node.text().unwrap_or_default()
}

impl<'s> Merger<'_, 's> {
    /// Merges a list by `keys`; without keys, as a set of scalars.
    pub(super) fn list(
        &self,
        dest: Option<Node<'s>>,
        patch: Patch<'_, 's>,
        schema: &Schema<'_, 's>,
        keys: &[Cow<'s, str>],
    ) -> Result<Walked<'s>, TransformError<'s>> {
        let Some(ours) = dest.as_ref().filter(|n| !n.is_null()) else {
            // Taken as it is, directives included, and merged with itself.
            return match patch {
                Patch::Node(patch) if !patch.is_null() => self.insert_list(patch.clone(), dest.as_ref(), schema, keys),
                _ => Ok(Walked::gone()),
            };
        };
        match patch {
            Patch::Node(patch) if patch.is_null() => Ok(Walked::gone()),
            Patch::None => self.items(ours, Patch::None, schema, keys),
            Patch::Same => match list_directive(ours)? {
                None => self.items(ours, Patch::Same, schema, keys),
                Some((Directive::Delete, _)) => Ok(Walked::gone()),
                Some((_, rest)) => {
                    let walked = self.items(&rest, Patch::Same, schema, keys)?;
                    Ok(Walked { changed: true, ..walked })
                }
            },
            Patch::Node(patch) => match list_directive(patch)? {
                None => self.items(ours, Patch::Node(patch), schema, keys),
                Some((Directive::Delete, _)) => Ok(Walked::gone()),
                Some((Directive::Merge, rest)) => self.items(ours, Patch::Node(&rest), schema, keys),
                Some((Directive::Replace, rest)) => self.insert_list(rest, Some(ours), schema, keys),
            },
        }
    }

    /// A list of the patch in the place of what was there.
    fn insert_list(
        &self,
        patch: Node<'s>,
        replaced: Option<&Node<'s>>,
        schema: &Schema<'_, 's>,
        keys: &[Cow<'s, str>],
    ) -> Result<Walked<'s>, TransformError<'s>> {
        let walked = self.items(&patch, Patch::Same, schema, keys)?;
        Ok(match walked.node {
            Some(node) => Walked::taken(node.with_step(self.step, replaced.map(Node::origin))),
            None => Walked::gone(),
        })
    }

    fn items(
        &self,
        dest: &Node<'s>,
        patch: Patch<'_, 's>,
        schema: &Schema<'_, 's>,
        keys: &[Cow<'s, str>],
    ) -> Result<Walked<'s>, TransformError<'s>> {
        let mut pool = Pool { items: dest.items().collect(), changed: vec![false; dest.len()] };
        let before: List = (0..pool.items.len()).collect();
        let theirs = match patch {
            Patch::None => None,
            Patch::Same => Some(Theirs::Same),
            Patch::Node(patch) => Some(Theirs::List(patch.items().map(|item| pool.add(item)).collect())),
        };
        let element = schema.element();
        let mut merge =
            ListMerge { merger: self, pool, ours: before.clone(), theirs, made: Vec::new(), merged: Vec::new() };
        let after = if matches!(merge.theirs, None | Some(Theirs::Same)) && merge.is_plain(keys) {
            merge.each(keys, &element)?;
            merge.ours
        } else {
            merge.run(keys, &element)?
        };
        let pool = merge.pool;
        if after == before && !pool.changed.iter().take(before.len()).any(|&c| c) {
            return Ok(Walked::kept(Some(dest.clone())));
        }
        let items = after.iter().filter_map(|&i| pool.items.get(i).cloned()).collect();
        Ok(Walked { node: Some(Node::seq(items, dest.origin())), changed: true, from_patch: false })
    }
}

/// The directive of a list: an item that is nothing but `$patch`. With the list without such items.
fn list_directive<'s>(patch: &Node<'s>) -> Result<Option<(Directive, Node<'s>)>, TransformError<'s>> {
    let Some(item) = patch.items().find(|item| item.get(DIRECTIVE).is_some()).filter(|item| item.len() == 1) else {
        return Ok(None);
    };
    let Some(value) = item.get(DIRECTIVE) else { return Ok(None) };
    let found = directive(&value)?;
    let mut pool = Pool { items: patch.items().collect(), changed: Vec::new() };
    let mut list: List = (0..pool.items.len()).collect();
    pool.set(&mut list, &[Cow::Borrowed(DIRECTIVE)], &[text_of(&value)], None)?;
    let items = list.iter().filter_map(|&i| pool.items.get(i).cloned()).collect();
    pool.changed.clear();
    Ok(Some((found, Node::seq(items, patch.origin()))))
}

/// The list of the patch.
enum Theirs {
    /// The same list as ours.
    Same,
    List(List),
}

/// All items of the lists, and whether they were written to.
struct Pool<'s> {
    items: Vec<Node<'s>>,
    changed: Vec<bool>,
}

impl<'s> Pool<'s> {
    fn add(&mut self, item: Node<'s>) -> usize {
        self.items.push(item);
        self.changed.push(false);
        self.items.len() - 1
    }

    fn get(&self, index: usize) -> Option<&Node<'s>> {
        self.items.get(index)
    }

    fn write(&mut self, index: usize, node: Node<'s>) {
        if let (Some(item), Some(changed)) = (self.items.get_mut(index), self.changed.get_mut(index)) {
            *item = node;
            *changed = true;
        }
    }

    /// Puts `element` in the place of the items with these values, or at the end if there are none; without an element,
    /// removes them. Nulls and empty mappings go on the way. An empty value stands for any. With fewer values than keys, the
    /// last comparison made holds for the rest, and without values nothing of the list stays.
    fn set(
        &self,
        list: &mut List,
        keys: &[Cow<'s, str>],
        values: &[Cow<'s, str>],
        element: Option<usize>,
    ) -> Result<(), TransformError<'s>> {
        let for_maps = keys.first().is_some_and(|k| !k.is_empty()) && values.first().is_some_and(|v| !v.is_empty());
        let mut found_any = false;
        let mut kept = Vec::with_capacity(list.len() + 1);
        for &index in list.iter() {
            let Some(node) = self.get(index) else { continue };
            if node.is_null() || (node.is_map() && node.is_empty()) {
                continue;
            }
            if !node.is_map() && for_maps {
                kept.push(index);
                continue;
            }
            let mut found = false;
            for (j, key) in keys.iter().enumerate() {
                if let Some(value) = values.get(j) {
                    found = has_value(node, key, value)?;
                }
                if !found {
                    break;
                }
            }
            if !found {
                if !values.is_empty() {
                    kept.push(index);
                }
                continue;
            }
            found_any = true;
            kept.extend(element);
        }
        if !found_any {
            kept.extend(element);
        }
        *list = kept;
        Ok(())
    }

    /// The first item with these values.
    fn find(&self, list: &[usize], keys: &[Cow<'s, str>], values: &[Cow<'s, str>]) -> Option<usize> {
        let first = values.first().map(|v| &**v).unwrap_or_default();
        list.iter().copied().find(|&index| {
            let Some(node) = self.get(index) else { return false };
            if keys.first().is_none_or(|k| k.is_empty()) {
                return text_of(node) == first;
            }
            node.is_map()
                && keys.iter().zip(values).all(|(key, value)| node.get(key).is_some_and(|v| text_of(&v) == *value))
        })
    }
}

/// Whether an item has this value; an empty value stands for any.
fn has_value<'s>(node: &Node<'s>, key: &str, value: &str) -> Result<bool, TransformError<'s>> {
    if key.is_empty() {
        return if node.is_scalar() {
            Ok(text_of(node) == value)
        } else {
            Err(TransformError::wrong_kind(Kind::Scalar, node))
        };
    }
    if !node.is_map() {
        return Err(TransformError::wrong_kind(Kind::Map, node));
    }
    Ok(node.get(key).is_some_and(|v| value.is_empty() || text_of(&v) == value))
}

/// Keys, and one value for each of them.
type KeysAndValues<'s> = (Vec<Cow<'s, str>>, Vec<Cow<'s, str>>);

struct ListMerge<'w, 'm, 's> {
    merger: &'w Merger<'m, 's>,
    pool: Pool<'s>,
    ours: List,
    theirs: Option<Theirs>,
    /// What goes before (or behind) the items of the object.
    made: List,
    /// Pairs of items that were merged already, and what came out.
    merged: Vec<(Option<usize>, Option<usize>, Option<usize>)>,
}

impl<'s> ListMerge<'_, '_, 's> {
    /// True if every item is a mapping with a value of its own for the one key (or, without a key, a scalar of its own): then
    /// the general way keeps number and order.
    fn is_plain(&self, keys: &[Cow<'s, str>]) -> bool {
        let mut seen = rustc_hash::FxHashSet::default();
        let value = |item: &Node<'s>| match keys {
            [] if item.is_scalar() && !item.is_null() => item.text(),
            [key] if item.is_map() => item.get(key).filter(|v| v.is_scalar()).and_then(|v| v.as_str()),
            _ => None,
        };
        self.ours.iter().filter_map(|&i| self.pool.get(i)).all(|item| {
            let no_directive = item.get(DIRECTIVE).is_none();
            no_directive && value(item).is_some_and(|v| !v.is_empty() && seen.insert(v))
        })
    }

    /// Walks the items of such a list.
    fn each(&mut self, keys: &[Cow<'s, str>], schema: &Schema<'_, 's>) -> Result<(), TransformError<'s>> {
        let patch = if self.theirs.is_some() { Patch::Same } else { Patch::None };
        for &index in &self.ours {
            let Some(item) = self.pool.get(index).cloned() else { continue };
            let walked = self.merger.walk(Some(item), patch, schema.clone(), keys)?;
            if let (true, Some(node)) = (walked.changed, walked.node) {
                self.pool.write(index, node);
            }
        }
        Ok(())
    }

    /// The general way.
    fn run(&mut self, keys: &[Cow<'s, str>], schema: &Schema<'_, 's>) -> Result<List, TransformError<'s>> {
        let set_key = [Cow::Borrowed("")];
        let keys = if keys.is_empty() { &set_key[..] } else { keys };
        let mut all = self.values(keys);
        if keys.len() > 1 {
            complete(&mut all);
        }
        let mut used_keys = Vec::new();
        for values in &all {
            let (keys, values) = used(&all, keys, values);
            let item = self.item(&keys, &values, schema)?;
            let gone = item.and_then(|i| self.pool.get(i)).is_none_or(|n| n.is_null() || (n.is_map() && n.is_empty()));
            if gone {
                self.pool.set(&mut self.ours, &keys, &values, None)?;
            } else if let Some(item) = item {
                self.fill_keys(item, &keys, &values);
                self.pool.set(&mut self.made, &keys, &values, Some(item))?;
            }
            used_keys = keys;
        }
        if all.is_empty() {
            return Ok(std::mem::take(&mut self.ours));
        }
        let (ours, made) = (std::mem::take(&mut self.ours), std::mem::take(&mut self.made));
        if self.merger.options.append {
            self.append(ours, &made, &used_keys)
        } else {
            self.append(made, &ours, &used_keys)
        }
    }

    /// The values of the keys of all items, each once: those of the patch first, unless new items go behind.
    fn values(&self, keys: &[Cow<'s, str>]) -> Vec<Vec<Cow<'s, str>>> {
        let theirs: &[usize] = match &self.theirs {
            Some(Theirs::List(list)) => list,
            _ => &[],
        };
        let (first, second) =
            if self.merger.options.append { (&self.ours[..], theirs) } else { (theirs, &self.ours[..]) };
        let mut all: Vec<Vec<Cow<'s, str>>> = Vec::new();
        for &index in first.iter().chain(second) {
            let Some(node) = self.pool.get(index) else { continue };
            let values: Vec<_> = keys.iter().map(|key| value_of(node, key)).collect();
            if !all.contains(&values) {
                all.push(values);
            }
        }
        all
    }

    /// Merges the items with these values.
    fn item(
        &mut self,
        keys: &[Cow<'s, str>],
        values: &[Cow<'s, str>],
        schema: &Schema<'_, 's>,
    ) -> Result<Option<usize>, TransformError<'s>> {
        let one = [values.to_vec()];
        let (keys, values) = used(&one, keys, values);
        let ours = self.pool.find(&self.ours, &keys, &values);
        let (theirs, same) = match &self.theirs {
            None => (None, false),
            Some(Theirs::Same) => (ours, true),
            Some(Theirs::List(list)) => (self.pool.find(list, &keys, &values), false),
        };
        if let Some(&(_, _, result)) = self.merged.iter().find(|&&(o, t, _)| (o, t) == (ours, theirs)) {
            return Ok(result);
        }
        let dest = ours.and_then(|i| self.pool.get(i)).cloned();
        let patch_node = theirs.and_then(|i| self.pool.get(i)).cloned();
        let patch = match (&patch_node, same) {
            (None, _) => Patch::None,
            (Some(_), true) => Patch::Same,
            (Some(node), false) => Patch::Node(node),
        };
        let walked = self.merger.walk(dest, patch, schema.clone(), &keys)?;
        let result = match (walked.node, ours) {
            (None, Some(index)) if same => {
                // Upstream takes the directive out before it heeds it, and an item without anything else is passed over.
                if let Some(item) = self.pool.get(index).filter(|item| item.get(DIRECTIVE).is_some()) {
                    self.pool.write(index, without_directive(item));
                }
                None
            }
            (None, _) => None,
            (Some(node), Some(index)) if !walked.from_patch => {
                if walked.changed {
                    self.pool.write(index, node);
                }
                Some(index)
            }
            (Some(node), _) => Some(self.pool.add(node)),
        };
        if result.is_some() {
            self.merged.push((ours, theirs, result));
        }
        Ok(result)
    }

    /// Writes the keys into an item that lacks them: a second key that only the other side had.
    fn fill_keys(&mut self, index: usize, keys: &[Cow<'s, str>], values: &[Cow<'s, str>]) {
        for (key, value) in keys.iter().zip(values).filter(|(key, value)| !key.is_empty() && !value.is_empty()) {
            let Some(item) = self.pool.get(index).filter(|n| n.is_map() && n.get(key).is_none()) else { continue };
            let mut item = item.clone();
            let origin = Origin::default().with(self.merger.step, None);
            item.set(Node::string(key.as_ref(), origin.clone()), Node::plain(value.as_ref(), origin));
            self.pool.write(index, item);
        }
    }

    /// Puts the items of `from` into `list`: in the place of those with the same values, else at the end.
    fn append(&self, mut list: List, from: &[usize], keys: &[Cow<'s, str>]) -> Result<List, TransformError<'s>> {
        for &index in from {
            let Some(node) = self.pool.get(index) else { continue };
            if keys.first().is_none_or(|k| k.is_empty()) {
                self.pool.set(&mut list, &[Cow::Borrowed("")], &[text_of(node)], Some(index))?;
                continue;
            }
            if !node.is_map() && !node.is_null() {
                return Err(TransformError::wrong_kind(Kind::Map, node).context("an item of a list that is merged"));
            }
            let mut values = Vec::new();
            for key in keys {
                match node.get(key) {
                    Some(value) => values.push(text_of(&value)),
                    None => list.push(index),
                }
            }
            if keys.len() > 1 {
                self.pool.set(&mut list, keys, &values, None)?;
            }
            self.pool.set(&mut list, keys, &values, Some(index))?;
        }
        Ok(list)
    }
}

/// The text of an item's key, or of the item if the key is empty; empty also for nulls and empty collections.
fn value_of<'s>(item: &Node<'s>, key: &str) -> Cow<'s, str> {
    if key.is_empty() {
        return text_of(item);
    }
    item.get(key).and_then(|value| value.as_str()).unwrap_or_default()
}

/// Two sets of values of several keys that differ only where one of them is empty, and are equal somewhere, become one.
fn complete(all: &mut [Vec<Cow<'_, str>>]) {
    for i in 0..all.len() {
        let ours = all.get(i).cloned().unwrap_or_default();
        for j in 0..all.len() {
            let Some(theirs) = all.get(j) else { continue };
            if let Some(both) = unify(&ours, theirs) {
                if let Some(slot) = all.get_mut(i) {
                    slot.clone_from(&both);
                }
                if let Some(slot) = all.get_mut(j) {
                    *slot = both;
                }
            }
        }
    }
}

fn unify<'s>(a: &[Cow<'s, str>], b: &[Cow<'s, str>]) -> Option<Vec<Cow<'s, str>>> {
    let compatible = |(x, y): (&Cow<'s, str>, &Cow<'s, str>)| x == y || x.is_empty() || y.is_empty();
    let equal = |(x, y): (&Cow<'s, str>, &Cow<'s, str>)| x == y;
    if a.len() != b.len() || !a.iter().zip(b).all(compatible) || !a.iter().zip(b).any(equal) {
        return None;
    }
    Some(a.iter().zip(b).map(|(x, y)| if x.is_empty() { y.clone() } else { x.clone() }).collect())
}

/// The keys that have a value in some item of `all`, and the values of this item for them; all keys if none has.
fn used<'s>(all: &[Vec<Cow<'s, str>>], keys: &[Cow<'s, str>], values: &[Cow<'s, str>]) -> KeysAndValues<'s> {
    let is_used = |at: usize| all.iter().any(|values| values.get(at).is_some_and(|v| !v.is_empty()));
    let indexes: Vec<usize> = (0..keys.len()).filter(|&at| is_used(at)).collect();
    if indexes.is_empty() {
        return (keys.to_vec(), values.to_vec());
    }
    let pick = |from: &[Cow<'s, str>]| indexes.iter().filter_map(|&at| from.get(at).cloned()).collect();
    (pick(keys), pick(values))
}
