//! `ineffective-patch`: see `rules/ineffective-patch.md`.

use serde::Deserialize;

use super::kustomize::patch_place;
use crate::kustomize::FactKind;
use crate::rule::{KustomizationCx, Rule, Sink};
use crate::source::Span;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct IneffectivePatch {}

impl Rule for IneffectivePatch {
    fn kustomization<'a, 's>(&self, cx: &KustomizationCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let kustomization = &cx.usage.kustomization;
        for text in &kustomization.patches_strategic_merge {
            check(text.span(), text.span().map(|s| s.first_line()), cx, sink);
        }
        for patch in kustomization.patches.iter().chain(&kustomization.patches_json6902) {
            check(patch.entry(), patch_place(patch), cx, sink);
        }
    }
}

fn check<'s>(entry: Option<Span<'s>>, place: Option<Span<'s>>, cx: &KustomizationCx<'_, 's>, sink: &mut Sink<'_, 's>) {
    let Some(effect) = cx.usage.effect(FactKind::Patch, entry) else { return };
    if let (Some(place), true) = (place, effect.matched > 0 && effect.changed == 0) {
        sink.at_span(place, "this patch changes nothing").help("all that it writes is there without it: remove it");
    }
}
