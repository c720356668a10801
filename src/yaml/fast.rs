//! The fast parser: one pass, no copies, for the YAML that manifests are written in.
//!
//! It reads a strict subset and declines everything else: errors, explicit and complex keys, tabs between tokens, directives,
//! anchors on keys, properties in flow collections, and whatever readers of YAML disagree about. What it declines is read by
//! [`super::granit`], and what it accepts gives the same [`Tree`]; the tests hold one against the other.
//!
//! Input has passed [`super::problem::of_bytes`], so it holds no NUL: [`Parser::at`] uses that byte for the end.

mod flow;
mod scan;

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::decode::Block;
use super::tree::{Comment, Document, NodeId, RawKind, RawNode, Style, Tree};
use super::{MAX_DEPTH, drop_nodes};
use scan::Stop;

/// What stands here is not for the fast parser.
pub(super) struct Declined;

type Result<T = ()> = std::result::Result<T, Declined>;

/// Parses the document of a part of the text that has no lone carriage return.
///
/// # Errors
/// [`Declined`]; the tree is as it was.
pub(super) fn parse_into(tree: &mut Tree, text: &str, part: Range<u32>) -> Result {
    let first = tree.nodes.len() as NodeId;
    let comments = tree.comments.len();
    let mut parser = Parser {
        text: &text[..part.end as usize],
        bytes: &text.as_bytes()[..part.end as usize],
        at: part.start as usize,
        line: part.start as usize,
        tree,
        open: Vec::with_capacity(16),
        next: Next::Node(part.start),
        plain: None,
        last_end: part.start,
        properties: None,
        anchors: FxHashMap::default(),
        aliased: false,
    };
    let result = parser.document(part.start);
    match result {
        Ok(Some(document)) => tree.documents.push(document),
        Ok(None) => {}
        Err(Declined) => {
            drop_nodes(tree, first);
            tree.comments.truncate(comments);
            return Err(Declined);
        }
    }
    Ok(())
}

/// A block collection that is being read.
struct Open {
    id: NodeId,
    /// The column of its keys or dashes, from 0.
    indent: i32,
    is_seq: bool,
}

/// What a line has to bring.
#[derive(Clone, Copy)]
enum Next {
    /// A node; if none comes, an empty one at this offset.
    Node(u32),
    /// An entry of an open collection, or the end.
    Entry,
}

/// Anchor and tag in front of a node.
#[derive(Default)]
struct Properties<'a> {
    anchor: Option<&'a str>,
    tag: Option<Box<str>>,
    /// The line they are on.
    line: usize,
}

struct Parser<'a, 't> {
    text: &'a str,
    bytes: &'a [u8],
    /// The next byte to read.
    at: usize,
    /// Where the line of `at` starts.
    line: usize,
    tree: &'t mut Tree,
    open: Vec<Open>,
    next: Next,
    /// The plain scalar that the last line ended with: the next line may continue it.
    plain: Option<NodeId>,
    /// The end of the last node that is complete.
    last_end: u32,
    /// For the next node.
    properties: Option<Box<Properties<'a>>>,
    anchors: FxHashMap<&'a str, NodeId>,
    aliased: bool,
}

