//! `configurations`: files with more field specs (upstream `api/internal/plugins/builtinconfig`).

use std::sync::Arc;

use super::build::Role;
use super::decode::Decoder;
use super::error::{Error, ErrorKind, Result};
use super::fieldspec::FieldSpec;
use super::kustomization::fields::{each, field_spec};
use super::loader::Loader;
use super::specs::{FieldSpecs, NameReference};
use super::{Text, kustomization, load};
use crate::source::Source;
use crate::yaml::Node;

const FIELDS: &[&str] = &[
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "templateLabels",
    "commonAnnotations",
    "nameReference",
    "varReference",
    "images",
    "replicas",
];

/// The field specs of a file.
pub(super) fn read<'s>(path: &Text<'s>, loader: &mut Loader<'_, 's>) -> Result<'s, FieldSpecs> {
    let source = loader.file(path, Role::Configuration, path.span())?;
    decode(source).map_err(|e| e.note(path.span(), "read from here"))
}

/// How many field specs a file has; 0 if it cannot be read.
pub(super) fn count(source: &Source) -> usize {
    let Ok(specs) = decode(source) else { return 0 };
    let plain = [
        &specs.name_prefix,
        &specs.name_suffix,
        &specs.namespace,
        &specs.common_labels,
        &specs.labels,
        &specs.template_labels,
        &specs.common_annotations,
        &specs.var_references,
        &specs.images,
        &specs.replicas,
    ];
    plain.iter().map(|list| list.len()).sum::<usize>()
        + specs.name_references.iter().map(|r| r.referrers.len()).sum::<usize>()
}

fn decode<'s>(source: &'s Source) -> Result<'s, FieldSpecs> {
    if let Some(bad) = source.tree().first_problem() {
        return Err(load::syntax(source, bad));
    }
    let mut specs = FieldSpecs::default();
    let Some(root) = kustomization::first_document(source) else { return Ok(specs) };
    let mut d = Decoder::default();
    for (name, _, value) in d.fields(&root, "a configuration", FIELDS) {
        if name == "nameReference" {
            specs.name_references = Arc::new(each(&mut d, &value, "`nameReference`", name_reference));
            continue;
        }
        let entries = each(&mut d, &value, &format!("`{name}`"), field_spec);
        let list: Arc<Vec<FieldSpec>> = Arc::new(entries.iter().map(|entry| entry.spec()).collect());
        match name {
            "namePrefix" => specs.name_prefix = list,
            "nameSuffix" => specs.name_suffix = list,
            "namespace" => specs.namespace = list,
            "commonLabels" => specs.common_labels = list,
            "labels" => specs.labels = list,
            "templateLabels" => specs.template_labels = list,
            "commonAnnotations" => specs.common_annotations = list,
            "varReference" => specs.var_references = list,
            "images" => specs.images = list,
            _ => specs.replicas = list,
        }
    }
    if let Some(error) = Error::first_of(d.problems) {
        return Err(error);
    }
    // Here, and only here, upstream refuses duplicate keys.
    match d.duplicates.first() {
        Some(key) => {
            let error = Error::new(ErrorKind::Decode, Some(key.used), "this key is written more than once");
            Err(error.note(Some(key.ignored), "first written here"))
        }
        None => Ok(specs),
    }
}

fn name_reference<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> NameReference {
    let mut out = NameReference::default();
    for (name, _, value) in d.fields(node, "an entry of `nameReference`", &["group", "version", "kind", "fieldSpecs"]) {
        if name == "fieldSpecs" {
            let specs = each(d, &value, "`fieldSpecs`", field_spec);
            out.referrers = Arc::new(specs.iter().map(|entry| entry.spec()).collect());
            continue;
        }
        let text = d.filled(&value, &format!("`{name}`")).map(|t| t.text).unwrap_or_default().into();
        match name {
            "group" => out.group = text,
            "version" => out.version = text,
            _ => out.kind = text,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> std::result::Result<FieldSpecs, String> {
        let source = Source::new("c.yaml".into(), "c.yaml".into(), text.into());
        decode(&source).map_err(|e| e.to_string())
    }

    #[test]
    fn field_specs_of_a_file() {
        let specs = decoded(
            "namespace:\n- path: a/b\n  create: true\nnameReference:\n- kind: X\n  fieldSpecs:\n  - {path: p, kind: Pod}\n",
        );
        let specs = specs.unwrap();
        assert_eq!(*specs.namespace, [FieldSpec::any("a/b", true)]);
        assert_eq!(specs.name_references[0].kind, "X");
        assert_eq!(*specs.name_references[0].referrers, [FieldSpec::of("", "", "Pod", "p", false)]);
    }

    #[test]
    fn unknown_and_duplicate_keys_are_refused() {
        assert_eq!(
            decoded("images:\n- apiGroup: x\n").unwrap_err(),
            "c.yaml:2:3: unknown field `apiGroup` in a field spec"
        );
        assert_eq!(decoded("images: []\nimages: []\n").unwrap_err(), "c.yaml:2:1: this key is written more than once");
    }
}
