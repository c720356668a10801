//! The parsed form of one file: a flat arena of nodes in document order, its documents, comments and errors.
//!
//! A [`Tree`] holds no text and no decoded values where it can avoid it: nodes are byte ranges of the source. Read it through
//! [`SrcNode`], which pairs it with its source.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::source::{Source, Span};

/// Index of a node in [`Tree::nodes`].
pub type NodeId = u32;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawKind {
    /// A scalar.
    Scalar,
    /// A mapping; its children alternate key, value.
    Map,
    /// A sequence.
    Seq,
    /// `*name`; [`Tree::aliases`] has the target.
    Alias,
}

/// How a node is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// A plain scalar.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
    /// A block mapping or sequence.
    Block,
    /// A flow mapping or sequence.
    Flow,
}

/// One node. Children of a collection follow it directly; `next` is the id behind its whole subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawNode {
    /// First byte: of the quote or block indicator for such scalars, of the first key for a block mapping. Tag and anchor are
    /// not part of it.
    pub start: u32,
    /// The byte behind the last. Zero-width (right behind the `:` or `-`) for an empty value.
    pub end: u32,
    /// The id behind this subtree.
    pub next: NodeId,
    /// What it is.
    pub kind: RawKind,
    /// How it is written.
    pub style: Style,
    /// [`RawNode::TAGGED`], [`RawNode::ANCHORED`], [`RawNode::COOKED`], [`RawNode::ENCODED`].
    pub flags: u16,
}

impl RawNode {
    /// [`Tree::tags`] has its tag.
    pub const TAGGED: u16 = 1;
    /// It carries an anchor.
    pub const ANCHORED: u16 = 2;
    /// [`Tree::cooked`] has its value.
    pub const COOKED: u16 = 4;
    /// Its value is not the source slice: decode on demand ([`crate::yaml::decode`]).
    pub const ENCODED: u16 = 8;

    /// The value of a scalar if it stands in the text as it is, which is the common case: without quotes if it has them.
    #[inline]
    pub fn bare<'s>(&self, text: &'s str) -> Option<&'s str> {
        if self.kind != RawKind::Scalar || self.flags & (Self::COOKED | Self::ENCODED) != 0 {
            return None;
        }
        let quotes = self.quotes();
        text.get((self.start + quotes) as usize..(self.end - quotes) as usize)
    }

    /// How many bytes of quotes stand on each side.
    #[inline]
    fn quotes(&self) -> u32 {
        u32::from(matches!(self.style, Style::SingleQuoted | Style::DoubleQuoted))
    }
}

/// One document of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its root, or none for an empty document.
    pub root: Option<NodeId>,
    /// First byte: of the `---` if there is one, else of the content.
    pub start: u32,
    /// The byte behind its last.
    pub end: u32,
    /// True if an alias or a `<<` key occurs in it.
    pub aliased: bool,
}

/// A comment, from `#` to the end of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Offset of the `#`.
    pub start: u32,
    /// End of the line, without the break.
    pub end: u32,
}

/// Why a document could not be read. The other documents of the file are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// First byte of what is wrong.
    pub start: u32,
    /// The byte behind it; equal to `start` if it is a place.
    pub end: u32,
    /// What is wrong, in a sentence without a final dot.
    pub message: String,
}

/// A parsed file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// All nodes of all documents, in document order.
    pub nodes: Vec<RawNode>,
    /// The documents that could be read, in order.
    pub documents: Vec<Document>,
    /// All comments, in order.
    pub comments: Vec<Comment>,
    /// What could not be read, in order.
    pub errors: Vec<SyntaxError>,
    /// Set if documents are JSON objects behind each other, which only some readers take for documents; the second of them.
    pub joined: Option<SyntaxError>,
    /// Explicit tags, as resolved (`tag:yaml.org,2002:str`, `!local`).
    pub tags: FxHashMap<NodeId, Box<str>>,
    /// Targets of alias nodes.
    pub aliases: FxHashMap<NodeId, NodeId>,
    /// Values that are not slices of the source, if they were decoded while parsing.
    pub cooked: FxHashMap<NodeId, Box<str>>,
}

impl Tree {
    /// This tree and, behind it, that of a later part of the same text.
    pub(super) fn followed_by(mut self, later: Tree) -> Self {
        let by = self.nodes.len() as NodeId;
        let Tree { nodes, documents, comments, errors, joined, tags, aliases, cooked } = later;
        if by == 0 {
            self.nodes = nodes;
        } else {
            self.nodes.extend(nodes.into_iter().map(|node| RawNode { next: node.next + by, ..node }));
        }
        self.documents.extend(documents.into_iter().map(|d| Document { root: d.root.map(|root| root + by), ..d }));
        self.comments.extend(comments);
        self.errors.extend(errors);
        self.joined = self.joined.or(joined);
        self.tags.extend(tags.into_iter().map(|(id, tag)| (id + by, tag)));
        self.aliases.extend(aliases.into_iter().map(|(id, target)| (id + by, target + by)));
        self.cooked.extend(cooked.into_iter().map(|(id, value)| (id + by, value)));
        self
    }

