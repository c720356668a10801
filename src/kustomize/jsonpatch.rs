//! JSON 6902 patches as upstream does them (`api/filters/patchjson6902`, json-patch v4).
//!
//! Where upstream departs from the RFC, so do we: `replace` of a missing key adds it, negative indexes count from the end,
//! `copy` of a missing key adds a null, the first segment of a path without a leading slash is ignored, and every number of
//! the object goes through a 64-bit float.

mod number;
mod pointer;
mod value;

pub(super) use value::{read as read_json, unblocked};

use std::sync::Arc;

use pointer::{Pointer, index};

use super::transform_error::TransformError;
use crate::source::Span;
use crate::yaml::{Kind, Node, Origin, Step};

/// One operation of a patch. Its parts are checked when it is applied, as upstream does.
#[derive(Clone, Debug)]
pub struct Operation<'s> {
    /// `op`: add, remove, replace, move, copy or test.
    pub op: Option<Node<'s>>,
    /// `path`
    pub path: Option<Node<'s>>,
    /// `from`
    pub from: Option<Node<'s>>,
    /// `value`, typed as upstream reads it; none if it is not given.
    pub value: Option<Node<'s>>,
    /// Where the operation is written.
    pub span: Option<Span<'s>>,
    /// The patch is JSON, not YAML: numbers are compared as written.
    json: bool,
}

/// Reads a patch. `text` is the patch as written: one that starts with `[` must be JSON, any other is read as YAML 1.1
/// (`yes` is true). Aliases must be expanded. Null is a patch without operations.
///
/// # Errors
/// If it is no list of mappings, or text that starts with `[` is not JSON.
pub fn parse<'s>(patch: &Node<'s>, text: &str) -> Result<Vec<Operation<'s>>, TransformError<'s>> {
    let json = text.starts_with('[');
    if json && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        return Err(TransformError::new(format!("a JSON patch that starts with `[` must be JSON: {error}")).at(patch));
    }
    if patch.is_null() {
        return Ok(Vec::new());
    }
    if !patch.is_seq() {
        return Err(TransformError::wrong_kind(Kind::Seq, patch).context("a JSON patch"));
    }
    let operation = |item: Node<'s>| {
        if !item.is_map() && !item.is_null() {
            return Err(TransformError::wrong_kind(Kind::Map, &item).context("an operation of a JSON patch"));
        }
        Ok(Operation {
            op: item.get("op"),
            path: item.get("path"),
            from: item.get("from"),
            value: item.get("value").map(value::read),
            span: item.span(),
            json,
        })
    };
    patch.items().map(operation).collect()
}

/// Applies the operations in order. `target` is unchanged if one fails. What they write comes from the patch, with `step`.
///
/// # Errors
/// If an operation is not one, or does not apply.
pub fn apply<'s>(
    target: &mut Node<'s>,
    operations: &[Operation<'s>],
    step: &Arc<Step<'s>>,
) -> Result<(), TransformError<'s>> {
    let mut doc = target.clone();
    for operation in operations {
        if let Err(mut error) = operation.apply(&mut doc, step) {
            error.message.push_str(&operation.hint(&doc, &error));
            error.spans.extend(operation.span);
            return Err(error);
        }
    }
    if !doc.is_map() {
        return Err(TransformError::new("the patch leaves something that is not an object"));
    }
    value::normalize(&mut doc, step)?;
    *target = doc;
    Ok(())
}

/// What `op` can be.
const OPERATIONS: &str = "`add`, `remove`, `replace`, `move`, `copy` and `test`";

