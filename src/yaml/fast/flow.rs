//! Flow collections.

use super::scan::Stop;
use super::{Comment, Declined, MAX_DEPTH, NodeId, Parser, RawKind, Result, Style};

/// A flow collection that is being read, and what it waits for.
struct Open {
    id: NodeId,
    waits: Waits,
}

#[derive(Clone, Copy, PartialEq)]
enum Waits {
    /// An item, or the end.
    Item,
    /// A key, or the end.
    Key,
    /// The `:` of a key, which may be missing.
    Colon,
    /// A value; if none comes, an empty one at this offset.
    Value(u32),
    /// `,` or the end. The flag is true in a mapping.
    Comma(bool),
}

impl Parser<'_, '_> {
    /// Reads the flow collection that starts here; `at` is behind its bracket then.
    pub(super) fn flow(&mut self) -> Result {
        let mut open: Vec<Open> = Vec::new();
        self.open_flow(&mut open)?;
        while let Some(top) = open.last_mut() {
            self.skip_flow_space()?;
            let first = self.at(self.at);
            match (top.waits, first) {
                (Waits::Item | Waits::Comma(false), b']') | (Waits::Key | Waits::Comma(true), b'}') => {
                    self.close_flow(&mut open);
                }
                (Waits::Comma(is_map), b',') => {
                    self.at += 1;
                    top.waits = if is_map { Waits::Key } else { Waits::Item };
                }
                (Waits::Comma(_), _) => return Err(Declined),
                (Waits::Key, _) => self.flow_key(top)?,
                (Waits::Colon, b':') => {
                    self.at += 1;
                    top.waits = Waits::Value(self.at as u32);
                }
                (Waits::Colon, b',' | b'}') => {
                    let at = self.last_end as usize;
                    self.push(RawKind::Scalar, Style::Plain, at, at, 0);
                    top.waits = Waits::Comma(true);
                }
                (Waits::Colon, _) => return Err(Declined),
                (Waits::Value(at), b',' | b'}') => {
                    self.push(RawKind::Scalar, Style::Plain, at as usize, at as usize, 0);
                    top.waits = Waits::Comma(true);
                }
                (waits, _) => {
                    top.waits = Waits::Comma(waits != Waits::Item);
                    self.flow_value(&mut open)?;
                }
            }
        }
        Ok(())
    }

    fn open_flow(&mut self, open: &mut Vec<Open>) -> Result {
        let is_map = self.bytes[self.at] == b'{';
        let (kind, waits) = if is_map { (RawKind::Map, Waits::Key) } else { (RawKind::Seq, Waits::Item) };
        let id = self.push(kind, Style::Flow, self.at, self.at + 1, 0);
        self.at += 1;
        open.push(Open { id, waits });
        if self.open.len() + open.len() > MAX_DEPTH { Err(Declined) } else { Ok(()) }
    }

    fn close_flow(&mut self, open: &mut Vec<Open>) {
        self.at += 1;
        self.last_end = self.at as u32;
        let next = self.tree.nodes.len() as NodeId;
        if let Some(closed) = open.pop() {
            let node = &mut self.tree.nodes[closed.id as usize];
            (node.next, node.end) = (next, self.last_end);
        }
    }

    fn flow_key(&mut self, top: &mut Open) -> Result {
        let (start, line) = (self.at, self.line);
        match self.at(start) {
            quote @ (b'"' | b'\'') => {
                let (style, flags) = self.quoted(quote)?;
                self.push(RawKind::Scalar, style, start, self.at, flags);
            }
            _ => {
                self.check_plain_start(true)?;
                let (end, _) = self.flow_plain(start)?;
                if &self.bytes[start..end] == b"<<" {
                    self.aliased = true;
                }
                self.push(RawKind::Scalar, Style::Plain, start, end, 0);
            }
        }
        if self.line != line || self.at - start > super::scan::MAX_KEY {
            return Err(Declined);
        }
        // The `:` must be on the same line.
        let spaces = self.count_spaces(self.at);
        if !matches!(self.at(self.at + spaces), b':' | b',' | b'}') {
            return Err(Declined);
        }
        top.waits = Waits::Colon;
        Ok(())
    }

    fn flow_value(&mut self, open: &mut Vec<Open>) -> Result {
        let start = self.at;
        match self.at(start) {
            b'[' | b'{' => self.open_flow(open),
            b'*' => self.alias(true),
            quote @ (b'"' | b'\'') => {
                let (style, flags) = self.quoted(quote)?;
                self.push(RawKind::Scalar, style, start, self.at, flags);
                Ok(())
            }
            _ => {
                self.check_plain_start(true)?;
                let (end, stop) = self.flow_plain(start)?;
                if stop == Stop::Colon {
                    return Err(Declined);
                }
                self.push(RawKind::Scalar, Style::Plain, start, end, 0);
                Ok(())
            }
        }
    }

    /// Moves over white space, comments and line breaks. As in go-yaml, lines may have any indentation.
    fn skip_flow_space(&mut self) -> Result {
        loop {
            while matches!(self.at(self.at), b' ' | b'\t') {
                self.at += 1;
            }
            match self.at(self.at) {
                b'\n' => self.at += 1,
                b'\r' => self.at += 2,
                b'#' if self.at == self.line || matches!(self.bytes[self.at - 1], b' ' | b'\t') => {
                    let rest = &self.bytes[self.at..];
                    let len = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                    self.tree.comments.push(Comment { start: self.at as u32, end: (self.at + len) as u32 });
                    self.at += len;
                    continue;
                }
                _ => return Ok(()),
            }
            self.line = self.at;
            if self.at(self.at) == b'.' {
                return Err(Declined);
            }
        }
    }
}
