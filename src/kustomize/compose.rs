//! Scalars put together from parts that are written in different places.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::yaml::{Node, Origin, Piece, Scalar, Style};

/// A text under construction, with the place of each run of bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Composer<'s> {
    text: String,
    pieces: Vec<Piece<'s>>,
}

impl<'s> Composer<'s> {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Appends text that stands in no file.
    pub(crate) fn literal(&mut self, text: &str) {
        self.push(text, None);
    }

    /// Appends text that stands at `span`.
    pub(crate) fn at(&mut self, text: &str, span: Option<crate::source::Span<'s>>) {
        self.push(text, span);
    }

    /// Appends all of a scalar's text.
    pub(crate) fn node(&mut self, node: &Node<'s>) {
        let text = node.text().unwrap_or_default();
        self.slice(node, 0..text.len());
    }

    /// Appends a part of a scalar's text. The range must lie on character boundaries.
    pub(crate) fn slice(&mut self, node: &Node<'s>, range: Range<usize>) {
        let text = node.text().unwrap_or_default();
        let pieces = node.pieces();
        if pieces.is_empty() {
            let whole = range == (0..text.len());
            let part = text.get(range.clone()).unwrap_or_default();
            let span = node.origin().span;
            self.push(part, if whole { span } else { span.and_then(|all| node.part(range).or(Some(all))) });
            return;
        }
        let mut from = 0;
        for piece in pieces {
            let to = from + piece.len as usize;
            let (start, end) = (range.start.max(from), range.end.min(to));
            if start < end
                && let Some(part) = text.get(start..end)
            {
                let whole = (start, end) == (from, to);
                self.push(part, piece.span.and_then(|span| if whole { Some(span) } else { node.part(start..end) }));
            }
            from = to;
        }
    }

    fn push(&mut self, text: &str, span: Option<crate::source::Span<'s>>) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        match self.pieces.last_mut() {
            Some(last) if last.span == span => last.len += text.len() as u32,
            _ => self.pieces.push(Piece { len: text.len() as u32, span }),
        }
    }

    /// The text so far.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The scalar. Pieces are left out if all of the text is at `origin.span`.
    pub(crate) fn finish(self, style: Style, tag: Option<Cow<'s, str>>, origin: Origin<'s>) -> Node<'s> {
        let mut pieces = self.pieces;
        if let [only] = pieces.as_slice()
            && only.span == origin.span
        {
            pieces.clear();
        }
        Node::Scalar(Arc::new(Scalar { text: self.text.into(), style, tag, origin, pieces }))
    }
}
