//! The conforming parser behind the fast one: granit-parser's events, loaded into a [`Tree`].
//!
//! Used for what the fast path declines, for the wording of errors, and as oracle in tests.

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};
use rustc_hash::FxHashMap;

use super::tree::{Comment, Document, NodeId, RawKind, RawNode, Style, SyntaxError, Tree};

/// Deepest nesting of collections that is read.
pub(super) const MAX_DEPTH: usize = 500;

/// Parses one document stream. On an error, what was read of the failing document is dropped, the error is recorded, and
/// reading stops: [`super::parse`] goes on behind the next document marker. `base` is added to every offset.
pub(super) fn parse_into(tree: &mut Tree, text: &str, base: u32) {
    let options = granit_parser::options! {
        emit_anchor_events: false,
        emit_comments: true,
        max_buffered_comment_events: 100_000,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut loader =
        Loader { tree, text, base, open: Vec::new(), anchors: FxHashMap::default(), doc: None, behind: 0, last_end: 0 };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or(0..0);
                loader.event(event, range.start as u32, range.end as u32);
            }
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(0) as u32;
                loader.fail(at, error.kind().to_string());
                return;
            }
        }
    }
}

struct Loader<'a> {
    tree: &'a mut Tree,
    text: &'a str,
    base: u32,
    open: Vec<NodeId>,
    anchors: FxHashMap<usize, NodeId>,
    doc: Option<Document>,
    /// End of the last token seen, for the place of empty values.
    behind: u32,
    /// End of the last node that is complete.
    last_end: u32,
}

impl Loader<'_> {
    fn event(&mut self, event: Event<'_>, start: u32, end: u32) {
        match event {
            Event::Comment(..) => self.tree.comments.push(Comment { start: self.base + start, end: self.base + end }),
            Event::DocumentStart(..) => {
                self.anchors.clear();
                self.doc =
                    Some(Document { root: None, start: self.base + start, end: self.base + end, aliased: false });
            }
            Event::DocumentEnd => {
                if let Some(mut doc) = self.doc.take() {
                    doc.end = doc.root.map_or(doc.end, |r| self.tree.nodes[r as usize].end).max(doc.end);
                    self.tree.documents.push(doc);
                }
            }
            Event::Scalar(value, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                let (start, end) = if start == end { (self.behind, self.behind) } else { (start, end) };
                let slice = &self.text[start as usize..end as usize];
                let bare = match style {
                    Style::SingleQuoted | Style::DoubleQuoted if slice.len() >= 2 => &slice[1..slice.len() - 1],
                    _ => slice,
                };
                let cooked = (bare != value).then(|| value.to_string());
                if style == Style::Plain && value == "<<" {
                    self.alias_seen();
                }
                let id = self.push(RawKind::Scalar, style, start, end, anchor, tag.map(|t| t.to_string()));
                if let Some(value) = cooked {
                    self.tree.nodes[id as usize].flags |= RawNode::COOKED;
                    self.tree.cooked.insert(id, value.into());
                }
            }
            Event::SequenceStart(style, anchor, tag) => {
                let id = self.push(RawKind::Seq, structure(style), start, end, anchor, tag.map(|t| t.to_string()));
                self.open.push(id);
            }
            Event::MappingStart(style, anchor, tag) => {
                let id = self.push(RawKind::Map, structure(style), start, end, anchor, tag.map(|t| t.to_string()));
                self.open.push(id);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            Event::Alias(anchor) => {
                self.alias_seen();
                let id = self.push(RawKind::Alias, Style::Plain, start, end, 0, None);
                if let Some(&target) = self.anchors.get(&anchor) {
                    self.tree.aliases.insert(id, target);
                }
            }
            _ => {}
        }
        self.behind = self.behind.max(end);
    }

    fn alias_seen(&mut self) {
        if let Some(doc) = &mut self.doc {
            doc.aliased = true;
        }
    }

    fn push(
        &mut self,
        kind: RawKind,
        style: Style,
        start: u32,
        end: u32,
        anchor: usize,
        tag: Option<String>,
    ) -> NodeId {
        let id = self.tree.nodes.len() as NodeId;
        let mut flags = 0;
        if let Some(tag) = tag {
            flags |= RawNode::TAGGED;
            self.tree.tags.insert(id, tag.into());
        }
        if anchor != 0 {
            flags |= RawNode::ANCHORED;
            self.anchors.insert(anchor, id);
        }
        let (start, end) = (self.base + start, self.base + end);
        self.tree.nodes.push(RawNode { start, end, next: id + 1, kind, style, flags });
        if matches!(kind, RawKind::Scalar | RawKind::Alias) {
            self.last_end = end;
        }
        if let Some(doc) = &mut self.doc
            && doc.root.is_none()
        {
            doc.root = Some(id);
        }
        id
    }

    /// Closes the innermost collection. A block collection ends where its last child does.
    fn close(&mut self, end: u32) {
        let Some(id) = self.open.pop() else { return };
        let next = self.tree.nodes.len() as NodeId;
        let node = &self.tree.nodes[id as usize];
        let end = if node.style == Style::Flow { self.base + end } else { self.last_end.max(node.end) };
        self.last_end = end;
        let node = &mut self.tree.nodes[id as usize];
        (node.next, node.end) = (next, end);
    }

    fn fail(&mut self, at: u32, message: String) {
        let from = self.doc.and_then(|d| d.root).unwrap_or(self.tree.nodes.len() as NodeId);
        self.tree.nodes.truncate(from as usize);
        self.tree.tags.retain(|id, _| *id < from);
        self.tree.aliases.retain(|id, _| *id < from);
        self.tree.cooked.retain(|id, _| *id < from);
        let at = self.base + at;
        self.tree.errors.push(SyntaxError { start: at, end: at, message });
    }
}

fn structure(style: StructureStyle) -> Style {
    match style {
        StructureStyle::Block => Style::Block,
        StructureStyle::Flow => Style::Flow,
    }
}
