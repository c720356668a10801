//! What became of a kustomization in a run.

use rustc_hash::FxHashMap;

use crate::kustomize::{Fact, FactKind, Kustomization};
use crate::source::{Source, Span};

/// What the builds of a run made of one kustomization.
pub struct Usage<'s> {
    /// The decoded file.
    pub kustomization: Kustomization<'s>,
    /// Names of the rendered roots that it takes part in, sorted.
    pub roots: Vec<String>,
    /// True if it was rendered, and no root that uses it failed. Only then is an entry known to be without effect.
    pub complete: bool,
    /// True for a Component that no kustomization of the run uses, in a run that renders something.
    pub unused_component: bool,
    /// Files with objects or patches that belong to this kustomization by their place, and that none uses; by path.
    pub unused_files: Vec<UnusedFile<'s>>,
    effects: FxHashMap<(FactKind, Span<'s>), Effect>,
    patch_files: FxHashMap<Span<'s>, &'s Source>,
}

/// A file beside a kustomization that none uses.
#[derive(Clone, Copy)]
pub struct UnusedFile<'s> {
    /// The file.
    pub source: &'s Source,
    /// True if it looks like a patch, not like a whole object.
    pub patch: bool,
}

/// What an entry did, over all roots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// How many objects it was applied to (images: fields), counted anew in every root.
    pub matched: usize,
    /// How many of them it changed.
    pub changed: usize,
}

impl<'s> Usage<'s> {
    /// A kustomization that nothing is known about yet.
    pub fn new(kustomization: Kustomization<'s>) -> Self {
        Usage {
            kustomization,
            roots: Vec::new(),
            complete: false,
            unused_component: false,
            unused_files: Vec::new(),
            effects: FxHashMap::default(),
            patch_files: FxHashMap::default(),
        }
    }

    /// Adds what an entry did in one build.
    pub fn add(&mut self, fact: &Fact<'s>) {
        let effect = self.effects.entry((fact.kind, fact.entry)).or_default();
        effect.matched += fact.matched;
        effect.changed += fact.changed;
    }

    /// Adds the file that an entry of patches names.
    pub fn add_patch_file(&mut self, entry: Span<'s>, file: &'s Source) {
        self.patch_files.insert(entry, file);
    }

    /// The file that an entry of patches names, if it was read.
    pub fn patch_file(&self, entry: Span<'s>) -> Option<&'s Source> {
        self.patch_files.get(&entry).copied()
    }

    /// What an entry did in all roots together. None if that is not known: it was not reached, or a root that uses it failed.
    pub fn effect(&self, kind: FactKind, entry: Option<Span<'s>>) -> Option<Effect> {
        self.effects.get(&(kind, entry?)).copied().filter(|_| self.complete)
    }

    /// The entries of a kind that stand in other files than the kustomization, sorted: replacements with a `path`.
    pub fn effects_elsewhere(&self, kind: FactKind) -> Vec<(Span<'s>, Effect)> {
        let mut out: Vec<(Span<'s>, Effect)> = self
            .effects
            .iter()
            .filter(|((k, entry), _)| {
                self.complete && *k == kind && !std::ptr::eq(entry.source, self.kustomization.source)
            })
            .map(|((_, entry), effect)| (*entry, *effect))
            .collect();
        out.sort_by_key(|(entry, _)| entry.sort_key());
        out
    }
}
