//! The value of a scalar whose text is not its value: escapes, folding, block scalars.
//!
//! Line breaks are `\n` in values, however the file writes them. Whatever the text, nothing here fails: the parser has
//! checked the scalar, and text it would not have accepted decodes to something harmless.

use std::borrow::Cow;

use super::tree::{RawNode, Style};

/// Decodes a scalar marked [`RawNode::ENCODED`]. `text` is the whole source.
pub(super) fn decode<'s>(text: &'s str, node: &RawNode) -> Cow<'s, str> {
    let (start, end) = (node.start as usize, node.end as usize);
    let inside = || text.get(start + 1..end.saturating_sub(1)).unwrap_or("");
    match node.style {
        Style::Literal | Style::Folded => Block::read(text, start, -1, end).value(text),
        Style::DoubleQuoted => Cow::Owned(double_quoted(inside())),
        Style::SingleQuoted => Cow::Owned(fold_lines(inside(), true)),
        _ => Cow::Owned(fold_lines(text.get(start..end).unwrap_or(""), false)),
    }
}

/// Where a block scalar ends, and what it takes to decode it.
pub(super) struct Block {
    /// The end of its last line with content, without the break; of the header if it has none.
    pub(super) end: usize,
    /// The start of the first line behind it.
    pub(super) next: usize,
    /// The comment behind the header.
    pub(super) comment: Option<(usize, usize)>,
    /// True if the header gives the indentation: then only who knows the parent can decode it.
    pub(super) explicit: bool,
    /// True if it has a form that the conforming parser must judge: bad header, tabs in the indentation, leading blank lines
    /// deeper than the first line.
    pub(super) odd: bool,
    /// A tab where the indentation should be; go-yaml refuses it.
    pub(super) tab: Option<usize>,
    /// True if its text is not indented at all, which only the root's can be, and go-yaml refuses.
    pub(super) root_at_margin: bool,
    first_line: usize,
    indent: usize,
    folded: bool,
    chomp: Chomp,
}

#[derive(Clone, Copy, PartialEq)]
enum Chomp {
    Strip,
    Clip,
    Keep,
}

impl Block {
    /// Reads the block scalar whose `|` or `>` is at `start`. Its lines are indented more than `parent` (-1 for the root of a
    /// document). Nothing behind `limit` is taken as its content.
    pub(super) fn read(text: &str, start: usize, parent: i32, limit: usize) -> Block {
        let bytes = &text.as_bytes()[..limit.min(text.len())];
        let mut block = Block {
            end: start,
            next: start,
            comment: None,
            explicit: false,
            odd: false,
            tab: None,
            root_at_margin: false,
            first_line: start,
            indent: 0,
            folded: bytes.get(start) == Some(&b'>'),
            chomp: Chomp::Clip,
        };
        block.header(bytes, start, parent);
        block.first_line = block.next;
        if !block.explicit {
            block.detect_indent(bytes, parent);
        }
        if block.explicit || block.indent > 0 || parent < 0 {
            block.lines(bytes);
        }
        block
    }

    fn header(&mut self, bytes: &[u8], start: usize, parent: i32) {
        let mut at = start + 1;
        let mut chomps = 0;
        loop {
            match bytes.get(at) {
                Some(sign @ (b'-' | b'+')) => {
                    self.chomp = if *sign == b'-' { Chomp::Strip } else { Chomp::Keep };
                    chomps += 1;
                }
                Some(d @ b'1'..=b'9') => {
                    self.odd |= self.explicit;
                    self.explicit = true;
                    self.indent = parent.max(0) as usize + usize::from(d - b'0');
                }
                _ => break,
            }
            at += 1;
        }
        self.odd |= chomps > 1;
        self.end = at.min(bytes.len());
        let line_end = line_end(bytes, at);
        let rest = &bytes[self.end..line_end];
        if let Some(i) = rest.iter().position(|b| !matches!(b, b' ' | b'\t')) {
            if rest[i] == b'#' && i > 0 {
                self.comment = Some((at + i, line_end));
            } else {
                self.odd = true;
            }
        }
        self.next = behind_break(bytes, line_end);
    }

