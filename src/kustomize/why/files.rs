//! What each file of a build contributed.

use std::collections::{BTreeMap, BTreeSet};

use super::{leaves, title};
use crate::kustomize::build::{Build, Role};
use crate::source::{Source, Span};
use crate::yaml::Node;

/// What a file contributed to a build.
#[derive(Clone, Debug)]
pub struct Contribution<'s> {
    /// The file.
    pub source: &'s Source,
    /// What it was used as, sorted.
    pub roles: Vec<Role>,
    /// How many scalars of the output have text of it.
    pub fields: usize,
    /// The objects that these are in, in the order of the output.
    pub objects: Vec<String>,
}

impl Contribution<'_> {
    /// True for a file of objects, patches or data of which nothing is in the output.
    pub fn is_nothing(&self) -> bool {
        let gives = |r: &Role| matches!(r, Role::Resource | Role::Patch | Role::GeneratorInput | Role::Replacement);
        self.fields == 0 && self.roles.iter().any(gives)
    }
}

/// What every file of a build contributed, in the order of use.
pub fn contributions<'s>(build: &Build<'s>) -> Vec<Contribution<'s>> {
    let mut out: Vec<Contribution<'s>> = Vec::new();
    let mut index: BTreeMap<&'s str, usize> = BTreeMap::new();
    for file in &build.files {
        let at = *index.entry(file.source.display()).or_insert(out.len());
        if at == out.len() {
            out.push(Contribution { source: file.source, roles: Vec::new(), fields: 0, objects: Vec::new() });
        }
        if let Some(contribution) = out.get_mut(at).filter(|c| !c.roles.contains(&file.role)) {
            contribution.roles.push(file.role);
            contribution.roles.sort();
        }
    }
    for object in &build.objects {
        let title = title(object);
        for (_, leaf) in leaves(object, &Default::default()) {
            for file in files_of(&leaf) {
                let Some(contribution) = index.get(file).and_then(|at| out.get_mut(*at)) else { continue };
                contribution.fields += 1;
                if contribution.objects.last() != Some(&title) {
                    contribution.objects.push(title.clone());
                }
            }
        }
    }
    out
}

/// The files that a scalar has text of.
fn files_of<'s>(leaf: &Node<'s>) -> BTreeSet<&'s str> {
    let pieces = leaf.pieces();
    let spans: Vec<Span<'s>> = if pieces.is_empty() {
        leaf.origin().span.into_iter().collect()
    } else {
        pieces.iter().filter_map(|p| p.span).collect()
    };
    spans.into_iter().map(|span| span.source.display()).collect()
}
