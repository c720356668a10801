//! Names before kustomize changed them.

use crate::yaml::{Node, StepKind};

/// The name that an object had before prefixes, suffixes and the hash. `name` is the scalar of its `metadata.name`. None if none
/// of them changed it.
pub fn original_name(name: &Node<'_>) -> Option<String> {
    let origin = name.origin();
    let renames = |kind| matches!(kind, StepKind::NamePrefix | StepKind::NameSuffix | StepKind::Hash);
    if !origin.links().any(|l| renames(l.step.kind)) {
        return None;
    }
    let text = name.text()?;
    let mut from = 0;
    for piece in name.pieces() {
        let to = from + piece.len as usize;
        if piece.span.is_some() && piece.span == origin.span {
            return text.get(from..to).map(str::to_string).filter(|original| *original != text);
        }
        from = to;
    }
    None
}
