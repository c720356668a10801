//! A node as it would be without what an overlay wrote into it, for those who ask what that did.

use std::sync::Arc;

use super::changed;
use super::node::{Map, Node};
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
                let mut made = changed::values(map, |value| value.reverted(undone));
                let was_added = |value: &Node<'s>| value.rewritten().is_some_and(undone) && value.before().is_none();
                if map.entries.iter().any(|(_, value)| was_added(value)) {
                    // What goes back to something else is not among them: it had something before.
                    let mut added = map.entries.iter().map(|(_, value)| was_added(value));
                    let made = made.get_or_insert_with(|| Map::clone(map));
                    made.entries.retain(|_| !added.next().unwrap_or_default());
                }
                made.map(|made| Node::Map(Arc::new(made)))
            }
            Node::Seq(seq) => changed::items(seq, |item| item.reverted(undone)).map(|made| Node::Seq(Arc::new(made))),
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
