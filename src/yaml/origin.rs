//! Where a value comes from: the span that holds its effective text, and the steps that brought it to where it is.

use std::sync::Arc;

use crate::source::Span;

/// What a step did. Named as in `kustomization.yaml` where a field of it is the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// An alias (`*name`) or merge key put the value here.
    Alias,
    /// A strategic merge patch.
    Patch,
    /// A JSON 6902 patch operation.
    JsonPatch,
    /// `namespace:`
    Namespace,
    /// `namePrefix:`
    NamePrefix,
    /// `nameSuffix:`
    NameSuffix,
    /// `labels:` or `commonLabels:`
    Labels,
    /// `commonAnnotations:`
    Annotations,
    /// An `images:` entry.
    Images,
    /// A `replicas:` entry.
    Replicas,
    /// A `replacements:` entry.
    Replacement,
    /// A `vars:` entry.
    Var,
    /// A `configMapGenerator:` entry.
    ConfigMapGenerator,
    /// A `secretGenerator:` entry.
    SecretGenerator,
    /// A `helmCharts:` entry.
    HelmChart,
    /// The content hash at the end of a generated name.
    Hash,
    /// A reference followed the new name of the object it names.
    NameReference,
    /// Another built-in transformer or generator, written out.
    Transformer,
    /// `buildMetadata:` or the managed-by label.
    BuildMetadata,
}

impl StepKind {
    /// The name in reports and in `build --origins=json` (`via[].what`).
    pub fn name(self) -> &'static str {
        match self {
            StepKind::Alias => "alias",
            StepKind::Patch => "patch",
            StepKind::JsonPatch => "jsonPatch",
            StepKind::Namespace => "namespace",
            StepKind::NamePrefix => "namePrefix",
            StepKind::NameSuffix => "nameSuffix",
            StepKind::Labels => "labels",
            StepKind::Annotations => "annotations",
            StepKind::Images => "images",
            StepKind::Replicas => "replicas",
            StepKind::Replacement => "replacement",
            StepKind::Var => "var",
            StepKind::ConfigMapGenerator => "configMapGenerator",
            StepKind::SecretGenerator => "secretGenerator",
            StepKind::HelmChart => "helmChart",
            StepKind::Hash => "hash",
            StepKind::NameReference => "nameReference",
            StepKind::Transformer => "transformer",
            StepKind::BuildMetadata => "buildMetadata",
        }
    }
}

/// One thing that wrote, moved or completed a value.
#[derive(Clone, Debug)]
pub struct Step<'s> {
    /// What happened.
    pub kind: StepKind,
    /// The entry that asked for it: in a kustomization, or the alias. None for what no text asks for (the managed-by label).
    pub at: Option<Span<'s>>,
    /// Other spans whose text the value depends on: the inputs of a hash, the name that a reference follows.
    pub inputs: Vec<Span<'s>>,
}

impl<'s> Step<'s> {
    /// A step without further inputs, ready to be shared.
    pub fn new(kind: StepKind, at: Option<Span<'s>>) -> Arc<Self> {
        Arc::new(Step { kind, at, inputs: Vec::new() })
    }
}

/// The steps of a value, newest first; `None` for a value just as it stands in its file.
pub type Via<'s> = Option<Arc<Link<'s>>>;

/// One element of [`Via`].
#[derive(Debug)]
pub struct Link<'s> {
    /// What happened.
    pub step: Arc<Step<'s>>,
    /// The value that was here before, if the step replaced one.
    pub replaced: Option<Origin<'s>>,
    /// The steps before.
    pub prev: Via<'s>,
}

/// Adds a step in front of `via`.
pub fn via<'s>(via: &Via<'s>, step: &Arc<Step<'s>>, replaced: Option<Origin<'s>>) -> Via<'s> {
    Some(Arc::new(Link { step: step.clone(), replaced, prev: via.clone() }))
}

/// Where a value comes from.
#[derive(Clone, Debug, Default)]
pub struct Origin<'s> {
    /// Where the effective text is written. None if it stands in no file (a computed hash).
    pub span: Option<Span<'s>>,
    /// What brought it here, newest first.
    pub via: Via<'s>,
}

impl<'s> Origin<'s> {
    /// A value as it stands at `span`.
    pub fn at(span: Span<'s>) -> Self {
        Origin { span: Some(span), via: None }
    }

    /// This origin with one more step.
    pub fn with(&self, step: &Arc<Step<'s>>, replaced: Option<Origin<'s>>) -> Self {
        Origin { span: self.span, via: via(&self.via, step, replaced) }
    }

    /// The links, newest first.
    pub fn links(&self) -> impl Iterator<Item = &Link<'s>> {
        let mut at = self.via.as_deref();
        std::iter::from_fn(move || {
            let link = at?;
            at = link.prev.as_deref();
            Some(link)
        })
    }

    /// What the newest replacing step overwrote. A step that wrote the same text again (upstream sets images twice) does not
    /// count.
    pub fn replaced(&self) -> Option<&Origin<'s>> {
        self.links().filter_map(|l| l.replaced.as_ref()).find(|o| o.span != self.span)
    }

    /// The place to show for this value: its span, else the entry of the newest step that has one.
    pub fn place(&self) -> Option<Span<'s>> {
        self.span.or_else(|| self.links().find_map(|l| l.step.at))
    }
}

/// A run of bytes of a composed scalar and where it is written. The pieces of a scalar cover its text in order.
#[derive(Clone, Debug)]
pub struct Piece<'s> {
    /// Length in bytes of the value's text.
    pub len: u32,
    /// Where those bytes are written; none for computed ones.
    pub span: Option<Span<'s>>,
}
