//! What is not rendered, and why: an error at the line that asks for it, never a wrong result.

use super::Text;
use super::error::{Error, ErrorKind, Result};
use super::kustomization::Kustomization;
use crate::source::Span;

/// An error for the first entry that cannot be rendered.
pub(super) fn check<'s>(k: &Kustomization<'s>) -> Result<'s, ()> {
    if let Some(span) = k.helm_charts.first() {
        let message =
            "a Helm chart can only be rendered by `helm`, which is not run; render it beforehand, or skip this root";
        return Err(Error::new(ErrorKind::Helm, Some(*span), message));
    }
    let first = |list: &[Text<'s>]| list.first().and_then(Text::span);
    let pending: [(&str, Option<Span<'s>>); 2] =
        [("openapi", k.openapi.first().and_then(|(key, _)| key.span())), ("buildMetadata", first(&k.build_metadata))];
    match pending.into_iter().find_map(|(field, span)| Some((field, span?))) {
        Some((field, span)) => {
            let message = format!("`{field}` is not supported yet, so this kustomization is not rendered");
            Err(Error::new(ErrorKind::Unsupported, Some(span), message))
        }
        None => Ok(()),
    }
}