impl<'s> Operation<'s> {
    fn apply(&self, doc: &mut Node<'s>, step: &Arc<Step<'s>>) -> Result<(), TransformError<'s>> {
        let op = self.op.as_ref().filter(|n| value::is_string(n)).and_then(|n| n.text());
        match op.as_deref() {
            Some("add") => {
                let path = self.pointer("path", &self.path)?;
                path.container(doc, "add")?.add(self.written(step), step)
            }
            Some("remove") => {
                let path = self.pointer("path", &self.path)?;
                let list = path.list(doc);
                path.container(doc, "remove")?.remove()?;
                path.note_list(doc, list);
                Ok(())
            }
            Some("replace") => self.replace(doc, step),
            Some("move") => {
                let from = self.pointer("from", &self.from)?;
                let moved = from.container(doc, "move")?.remove()?;
                let path = self.pointer("path", &self.path)?;
                path.container(doc, "move")?.add(moved.with_step(step, None), step)
            }
            Some("copy") => {
                let from = self.pointer("from", &self.from)?;
                let found = from.container(doc, "copy")?.get()?;
                let copied = found.unwrap_or_else(|| Node::plain("null", Origin::default()));
                let path = self.pointer("path", &self.path)?;
                path.container(doc, "copy")?.add(copied.with_step(step, None), step)
            }
            Some("test") => self.test(doc),
            Some(other) => Err(TransformError::new(format!(
                "`{other}` is not an operation of a JSON patch; those are {OPERATIONS}"
            ))),
            None => Err(TransformError::new(format!("an operation of a JSON patch needs `op`: {OPERATIONS}"))),
        }
    }

    /// What is there instead of what the operation looks for; empty if that is not what is wrong.
    fn hint(&self, doc: &Node<'s>, error: &TransformError<'s>) -> String {
        let pointers = [("from", &self.from), ("path", &self.path)];
        let pointers: Vec<_> =
            pointers.into_iter().filter_map(|(field, node)| self.pointer(field, node).ok()).collect();
        // A copy from nowhere only fails at its `path`, and yet the `from` may be the mistake.
        let copies = pointers.iter().any(|p| p.made(error)) && self.op.as_ref().is_some_and(|op| op.has_text("copy"));
        let mut blamed = pointers.iter().filter(|pointer| copies || pointer.made(error));
        blamed.find_map(|pointer| pointer.hint(doc)).unwrap_or_default()
    }

    fn replace(&self, doc: &mut Node<'s>, step: &Arc<Step<'s>>) -> Result<(), TransformError<'s>> {
        let path = self.pointer("path", &self.path)?;
        if path.text.is_empty() {
            let Some(value) = self.value.as_ref().filter(|v| !v.is_scalar()) else {
                return Err(TransformError::new("replace of the whole object needs an object as `value`"));
            };
            *doc = value.clone().with_step(step, Some(doc.origin()));
            return Ok(());
        }
        let list = path.list(doc);
        path.container(doc, "replace")?.set(self.written(step))?;
        path.note_list(doc, list);
        Ok(())
    }

    fn test(&self, doc: &mut Node<'s>) -> Result<(), TransformError<'s>> {
        let path = self.pointer("path", &self.path)?;
        let found = if path.text.is_empty() { Some(doc.clone()) } else { path.container(doc, "test")?.get()? };
        let found = found.filter(|n| !n.is_null());
        let holds = match (&found, &self.value) {
            (None, None) => true,
            (None, Some(value)) => value.is_null(),
            (Some(_), None) => false,
            (Some(found), Some(value)) => value::equal(found, value, self.json),
        };
        if holds {
            return Ok(());
        }
        Err(TransformError {
            spans: found.iter().filter_map(Node::span).collect(),
            ..path.error("testing value failed")
        })
    }

    /// `value` as it is written into the object; null if it is not given.
    fn written(&self, step: &Arc<Step<'s>>) -> Node<'s> {
        self.value.clone().unwrap_or_else(|| Node::plain("null", Origin::default())).with_step(step, None)
    }

    fn pointer(&self, field: &str, node: &Option<Node<'s>>) -> Result<Pointer<'s>, TransformError<'s>> {
        let Some(node) = node.as_ref().filter(|n| !n.is_null()) else {
            return Err(TransformError::new(format!("the operation has no `{field}`")));
        };
        match node.text().filter(|_| value::is_string(node)) {
            Some(text) => Ok(Pointer { text: text.into_owned(), at: node.span() }),
            None => Err(TransformError::new(format!("`{field}` must be a string")).at(node)),
        }
    }
}

/// A key of a mapping or an index of a list.
struct Place<'n, 's> {
    container: &'n mut Node<'s>,
    key: String,
    pointer: Pointer<'s>,
}

impl<'s> Place<'_, 's> {
    /// What is there; none for a key that is not.
    fn get(&self) -> Result<Option<Node<'s>>, TransformError<'s>> {
        if self.container.is_map() {
            return Ok(self.container.get(&self.key));
        }
        let index = index(&self.key, self.container.len(), &self.pointer)?;
        Ok(self.container.items().nth(index))
    }

    /// Puts `value` at the key, or before the item at the index; `-` and -1 append.
    fn add(self, value: Node<'s>, step: &Arc<Step<'s>>) -> Result<(), TransformError<'s>> {
        if self.container.is_map() {
            self.set_key(value, step);
            return Ok(());
        }
        let len = self.container.len();
        let index = if self.key == "-" { len } else { self.pointer.place(&self.key, len + 1, len)? };
        if let Some(seq) = self.container.seq_mut() {
            seq.items.insert(index.min(seq.items.len()), value);
        }
        Ok(())
    }

    /// Puts `value` in the place of what is there; a key may be missing.
    fn set(self, value: Node<'s>) -> Result<(), TransformError<'s>> {
        if self.container.is_map() {
            let step = value.origin().via.as_ref().map(|link| link.step.clone());
            if let Some(step) = step {
                self.set_key(value, &step);
            }
            return Ok(());
        }
        let index = index(&self.key, self.container.len(), &self.pointer)?;
        if let Some(item) = self.container.seq_mut().and_then(|seq| seq.items.get_mut(index)) {
            let value = replacing(value, item);
            let before = std::mem::replace(item, value);
            if let Some(at) = self.pointer.at {
                item.note_lost(&before, at);
            }
        }
        Ok(())
    }

    fn set_key(self, value: Node<'s>, step: &Arc<Step<'s>>) {
        match self.container.get_mut(&self.key) {
            Some(old) => {
                let value = replacing(value, old);
                let before = std::mem::replace(old, value);
                if let Some(at) = self.pointer.at {
                    if old.is_null() {
                        self.container.note_removed(&self.key, before, at);
                    } else {
                        old.note_lost(&before, at);
                    }
                }
            }
            None => {
                self.container.set(Node::string(self.key, Origin::default().with(step, None)), value);
            }
        }
    }

    /// Takes out what is there.
    fn remove(self) -> Result<Node<'s>, TransformError<'s>> {
        if self.container.is_map() {
            let removed = self.container.remove(&self.key);
            let removed = removed.ok_or_else(|| self.pointer.error("there is no such key to remove"))?;
            if let Some(at) = self.pointer.at {
                self.container.note_removed(&self.key, removed.clone(), at);
            }
            return Ok(removed);
        }
        let index = index(&self.key, self.container.len(), &self.pointer)?;
        let seq = self.container.seq_mut().filter(|seq| index < seq.items.len());
        match seq {
            Some(seq) => Ok(seq.items.remove(index)),
            None => Err(self.pointer.error("there is no such item to remove")),
        }
    }
}

/// `value`, whose newest step also replaced `old`.
fn replacing<'s>(value: Node<'s>, old: &Node<'s>) -> Node<'s> {
    value::set_replaced(value, old.origin())
}
