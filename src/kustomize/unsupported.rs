//! What is not rendered, and why: an error at the line that asks for it, never a wrong result.

use super::error::{Error, ErrorKind, Result};
use super::kustomization::Kustomization;

/// An error for the first entry that cannot be rendered.
pub(super) fn check<'s>(k: &Kustomization<'s>) -> Result<'s, ()> {
    if let Some(span) = k.helm_charts.first() {
        let message =
            "a Helm chart can only be rendered by `helm`, which is not run; render it beforehand, or skip this root";
        return Err(Error::new(ErrorKind::Helm, Some(*span), message));
    }
    Ok(())
}
