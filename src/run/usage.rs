//! What became of each kustomization: its part in the builds, the effect of its entries, the files beside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Rendered;
use crate::discover::{self, Discovery};
use crate::files::normal;
use crate::kustomize::{Build, Fact, Kustomization, Role};
use crate::rule::{UnusedFile, Usage};
use crate::source::Source;

/// All kustomizations of the run, by the path of their file. `skipped` are roots that are not rendered on purpose.
pub(super) fn usages<'s>(
    found: &Discovery<'s>,
    rendered: &[Rendered<'s>],
    skipped: &[PathBuf],
) -> BTreeMap<&'s Path, Usage<'s>> {
    let renders = !found.roots.is_empty();
    let mut usages: BTreeMap<&'s Path, Usage<'s>> = BTreeMap::new();
    let decode = |known: &discover::Kustomization<'s>| Usage::new(Kustomization::decode(known.source).0);
    let known: Vec<_> = found.graph.kustomizations.iter().collect();
    let fresh: Vec<Usage<'s>> = known.par_iter().map(|(_, known)| decode(known)).collect();
    for ((dir, known), mut usage) in known.into_iter().zip(fresh) {
        usage.unused_component =
            renders && known.named && known.component && !found.graph.is_used(dir) && !is_offered(found, dir);
        usages.insert(known.source.path(), usage);
    }
    for unused in &found.unused {
        let nearest = found.graph.kustomizations.get(&unused.dir).and_then(|k| usages.get_mut(k.source.path()));
        if let Some(usage) = nearest {
            usage.unused_files.push(UnusedFile { source: unused.source, patch: unused.patch });
        }
    }
    for root in rendered {
        if let Ok(build) = &root.build {
            take_part(&mut usages, build, &root.name);
        }
    }
    for usage in usages.values_mut() {
        usage.roots.sort();
        usage.roots.dedup();
        usage.complete = !usage.roots.is_empty();
    }
    // What such a root would have done with an entry is not known.
    let failed = found.roots.iter().zip(rendered).filter(|(_, r)| r.build.is_err()).map(|(dir, _)| dir);
    for dir in failed.chain(skipped) {
        for reached in found.graph.reached(dir) {
            let usage = found.graph.kustomizations.get(reached).and_then(|k| usages.get_mut(k.source.path()));
            if let Some(usage) = usage {
                usage.complete = false;
            }
        }
    }
    usages
}

/// True if some kustomization names the directory behind a `#`: an entry for whoever wants it.
fn is_offered(found: &Discovery<'_>, dir: &Path) -> bool {
    found.graph.kustomizations.iter().any(|(by, kustomization)| {
        let lines = kustomization.source.text().lines();
        let entries = lines.filter_map(|line| line.trim_start().strip_prefix('#')?.trim().strip_prefix("- "));
        let mut paths = entries.filter_map(|entry| entry.split_whitespace().next()).filter(|path| path.contains('/'));
        paths.any(|path| normal(by, Path::new(path)) == dir)
    })
}

fn take_part<'s>(usages: &mut BTreeMap<&'s Path, Usage<'s>>, build: &Build<'s>, name: &str) {
    for kustomization in &build.kustomizations {
        if let Some(usage) = usages.get_mut(kustomization.source.path()) {
            usage.roots.push(name.to_string());
        }
    }
    for file in build.files.iter().filter(|f| f.role == Role::Patch) {
        let Some(entry) = file.entry else { continue };
        if let Some(usage) = usages.get_mut(entry.source.path()) {
            usage.add_patch_file(entry, file.source);
        }
    }
    for fact in &build.facts {
        for owner in owners(build, fact) {
            if let Some(usage) = usages.get_mut(owner.path()) {
                usage.add(fact);
            }
        }
    }
}

/// The kustomizations that an entry belongs to: the one it stands in, or those that take the file it stands in.
fn owners<'s>(build: &Build<'s>, fact: &Fact<'s>) -> Vec<&'s Source> {
    let file = fact.entry.source;
    let mut owners: Vec<&'s Source> = build
        .files
        .iter()
        .filter(|f| f.role == Role::Replacement && std::ptr::eq(f.source, file))
        .filter_map(|f| f.entry.map(|e| e.source))
        .collect();
    owners.sort_by(|a, b| a.path().cmp(b.path()));
    owners.dedup_by(|a, b| std::ptr::eq(*a, *b));
    if owners.is_empty() { vec![file] } else { owners }
}
