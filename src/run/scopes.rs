//! Scopes of a run: rendered roots, streams, plain manifests.

use std::collections::BTreeSet;
use std::path::Path;

use rayon::prelude::*;

use super::Rendered;
use crate::discover::{Discovery, Group};
use crate::k8s::{Object, PodTemplate, Workload};
use crate::rule::{Scope, ScopeKind};
use crate::yaml::Node;

/// All scopes, roots first, in a fixed order.
pub(super) fn scopes<'s>(found: &Discovery<'s>, rendered: &[Rendered<'s>], more: &[PodTemplate]) -> Vec<Scope<'s>> {
    let used: Vec<BTreeSet<&Path>> = rendered.iter().map(|r| non_components(r)).collect();
    let mut out: Vec<Scope<'s>> = rendered
        .par_iter()
        .enumerate()
        .filter_map(|(at, root)| {
            let build = root.build.as_ref().ok()?;
            let siblings = rendered
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at && !used[*other].is_disjoint(&used[at]))
                .map(|(_, r)| r.name.clone())
                .collect();
            let mut objects: Vec<Object<'s>> = Vec::with_capacity(build.objects.len());
            objects.extend(build.objects.iter().cloned().filter_map(Object::new));
            Some(scope(ScopeKind::Root, root.name.clone(), true, objects, siblings, more))
        })
        .collect();
    let groups: Vec<Scope<'s>> = found.groups.par_iter().map(|group| plain(group, more)).collect();
    out.extend(groups);
    out
}

/// Directories of the non-Component kustomizations of a root.
fn non_components<'r>(root: &'r Rendered<'_>) -> BTreeSet<&'r Path> {
    let Ok(build) = &root.build else { return BTreeSet::new() };
    build.kustomizations.iter().filter(|k| !k.component).filter_map(|k| k.source.path().parent()).collect()
}

fn plain<'s>(group: &Group<'s>, more: &[PodTemplate]) -> Scope<'s> {
    let mut objects = Vec::new();
    for source in &group.files {
        for document in super::units::documents(source) {
            add(document, &mut objects);
        }
    }
    scope(group.kind, group.name.clone(), group.complete, objects, Vec::new(), more)
}

/// A List counts as its items.
fn add<'s>(node: Node<'s>, objects: &mut Vec<Object<'s>>) {
    let is_list = node.get("kind").is_some_and(|k| k.text().is_some_and(|k| k.ends_with("List")));
    match node.get("items").filter(|items| is_list && items.is_seq()) {
        Some(items) => items.items().for_each(|item| add(item, objects)),
        None => objects.extend(Object::new(node)),
    }
}

fn scope<'s>(
    kind: ScopeKind,
    name: String,
    complete: bool,
    objects: Vec<Object<'s>>,
    siblings: Vec<String>,
    more: &[PodTemplate],
) -> Scope<'s> {
    let workloads = objects.iter().flat_map(|object| Workload::with(object, more)).collect();
    let mut scope = Scope::new(kind, name, complete, objects, workloads);
    scope.siblings = siblings;
    scope
}
