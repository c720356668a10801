//! Whether two nodes have the same value.

use crate::yaml::{Dialect, Kind, Node};

/// True if both have the same content and types. The order of keys does not count.
pub(super) fn same(a: &Node<'_>, b: &Node<'_>) -> bool {
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
