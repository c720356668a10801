//! What is not rendered, and why: an error at the line that asks for it, never a wrong result.

use super::error::{Error, ErrorKind, Result};
use super::kustomization::Kustomization;

/// An error for the first entry that cannot be rendered.
pub(super) fn check<'s>(k: &Kustomization<'s>, is_root: bool) -> Result<'s, ()> {
    if let Some(span) = k.helm_charts.first() {
        let message =
            "a Helm chart can only be rendered by `helm`, which is not run; render it beforehand, or skip this root";
        return Err(Error::new(ErrorKind::Helm, Some(*span), message));
    }
    // Only what the root asks for counts.
    match k.build_metadata.iter().find(|option| is_root && option.text != "managedByLabel") {
        Some(option) => {
            let message = format!("`{}` is not supported yet, so this kustomization is not rendered", option.text);
            Err(Error::new(ErrorKind::Unsupported, option.span(), message))
        }
        None => Ok(()),
    }
}
