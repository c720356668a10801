//! JSON 6902 patches as upstream does them.

use std::sync::Arc;

use super::transform_error::TransformError;
use crate::yaml::{Node, Step};

/// One operation of a patch.
#[derive(Clone, Debug)]
pub struct Operation<'s> {
    /// `value`, if it is given.
    pub value: Option<Node<'s>>,
}

/// Reads a patch. `text` is the patch as written: one that starts with `[` must be JSON.
///
/// # Errors
/// If it is no list of operations.
pub fn parse<'s>(patch: &Node<'s>, text: &str) -> Result<Vec<Operation<'s>>, TransformError<'s>> {
    let _ = text;
    Err(TransformError::new("JSON patches are not there yet").at(patch))
}

/// Applies the operations in order. `target` is unchanged if one fails.
///
/// # Errors
/// If an operation does not apply.
pub fn apply<'s>(
    target: &mut Node<'s>,
    operations: &[Operation<'s>],
    step: &Arc<Step<'s>>,
) -> Result<(), TransformError<'s>> {
    let _ = (operations, step);
    Err(TransformError::new("JSON patches are not there yet").at(target))
}