impl<'a> Parser<'a, '_> {
    fn document(&mut self, start: u32) -> Result<Option<Document>> {
        let first = self.tree.nodes.len();
        let marker = self.bytes[self.at..].starts_with(b"---") && self.is_blank_at(self.at + 3);
        let mut document = Document { root: None, start, end: start, aliased: false };
        if marker {
            self.at += 3;
            document.end += 3;
            self.end_line()?;
        }
        while let Some(column) = self.next_line()? {
            if !marker && self.tree.nodes.len() == first && self.properties.is_none() {
                document.start = self.at as u32;
            }
            self.content(column)?;
        }
        match self.next {
            Next::Node(_) if self.tree.nodes.len() == first && self.properties.is_none() => {
                return Ok(marker.then_some(document));
            }
            Next::Node(at) => self.empty(at),
            Next::Entry => {}
        }
        while !self.open.is_empty() {
            self.close();
        }
        document.root = Some(first as NodeId);
        document.end = self.tree.nodes[first].end.max(document.end);
        document.aliased = self.aliased;
        Ok(Some(document))
    }

    /// Moves to the next line with content and returns its indentation.
    #[inline]
    fn next_line(&mut self) -> Result<Option<i32>> {
        loop {
            self.line = self.at;
            while self.at(self.at) == b' ' {
                self.at += 1;
            }
            match self.at(self.at) {
                b'\n' => self.at += 1,
                b'\r' => self.at += 2,
                b'#' => {
                    // A scalar ends at a comment. A line that would have continued it has no place, and is declined.
                    self.plain = None;
                    self.comment();
                }
                0 => return Ok(None),
                b'\t' => return Err(Declined),
                b'.' if self.at == self.line && self.bytes[self.at..].starts_with(b"...") => return Err(Declined),
                _ => return Ok(Some((self.at - self.line) as i32)),
            }
        }
    }

    /// Reads a line from its first byte that is no space.
    #[inline]
    fn content(&mut self, column: i32) -> Result {
        if let Some(id) = self.plain.take()
            && column > self.indent()
        {
            return self.continue_plain(id);
        }
        let is_dash = self.at(self.at) == b'-' && self.is_blank_at(self.at + 1);
        if let Next::Node(at) = self.next {
            let below = match self.open.last() {
                None => true,
                Some(open) => column > open.indent || (column == open.indent && !open.is_seq && is_dash),
            };
            if below {
                return self.node(column);
            }
            self.empty(at);
        }
        loop {
            let Some(open) = self.open.last() else { return Err(Declined) };
            if open.indent < column {
                return Err(Declined);
            }
            if open.indent == column && open.is_seq == is_dash {
                break;
            }
            if open.indent == column && !open.is_seq {
                return Err(Declined);
            }
            self.close();
        }
        if is_dash {
            if let Some(column) = self.dash()? {
                return self.node(column);
            }
            return Ok(());
        }
        self.entry()
    }

    /// Reads a node that may be a block collection: at the start of a line or behind a dash.
    fn node(&mut self, mut column: i32) -> Result {
        while self.at(self.at) == b'-' && self.is_blank_at(self.at + 1) {
            self.push(RawKind::Seq, Style::Block, self.at, self.at, 0);
            self.open(column, true)?;
            match self.dash()? {
                Some(inner) => column = inner,
                None => return Ok(()),
            }
        }
        self.value(Some(column))
    }

    /// Moves over a dash. The column of what is behind it on the line, if there is anything.
    #[inline]
    fn dash(&mut self) -> Result<Option<i32>> {
        self.at += 1;
        self.next = Next::Node(self.at as u32);
        while self.at(self.at) == b' ' {
            self.at += 1;
        }
        if self.at(self.at) == b'\t' {
            return Err(Declined);
        }
        if self.ends_line()? {
            return Ok(None);
        }
        Ok(Some((self.at - self.line) as i32))
    }

    /// Reads an entry of the innermost open mapping.
    #[inline]
    fn entry(&mut self) -> Result {
        let start = self.at;
        match self.at(start) {
            quote @ (b'"' | b'\'') => {
                let (style, flags) = self.quoted(quote)?;
                let end = self.at;
                self.skip_spaces()?;
                self.key(start, end, style, flags)
            }
            _ => {
                self.check_plain_start(false)?;
                let (end, stop) = self.plain(start);
                if stop != Stop::Colon {
                    return Err(Declined);
                }
                self.key(start, end, Style::Plain, 0)
            }
        }
    }

    /// Pushes a key that is followed by the `:` at the current offset, and reads its value.
    #[inline]
    fn key(&mut self, start: usize, end: usize, style: Style, flags: u16) -> Result {
        let is_key = self.at(self.at) == b':' && self.is_blank_at(self.at + 1);
        if !is_key || end - start > scan::MAX_KEY || start < self.line {
            return Err(Declined);
        }
        if style == Style::Plain && end - start == 2 && &self.bytes[start..end] == b"<<" {
            self.aliased = true;
        }
        self.push(RawKind::Scalar, style, start, end, flags);
        self.at += 1;
        self.next = Next::Node(self.at as u32);
        self.skip_spaces()?;
        if self.ends_line()? {
            return Ok(());
        }
        self.value(None)
    }

    /// Reads what stands here: a scalar, a flow collection, an alias; a block mapping, if a `column` is given for its keys.
    fn value(&mut self, column: Option<i32>) -> Result {
        let start = self.at;
        let first = self.at(start);
        match first {
            b'"' | b'\'' => {
                let (style, flags) = self.quoted(first)?;
                let end = self.at;
                if self.at(end) != b'\n' {
                    let spaces = self.count_spaces(end);
                    if self.at(end + spaces) == b':' {
                        self.at += spaces;
                        return self.first_key(column, start, end, style, flags);
                    }
                }
                self.push(RawKind::Scalar, style, start, end, flags);
                self.end_value()
            }
            b'[' | b'{' => {
                self.flow()?;
                self.end_value()
            }
            b'|' | b'>' => self.block_scalar(),
            b'*' => {
                self.alias(false)?;
                self.end_value()
            }
            b'&' | b'!' => {
                self.read_properties()?;
                if self.ends_line()? { Ok(()) } else { self.value(column) }
            }
            _ => {
                self.check_plain_start(false)?;
                let (end, stop) = self.plain(start);
                if stop == Stop::Colon {
                    return self.first_key(column, start, end, Style::Plain, 0);
                }
                let id = self.push(RawKind::Scalar, Style::Plain, start, end, 0);
                self.next = Next::Entry;
                if stop == Stop::Line {
                    self.plain = Some(id);
                }
                self.end_line()
            }
        }
    }

    /// Opens a mapping with the key that was found here.
    fn first_key(&mut self, column: Option<i32>, start: usize, end: usize, style: Style, flags: u16) -> Result {
        let Some(column) = column else { return Err(Declined) };
        if self.properties.as_ref().is_some_and(|p| p.line == self.line) {
            return Err(Declined);
        }
        self.push(RawKind::Map, Style::Block, start, start, 0);
        self.open(column, false)?;
        self.key(start, end, style, flags)
    }

    /// Reads the rest of a line behind a value that is complete.
    #[inline]
    fn end_value(&mut self) -> Result {
        self.next = Next::Entry;
        self.end_line()
    }

    fn block_scalar(&mut self) -> Result {
        let start = self.at;
        if self.open.is_empty() {
            return Err(Declined);
        }
        let block = Block::read(self.text, start, self.indent(), self.text.len());
        if block.odd {
            return Err(Declined);
        }
        let style = if self.bytes[start] == b'|' { Style::Literal } else { Style::Folded };
        let flags = if block.explicit { RawNode::COOKED } else { RawNode::ENCODED };
        let id = self.push(RawKind::Scalar, style, start, block.end, flags);
        if block.explicit {
            self.tree.cooked.insert(id, block.value(self.text).into());
        }
        if let Some((start, end)) = block.comment {
            self.tree.comments.push(Comment { start: start as u32, end: end as u32 });
        }
        self.at = block.next;
        self.next = Next::Entry;
        Ok(())
    }

    /// Adds a line to a plain scalar.
    fn continue_plain(&mut self, id: NodeId) -> Result {
        let (end, stop) = self.plain(self.at);
        if stop == Stop::Colon || self.at(self.line) == b'\t' {
            return Err(Declined);
        }
        let node = &mut self.tree.nodes[id as usize];
        node.end = end as u32;
        node.flags |= RawNode::ENCODED;
        self.last_end = end as u32;
        if stop == Stop::Line {
            self.plain = Some(id);
        }
        self.end_line()
    }

    /// The indentation of the innermost open collection; -1 at the root.
    #[inline]
    fn indent(&self) -> i32 {
        self.open.last().map_or(-1, |open| open.indent)
    }

    #[inline]
    fn push(&mut self, kind: RawKind, style: Style, start: usize, end: usize, flags: u16) -> NodeId {
        let id = self.tree.nodes.len() as NodeId;
        self.tree.nodes.push(RawNode { start: start as u32, end: end as u32, next: id + 1, kind, style, flags });
        self.last_end = end as u32;
        if self.properties.is_some() {
            self.apply_properties(id);
        }
        id
    }

    fn empty(&mut self, at: u32) {
        self.push(RawKind::Scalar, Style::Plain, at as usize, at as usize, 0);
        self.next = Next::Entry;
    }

    /// Opens the collection that was pushed last.
    #[inline]
    fn open(&mut self, indent: i32, is_seq: bool) -> Result {
        let id = self.tree.nodes.len() as NodeId - 1;
        self.open.push(Open { id, indent, is_seq });
        if self.open.len() > MAX_DEPTH { Err(Declined) } else { Ok(()) }
    }

    #[inline]
    fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            let next = self.tree.nodes.len() as NodeId;
            let node = &mut self.tree.nodes[open.id as usize];
            (node.next, node.end) = (next, self.last_end);
        }
    }

    #[cold]
    fn apply_properties(&mut self, id: NodeId) {
        let Some(properties) = self.properties.take() else { return };
        let node = &mut self.tree.nodes[id as usize];
        if let Some(name) = properties.anchor {
            node.flags |= RawNode::ANCHORED;
            self.anchors.insert(name, id);
        }
        if let Some(tag) = properties.tag {
            node.flags |= RawNode::TAGGED;
            self.tree.tags.insert(id, tag);
        }
    }
}
