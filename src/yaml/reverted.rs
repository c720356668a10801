//! A node as it would be without what an overlay wrote into it, for those who ask what that did.

use std::sync::Arc;

use super::node::{Map, Node, Seq};
use super::origin::StepKind;
use crate::source::Span;

/// What writes a value that somebody chose for it, as a name with a prefix is not.
const WRITERS: [StepKind; 5] =
    [StepKind::Patch, StepKind::JsonPatch, StepKind::Labels, StepKind::Namespace, StepKind::Replacement];

impl<'s> Node<'s> {
    /// Adds the places whose text replaced a scalar in this node, or was added to a mapping that was there, each once.
    pub fn rewrites(&self, out: &mut Vec<Span<'s>>) {
        match self {
            Node::Map(map) => map.entries.iter().for_each(|(_, value)| value.rewrites(out)),
            Node::Seq(seq) => seq.items.iter().for_each(|item| item.rewrites(out)),
            Node::Source(..) | Node::Scalar(_) => out.extend(self.rewritten().filter(|at| !out.contains(at))),
        }
    }

    /// The node as it would be if what stands at the places that `undone` names had not been written into it; none if that changes
    /// nothing.
    pub fn reverted(&self, undone: &dyn Fn(Span<'s>) -> bool) -> Option<Node<'s>> {
        match self {
            Node::Map(map) => {
                let mut made: Option<Map<'s>> = None;
                let mut dropped = Vec::new();
                for (at, (_, value)) in map.entries.iter().enumerate() {
                    let was_added = value.rewritten().is_some_and(undone) && value.before().is_none();
                    if was_added {
                        dropped.push(at);
                    } else if let Some(value) = value.reverted(undone)
                        && let Some(slot) = made.get_or_insert_with(|| Map::clone(map)).entries.get_mut(at)
                    {
                        slot.1 = value;
                    }
                }
                for at in dropped.into_iter().rev() {
                    made.get_or_insert_with(|| Map::clone(map)).entries.remove(at);
                }
                made.map(|made| Node::Map(Arc::new(made)))
            }
            Node::Seq(seq) => {
                let mut made: Option<Seq<'s>> = None;
                for (at, item) in seq.items.iter().enumerate() {
                    if let Some(item) = item.reverted(undone)
                        && let Some(slot) = made.get_or_insert_with(|| Seq::clone(seq)).items.get_mut(at)
                    {
                        *slot = item;
                    }
                }
                made.map(|made| Node::Seq(Arc::new(made)))
            }
            Node::Source(..) | Node::Scalar(_) => self.before().filter(|_| self.rewritten().is_some_and(undone)),
        }
    }

    /// Where the text of a scalar is written, if something wrote it that may as well have left it.
    fn rewritten(&self) -> Option<Span<'s>> {
        if matches!(self, Node::Source(_, None)) || !self.is_scalar() || !self.pieces().is_empty() {
            return None;
        }
        let origin = self.origin();
        origin.links().next().filter(|link| WRITERS.contains(&link.step.kind))?;
        origin.span
    }

    /// The scalar that this one replaced, as its file has it.
    fn before(&self) -> Option<Node<'s>> {
        let before = self.origin().replaced()?.clone();
        let written = before.span?.text();
        let text = written.trim_matches(['"', '\'']);
        Some(if text.len() == written.len() { Node::plain(text, before) } else { Node::string(text, before) })
    }
}
