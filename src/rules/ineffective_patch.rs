//! `ineffective-patch`: see `rules/ineffective-patch.md`.

use serde::Deserialize;

use super::kustomize::patch_place;
use crate::kustomize::FactKind;
use crate::rule::{KustomizationCx, Rule, Sink};
use crate::source::{Source, Span};
use crate::yaml::Node;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct IneffectivePatch {}

impl Rule for IneffectivePatch {
    fn kustomization<'a, 's>(&self, cx: &KustomizationCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let kustomization = &cx.usage.kustomization;
        for text in &kustomization.patches_strategic_merge {
            check((text.span(), text), text.span().map(|s| s.first_line()), cx, sink);
        }
        for patch in kustomization.patches.iter().chain(&kustomization.patches_json6902) {
            check((patch.entry(), patch.patch.as_deref().unwrap_or_default()), patch_place(patch), cx, sink);
        }
    }
}

/// Judges an entry, with the text of the patch if it stands there.
fn check<'s>(
    (entry, inline): (Option<Span<'s>>, &str),
    place: Option<Span<'s>>,
    cx: &KustomizationCx<'_, 's>,
    sink: &mut Sink<'_, 's>,
) {
    let Some(effect) = cx.usage.effect(FactKind::Patch, entry) else { return };
    let Some(place) = place.filter(|_| effect.matched > 0 && effect.changed == 0) else { return };
    let file = entry.and_then(|entry| cx.usage.patch_file(entry));
    if is_named_after(cx, file.map_or(inline, Source::text)) {
        return;
    }
    let help = if is_all_of_component(cx.node) {
        "all that it writes is there without it, and the Component has nothing else: remove the Component from `components` of those that \
         use it; or the patch names the wrong object"
    } else {
        "all that it writes is there without it: remove it; or it names the wrong object"
    };
    sink.at_span(place, "this patch changes nothing").help(help);
}

/// True for a Component whose only content is one entry: without it, kustomize refuses the Component.
fn is_all_of_component(node: &Node<'_>) -> bool {
    let head = ["apiVersion", "kind", "metadata"];
    let mut content = node.entries().filter(|(key, value)| !value.is_empty() && !head.iter().any(|k| key.has_text(k)));
    let alone = content.next().is_some_and(|(_, list)| list.len() == 1) && content.next().is_none();
    alone && node.get("kind").is_some_and(|kind| kind.has_text("Component"))
}

/// Keys whose values say what is patched, not what with.
const IDENTITY: [&str; 7] = ["apiVersion", "kind", "name", "namespace", "op", "path", "from"];

/// True if the directory has the name of a value that the patch writes, as `overlays/stable` for the channel `stable`: the patch holds
/// what the name says against changes of the base.
fn is_named_after(cx: &KustomizationCx<'_, '_>, text: &str) -> bool {
    let dir = cx.source.path().parent().and_then(|dir| dir.file_name()).map(|name| name.to_string_lossy());
    let Some(dir) = dir else { return false };
    text.lines().any(|line| {
        let line = line.trim_start().trim_start_matches("- ");
        let (key, value) = line.split_once(": ").unwrap_or(("", line));
        let value = value.split(" #").next().unwrap_or(value).trim().trim_matches(['"', '\'']);
        !IDENTITY.contains(&key.trim()) && is_name_of(&dir, value)
    })
}

/// True if a directory has the name of a value; for the characters that names of directories avoid, any may stand there.
fn is_name_of(dir: &str, value: &str) -> bool {
    let folded = |c: char| if c.is_alphanumeric() { c } else { '-' };
    !value.is_empty() && dir.chars().map(folded).eq(value.chars().map(folded))
}
