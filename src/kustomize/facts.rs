//! What a rendering found out about the entries of its kustomizations, for rules.

use crate::source::Span;

/// What kind of entry a [`Fact`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactKind {
    /// An entry of `patches`, `patchesStrategicMerge` or `patchesJson6902`.
    Patch,
    /// An entry of `images`.
    Image,
    /// An entry of `replicas`.
    Replicas,
    /// A target of a `replacements` entry.
    ReplacementTarget,
    /// An entry of `vars`.
    Var,
    /// `namespace`
    Namespace,
    /// `namePrefix`
    NamePrefix,
    /// `nameSuffix`
    NameSuffix,
    /// An entry of `labels`, or `commonLabels`.
    Labels,
    /// `commonAnnotations`
    Annotations,
}

/// The effect of one entry of a kustomization in one accumulation. The facts of a base are part of every build that takes the
/// base; they are the same in all of them. Those of a component are of the build it took part in. So an entry is without
/// effect if all facts with its span, over all builds, say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact<'s> {
    /// What kind of entry.
    pub kind: FactKind,
    /// The entry: its identifying scalar (`name`, `path`, the patch text), as in the steps of origins.
    pub entry: Span<'s>,
    /// How many objects it was applied to (images: fields).
    pub matched: usize,
    /// How many of them it changed.
    pub changed: usize,
}
