//! When a root that asks for `managedByLabel` alone can do without the annotations of origins.
//!
//! Upstream writes them for every option of `buildMetadata`, and takes out at the end what the root does not ask for. To do the same, each
//! base has to be made anew for such a root. It need not be where nothing can have met them: then the bases are shared as always.

use super::Text;
use super::accumulate::Accumulation;
use super::build::Role;
use super::kustomization::{Kustomization, Patch};
use super::metadata;
use crate::yaml::Node;

/// True if a root asks for nothing but the label.
pub(super) fn is_label_only(root: &Kustomization<'_>) -> bool {
    metadata::is_asked(root) && root.build_metadata.iter().all(|option| option.text == "managedByLabel")
}

/// True if what was made without the annotations would be the same with them. When in doubt, it is not.
pub(super) fn is_same(made: &Accumulation<'_>) -> bool {
    let patches = made.files.iter().filter(|file| file.role == Role::Patch);
    made.kustomizations.iter().all(|k| has_simple_fields(k))
        && patches.map(|file| file.source.text()).all(is_simple_patch)
        && made.resources.iter().all(|resource| is_simple_object(&resource.node))
}

/// Nothing in the kustomization reads or selects annotations, or can be made to.
fn has_simple_fields(k: &Kustomization<'_>) -> bool {
    let reads = k.replacements.is_empty() && k.vars.is_empty();
    let plugins = k.generators.is_empty() && k.transformers.is_empty() && k.validators.is_empty();
    let specs = k.configurations.is_empty() && k.crds.is_empty() && k.openapi.is_empty();
    let labels = k.labels.iter().all(|entry| entry.fields.is_empty());
    let patches = k.patches.iter().chain(&k.patches_json6902).all(|patch: &Patch<'_>| {
        patch.target.as_ref().is_none_or(|target| target.annotation_selector.is_none())
            && patch.patch.as_deref().is_none_or(is_simple_patch)
    });
    let inline = k.patches_strategic_merge.iter().map(|Text { text, .. }| text);
    reads && plugins && specs && labels && patches && inline.into_iter().all(|text| is_simple_patch(text))
}

/// The text of a patch does not touch annotations: it names neither them nor, in operations, anything that holds them.
fn is_simple_patch(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    // Escapes could spell any name, directives can drop or replace all of an object.
    let hidden = ["annotation", "\\", "$patch", "$retainkeys", "<<"].iter().any(|word| text.contains(word));
    // A path of one step or none stands for all that is below it.
    let operations = !starts_as_object(&text);
    let whole = || ["metadata", "from", "~", "path: \"\"", "path: ''", "\"\""].iter().any(|word| text.contains(word));
    !(hidden || operations && whole())
}

/// True for a text whose first token is a key or a brace: no list, and nothing that could make one of what follows.
fn starts_as_object(text: &str) -> bool {
    let lines = text.lines().map(str::trim_start);
    let mut content = lines.filter(|line| !line.is_empty() && !line.starts_with('#') && line.trim_end() != "---");
    content
        .next()
        .is_some_and(|line| line.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '"' | '\'' | '{')))
}

/// The annotations of the object are as they would be after others went in and out again: a map that is not empty, or none.
fn is_simple_object(object: &Node<'_>) -> bool {
    match object.path(&["metadata", "annotations"]) {
        None => object.get("metadata").is_some_and(|metadata| metadata.is_map()),
        Some(annotations) => {
            annotations.is_map()
                && !annotations.is_empty()
                && !metadata::KEYS.iter().any(|key| annotations.get(key).is_some())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_simple_patch;

    #[test]
    fn operations_are_known_by_their_list_however_they_are_written() {
        for operations in [
            "- op : add\n  path: /metadata",
            "# x\n---\n- ? op\n  : add\n  path: /metadata",
            "[{op: add, path: /metadata}]",
        ] {
            assert!(!is_simple_patch(operations), "{operations}");
        }
        for simple in
            ["# x\n---\nkind: A\nmetadata: {name: op}\nspec: {op: add}", "{kind: A, metadata: {name: a}}", "patch.yaml"]
        {
            assert!(is_simple_patch(simple), "{simple}");
        }
    }
}
