//! Everything that a value depends on, in order and without repetition.

use crate::source::Span;
use crate::yaml::emit::NodeRef;
use crate::yaml::tree::RawKind;
use crate::yaml::{Origin, SrcNode, StepKind};

/// Where a value is written, and what brought it to where it is printed, oldest first.
pub(super) struct Trace<'s> {
    /// The effective text.
    pub(super) span: Option<Span<'s>>,
    /// What happened.
    pub(super) steps: Vec<TraceStep<'s>>,
}

/// One thing that happened.
pub(super) struct TraceStep<'s> {
    pub(super) kind: StepKind,
    /// The entry that asked for it, if text asks for it.
    pub(super) at: Option<Span<'s>>,
    /// The same, and all other places whose text it brought in.
    pub(super) places: Vec<Option<Span<'s>>>,
}

/// What a scalar depends on.
pub(super) fn trace<'s>(node: NodeRef<'_, 's>) -> Trace<'s> {
    let node = node.to_node();
    let origin = node.origin();
    let mut steps = steps(&origin);
    let pieces: Vec<Span<'s>> = node.pieces().iter().filter_map(|piece| piece.span).collect();
    // Of a composed value only the pieces are effective, not all of the scalars that they were taken from.
    let within = |span: &&Span<'s>| origin.span.is_some_and(|all| all.contains(**span));
    let span = pieces.iter().find(within).or(pieces.first()).copied().or(origin.span);
    for piece in pieces {
        add_piece(&mut steps, span, piece);
    }
    Trace { span, steps }
}

fn steps<'s>(origin: &Origin<'s>) -> Vec<TraceStep<'s>> {
    let mut links: Vec<_> = origin.links().collect();
    links.reverse();
    let mut steps: Vec<TraceStep<'s>> = Vec::new();
    for link in links {
        let step = &link.step;
        let at = step.at.map(|at| if is_entry(step.kind) { head(at) } else { at });
        if steps.iter().any(|known| known.kind == step.kind && known.at == at && step.inputs.is_empty()) {
            continue;
        }
        let mut places = Vec::new();
        // The name of an `images` entry is what it matches by, so the value depends on it.
        let matched = step.at.filter(|_| step.kind == StepKind::Images);
        for span in at.iter().chain(&matched).chain(&step.inputs) {
            add_once(&mut places, *span);
        }
        steps.push(TraceStep { kind: step.kind, at, places });
    }
    steps
}

/// True for steps that an entry of a list in the kustomization asks for.
fn is_entry(kind: StepKind) -> bool {
    matches!(
        kind,
        StepKind::Patch
            | StepKind::JsonPatch
            | StepKind::Images
            | StepKind::Replicas
            | StepKind::Replacement
            | StepKind::Var
            | StepKind::ConfigMapGenerator
            | StepKind::SecretGenerator
    )
}

/// Where the list entry begins that a place of a kustomization lies in: its first key, or all of it if it is a scalar. The place
/// itself if it lies in none.
fn head(at: Span<'_>) -> Span<'_> {
    let root = at.source.tree().documents.first().and_then(|d| d.root);
    let Some(id) = root else { return at };
    let holds = |node: &SrcNode<'_>| (node.raw().start..node.raw().end).contains(&at.start);
    let entry = SrcNode { source: at.source, id }.pairs().find(|(_, v)| holds(v)).and_then(|(_, v)| {
        let is_list = v.raw().kind == RawKind::Seq;
        v.children().find(holds).filter(|_| is_list)
    });
    match entry {
        Some(item) if item.raw().kind == RawKind::Map => item.children().next().map_or(at, |key| key.span()),
        Some(item) if item.raw().kind == RawKind::Scalar => item.span(),
        _ => at,
    }
}

/// Names a place that a part of the value is written at, with the step that brought it: the one that is asked for there, else
/// the newest.
fn add_piece<'s>(steps: &mut Vec<TraceStep<'s>>, place: Option<Span<'s>>, span: Span<'s>) {
    if place == Some(span) || steps.iter().any(|step| step.places.contains(&Some(span))) {
        return;
    }
    let around = |step: &TraceStep<'s>| step.at.is_some_and(|at| at.contains(span));
    let index = steps.iter().position(around).or_else(|| steps.len().checked_sub(1));
    match index.and_then(|index| steps.get_mut(index)) {
        Some(step) => add_once(&mut step.places, span),
        None => steps.push(TraceStep { kind: StepKind::Transformer, at: None, places: vec![Some(span)] }),
    }
}

fn add_once<'s>(places: &mut Vec<Option<Span<'s>>>, span: Span<'s>) {
    if !places.contains(&Some(span)) {
        places.push(Some(span));
    }
}
