//! Source files, byte spans, and lines and columns.
//!
//! [`Sources`] is an append-only store: a file is read and parsed once in a run, and everything made from it (nodes,
//! origins, findings) borrows from it. Nothing here knows YAML's meaning, Kubernetes or kustomize.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::yaml::{SyntaxError, Tree};

/// Every file read in a run, by path. Append-only, so a `&Source` lives as long as the store.
#[derive(Default)]
pub struct Sources {
    files: elsa::sync::FrozenMap<PathBuf, Box<Source>>,
}

impl Sources {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The source stored for `path`, if it was added before.
    pub fn get(&self, path: &Path) -> Option<&Source> {
        self.files.get(path)
    }

    /// How many files were read so far.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Stores the bytes of `path` and returns the source. `display` is the path as reports show it: relative to the
    /// working directory, with `/`. If the path is stored already, the first bytes win and are returned.
    pub fn add(&self, path: &Path, display: String, bytes: Vec<u8>) -> &Source {
        self.files.insert(path.to_path_buf(), Box::new(Source::new(path.to_path_buf(), display, bytes)))
    }
}

/// One file: its text, its lines, and (on first use) its parsed tree.
pub struct Source {
    path: PathBuf,
    display: String,
    text: String,
    bad_utf8: Vec<Range<u32>>,
    /// Whether columns are bytes: counting the characters of a minified file anew for each finding is slow.
    ascii: bool,
    lines: OnceLock<Vec<u32>>,
    tree: OnceLock<Tree>,
}

impl Source {
    /// A source outside any store, for tests and one-off parsing.
    pub fn new(path: PathBuf, display: String, bytes: Vec<u8>) -> Self {
        let (text, bad_utf8) = decode(bytes);
        let ascii = text.is_ascii();
        Self { path, display, text, bad_utf8, ascii, lines: OnceLock::new(), tree: OnceLock::new() }
    }

    /// The path that the file was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path as reports show it.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// The text. Each byte that is not valid UTF-8 stands as `?`, so offsets are those of the file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True if every character of the text is ASCII.
    pub fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// The byte ranges that were not valid UTF-8, in order.
    pub fn bad_utf8(&self) -> &[Range<u32>] {
        &self.bad_utf8
    }

    /// The parsed file. Parsed on first use, once.
    #[inline]
    pub fn tree(&self) -> &Tree {
        match self.tree.get() {
            Some(tree) => tree,
            None => self.parsed(),
        }
    }

    #[cold]
    fn parsed(&self) -> &Tree {
        let parse = || crate::yaml::parse_source(&self.text, &self.bad_utf8);
        if self.text.len() < crate::yaml::WORTH_THREADS {
            return self.tree.get_or_init(parse);
        }
        // Such a file may be parsed by several threads. One that waits for the others takes up other work meanwhile, which may ask
        // for this very tree: nobody may have to wait for it while it is made. At worst it is made twice.
        let tree = parse();
        self.tree.get_or_init(|| tree)
    }

    /// Everything that keeps documents of this file from being read, in order: YAML errors, bytes that are not UTF-8, control
    /// characters, UTF-16. Documents with such a problem are not among [`Tree::documents`].
    pub fn problems(&self) -> &[SyntaxError] {
        &self.tree().errors
    }

    /// True if somebody asked for the tree.
    pub fn is_parsed(&self) -> bool {
        self.tree.get().is_some()
    }

    /// Line and column of a byte offset, both from 1; the column counts Unicode scalar values. A leading byte order
    /// mark is no column. An offset behind the end gives the end.
    pub fn line_col(&self, offset: u32) -> LineCol {
        let starts = self.line_starts();
        let offset = offset.min(self.text.len() as u32);
        let line = starts.partition_point(|&s| s <= offset).max(1);
        let from = starts[line - 1];
        if self.ascii {
            return LineCol { line: line as u32, column: offset - from + 1 };
        }
        let mut end = offset as usize;
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[from as usize..end];
        let before = if line == 1 { before.strip_prefix('\u{feff}').unwrap_or(before) } else { before };
        LineCol { line: line as u32, column: before.chars().count() as u32 + 1 }
    }