    /// What is wrong for those who read YAML only, as kustomize does: the first error, or else [`Tree::joined`].
    pub fn first_problem(&self) -> Option<&SyntaxError> {
        self.errors.first().or(self.joined.as_ref())
    }

    /// The decoded value of a scalar; the empty string for other kinds. `text` is what was parsed.
    #[inline]
    pub fn value<'s>(&'s self, text: &'s str, id: NodeId) -> Cow<'s, str> {
        let raw = &self.nodes[id as usize];
        match raw.bare(text) {
            Some(value) => Cow::Borrowed(value),
            None => self.decoded(text, id, raw),
        }
    }

    /// True for a scalar with just this value. Allocates nothing unless the scalar must be decoded.
    #[inline]
    pub fn value_is(&self, text: &str, id: NodeId, value: &str) -> bool {
        let raw = &self.nodes[id as usize];
        if raw.kind != RawKind::Scalar || raw.flags & (RawNode::COOKED | RawNode::ENCODED) != 0 {
            return raw.kind == RawKind::Scalar && self.decoded(text, id, raw) == value;
        }
        // Asked of all keys of a mapping for each that is looked up: nearly all differ in length, and the text is not even looked at.
        let quotes = raw.quotes();
        (raw.end - raw.start) as usize == value.len() + 2 * quotes as usize
            && text.as_bytes().get((raw.start + quotes) as usize..(raw.end - quotes) as usize) == Some(value.as_bytes())
    }

    fn decoded<'s>(&'s self, text: &'s str, id: NodeId, raw: &RawNode) -> Cow<'s, str> {
        if raw.kind != RawKind::Scalar {
            return Cow::Borrowed("");
        }
        match self.cooked.get(&id) {
            Some(value) => Cow::Borrowed(value),
            None => super::decode::decode(text, raw),
        }
    }
}

/// A node of a source file. Cheap to copy.
#[derive(Clone, Copy)]
pub struct SrcNode<'s> {
    /// The file.
    pub source: &'s Source,
    /// The node in its tree.
    pub id: NodeId,
}

impl<'s> SrcNode<'s> {
    /// The arena entry.
    pub fn raw(&self) -> &'s RawNode {
        &self.source.tree().nodes[self.id as usize]
    }

    /// Where it is written.
    pub fn span(&self) -> Span<'s> {
        let raw = self.raw();
        self.source.span(raw.start..raw.end)
    }

    /// The decoded value of a scalar; the empty string for other kinds.
    #[inline]
    pub fn text(&self) -> Cow<'s, str> {
        self.source.tree().value(self.source.text(), self.id)
    }

    /// The explicit tag, if it has one.
    pub fn tag(&self) -> Option<&'s str> {
        let raw = self.raw();
        if raw.flags & RawNode::TAGGED == 0 {
            return None;
        }
        self.source.tree().tags.get(&self.id).map(|t| &**t)
    }

    /// The children: items of a sequence; keys and values in turn of a mapping.
    pub fn children(&self) -> Children<'s> {
        let raw = self.raw();
        let end = if matches!(raw.kind, RawKind::Map | RawKind::Seq) { raw.next } else { self.id + 1 };
        Children { source: self.source, at: self.id + 1, end }
    }

    /// A mapping's key and its value; the last of duplicates. None for other kinds.
    pub fn find(&self, key: &str) -> Option<(SrcNode<'s>, SrcNode<'s>)> {
        let (tree, text) = (self.source.tree(), self.source.text());
        let map = &tree.nodes[self.id as usize];
        if map.kind != RawKind::Map {
            return None;
        }
        let mut found = None;
        let mut at = self.id + 1;
        while at < map.next {
            let value = tree.nodes[at as usize].next;
            if tree.value_is(text, at, key) {
                found = Some((at, value));
            }
            at = tree.nodes[value as usize].next;
        }
        let node = |id| SrcNode { source: self.source, id };
        found.map(|(key, value)| (node(key), node(value)))
    }

    /// The pairs of a mapping.
    pub fn pairs(&self) -> impl Iterator<Item = (SrcNode<'s>, SrcNode<'s>)> + use<'s> {
        let mut children = self.children();
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }
}

/// Iterator over the children of a collection.
#[derive(Clone)]
pub struct Children<'s> {
    source: &'s Source,
    at: NodeId,
    end: NodeId,
}

impl<'s> Iterator for Children<'s> {
    type Item = SrcNode<'s>;

    fn next(&mut self) -> Option<SrcNode<'s>> {
        if self.at >= self.end {
            return None;
        }
        let node = SrcNode { source: self.source, id: self.at };
        self.at = node.raw().next;
        Some(node)
    }
}
