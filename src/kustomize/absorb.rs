//! Takes a generated object in: as a new one, in the place of one, or merged into one (upstream
//! `resWrangler.appendReplaceOrMerge`).

use std::collections::BTreeMap;

use super::accumulate::{duplicate, place};
use super::error::{Error, ErrorKind, Result};
use super::resource::{Behavior, Resource, as_key, as_string, set_meta};
use super::schema::Schemas;
use crate::yaml::{Node, Origin};

/// Takes `new` in.
pub(super) fn absorb<'s>(all: &mut Vec<Resource<'s>>, mut new: Resource<'s>, schemas: &Schemas<'s>) -> Result<'s, ()> {
    let id = new.id(schemas);
    let matches: Vec<usize> = all
        .iter()
        .enumerate()
        .filter(|(_, r)| !r.is_gone() && r.may_be(&id) && r.any_id(schemas, |other| id.same(other)))
        .map(|(at, _)| at)
        .collect();
    let behavior = new.behavior;
    match (matches.as_slice(), behavior) {
        ([], Behavior::Create) => {
            all.push(new);
            Ok(())
        }
        ([], _) => {
            let message = format!("there is no {id} to merge into or replace");
            let error = Error::new(ErrorKind::NoMatch, place(&new), message);
            Err(super::candidates::note_objects(error, all, schemas, &id.gvk.kind, &id.name))
        }
        ([at], Behavior::Create) => {
            let error = duplicate(&id, &new, all.get(*at));
            Err(Error { message: format!("{}; `behavior: merge` or `replace` is needed", error.message), ..*error }
                .into())
        }
        ([at], _) => {
            let Some(old) = all.get_mut(*at) else { return Ok(()) };
            let entry = place(&new);
            take_over(&mut new, old, behavior == Behavior::Merge);
            if !new.id(schemas).same(&old.id(schemas)) {
                let message = format!("{id} cannot take the place of {}", old.id(schemas));
                return Err(Error::new(ErrorKind::Conflict, place(&new), message));
            }
            if let Some(entry) = entry.filter(|_| behavior == Behavior::Replace) {
                new.node.note_lost(&old.node, entry);
            }
            *old = new;
            Ok(())
        }
        (several, _) => {
            let mut error =
                Error::new(ErrorKind::Conflict, place(&new), format!("there is more than one {id} to merge into"));
            for at in several {
                error = error.note(all.get(*at).and_then(place), "one of them");
            }
            Err(error)
        }
    }
}

/// Name, namespace, labels, annotations and history of the old object go over to the new one; its data too in a merge.
fn take_over<'s>(new: &mut Resource<'s>, old: &Resource<'s>, merge: bool) {
    for field in ["labels", "annotations"] {
        let map = merged(old.node.path(&["metadata", field]), new.node.path(&["metadata", field]));
        put(new.node.get_mut("metadata"), field, map);
    }
    if let Some(name) = old.node.path(&["metadata", "name"]) {
        set_meta(&mut new.node, "name", name);
    }
    match old.node.path(&["metadata", "namespace"]).filter(|n| !n.is_null()) {
        Some(namespace) => set_meta(&mut new.node, "namespace", namespace),
        None => drop(new.node.get_mut("metadata").and_then(|m| m.remove("namespace"))),
    }
    if merge {
        for field in ["data", "binaryData"] {
            let map = merged(old.node.get(field), new.node.get(field));
            put(Some(&mut new.node), field, map);
        }
        super::metadata::keep_origin(&mut new.node, &old.node);
    }
    // As upstream: the history is that of the old object, and the hash is only made if both ask for it.
    new.needs_hash = new.needs_hash && old.needs_hash;
    new.behavior = old.behavior;
    new.generated = old.generated;
    new.previous.clone_from(&old.previous);
    new.prefixes.clone_from(&old.prefixes);
    new.suffixes.clone_from(&old.suffixes);
    new.vars.clone_from(&old.vars);
}

/// Both maps as strings, sorted; the new value of a key wins.
fn merged<'s>(old: Option<Node<'s>>, new: Option<Node<'s>>) -> Vec<(Node<'s>, Node<'s>)> {
    let mut out: BTreeMap<String, (Node<'s>, Node<'s>)> = BTreeMap::new();
    for (key, value) in [&old, &new].into_iter().flatten().flat_map(|m| m.entries()) {
        let text = key.text().unwrap_or_default().into_owned();
        let mut value = as_string(&value);
        if let Some((_, replaced)) = out.get(&text) {
            value = replacing(value, replaced);
        }
        out.insert(text, (as_key(&key), value));
    }
    out.into_values().collect()
}

/// The value with what it replaces on record, in the generator's step.
fn replacing<'s>(value: Node<'s>, replaced: &Node<'s>) -> Node<'s> {
    let origin = value.origin();
    match (&value, origin.via.as_ref()) {
        (Node::Scalar(scalar), Some(link)) => {
            let mut scalar = scalar.clone();
            let before = Origin { span: origin.span, via: link.prev.clone() };
            std::sync::Arc::make_mut(&mut scalar).origin = before.with(&link.step, Some(replaced.origin()));
            Node::Scalar(scalar)
        }
        _ => value,
    }
}

fn put<'s>(object: Option<&mut Node<'s>>, field: &str, entries: Vec<(Node<'s>, Node<'s>)>) {
    let Some(object) = object else { return };
    let origin = object.get(field).map_or_else(|| object.origin(), |n| n.origin());
    if entries.is_empty() {
        object.remove(field);
    } else {
        object.set(Node::string(field, Origin { span: None, via: origin.via.clone() }), Node::map(entries, origin));
    }
}