    /// The byte range of a line (from 1), without its line break; empty behind the last line.
    pub fn line_range(&self, line: u32) -> Range<u32> {
        let starts = self.line_starts();
        let len = self.text.len() as u32;
        let Some(&start) = starts.get(line.saturating_sub(1) as usize) else { return len..len };
        let mut end = starts.get(line as usize).copied().unwrap_or(len);
        let bytes = self.text.as_bytes();
        while end > start && matches!(bytes[end as usize - 1], b'\n' | b'\r') {
            end -= 1;
        }
        start..end
    }

    /// The byte range of the line that an offset is on, as [`Source::line_range`] gives it. Looks no further than that line: most files
    /// are only asked for a few.
    pub fn line_around(&self, offset: u32) -> Range<u32> {
        let bytes = self.text.as_bytes();
        let at = (offset as usize).min(bytes.len());
        let ends = |i: &usize| bytes[*i] == b'\n' || bytes.get(i + 1) != Some(&b'\n');
        let start = memchr::memrchr2_iter(b'\n', b'\r', &bytes[..at]).find(ends).map_or(0, |i| i + 1);
        let mut end = memchr::memchr2(b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |i| at + i);
        while end > start && matches!(bytes[end - 1], b'\n' | b'\r') {
            end -= 1;
        }
        start as u32..end as u32
    }

    /// How many lines the file has; an empty file has one.
    pub fn line_count(&self) -> u32 {
        self.line_starts().len() as u32
    }

    /// A span in this source.
    pub fn span(&self, range: Range<u32>) -> Span<'_> {
        Span { source: self, start: range.start, end: range.end }
    }

    /// Offsets of line starts. `\n`, `\r\n` and a lone `\r` end a line (YAML 1.2 §5.4).
    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut starts = vec![0];
            for i in memchr::memchr2_iter(b'\n', b'\r', bytes) {
                if bytes[i] == b'\n' || bytes.get(i + 1) != Some(&b'\n') {
                    starts.push(i as u32 + 1);
                }
            }
            starts
        })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.display)
    }
}

/// UTF-8 text of the bytes, bad bytes replaced one for one by `?`, and where they were.
fn decode(bytes: Vec<u8>) -> (String, Vec<Range<u32>>) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, Vec::new()),
        Err(error) => {
            let mut bytes = error.into_bytes();
            let mut bad: Vec<Range<u32>> = Vec::new();
            let mut from = 0;
            while let Err(e) = std::str::from_utf8(&bytes[from..]) {
                let start = from + e.valid_up_to();
                let end = e.error_len().map_or(bytes.len(), |n| start + n);
                bytes[start..end].fill(b'?');
                match bad.last_mut() {
                    Some(last) if last.end == start as u32 => last.end = end as u32,
                    _ => bad.push(start as u32..end as u32),
                }
                from = end;
            }
            (String::from_utf8(bytes).unwrap_or_default(), bad)
        }
    }
}

/// A line and a column, both from 1. The column counts Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineCol {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in Unicode scalar values.
    pub column: u32,
}

/// A byte range of a source file. Two spans are equal if file and range are.
#[derive(Clone, Copy)]
pub struct Span<'s> {
    /// The file.
    pub source: &'s Source,
    /// The first byte.
    pub start: u32,
    /// The byte behind the last.
    pub end: u32,
}

