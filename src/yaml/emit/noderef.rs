//! A borrowed node: walking a subtree of a source file without counting references.

use std::borrow::Cow;

use super::super::node::{Kind, NO_TAG, Node};
use super::super::origin::{Origin, Via};
use super::super::tree::{Children, RawKind, SrcNode, Style};
use crate::source::Span;

/// A node by reference. Cheap to copy.
#[derive(Clone, Copy)]
pub enum NodeRef<'a, 's> {
    /// A node of a source file, and the steps that hold for it.
    Source(SrcNode<'s>, &'a Via<'s>),
    /// A node that a transformation made.
    Made(&'a Node<'s>),
}

impl<'a, 's> NodeRef<'a, 's> {
    /// A reference to a node.
    pub fn new(node: &'a Node<'s>) -> Self {
        match node {
            Node::Source(src, via) => NodeRef::Source(*src, via),
            _ => NodeRef::Made(node),
        }
    }

    /// The node itself.
    pub fn to_node(self) -> Node<'s> {
        match self {
            NodeRef::Source(src, via) => Node::Source(src, via.clone()),
            NodeRef::Made(node) => node.clone(),
        }
    }

    /// Where it comes from.
    pub fn origin(self) -> Origin<'s> {
        self.to_node().origin()
    }

    /// What kind of node it is.
    pub fn kind(self) -> Kind {
        match self {
            NodeRef::Source(src, _) => match src.raw().kind {
                RawKind::Map => Kind::Map,
                RawKind::Seq => Kind::Seq,
                RawKind::Scalar | RawKind::Alias => Kind::Scalar,
            },
            NodeRef::Made(node) => node.kind(),
        }
    }

    /// True for an alias, which has no value of its own.
    pub(super) fn is_alias(self) -> bool {
        matches!(self, NodeRef::Source(src, _) if src.raw().kind == RawKind::Alias)
    }

    /// True for a collection without children.
    pub fn is_empty(self) -> bool {
        match self {
            NodeRef::Source(src, _) => src.children().next().is_none(),
            NodeRef::Made(node) => node.is_empty(),
        }
    }

    /// The place to show for it.
    pub fn span(self) -> Option<Span<'s>> {
        match self {
            NodeRef::Source(src, _) => Some(src.span()),
            NodeRef::Made(node) => node.span(),
        }
    }

    /// The decoded text of a scalar; empty for other kinds.
    pub fn text(self) -> Cow<'a, str> {
        match self {
            // An empty value has no text, whatever stands for it.
            NodeRef::Source(src, _) if src.raw().style == Style::Plain && src.raw().start == src.raw().end => {
                Cow::Borrowed("")
            }
            NodeRef::Source(src, _) => src.text(),
            NodeRef::Made(Node::Scalar(scalar)) => Cow::Borrowed(&scalar.text),
            NodeRef::Made(_) => Cow::Borrowed(""),
        }
    }

    /// How it is written.
    pub fn style(self) -> Style {
        match self {
            NodeRef::Source(src, _) => src.raw().style,
            NodeRef::Made(node) => node.style(),
        }
    }

    /// The explicit tag, if it has one.
    pub fn tag(self) -> Option<&'a str> {
        match self {
            NodeRef::Source(src, _) => src.tag(),
            NodeRef::Made(Node::Scalar(scalar)) => scalar.tag.as_deref().filter(|tag| *tag != NO_TAG),
            NodeRef::Made(_) => None,
        }
    }

    /// The pairs of a mapping; none for other kinds.
    pub fn entries(self) -> impl Iterator<Item = (NodeRef<'a, 's>, NodeRef<'a, 's>)> {
        let mut pairs = match self {
            NodeRef::Made(Node::Map(map)) => RefEntries::Made(map.entries.iter()),
            _ => RefEntries::Source(self.raw_children(RawKind::Map)),
        };
        std::iter::from_fn(move || match &mut pairs {
            RefEntries::Made(entries) => entries.next().map(|(k, v)| (NodeRef::new(k), NodeRef::new(v))),
            RefEntries::Source(children) => {
                let (children, via) = children.as_mut()?;
                Some((NodeRef::Source(children.next()?, via), NodeRef::Source(children.next()?, via)))
            }
        })
    }

    /// The items of a sequence; none for other kinds.
    pub fn items(self) -> impl Iterator<Item = NodeRef<'a, 's>> {
        let made: &'a [Node<'s>] = match self {
            NodeRef::Made(Node::Seq(seq)) => &seq.items,
            _ => &[],
        };
        let source = self.raw_children(RawKind::Seq);
        made.iter()
            .map(NodeRef::new)
            .chain(source.into_iter().flat_map(|(children, via)| children.map(move |c| NodeRef::Source(c, via))))
    }

    fn raw_children(self, kind: RawKind) -> Option<(Children<'s>, &'a Via<'s>)> {
        match self {
            NodeRef::Source(src, via) if src.raw().kind == kind => Some((src.children(), via)),
            _ => None,
        }
    }
}

enum RefEntries<'a, 's> {
    Source(Option<(Children<'s>, &'a Via<'s>)>),
    Made(std::slice::Iter<'a, (Node<'s>, Node<'s>)>),
}
