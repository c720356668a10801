//! Why a transformation could not be done.

use crate::source::Span;
use crate::yaml::{Kind, Node};

/// A transformation that upstream refuses too. The object it was meant for is unchanged or must be dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransformError<'s> {
    /// What is wrong, in a sentence without a final dot.
    pub message: String,
    /// The places that show it, the most telling first; may be empty if no file holds them.
    pub spans: Vec<Span<'s>>,
}

impl<'s> TransformError<'s> {
    /// An error without a place.
    pub fn new(message: impl Into<String>) -> Self {
        TransformError { message: message.into(), spans: Vec::new() }
    }

    /// The same error, pointing also to where `node` is written.
    pub fn at(mut self, node: &Node<'s>) -> Self {
        self.spans.extend(node.span());
        self
    }

    /// The same error with words in front of its message.
    pub fn context(mut self, prefix: impl std::fmt::Display) -> Self {
        self.message = format!("{prefix}: {}", self.message);
        self
    }

    /// `node` is not of the kind that is needed.
    pub(crate) fn wrong_kind(expected: Kind, node: &Node<'s>) -> Self {
        Self::new(format!("expected a {}, found a {}", kind_name(expected), kind_name(node.kind()))).at(node)
    }
}

impl std::fmt::Display for TransformError<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TransformError<'_> {}

/// The word for a kind of node in messages.
pub(crate) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Scalar => "scalar",
        Kind::Map => "mapping",
        Kind::Seq => "list",
    }
}
