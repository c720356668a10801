//! `deprecated-kustomization-field`: see `rules/deprecated-kustomization-field.md`.

mod rewrite;

use serde::Deserialize;

use crate::finding::Safety;
use crate::rule::{KustomizationCx, Rule, Sink};
use crate::yaml::Node;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DeprecatedKustomizationField {}

/// A field that upstream warns about, and what takes its place.
const FIELDS: [(&str, &str); 7] = [
    ("bases", "`resources`"),
    ("commonLabels", "`labels` with `includeSelectors: true`"),
    ("helmChartInflationGenerator", "`helmCharts`"),
    ("imageTags", "`images`"),
    ("patchesJson6902", "`patches`"),
    ("patchesStrategicMerge", "`patches`"),
    ("vars", "`replacements`"),
];

impl Rule for DeprecatedKustomizationField {
    fn kustomization<'a, 's>(&self, cx: &KustomizationCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for (key, value) in cx.node.entries().filter(|(_, value)| !value.is_null()) {
            let text = key.text().unwrap_or_default();
            if let Some((field, new)) = FIELDS.iter().find(|(field, _)| field.eq_ignore_ascii_case(&text)) {
                field_finding(cx.node, field, new, &key, &value, sink);
            } else if ["configMapGenerator", "secretGenerator"].iter().any(|g| g.eq_ignore_ascii_case(&text)) {
                for item in value.items() {
                    generator_env(&item, sink);
                }
            }
        }
    }
}

fn field_finding<'s>(
    root: &Node<'s>,
    field: &str,
    new: &str,
    key: &Node<'s>,
    value: &Node<'s>,
    sink: &mut Sink<'_, 's>,
) {
    let mut draft = sink.at(key, format!("`{field}` is superseded by {new}"));
    let message = format!("replace `{field}` by {new}");
    // The order of patches changes with the field, and the older fields take labels as text: mostly, not always the same.
    let (safety, edits) = match field {
        "bases" => (Safety::Safe, rewrite::move_items(root, key, value, "resources")),
        "imageTags" => (Safety::Safe, rewrite::rename(root, key, "images")),
        "commonLabels" => (Safety::Safe, rewrite::common_labels(root, key, value)),
        "patchesStrategicMerge" => (Safety::Unsafe, rewrite::patches(root, key, value)),
        "patchesJson6902" => (Safety::Unsafe, rewrite::rename(root, key, "patches")),
        _ => (Safety::Suggestion, Some(Vec::new())),
    };
    match edits {
        Some(edits) => draft.fix(safety, message, edits),
        None => draft.suggest(message),
    };
}

fn generator_env<'s>(generator: &Node<'s>, sink: &mut Sink<'_, 's>) {
    let Some((key, value)) = generator.entry("env").filter(|(_, value)| !value.is_null()) else { return };
    let mut draft = sink.at(&key, "`env` is superseded by `envs`");
    match rewrite::env(generator, &key, &value) {
        Some(edits) => draft.fix(Safety::Safe, "replace `env` by `envs`, a list", edits),
        None => draft.suggest("replace `env` by `envs`, a list"),
    };
}
