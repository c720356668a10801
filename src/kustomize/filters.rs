//! The built-in transformers, each on one object (upstream `api/filters`). What they write comes from nodes of the
//! kustomization, so that origins point there.

pub mod images;
pub mod labels;
pub mod names;
pub mod namespace;
pub mod replicas;

use std::borrow::Cow;
use std::sync::Arc;

use super::transform_error::TransformError;
use crate::yaml::node::STR_TAG;
use crate::yaml::{Kind, Node, Scalar, Step};

/// `value` as a string in the place of `old`, which must be a scalar (null included).
fn set_string<'s>(old: &mut Node<'s>, value: &Node<'s>, step: &Arc<Step<'s>>) -> Result<bool, TransformError<'s>> {
    if !old.is_scalar() {
        return Err(TransformError::wrong_kind(Kind::Scalar, old));
    }
    *old = string_from(value, step, Some(old));
    Ok(true)
}

/// A string with the text and origin of `value`, put there by `step` in the place of `replaced`.
fn string_from<'s>(value: &Node<'s>, step: &Arc<Step<'s>>, replaced: Option<&Node<'s>>) -> Node<'s> {
    Node::Scalar(Arc::new(Scalar {
        text: value.text().unwrap_or_default().into(),
        style: value.style(),
        tag: Some(Cow::Borrowed(STR_TAG)),
        origin: value.origin().with(step, replaced.map(Node::origin)),
        pieces: value.pieces().to_vec(),
    }))
}
