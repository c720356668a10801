//! Scopes of a run: rendered roots, streams, plain manifests.

use std::path::Path;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::Rendered;
use crate::discover::{Discovery, Group};
use crate::k8s::{Object, PodTemplate, Workload};
use crate::rule::{Deleted, Scope, ScopeKind};
use crate::yaml::Node;

/// All scopes, roots first, in a fixed order.
pub(super) fn scopes<'s>(found: &Discovery<'s>, rendered: &[Rendered<'s>], more: &[PodTemplate]) -> Vec<Scope<'s>> {
    let mut numbers: FxHashMap<&Path, u32> = FxHashMap::default();
    let mut number = |dir| {
        let next = numbers.len() as u32;
        *numbers.entry(dir).or_insert(next)
    };
    let used: Vec<Vec<u32>> = rendered.iter().map(|r| non_components(r).map(&mut number).collect()).collect();
    let mut out: Vec<Scope<'s>> = rendered
        .par_iter()
        .with_max_len(1)
        .zip(used)
        .filter_map(|(root, used)| {
            let build = root.build.as_ref().ok()?;
            let mut objects: Vec<Object<'s>> = Vec::with_capacity(build.objects.len());
            objects.extend(build.objects.iter().cloned().filter_map(Object::new));
            let deleted = build.deleted.iter();
            let deleted = deleted.filter_map(|d| Some(Deleted { object: Object::new(d.object.clone())?, at: d.at }));
            let scope = scope(ScopeKind::Root, root.name.clone(), true, objects, more);
            Some(scope.built_from(used).without(deleted.collect()))
        })
        .collect();
    let groups: Vec<Scope<'s>> = found.groups.par_iter().with_max_len(1).map(|group| plain(group, more)).collect();
    out.extend(groups);
    out
}

/// Directories of the non-Component kustomizations of a root.
fn non_components<'r>(root: &'r Rendered<'_>) -> impl Iterator<Item = &'r Path> {
    let used = root.build.iter().flat_map(|build| &build.kustomizations);
    used.filter(|k| !k.component).filter_map(|k| k.source.path().parent())
}

fn plain<'s>(group: &Group<'s>, more: &[PodTemplate]) -> Scope<'s> {
    let mut objects = Vec::new();
    for source in &group.files {
        for document in super::units::documents(source) {
            add(document, &mut objects);
        }
    }
    scope(group.kind, group.name.clone(), group.complete, objects, more)
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
    more: &[PodTemplate],
) -> Scope<'s> {
    let workloads = objects.iter().flat_map(|object| Workload::with(object, more)).collect();
    Scope::new(kind, name, complete, objects, workloads)
}
