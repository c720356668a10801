//! JSON pointers (RFC 6901), as upstream follows them.

use super::Place;
use crate::kustomize::candidates::{items, there};
use crate::kustomize::transform_error::TransformError;
use crate::source::Span;
use crate::yaml::{Kind, Node};

/// Of lists as long as this only the item that went is remembered, so that thousands of operations do not keep thousands of lists.
const LONG_LIST: usize = 1000;

/// A JSON pointer.
#[derive(Clone)]
pub(super) struct Pointer<'s> {
    pub(super) text: String,
    /// Where it is written.
    pub(super) at: Option<Span<'s>>,
}

impl<'s> Pointer<'s> {
    pub(super) fn error(&self, message: impl std::fmt::Display) -> TransformError<'s> {
        TransformError::new(format!("`{}`: {message}", self.text))
    }

    /// One of so many places in a list of `len` items; negative numbers count from the end.
    pub(super) fn place(&self, segment: &str, places: usize, len: usize) -> Result<usize, TransformError<'s>> {
        let number: i64 = segment.parse().map_err(|_| self.error(format!("`{segment}` is not an index of a list")))?;
        let index = if number < 0 { number + places as i64 } else { number };
        usize::try_from(index)
            .ok()
            .filter(|&i| i < places)
            .ok_or_else(|| self.error(format!("index {number} is out of range: the list has {}", items(len))))
    }

    fn segments(&self) -> Vec<String> {
        self.text.split('/').skip(1).map(|s| s.replace("~1", "/").replace("~0", "~")).collect()
    }

    /// True for an error of this pointer.
    pub(super) fn made(&self, error: &TransformError<'s>) -> bool {
        error.message.strip_prefix('`').and_then(|m| m.strip_prefix(&*self.text)).is_some_and(|m| m.starts_with("`: "))
    }

    /// The key that is most likely meant where the first one is missing, or those that there are.
    pub(super) fn hint(&self, doc: &Node<'s>) -> Option<String> {
        let (mut node, mut before) = (doc.clone(), String::new());
        let segments = self.segments();
        for (at, segment) in segments.iter().enumerate() {
            let segment = segment.as_str();
            let next = match node.kind() {
                // Of the last one the error says how many items there are.
                Kind::Seq if at + 1 == segments.len() => node.items().nth(index(segment, node.len(), self).ok()?),
                Kind::Seq => index(segment, node.len(), self).ok().and_then(|at| node.items().nth(at)),
                _ => node.get(segment),
            };
            let Some(next) = next else {
                let keys: Vec<String> = node.entries().filter_map(|(key, _)| Some(key.text()?.into_owned())).collect();
                if let Some(near) = crate::near::nearest(segment, keys.iter().map(|key| &**key)) {
                    return Some(format!("; did you mean `{before}/{}`?", escaped(near)));
                }
                return Some(format!("; {}", there(&node, &before, &keys)));
            };
            before = format!("{before}/{}", escaped(segment));
            node = next;
        }
        None
    }

    /// The list that the last segment is an index of; none if it is no index of a list, or the list lies in a list.
    pub(super) fn list(&self, doc: &Node<'s>) -> Option<Node<'s>> {
        let mut node = doc.clone();
        let segments = self.segments();
        let (_, outer) = segments.split_last()?;
        for segment in outer {
            node = match node.kind() {
                Kind::Seq => node.items().nth(index(segment, node.len(), self).ok()?)?,
                _ => node.get(segment)?,
            };
        }
        node.is_seq().then_some(node)
    }

    /// Remembers, in the mapping that holds it, what such a list was before the operation.
    pub(super) fn note_list(&self, doc: &mut Node<'s>, before: Option<Node<'s>>) {
        let (Some(before), Some(at)) = (before, self.at) else { return };
        let segments = self.segments();
        let [outer @ .., key, last] = segments.as_slice() else { return };
        let mut node = doc;
        for segment in outer {
            let next = match node.kind() {
                Kind::Seq => index(segment, node.len(), self).ok().and_then(|at| node.seq_mut()?.items.get_mut(at)),
                _ => node.get_mut(segment),
            };
            let Some(next) = next else { return };
            node = next;
        }
        let gone = match (before.len(), last.parse().ok().and_then(|nth| before.items().nth(nth))) {
            (LONG_LIST.., Some(gone)) => Node::seq(vec![gone], before.origin()),
            _ => before,
        };
        node.note_list(key, gone, at);
    }

    /// The mapping or list that the last segment is a key or index of.
    pub(super) fn container<'n>(&self, doc: &'n mut Node<'s>, op: &str) -> Result<Place<'n, 's>, TransformError<'s>> {
        let missing = || self.error(format!("{op} operation does not apply: the object has nothing at this path"));
        let mut segments = self.segments();
        let last = segments.pop().ok_or_else(missing)?;
        let mut node = doc;
        for segment in segments {
            node = match node.kind() {
                Kind::Map => node.get_mut(&segment),
                Kind::Seq => {
                    let index = index(&segment, node.len(), self).map_err(|_| missing())?;
                    node.seq_mut().and_then(|seq| seq.items.get_mut(index))
                }
                Kind::Scalar => None,
            }
            .ok_or_else(missing)?;
        }
        if node.is_scalar() {
            return Err(missing());
        }
        Ok(Place { container: node, key: last, pointer: self.clone() })
    }
}

/// A key as JSON pointers have it.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// An index into a list of `len` items; negative ones count from the end.
pub(super) fn index<'s>(segment: &str, len: usize, pointer: &Pointer<'s>) -> Result<usize, TransformError<'s>> {
    pointer.place(segment, len, len)
}
