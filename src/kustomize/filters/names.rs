//! `namePrefix` and `nameSuffix` on one field (upstream `api/filters/{prefix,suffix}`).

use std::sync::Arc;

use crate::kustomize::compose::Composer;
use crate::kustomize::fieldspec::{Create, FieldSpec, visit};
use crate::kustomize::transform_error::TransformError;
use crate::yaml::node::NO_TAG;
use crate::yaml::{Kind, Node, Step};

/// Puts `prefix` before the fields that `spec` names.
///
/// # Errors
/// If the path meets a scalar before its end, or ends at something that is no scalar.
pub fn prefix<'s>(
    object: &mut Node<'s>,
    prefix: &Node<'s>,
    spec: &FieldSpec,
    step: &Arc<Step<'s>>,
) -> Result<bool, TransformError<'s>> {
    affix(object, Some(prefix), None, spec, step)
}

/// Puts `suffix` behind the fields that `spec` names.
///
/// # Errors
/// As [`prefix`].
pub fn suffix<'s>(
    object: &mut Node<'s>,
    suffix: &Node<'s>,
    spec: &FieldSpec,
    step: &Arc<Step<'s>>,
) -> Result<bool, TransformError<'s>> {
    affix(object, None, Some(suffix), spec, step)
}

fn affix<'s>(
    object: &mut Node<'s>,
    before: Option<&Node<'s>>,
    after: Option<&Node<'s>>,
    spec: &FieldSpec,
    step: &Arc<Step<'s>>,
) -> Result<bool, TransformError<'s>> {
    visit(object, spec, Create::Scalar, step, &mut |node| {
        if !node.is_scalar() {
            return Err(TransformError::wrong_kind(Kind::Scalar, node));
        }
        let mut text = Composer::new();
        for part in [before, Some(&*node), after].into_iter().flatten() {
            text.node(part);
        }
        // The place of the name stays that of the base; the pieces and the step tell the rest. Upstream drops the tag, so an
        // unquoted result is typed anew by its text.
        *node = text.finish(node.style(), Some(NO_TAG.into()), node.origin().with(step, None));
        Ok(true)
    })
}