    /// Takes the indentation of the first line that is not blank. Leaves 0 if that line is not deeper than the parent.
    fn detect_indent(&mut self, bytes: &[u8], parent: i32) {
        let mut at = self.next;
        let mut deepest_blank = 0;
        while at < bytes.len() {
            let spaces = count_spaces(bytes, at);
            match bytes.get(at + spaces) {
                Some(b'\n' | b'\r') => {
                    deepest_blank = deepest_blank.max(spaces);
                    at = behind_break(bytes, at + spaces);
                }
                Some(&b) => {
                    if spaces as i32 > parent {
                        self.indent = spaces;
                        self.odd |= b == b'\t' || deepest_blank > spaces;
                        self.tab = (b == b'\t').then_some(at + spaces);
                    }
                    return;
                }
                None => {
                    deepest_blank = deepest_blank.max(spaces);
                    break;
                }
            }
        }
        // Nothing but blank lines: all of them are breaks, none is content.
        self.indent = deepest_blank.max((parent + 1).max(0) as usize);
        self.odd |= deepest_blank > 0;
    }

    fn lines(&mut self, bytes: &[u8]) {
        let mut at = self.next;
        while at < bytes.len() {
            let spaces = count_spaces(&bytes[..bytes.len().min(at + self.indent)], at);
            match bytes.get(at + spaces) {
                None => {
                    at = bytes.len();
                    continue;
                }
                Some(b'\n' | b'\r') => at = behind_break(bytes, at + spaces),
                Some(b) if spaces < self.indent => {
                    if *b == b'\t' {
                        self.odd = true;
                        self.tab = Some(at + spaces);
                    }
                    break;
                }
                Some(_) => {
                    self.root_at_margin |= self.indent == 0;
                    self.end = line_end(bytes, at + spaces);
                    at = behind_break(bytes, self.end);
                }
            }
        }
        self.next = at;
    }

    /// The value. `text` is the whole source.
    pub(super) fn value<'s>(&self, text: &'s str) -> Cow<'s, str> {
        let bytes = text.as_bytes();
        let mut breaks = 0;
        if self.chomp != Chomp::Strip && self.end > self.first_line && self.end < bytes.len() {
            breaks = 1;
        }
        if self.chomp == Chomp::Keep {
            breaks += self.blank_lines_behind(bytes);
        }
        let content = text.get(self.first_line..self.end).unwrap_or("");
        if content.is_empty() {
            return if breaks == 0 { Cow::Borrowed("") } else { Cow::Owned("\n".repeat(breaks)) };
        }
        if breaks <= 1 && memchr::memchr2(b'\n', b'\r', content.as_bytes()).is_none() {
            let start = self.first_line + self.indent.min(content.len());
            if breaks == 0 || bytes[self.end] == b'\n' {
                return Cow::Borrowed(text.get(start..self.end + breaks).unwrap_or(""));
            }
        }
        let mut value = String::with_capacity(content.len() + breaks);
        if self.folded {
            self.fold(content, &mut value)
        } else {
            self.literal(content, &mut value)
        }
        value.extend(std::iter::repeat_n('\n', breaks));
        Cow::Owned(value)
    }

    fn literal(&self, content: &str, value: &mut String) {
        for (i, line) in Lines::new(content).enumerate() {
            if i > 0 {
                value.push('\n');
            }
            value.push_str(self.dedent(line));
        }
    }

    /// Joins lines by spaces, except around blank lines and lines that are indented more.
    fn fold(&self, content: &str, value: &mut String) {
        let mut blanks = 0;
        let mut previous: Option<bool> = None;
        for line in Lines::new(content) {
            let line = self.dedent(line);
            if line.is_empty() {
                blanks += 1;
                continue;
            }
            let deeper = line.starts_with([' ', '\t']);
            let folds = previous == Some(false) && !deeper;
            if folds && blanks == 0 {
                value.push(' ');
            } else if !folds && previous.is_some() {
                value.push('\n');
            }
            value.extend(std::iter::repeat_n('\n', blanks));
            value.push_str(line);
            blanks = 0;
            previous = Some(deeper);
        }
    }

    fn dedent<'a>(&self, line: &'a str) -> &'a str {
        let spaces = count_spaces(line.as_bytes(), 0).min(self.indent);
        &line[spaces..]
    }

    fn blank_lines_behind(&self, bytes: &[u8]) -> usize {
        let mut at = behind_break(bytes, line_end(bytes, self.end));
        let mut count = 0;
        while at < bytes.len() {
            let spaces = count_spaces(bytes, at);
            if !matches!(bytes.get(at + spaces), Some(b'\n' | b'\r')) {
                break;
            }
            at = behind_break(bytes, at + spaces);
            count += 1;
        }
        count
    }
}

