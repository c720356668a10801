//! The conforming parser behind the fast one: granit-parser's events, loaded into a [`Tree`].
//!
//! Used for what the fast path declines, for the wording of errors, and as oracle in tests. Where granit's positions are not
//! those of [`RawNode`] (empty values, block scalars, block sequences), they are found again in the text: a cursor runs over
//! the indicators between the nodes.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};
use rustc_hash::FxHashMap;

use super::tree::{Comment, Document, NodeId, RawKind, RawNode, Style, SyntaxError, Tree};
use super::{MAX_DEPTH, decode, problem};

/// Parses the documents of a part of the text. On an error, what was read of the failing document is dropped, the error is
/// recorded, and the rest of the part is left.
pub(super) fn parse_into(tree: &mut Tree, text: &str, part: Range<u32>) {
    let options = granit_parser::options! {
        emit_anchor_events: false,
        emit_comments: true,
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let base = part.start;
    let text = &text[..part.end as usize];
    let (first, documents) = (tree.nodes.len() as NodeId, tree.documents.len());
    let mut loader = Loader {
        first,
        tree: &mut *tree,
        text,
        cursor: base as usize,
        open: Vec::new(),
        anchors: FxHashMap::default(),
        doc: None,
        unfinished: false,
        refused: None,
        last_end: base,
    };
    for event in Parser::new_from_str_with_options(&text[base as usize..], options) {
        let error = match event {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or(0..0);
                loader.event(event, base + range.start as u32, base + range.end as u32);
                if loader.open.len() > MAX_DEPTH {
                    problem::error(base + range.start as u32, base + range.end as u32, problem::too_deep())
                } else if let Some(error) = loader.refused.take() {
                    error
                } else {
                    continue;
                }
            }
            Err(error) => {
                let at = base + error.marker().byte_offset().unwrap_or(0) as u32;
                loader.indicator();
                loader.skip_properties(true);
                loader.skip_trivia();
                problem::of_parser(text, &part, at, loader.cursor as u32, error.kind())
            }
        };
        if loader.doc.is_some() {
            loader.drop_document();
        } else if loader.unfinished {
            // The error is in the text behind the last value: it belongs to that document.
            loader.tree.documents.pop();
        }
        loader.tree.errors.push(error);
        return;
    }
    if let Some(error) = problem::tab(tree, text, &part, first).or_else(|| problem::in_brackets(tree, text, first)) {
        if let Some(at) = tree.documents[documents..].iter().rposition(|d| d.start <= error.start) {
            tree.documents.remove(documents + at);
        }
        tree.errors.push(error);
    }
}

/// A collection that is being read.
struct Open {
    id: NodeId,
    /// How many children it has by now.
    children: u32,
}

struct Loader<'a> {
    tree: &'a mut Tree,
    text: &'a str,
    /// Behind the last token that was found in the text.
    cursor: usize,
    open: Vec<Open>,
    anchors: FxHashMap<usize, NodeId>,
    doc: Option<Document>,
    /// The last document has ended without a marker.
    unfinished: bool,
    /// What granit accepts and go-yaml, and so every reader of manifests, does not.
    refused: Option<SyntaxError>,
    /// The first node of the document.
    first: NodeId,
    /// End of the last node that is complete.
    last_end: u32,
}

