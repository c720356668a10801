//! Splits a file at its `---` lines, so that each document is read by itself.
//!
//! A `---` at the start of a line, followed by white space or the end, starts a document wherever it stands (YAML 1.2 §9.1.2
//! forbids it inside every scalar). So a broken document cannot hide the ones behind it.

use std::ops::Range;

use memchr::memmem;

/// The byte ranges of the parts. They cover the text in order, a leading byte order mark left out. A part starts at its
/// `---`, or at the directives in front of it; only the first may have none.
pub(super) struct Chunks<'a> {
    text: &'a str,
    finder: memmem::Finder<'static>,
    at: usize,
    /// Behind the last `---` looked at.
    searched: usize,
    directives: bool,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let bytes = &text.as_bytes()[at..];
        let directives = memchr::memchr_iter(b'%', bytes).any(|i| i == 0 || matches!(bytes[i - 1], b'\n' | b'\r'));
        Self { text, finder: memmem::Finder::new("---"), at, searched: at, directives }
    }

    /// The offset of the next marker behind `searched`.
    fn marker(&mut self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        loop {
            let start = self.searched + self.finder.find(bytes.get(self.searched..)?)?;
            self.searched = start + 3;
            let at_line_start = start == self.at || matches!(bytes[start - 1], b'\n' | b'\r');
            if at_line_start && matches!(bytes.get(start + 3), None | Some(b' ' | b'\t' | b'\n' | b'\r')) {
                return Some(start);
            }
        }
    }
}

impl Iterator for Chunks<'_> {
    type Item = Range<u32>;

    fn next(&mut self) -> Option<Range<u32>> {
        let start = self.at;
        if start >= self.text.len() {
            return None;
        }
        loop {
            let Some(marker) = self.marker() else {
                self.at = self.text.len();
                break;
            };
            self.at = marker;
            if self.directives {
                self.at = start + prologue(&self.text.as_bytes()[start..marker]);
            }
            if self.at > start {
                break;
            }
        }
        Some(start as u32..self.at as u32)
    }
}

/// Where the directives at the end of a part start: they belong to the next document. The length of the part if there
/// are none.
fn prologue(part: &[u8]) -> usize {
    let mut end = part.len();
    let mut from = end;
    let mut found = false;
    loop {
        let start = memchr::memrchr2(b'\n', b'\r', &part[..end]).map_or(0, |i| i + 1);
        let line = part[start..end].trim_ascii_end();
        match line.trim_ascii_start().first() {
            None | Some(b'#') => {}
            Some(b'%') if line[0] == b'%' => found = true,
            _ => break,
        }
        from = start;
        if start == 0 {
            break;
        }
        end = start - 1;
    }
    let follows_end_marker = from == 0 || part[..from].trim_ascii_end().ends_with(b"...");
    if found && follows_end_marker { from } else { part.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        Chunks::new(text).map(|c| &text[c.start as usize..c.end as usize]).collect()
    }

    #[test]
    fn splits_at_markers_only() {
        assert_eq!(split("a\n---\nb\n--- c\n----\n x---\n---"), ["a\n", "---\nb\n", "--- c\n----\n x---\n", "---"]);
        assert_eq!(split("---\r\na\r---\rb"), ["---\r\na\r", "---\rb"]);
        assert_eq!(split("\u{feff}---\na"), ["---\na"]);
        assert_eq!(split(""), [""; 0]);
    }

    #[test]
    fn directives_stay_with_their_document() {
        assert_eq!(split("%YAML 1.2\n---\na\n"), ["%YAML 1.2\n---\na\n"]);
        assert_eq!(split("a\n...\n# c\n%TAG ! !x\n---\nb\n---\nc"), ["a\n...\n", "# c\n%TAG ! !x\n---\nb\n", "---\nc"]);
        assert_eq!(split("a:\n  b\n%x\n---\nc"), ["a:\n  b\n%x\n", "---\nc"]);
    }
}