/// A plain or single-quoted scalar of several lines: white space around a break goes, one break is a space, more are that
/// many less one. `''` is a quote if `quoted`.
fn fold_lines(text: &str, quoted: bool) -> String {
    let mut value = String::with_capacity(text.len());
    let mut breaks = 0;
    let mut lines = Lines::new(text).enumerate().peekable();
    while let Some((i, line)) = lines.next() {
        let line = if i > 0 { line.trim_start_matches([' ', '\t']) } else { line };
        let line = if lines.peek().is_some() { line.trim_end_matches([' ', '\t']) } else { line };
        if i > 0 {
            breaks += 1;
        }
        if line.is_empty() && i > 0 && lines.peek().is_some() {
            continue;
        }
        push_breaks(&mut value, std::mem::take(&mut breaks));
        if quoted && line.contains('\'') {
            value.push_str(&line.replace("''", "'"));
        } else {
            value.push_str(line);
        }
    }
    value
}

fn push_breaks(value: &mut String, breaks: usize) {
    match breaks {
        0 => {}
        1 => value.push(' '),
        n => value.extend(std::iter::repeat_n('\n', n - 1)),
    }
}

fn double_quoted(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut value = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let run = memchr::memchr3(b'\\', b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |i| at + i);
        match bytes.get(run) {
            None => {
                value.push_str(&text[at..]);
                return value;
            }
            Some(b'\\') if matches!(bytes.get(run + 1), Some(b'\n' | b'\r')) => {
                // An escaped break joins the lines; white space in front of it stays.
                value.push_str(&text[at..run]);
                let (next, breaks) = skip_breaks(bytes, behind_break(bytes, run + 1));
                value.extend(std::iter::repeat_n('\n', breaks));
                at = next;
            }
            Some(b'\\') => {
                value.push_str(&text[at..run]);
                at = escape(text, run + 1, &mut value);
            }
            Some(_) => {
                value.push_str(text[at..run].trim_end_matches([' ', '\t']));
                let (next, breaks) = skip_breaks(bytes, run);
                push_breaks(&mut value, breaks);
                at = next;
            }
        }
    }
    value
}

/// Skips white space and breaks. Where it ended, and how many breaks there were.
fn skip_breaks(bytes: &[u8], mut at: usize) -> (usize, usize) {
    let mut breaks = 0;
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t') => at += 1,
            Some(b'\n' | b'\r') => {
                at = behind_break(bytes, at);
                breaks += 1;
            }
            _ => return (at, breaks),
        }
    }
}

/// Decodes the escape whose letter is at `at`; returns the offset behind it.
fn escape(text: &str, at: usize, value: &mut String) -> usize {
    let Some(c) = text[at..].chars().next() else { return at };
    let behind = at + c.len_utf8();
    let digits = match c {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => {
            value.push(simple_escape(c).unwrap_or(c));
            return behind;
        }
    };
    let Some(code) = text.get(behind..behind + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok()) else {
        return behind;
    };
    value.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    behind + digits
}

/// What an escape of one letter stands for.
pub(super) fn simple_escape(c: char) -> Option<char> {
    Some(match c {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        ' ' | '"' | '/' | '\\' => c,
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        _ => return None,
    })
}

fn count_spaces(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).map_or(0, |rest| rest.iter().take_while(|b| **b == b' ').count())
}

/// The offset of the next line break, or the end.
fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).and_then(|rest| memchr::memchr2(b'\n', b'\r', rest)).map_or(bytes.len(), |i| at + i)
}

/// The offset behind the line break at `at`, if there is one.
fn behind_break(bytes: &[u8], at: usize) -> usize {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => at + 2,
        (Some(b'\n' | b'\r'), _) => at + 1,
        _ => at,
    }
}

/// The lines of a text: at least one; the text behind the last break is a line too.
struct Lines<'a> {
    rest: Option<&'a str>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Lines { rest: Some(text) }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        let end = line_end(rest.as_bytes(), 0);
        self.rest = (end < rest.len()).then(|| &rest[behind_break(rest.as_bytes(), end)..]);
        Some(&rest[..end])
    }
}