impl<'s> Span<'s> {
    /// The text of the span.
    pub fn text(&self) -> &'s str {
        self.source.text().get(self.start as usize..self.end as usize).unwrap_or("")
    }

    /// True if the other span is a part of this one.
    pub fn contains(&self, other: Span<'_>) -> bool {
        std::ptr::eq(self.source, other.source) && self.start <= other.start && other.end <= self.end
    }

    /// Where the span starts.
    pub fn start_pos(&self) -> LineCol {
        self.source.line_col(self.start)
    }

    /// Where the span ends: the position behind its last character.
    pub fn end_pos(&self) -> LineCol {
        self.source.line_col(self.end)
    }

    /// The part of the span on its first line.
    pub fn first_line(&self) -> Span<'s> {
        let line = self.source.line_around(self.start);
        Span { end: self.end.min(line.end).max(self.start), ..*self }
    }

    /// Orders spans by path, then start, then end.
    pub fn sort_key(&self) -> (&'s str, u32, u32) {
        (self.source.display(), self.start, self.end)
    }
}

impl PartialEq for Span<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.source, other.source) && (self.start, self.end) == (other.start, other.end)
    }
}

impl Eq for Span<'_> {}

impl std::hash::Hash for Span<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (std::ptr::from_ref(self.source) as usize, self.start, self.end).hash(state);
    }
}

impl fmt::Debug for Span<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.start_pos();
        write!(f, "{}:{}:{}..{}", self.source.display(), at.line, at.column, self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(bytes: &[u8]) -> Source {
        Source::new("a.yaml".into(), "a.yaml".into(), bytes.to_vec())
    }

    #[test]
    fn columns_count_scalar_values_and_lines_end_at_every_break() {
        let s = source("\u{feff}aä: b\r\nc\rd\ne".as_bytes());
        let at = |needle: &str| {
            let p = s.line_col(s.text().find(needle).unwrap() as u32);
            (p.line, p.column)
        };
        assert_eq!(at("aä"), (1, 1));
        assert_eq!(at(": b"), (1, 3));
        assert_eq!(at("c"), (2, 1));
        assert_eq!(at("d"), (3, 1));
        assert_eq!(at("e"), (4, 1));
        assert_eq!(s.line_count(), 4);
        assert_eq!(s.span(s.line_range(1)).text(), "\u{feff}aä: b");
    }

    #[test]
    fn the_line_around_an_offset_is_found_without_the_others() {
        for text in ["", "a", "a\n", "a\nbc\n\nd", "\r\n\r\na\rb\r\rc\r\n", "\n\r\n\r", "ä\u{2028}\r\nö"] {
            let s = source(text.as_bytes());
            for offset in 0..=text.len() as u32 + 1 {
                assert_eq!(s.line_around(offset), s.line_range(s.line_col(offset).line), "{text:?} at {offset}");
            }
        }
    }

    #[test]
    fn bad_bytes_keep_the_offsets() {
        let s = source(b"a: \xff\xfe\nb: 1\n");
        assert_eq!(s.text(), "a: ??\nb: 1\n");
        assert_eq!(s.bad_utf8(), std::slice::from_ref(&(3..5)));
        assert_eq!(s.line_col(6), LineCol { line: 2, column: 1 });
    }

    /// A large file is parsed by several threads, and the one that waits for the others takes what another has put aside: here a
    /// question for the same tree.
    #[test]
    fn a_thread_that_makes_a_tree_may_be_asked_for_it() {
        use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
        let text = "kind: ConfigMap\ndata:\n  key: a value of some length\n---\n".repeat(5_000);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        for _ in 0..90 {
            let source = &source(text.as_bytes());
            let (busy, made) = (&AtomicBool::new(false), &AtomicBool::new(false));
            pool.scope(|scope| {
                scope.spawn(move |scope| {
                    (0..4).for_each(|_| scope.spawn(|_| _ = source.tree()));
                    busy.store(true, SeqCst);
                    while !made.load(SeqCst) {
                        std::thread::yield_now();
                    }
                });
                scope.spawn(move |_| {
                    while !busy.load(SeqCst) {
                        std::thread::yield_now();
                    }
                    source.tree();
                    made.store(true, SeqCst);
                });
            });
            assert_eq!(source.tree().documents.len(), 5_001);
        }
    }
}
