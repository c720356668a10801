//! Which of several values an overlay wrote.

use crate::yaml::{Node, StepKind};

/// Where to report what only several values together cause: at the one of `others` that patches and transformers changed more
/// often than `usual`, since a base that is in order is not to blame, else at `usual`.
pub fn latest<'s>(usual: &Node<'s>, others: impl IntoIterator<Item = Node<'s>>) -> Node<'s> {
    let mut found = usual.clone();
    for other in others {
        if is_later(&other, &found) {
            found = other;
        }
    }
    found
}

/// True if patches and transformers changed a value more often than the other one.
pub fn is_later(node: &Node<'_>, than: &Node<'_>) -> bool {
    written(node) > written(than)
}

/// How many steps wrote the value; a new name or namespace is none of its own doing.
fn written(node: &Node<'_>) -> usize {
    let wrote =
        [StepKind::Patch, StepKind::JsonPatch, StepKind::Replicas, StepKind::Replacement, StepKind::Transformer];
    node.origin().links().filter(|link| wrote.contains(&link.step.kind)).count()
}
