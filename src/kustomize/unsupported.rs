//! What is not rendered, and why: an error at the line that asks for it, never a wrong result.

use super::error::Result;
use super::helm;
use super::kustomization::Kustomization;
use super::render::Options;

/// An error for the first entry that cannot be rendered.
pub(super) fn check<'s>(k: &Kustomization<'s>, options: &Options) -> Result<'s, ()> {
    match k.helm_charts.first() {
        Some(chart) if options.helm.is_none() => Err(helm::not_run(chart.place)),
        _ => Ok(()),
    }
}
