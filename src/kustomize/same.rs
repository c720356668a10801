//! Whether two nodes have the same value.

use std::sync::Arc;

use crate::yaml::{Dialect, Kind, Node};

/// True if both have the same content and types. The order of keys does not count.
pub(super) fn same(a: &Node<'_>, b: &Node<'_>) -> bool {
    if is_one(a, b) {
        return true;
    }
    if a.kind() != b.kind() {
        return false;
    }
    match a.kind() {
        Kind::Scalar => a.text() == b.text() && a.resolve(Dialect::V3) == b.resolve(Dialect::V3),
        Kind::Seq => {
            let (mut left, mut right) = (a.items(), b.items());
            loop {
                match (left.next(), right.next()) {
                    (None, None) => return true,
                    (Some(x), Some(y)) if same(&x, &y) => {}
                    _ => return false,
                }
            }
        }
        Kind::Map => {
            let mut count = 0;
            for (key, value) in a.entries() {
                count += 1;
                let text = key.text().unwrap_or_default();
                if !b.get(&text).is_some_and(|other| same(&value, &other)) {
                    return false;
                }
            }
            count == b.entries().count()
        }
    }
}

/// True if both are one value, not only equal ones: what a transformation leaves alone stays where it is.
fn is_one(a: &Node<'_>, b: &Node<'_>) -> bool {
    match (a, b) {
        (Node::Source(a, _), Node::Source(b, _)) => std::ptr::eq(a.source, b.source) && a.id == b.id,
        (Node::Scalar(a), Node::Scalar(b)) => Arc::ptr_eq(a, b),
        (Node::Map(a), Node::Map(b)) => Arc::ptr_eq(a, b),
        (Node::Seq(a), Node::Seq(b)) => Arc::ptr_eq(a, b),
        _ => false,
    }
}
