//! Labels and annotations: pairs that are set in mappings of strings (upstream `api/filters/{labels,annotations}`).

use std::sync::Arc;

use super::string_from;
use crate::kustomize::fieldspec::{Create, FieldSpec, visit_all};
use crate::kustomize::transform_error::TransformError;
use crate::yaml::{Kind, Node, Step};

/// Sets every pair in the mappings that `specs` name; serves `labels`, `commonLabels` and `commonAnnotations`. Values become
/// strings. `pairs` are keys and values of the kustomization. Returns whether anything was written.
///
/// # Errors
/// If a path meets a scalar, or ends at something that is no mapping.
pub fn apply<'s>(
    object: &mut Node<'s>,
    pairs: &[(Node<'s>, Node<'s>)],
    specs: &[FieldSpec],
    step: &Arc<Step<'s>>,
) -> Result<bool, TransformError<'s>> {
    let mut sorted: Vec<_> = pairs.iter().map(|(k, v)| (k.text().unwrap_or_default(), k, v)).collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    let mut changed = false;
    for (text, key, value) in sorted {
        changed |= visit_all(object, specs, Create::Map, step, &mut |node| {
            if node.is_null() {
                return Ok(false);
            }
            if !node.is_map() {
                return Err(TransformError::wrong_kind(Kind::Map, node));
            }
            let old = node.get(&text);
            // Upstream writes the key without quotes or tag: `1` becomes an integer, which cannot be printed.
            let key = Node::plain(text.as_ref(), key.origin().with(step, None));
            node.set(key, string_from(value, step, old.as_ref()));
            Ok(true)
        })?;
    }
    Ok(changed)
}
