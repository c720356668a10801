//! The files of a run, for rules that look at files.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use crate::discover::Discovery;
use crate::files::{self, Context};
use crate::finding::Failure;
use crate::k8s::Object;
use crate::lint::SourceUnit;
use crate::rule::{SourceRole, Usage};
use crate::source::Source;
use crate::yaml::{Node, expand};

/// Every file that was read, once, sorted by path.
pub(super) fn units<'s>(
    ctx: Context<'s>,
    found: &Discovery<'s>,
    mut usages: BTreeMap<&'s Path, Usage<'s>>,
) -> Vec<SourceUnit<'s>> {
    let mut files: BTreeMap<&Path, (&'s Source, SourceRole)> = BTreeMap::new();
    for kustomization in found.graph.kustomizations.values() {
        files.insert(kustomization.source.path(), (kustomization.source, SourceRole::Kustomization));
    }
    for (path, role) in &found.used {
        if let Some(source) = ctx.sources.get(path) {
            files.entry(source.path()).or_insert((source, *role));
        }
    }
    for source in found.groups.iter().flat_map(|g| &g.files) {
        files.entry(source.path()).or_insert((source, SourceRole::Manifest));
    }
    files
        .into_values()
        .map(|(source, role)| (source, role, usages.remove(source.path()).map(Box::new)))
        .collect::<Vec<_>>()
        .into_par_iter()
        .with_max_len(files::AT_A_TIME)
        .map(|(source, role, usage)| {
            let is_yaml = role != SourceRole::GeneratorInput;
            let documents = if is_yaml { documents(source) } else { Vec::new() };
            SourceUnit { source, role, documents, usage }
        })
        .collect()
}

/// The roots of a file's documents, aliases expanded.
pub(super) fn documents<'s>(source: &'s Source) -> Vec<Node<'s>> {
    expand::documents(source).into_iter().map(|d| d.node).collect()
}

/// Plain manifests that are no YAML. What a kustomization cannot read is the failure of its root.
pub(super) fn broken<'s>(units: &[SourceUnit<'s>]) -> Vec<Failure<'s>> {
    let mut failures = Vec::new();
    for unit in units.iter().filter(|u| u.role == SourceRole::Manifest) {
        for error in unit.source.problems() {
            failures.push(Failure {
                path: unit.source.display().into(),
                span: Some(unit.source.span(error.start..error.end)),
                message: format!("not valid YAML: {}", error.message),
                related: Vec::new(),
            });
        }
    }
    failures
}

/// How many Kubernetes objects the manifests hold.
pub(super) fn manifests(units: &[SourceUnit<'_>]) -> usize {
    let manifests = units.iter().filter(|u| u.role == SourceRole::Manifest);
    manifests.flat_map(|u| &u.documents).filter(|d| Object::new((*d).clone()).is_some()).count()
}
