//! `unmatched-target`: see `rules/unmatched-target.md`.

use serde::Deserialize;

use super::kustomize::{known_name, objects, selector_place, selector_text};
use crate::k8s::{Object, placeholder};
use crate::kustomize::FactKind;
use crate::kustomize::kustomization::Target;
use crate::near::nearest;
use crate::rule::{KustomizationCx, Rule, Sink};
use crate::source::Span;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnmatchedTarget {}

impl Rule for UnmatchedTarget {
    fn kustomization<'a, 's>(&self, cx: &KustomizationCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let kustomization = &cx.usage.kustomization;
        for patch in kustomization.patches.iter().chain(&kustomization.patches_json6902) {
            if let Some(target) = &patch.target {
                check("patch", FactKind::Patch, patch.entry(), target, cx, sink);
            }
        }
        for target in kustomization.replacements.iter().flat_map(|r| r.targets.iter().flatten()) {
            if let Some(select) = &target.select {
                check("replacement", FactKind::ReplacementTarget, target.span, select, cx, sink);
            }
        }
        for (entry, effect) in cx.usage.effects_elsewhere(FactKind::ReplacementTarget) {
            if effect.matched == 0 {
                sink.at_span(entry.first_line(), "this replacement target matches no object").help(HELP);
            }
        }
    }
}

const HELP: &str = "kustomize skips a target that selects nothing: mend the selector, or remove the entry";

fn check<'s>(
    what: &str,
    kind: FactKind,
    entry: Option<Span<'s>>,
    target: &Target<'s>,
    cx: &KustomizationCx<'_, 's>,
    sink: &mut Sink<'_, 's>,
) {
    let Some(effect) = cx.usage.effect(kind, entry) else { return };
    let texts = [&target.name, &target.kind, &target.namespace];
    if effect.matched > 0 || texts.into_iter().flatten().any(|t| placeholder::is_placeholder(t)) {
        return;
    }
    let Some(span) = selector_place(target).or(entry) else { return };
    let mut draft = sink.at_span(span, format!("{what} target {} matches no object", selector_text(target)));
    draft.help(HELP);
    if let Some((object, hint)) = near(target, cx) {
        draft.related(&object.anchor(), "the nearest object");
        draft.suggest(hint);
    } else if let Some((object, hint)) = only(target, cx) {
        draft.related(&object.anchor(), "the only object of this kind");
        draft.suggest(hint);
    }
}

/// The only object of the kind that a target names, if there is just one, and what to write to select it.
fn only<'a, 's>(target: &Target<'s>, cx: &KustomizationCx<'a, 's>) -> Option<(&'a Object<'s>, String)> {
    let kind = target.kind.as_deref().filter(|k| !k.is_empty())?;
    target.name.as_deref().filter(|n| !n.is_empty())?;
    let mut all = objects(&cx.scopes).filter(|o| o.kind() == kind);
    let first = all.next()?;
    let name = known_name(first);
    all.all(|o| known_name(o) == name).then(|| (first, format!("write `name: {name}`")))
}

/// The object that was most likely meant, and what to write to select it.
fn near<'a, 's>(target: &Target<'s>, cx: &KustomizationCx<'a, 's>) -> Option<(&'a Object<'s>, String)> {
    let kind = target.kind.as_deref().filter(|k| !k.is_empty());
    let name = target.name.as_deref().filter(|n| !n.is_empty());
    let of_kind = |o: &&Object<'s>| kind.is_none_or(|k| o.kind() == k);
    if let Some(name) = name {
        let named = |o: &&Object<'s>| known_name(o) == name || o.name().is_some_and(|n| n == name);
        // Right name and kind: it is the group, the version, the namespace or a selector.
        if let Some(object) = objects(&cx.scopes).find(|o| of_kind(o) && named(o)) {
            return Some((
                object,
                format!("compare the other parts of the selector with {} `{}`", object.kind(), known_name(object)),
            ));
        }
        if let Some(object) = objects(&cx.scopes).find(named) {
            return Some((object, format!("write `kind: {}`", object.kind())));
        }
        let names: Vec<(String, &Object<'s>)> =
            objects(&cx.scopes).filter(of_kind).map(|o| (known_name(o).into_owned(), o)).collect();
        let near = nearest(name, names.iter().map(|(n, _)| n.as_str()))?;
        let object = names.iter().find(|(n, _)| n == near).map(|(_, o)| *o)?;
        return Some((object, format!("write `name: {near}`")));
    }
    let near = nearest(kind?, objects(&cx.scopes).map(Object::kind))?;
    let object = objects(&cx.scopes).find(|o| o.kind() == near)?;
    Some((object, format!("write `kind: {near}`")))
}
