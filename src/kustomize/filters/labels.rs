//! Labels and annotations: pairs that are set in mappings of strings (upstream `api/filters/{labels,annotations}`).

use std::borrow::Cow;
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
    Pairs::new(pairs, step).apply(object, specs)
}

/// Pairs to set, made once for all objects: a hundred overlays over a large base share what they write.
pub struct Pairs<'a, 's> {
    /// Sorted by key.
    pairs: Vec<Pair<'a, 's>>,
    step: &'a Arc<Step<'s>>,
}

struct Pair<'a, 's> {
    text: Cow<'a, str>,
    key: Node<'s>,
    /// As it is written where none was before.
    new: Node<'s>,
    value: &'a Node<'s>,
}

impl<'a, 's> Pairs<'a, 's> {
    /// These keys and values of the kustomization, to be set by `step`.
    pub fn new(pairs: &'a [(Node<'s>, Node<'s>)], step: &'a Arc<Step<'s>>) -> Self {
        let pair = |(key, value): &'a (Node<'s>, Node<'s>)| {
            let text = key.text().unwrap_or_default();
            // Upstream writes the key without quotes or tag: `1` becomes an integer, which cannot be printed.
            let key = Node::plain(text.as_ref(), key.origin().with(step, None));
            Pair { text, key, new: string_from(value, step, None), value }
        };
        let mut pairs: Vec<_> = pairs.iter().map(pair).collect();
        pairs.sort_by(|a, b| a.text.cmp(&b.text));
        Pairs { pairs, step }
    }

    /// As [`apply`].
    ///
    /// # Errors
    /// As [`apply`].
    pub fn apply(&self, object: &mut Node<'s>, specs: &[FieldSpec]) -> Result<bool, TransformError<'s>> {
        let mut changed = false;
        for pair in &self.pairs {
            changed |= visit_all(object, specs, Create::Map, self.step, &mut |node| {
                if node.is_null() {
                    return Ok(false);
                }
                if !node.is_map() {
                    return Err(TransformError::wrong_kind(Kind::Map, node));
                }
                let value = match node.get(&pair.text) {
                    Some(old) => string_from(pair.value, self.step, Some(&old)),
                    None => pair.new.clone(),
                };
                node.set(pair.key.clone(), value);
                Ok(true)
            })?;
        }
        Ok(changed)
    }
}