impl Loader<'_> {
    fn event(&mut self, event: Event<'_>, start: u32, end: u32) {
        match event {
            Event::Comment(..) => self.tree.comments.push(Comment { start, end }),
            Event::DocumentStart(explicit, _) => self.start_document(explicit, start, end),
            Event::DocumentEnd => self.end_document(start, end),
            Event::Scalar(value, style, anchor, tag) => {
                self.scalar(&value, scalar_style(style), anchor, tag.map(|t| t.to_string()), start..end);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.collection(RawKind::Seq, structure(style), anchor, tag.map(|t| t.to_string()), start..end);
            }
            Event::MappingStart(style, anchor, tag) => {
                self.collection(RawKind::Map, structure(style), anchor, tag.map(|t| t.to_string()), start..end);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(start, end),
            Event::Alias(anchor) => {
                self.indicator();
                self.alias_seen();
                let id = self.push(RawKind::Alias, Style::Plain, start, end, 0, None);
                if let Some(&target) = self.anchors.get(&anchor) {
                    self.tree.aliases.insert(id, target);
                }
                self.cursor = end as usize;
            }
            _ => {}
        }
    }

    fn start_document(&mut self, explicit: bool, start: u32, end: u32) {
        self.anchors.clear();
        self.first = self.tree.nodes.len() as NodeId;
        let (start, end) = if explicit {
            self.cursor = end as usize;
            (start, end)
        } else {
            self.skip_trivia();
            (self.cursor as u32, self.cursor as u32)
        };
        self.last_end = end;
        self.doc = Some(Document { root: None, start, end, aliased: false });
    }

    fn end_document(&mut self, start: u32, end: u32) {
        self.unfinished = start == end;
        if let Some(mut doc) = self.doc.take() {
            // A document without content is told by granit as one empty scalar.
            let empty = |n: &RawNode| n.kind == RawKind::Scalar && n.start == n.end && n.flags & !RawNode::COOKED == 0;
            if self.tree.nodes[self.first as usize..].len() == 1
                && self.tree.nodes.last().is_some_and(|n| n.style == Style::Plain && empty(n))
            {
                self.drop_document();
            } else if let Some(root) = self.tree.nodes.get(self.first as usize) {
                doc.root = Some(self.first);
                doc.end = doc.end.max(root.end);
            }
            self.tree.documents.push(doc);
        }
        self.first = self.tree.nodes.len() as NodeId;
        self.cursor = self.cursor.max(end as usize);
    }

    fn scalar(&mut self, value: &str, style: Style, anchor: usize, tag: Option<String>, span: Range<u32>) {
        let explicit = self.indicator();
        let plain = style == Style::Plain;
        let is_empty = plain && span.is_empty();
        let value = if is_empty { "" } else { value };
        let mut range = span;
        let mut unended = None;
        if is_empty {
            self.skip_properties(anchor != 0 || tag.is_some());
            range = self.cursor as u32..self.cursor as u32;
        } else if matches!(style, Style::Literal | Style::Folded) {
            self.skip_properties(anchor != 0 || tag.is_some());
            self.skip_trivia();
            let limit = (range.end as usize).max(self.cursor + 1);
            let block = decode::Block::read(self.text, self.cursor, self.parent_indent(), limit);
            if block.next >= self.text.len() && !self.text.ends_with(['\n', '\r']) {
                // go-yaml keeps no line break that the file does not have; granit adds one.
                unended = Some(block.value(self.text).into_owned());
            }
            if let Some(tab) = block.tab {
                self.refused = Some(problem::tab_at(self.text, tab));
            } else if block.root_at_margin {
                let message = "the text of a block scalar needs an indentation of at least one space";
                self.refused = Some(problem::error(self.cursor as u32, block.end as u32, message));
            }
            range = self.cursor as u32..block.end as u32;
        }
        self.cursor = range.end as usize;
        let slice = &self.text[range.start as usize..range.end as usize];
        let value = unended.as_deref().unwrap_or(value);
        let bare = match style {
            Style::SingleQuoted | Style::DoubleQuoted if slice.len() >= 2 => &slice[1..slice.len() - 1],
            _ => slice,
        };
        let is_key = self
            .open
            .last()
            .is_some_and(|o| self.tree.nodes[o.id as usize].kind == RawKind::Map && o.children % 2 == 1);
        // Between braces, granit lets a key go on in the next line. So does go-yaml, if no value follows it.
        let followed = || self.text[self.cursor..].trim_start().starts_with(':');
        if is_key && !explicit && self.is_braced() && slice.contains(['\n', '\r']) && followed() {
            self.refused = Some(problem::error(range.start, range.end, "a key must be on one line"));
        }
        if is_key && plain && value == "<<" || tag.as_deref() == Some("tag:yaml.org,2002:merge") {
            self.alias_seen();
        }
        let id = self.push(RawKind::Scalar, style, range.start, range.end, anchor, tag);
        if bare != value {
            self.tree.nodes[id as usize].flags |= RawNode::COOKED;
            self.tree.cooked.insert(id, value.into());
        }
    }

    fn collection(&mut self, kind: RawKind, style: Style, anchor: usize, tag: Option<String>, span: Range<u32>) {
        self.indicator();
        let mut start = span.start;
        if style == Style::Block && kind == RawKind::Seq {
            self.skip_properties(anchor != 0 || tag.is_some());
            self.skip_trivia();
            start = self.cursor as u32;
        } else {
            self.cursor = self.cursor.max(if style == Style::Flow { span.end } else { span.start } as usize);
        }
        let end = span.end.max(start);
        let id = self.push(kind, style, start, end, anchor, tag);
        self.open.push(Open { id, children: 0 });
    }

    /// Closes the innermost collection. It ends at its bracket, or where its last child does.
    fn close(&mut self, start: u32, end: u32) {
        let Some(Open { id, .. }) = self.open.pop() else { return };
        let next = self.tree.nodes.len() as NodeId;
        let node = &mut self.tree.nodes[id as usize];
        let bracketed = node.style == Style::Flow && start < end;
        node.next = next;
        node.end = if bracketed { end } else { self.last_end };
        self.last_end = node.end;
        if bracketed {
            self.cursor = end as usize;
        }
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
        self.tree.nodes.push(RawNode { start, end, next: id + 1, kind, style, flags });
        if matches!(kind, RawKind::Scalar | RawKind::Alias) {
            self.last_end = end;
        }
        id
    }

    fn drop_document(&mut self) {
        super::drop_nodes(self.tree, self.first);
    }

    /// Moves over the indicator in front of the next node: `-`, `?`, `:` or `,`. Stays if there is none. True if it is a `?`.
    fn indicator(&mut self) -> bool {
        let Some(top) = self.open.last_mut() else { return false };
        let node = &self.tree.nodes[top.id as usize];
        let flow = node.style == Style::Flow;
        let value = node.kind == RawKind::Map && top.children % 2 == 1;
        let item = node.kind == RawKind::Seq && !flow;
        let is_key = node.kind == RawKind::Map && !value;
        top.children += 1;
        let before = self.cursor;
        self.skip_trivia();
        if flow && !value && self.peek() == Some(b',') {
            self.cursor += 1;
            self.skip_trivia();
        }
        let braced = self.is_braced();
        let indicator = self.peek();
        let found = match indicator {
            Some(b':') => value && (flow || self.is_lone_colon()),
            Some(b'-') => item,
            Some(b'?') => {
                !value
                    && !item
                    && matches!(self.text.as_bytes().get(self.cursor + 1), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
            }
            _ => false,
        };
        if found {
            self.cursor += 1;
            let blanks =
                self.text[self.cursor..].len() - self.text[self.cursor..].trim_start_matches([' ', '\t']).len();
            if let Some(tab) = self.text[self.cursor..self.cursor + blanks].find('\t').filter(|_| item) {
                self.refused = Some(problem::tab_at(self.text, self.cursor + tab));
            }
            if flow && !braced && !value && self.text[self.cursor..].trim_start().starts_with([',', ']']) {
                self.refused =
                    Some(problem::error(self.cursor as u32 - 1, self.cursor as u32, "a `?` that no key follows"));
            }
        } else if is_key && (self.is_lone_colon() || flow && self.peek() == Some(b':')) {
            let at = self.cursor as u32;
            self.refused = Some(problem::error(at, at + 1, "a `:` that follows no key"));
        } else if value {
            self.cursor = before;
        }
        found && indicator == Some(b'?')
    }

    /// True in a mapping between braces, and not in a pair between brackets.
    fn is_braced(&self) -> bool {
        self.open.last().is_some_and(|o| self.text[self.tree.nodes[o.id as usize].start as usize..].starts_with('{'))
    }

    fn is_lone_colon(&self) -> bool {
        let rest = &self.text.as_bytes()[self.cursor..];
        matches!(rest, [b':'] | [b':', b' ' | b'\t' | b'\n' | b'\r', ..])
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.cursor).copied()
    }

    /// Moves over white space and comments.
    fn skip_trivia(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(&b) = bytes.get(self.cursor) {
            match b {
                b' ' | b'\t' | b'\n' | b'\r' => self.cursor += 1,
                b'#' => {
                    let rest = &bytes[self.cursor..];
                    self.cursor += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                }
                0xef if bytes[self.cursor..].starts_with(b"\xef\xbb\xbf") => self.cursor += 3,
                _ => return,
            }
        }
    }

    /// Moves over anchor and tag, if there are `any`.
    fn skip_properties(&mut self, any: bool) {
        if !any {
            return;
        }
        loop {
            let before = self.cursor;
            self.skip_trivia();
            if !matches!(self.peek(), Some(b'&' | b'!')) {
                self.cursor = before;
                return;
            }
            let in_flow = self.open.last().is_some_and(|o| self.tree.nodes[o.id as usize].style == Style::Flow);
            let bytes = self.text.as_bytes();
            let verbatim = bytes[self.cursor..].starts_with(b"!<");
            while let Some(&b) = bytes.get(self.cursor) {
                let ends = match b {
                    b' ' | b'\t' | b'\n' | b'\r' => true,
                    b',' | b'[' | b']' | b'{' | b'}' => in_flow && !verbatim,
                    _ => false,
                };
                if ends {
                    break;
                }
                self.cursor += 1;
            }
        }
    }

    /// The column (from 0) of the innermost block collection; -1 at the root.
    fn parent_indent(&self) -> i32 {
        let Some(top) = self.open.iter().rev().find(|o| self.tree.nodes[o.id as usize].style == Style::Block) else {
            return -1;
        };
        let start = self.tree.nodes[top.id as usize].start as usize;
        let line = &self.text[..start];
        (start - line.rfind(['\n', '\r']).map_or(if line.starts_with('\u{feff}') { 3 } else { 0 }, |i| i + 1)) as i32
    }
}

fn scalar_style(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

fn structure(style: StructureStyle) -> Style {
    match style {
        StructureStyle::Block => Style::Block,
        StructureStyle::Flow => Style::Flow,
    }
}
