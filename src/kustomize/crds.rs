//! `crds`: OpenAPI definitions whose properties say what is a name, a reference, a label selector or annotations (upstream
//! `api/internal/accumulator/loadconfigfromcrds.go`). They only add field specs.

use std::sync::Arc;

use super::build::Role;
use super::error::{Error, ErrorKind, Result};
use super::fieldspec::FieldSpec;
use super::kustomization::first_document;
use super::loader::Loader;
use super::specs::{FieldSpecs, NameReference};
use super::{Text, TransformError, load};
use crate::yaml::Node;

/// The field specs that the definitions of a file add up to.
pub(super) fn read<'s>(path: &Text<'s>, loader: &mut Loader<'_, 's>) -> Result<'s, FieldSpecs> {
    let source = loader.file(path, Role::Crd, path.span())?;
    if let Some(bad) = source.tree().first_problem() {
        return Err(load::syntax(source, bad).note(path.span(), "read from here"));
    }
    let mut specs = FieldSpecs::default();
    let Some(definitions) = first_document(source) else { return Ok(specs) };
    for (name, definition) in definitions.entries() {
        let Some(name) = name.text() else { continue };
        let is_type = |key| property(&definition, key).is_some();
        if ["kind", "apiVersion", "metadata"].into_iter().all(is_type) {
            let kind = name.rsplit('.').next().unwrap_or(&name).to_string();
            let mut walk = Walk { definitions: &definitions, kind, specs: FieldSpecs::default(), within: Vec::new() };
            walk.definition(&name, &[]).map_err(|e| conflict(path, &e))?;
            specs.merge(&walk.specs).map_err(|e| conflict(path, &e))?;
        }
    }
    Ok(specs)
}

fn conflict<'s>(path: &Text<'s>, error: &TransformError<'_>) -> Box<Error<'s>> {
    Error::new(ErrorKind::Conflict, path.span(), error.message.clone())
}

/// The properties of a definition.
fn properties<'s>(definition: &Node<'s>) -> Option<Node<'s>> {
    let schema = definition.entries().find(|(k, _)| k.text().is_some_and(|t| t.eq_ignore_ascii_case("schema")))?;
    schema.1.get("properties")
}

fn property<'s>(definition: &Node<'s>, name: &str) -> Option<Node<'s>> {
    properties(definition)?.get(name)
}

struct Walk<'w, 's> {
    definitions: &'w Node<'s>,
    kind: String,
    specs: FieldSpecs,
    /// Definitions that we are in: one that refers to itself is followed once.
    within: Vec<String>,
}

impl Walk<'_, '_> {
    fn definition(&mut self, name: &str, path: &[String]) -> std::result::Result<(), TransformError<'static>> {
        let Some(definition) = self.definitions.get(name) else { return Ok(()) };
        if self.within.iter().any(|n| n == name) {
            return Ok(());
        }
        self.within.push(name.to_string());
        for (key, value) in properties(&definition).iter().flat_map(|p| p.entries()) {
            let mut path = path.to_vec();
            path.push(key.text().unwrap_or_default().into_owned());
            self.property(&value, &path)?;
        }
        self.within.pop();
        Ok(())
    }

    fn property(&mut self, property: &Node<'_>, path: &[String]) -> std::result::Result<(), TransformError<'static>> {
        let mark =
            |name: &str| property.get(name).filter(|n| n.is_scalar()).and_then(|n| n.text()).map(|t| t.into_owned());
        let mut found = FieldSpecs::default();
        if mark("x-kubernetes-annotation").is_some() {
            found.common_annotations = Arc::new(vec![self.spec(path)]);
        }
        if mark("x-kubernetes-label-selector").is_some() {
            found.common_labels = Arc::new(vec![self.spec(path)]);
        }
        if mark("x-kubernetes-identity").is_some() {
            found.name_prefix = Arc::new(vec![self.spec(path)]);
        }
        if let (Some(version), Some(kind)) =
            (mark("x-kubernetes-object-ref-api-version"), mark("x-kubernetes-object-ref-kind"))
        {
            let mut path = path.to_vec();
            path.push(mark("x-kubernetes-object-ref-name-key").unwrap_or_else(|| "name".into()));
            found.name_references = Arc::new(vec![NameReference {
                version: version.into(),
                kind: kind.into(),
                referrers: Arc::new(vec![self.spec(&path)]),
                ..NameReference::default()
            }]);
        }
        self.specs.merge(&found)?;
        match mark("$ref") {
            Some(reference) => self.definition(&reference, path),
            None => Ok(()),
        }
    }

    fn spec(&self, path: &[String]) -> FieldSpec {
        FieldSpec { kind: self.kind.clone().into(), path: path.join("/").into(), ..FieldSpec::default() }
    }
}
