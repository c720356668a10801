//! Why a kustomization cannot be rendered, and where.

use std::fmt;
use std::path::PathBuf;

use crate::source::Span;

/// What stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A remote base or file, which is never fetched.
    Remote,
    /// A Helm chart, which only `helm` can render.
    Helm,
    /// A generator, transformer or validator that is an external program.
    Plugin,
    /// A file, directory or kustomization that is not there.
    Missing,
    /// A file that is there and cannot be read.
    Unreadable,
    /// Text that is not YAML, or not a manifest.
    Syntax,
    /// A kustomization whose fields do not decode.
    Decode,
    /// A kustomization without content.
    Empty,
    /// Something names an object that is not there.
    NoMatch,
    /// Two objects share an identity, or more than one could be meant.
    Conflict,
    /// A file outside of the kustomization's directory.
    LoadRestriction,
    /// A kustomization that includes itself.
    Cycle,
    /// Something upstream does and manicheck does not.
    Unsupported,
    /// Anything else that upstream refuses too.
    Invalid,
}

impl ErrorKind {
    /// True for what may build elsewhere: with the network, or with programs that are not run here.
    pub fn is_beyond(self) -> bool {
        matches!(self, ErrorKind::Remote | ErrorKind::Helm | ErrorKind::Plugin | ErrorKind::Unsupported)
    }
}

/// A place that helps to understand an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'s> {
    /// Where.
    pub span: Span<'s>,
    /// What, in a few words, lower case, without a final dot.
    pub message: String,
}

/// Why a kustomization cannot be rendered.
#[derive(Clone, Debug)]
pub struct Error<'s> {
    /// What stands in the way.
    pub kind: ErrorKind,
    /// One sentence without a final dot: what is wrong and, where it helps, what to do.
    pub message: String,
    /// The kustomization's directory or the file it is about: absolute.
    pub path: PathBuf,
    /// The bad place, or the entry that asked for what cannot be done.
    pub span: Option<Span<'s>>,
    /// Other places: the nearest candidate, the patch's own line.
    pub related: Vec<Note<'s>>,
    /// The entries of the parents that led to the kustomization, innermost first.
    pub chain: Vec<Span<'s>>,
    /// What else is wrong with the same file.
    pub others: Vec<Error<'s>>,
}

impl<'s> Error<'s> {
    /// An error at `span`, about the file of the span if there is one.
    pub(crate) fn new(kind: ErrorKind, span: Option<Span<'s>>, message: impl Into<String>) -> Box<Self> {
        let path = span.map(|s| s.source.path().to_path_buf()).unwrap_or_default();
        let message = message.into();
        Box::new(Error { kind, message, path, span, related: Vec::new(), chain: Vec::new(), others: Vec::new() })
    }

    /// The first of what is wrong with a file, with the rest beside it.
    pub(crate) fn first_of(problems: Vec<Self>) -> Option<Box<Self>> {
        let mut problems = problems.into_iter();
        let mut first = problems.next()?;
        first.others = problems.collect();
        Some(Box::new(first))
    }

    /// The error, then what else is wrong with the same file.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.others)
    }

    /// The same with another place beside it.
    pub(crate) fn note(mut self: Box<Self>, span: Option<Span<'s>>, message: impl Into<String>) -> Box<Self> {
        if let Some(span) = span {
            self.related.push(Note { span, message: message.into() });
        }
        self
    }

    /// Fills in the place if there is none yet.
    pub(crate) fn or_at(mut self: Box<Self>, span: Option<Span<'s>>) -> Box<Self> {
        if self.span.is_none() {
            self.span = span;
            if let (true, Some(span)) = (self.path.as_os_str().is_empty(), span) {
                self.path = span.source.path().to_path_buf();
            }
        }
        self
    }
}

impl fmt::Display for Error<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(span) = self.span {
            let at = span.start_pos();
            write!(f, "{}:{}:{}: ", span.source.display(), at.line, at.column)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error<'_> {}

/// The result of every step of a rendering.
pub(crate) type Result<'s, T> = std::result::Result<T, Box<Error<'s>>>;
