//! `replicas` on one field (upstream `api/filters/replicacount`).

use std::borrow::Cow;
use std::sync::Arc;

use crate::kustomize::fieldspec::{Create, FieldSpec, visit};
use crate::kustomize::transform_error::TransformError;
use crate::yaml::{Kind, Node, Scalar, Step, Style};

const INT_TAG: &str = "tag:yaml.org,2002:int";

/// Sets the fields that `spec` names to `count`, an integer of the kustomization.
///
/// # Errors
/// If the path meets a scalar before its end or ends at something that is no scalar, or `count` is no integer.
pub fn apply<'s>(
    object: &mut Node<'s>,
    count: &Node<'s>,
    spec: &FieldSpec,
    step: &Arc<Step<'s>>,
) -> Result<bool, TransformError<'s>> {
    let Some(number) = count.as_i64() else { return Err(TransformError::new("`count` is not an integer").at(count)) };
    visit(object, spec, Create::Scalar, step, &mut |node| {
        if !node.is_scalar() {
            return Err(TransformError::wrong_kind(Kind::Scalar, node));
        }
        *node = Node::Scalar(Arc::new(Scalar {
            text: number.to_string().into(),
            style: Style::Plain,
            tag: Some(Cow::Borrowed(INT_TAG)),
            origin: count.origin().with(step, Some(node.origin())),
            pieces: Vec::new(),
        }));
        Ok(true)
    })
}
