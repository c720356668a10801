//! The text: indentation, line breaks and scalars, as go-yaml v2 lays them out.

mod analysis;
mod quoted;

use super::scalar::Printed;
pub(super) use analysis::is_printable;
use analysis::{Analysis, Style};

/// Where a node stands in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    root: bool,
    /// It is the value of a mapping's entry.
    value: bool,
}

impl Place {
    pub(super) const ROOT: Place = Place { root: true, value: false };
    pub(super) const ITEM: Place = Place { root: false, value: false };
    pub(super) const VALUE: Place = Place { root: false, value: true };

    pub(super) fn is_root(self) -> bool {
        self.root
    }
}

/// Lines are folded at the first blank behind this column.
const BEST_WIDTH: usize = 80;
/// Longer keys, in bytes, are written behind `?`.
const MAX_SIMPLE_KEY: usize = 128;
const INDENT: isize = 2;

/// The style of a string that has none of its own.
pub(super) fn style_of(text: &str) -> crate::yaml::tree::Style {
    use crate::yaml::tree::Style as Written;
    match Analysis::of(text).style(text, false) {
        Style::Plain => Written::Plain,
        Style::SingleQuoted => Written::SingleQuoted,
        Style::DoubleQuoted => Written::DoubleQuoted,
        Style::Literal => Written::Literal,
    }
}

/// True if a string is written from `column` on without quotes and in one line.
pub(super) fn is_written_bare(text: &str, column: usize) -> bool {
    column + text.len() <= BEST_WIDTH && Analysis::of(text).style(text, false) == Style::Plain
}

/// True if `written`, a string in quotes, is written just so from `column` on, in one line.
pub(super) fn is_written_quoted(written: &str, column: usize) -> bool {
    let (style, quote) =
        if written.starts_with('\'') { (Style::SingleQuoted, '\'') } else { (Style::DoubleQuoted, '"') };
    let Some(text) = written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) else { return false };
    column + written.len() <= BEST_WIDTH
        && text.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'\\' && char::from(b) != quote)
        && Analysis::of(text).style(text, false) == style
}

/// Appends to a string and knows the column it is at.
pub(super) struct Writer<'o> {
    out: &'o mut String,
    /// Characters in the line so far.
    column: usize,
    /// Columns of indentation; -1 outside everything.
    indent: isize,
    /// The last thing written was a blank, or nothing was in this line.
    whitespace: bool,
    /// Nothing but indentation and indicators (`-`, `?`) was written in this line.
    indention: bool,
}

impl<'o> Writer<'o> {
    pub(super) fn new(out: &'o mut String) -> Self {
        Writer { out, column: 0, indent: -1, whitespace: true, indention: true }
    }

    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Starts a sequence. Returns what [`Writer::close`] wants. As the value of a key it is not indented.
    pub(super) fn open_sequence(&mut self, place: Place) -> isize {
        let outer = self.indent;
        if outer < 0 {
            self.indent = 0;
        } else if !place.value || (self.indention && self.column > 0) {
            self.indent += INDENT;
        }
        outer
    }

    /// Starts a mapping. Returns what [`Writer::close`] wants.
    pub(super) fn open_mapping(&mut self) -> isize {
        let outer = self.indent;
        self.indent = if outer < 0 { 0 } else { outer + INDENT };
        outer
    }

    /// Ends a collection.
    pub(super) fn close(&mut self, outer: isize) {
        self.indent = outer;
    }

    /// Starts an item.
    pub(super) fn item(&mut self) {
        self.indent_line();
        self.indicator("-", true, false, true);
    }

    /// Starts the item that the innermost mapping is.
    pub(super) fn item_around(&mut self) {
        self.indent -= INDENT;
        self.item();
        self.indent += INDENT;
    }

    /// Goes on as if the key in front of a value, or the indicator of an item, had been written elsewhere.
    pub(super) fn resume(&mut self, is_value: bool) {
        (self.whitespace, self.indention) = (!is_value, !is_value);
    }

    /// Goes on in an empty line.
    pub(super) fn start_in_new_line(&mut self) {
        (self.column, self.whitespace, self.indention) = (0, true, true);
    }

    /// Writes a key and its colon.
    pub(super) fn key(&mut self, key: &str) {
        if is_word(key) {
            self.indent_line();
            self.space();
            self.out.push_str(key);
            self.out.push(':');
            self.column += key.len() + 1;
            (self.whitespace, self.indention) = (false, false);
            return;
        }
        let analysis = Analysis::of(key);
        self.indent_line();
        if key.len() <= MAX_SIMPLE_KEY && !analysis.multiline {
            self.text(key, &analysis, true);
            self.indicator(":", false, false, false);
        } else {
            self.indicator("?", true, false, true);
            self.text(key, &analysis, false);
            self.indent_line();
            self.indicator(":", true, false, true);
        }
    }

    /// Writes `{}` or `[]`.
    pub(super) fn empty_collection(&mut self, brackets: &str) {
        self.indicator(brackets, true, false, false);
    }

    /// Writes a value. Returns where a comment can stand: behind the value, or behind the `|` of a block.
    pub(super) fn scalar(&mut self, value: &Printed<'_>) -> usize {
        match value {
            Printed::Bare(text) => {
                self.space();
                self.push(text);
                (self.whitespace, self.indention) = (false, false);
                self.out.len()
            }
            Printed::Text(text) => self.text(text, &Analysis::of(text), false),
        }
    }

    /// Writes a string in the style that suits it.
    fn text(&mut self, text: &str, analysis: &Analysis, simple_key: bool) -> usize {
        let outer = self.indent_value();
        let line_end = match analysis.style(text, simple_key) {
            Style::Plain => self.plain(text, !simple_key),
            Style::SingleQuoted => self.single_quoted(text, !simple_key),
            Style::DoubleQuoted => self.double_quoted(text, !simple_key),
            Style::Literal => self.literal(text),
        };
        self.indent = outer;
        line_end
    }

    /// Goes to the column of further lines of a value. Returns the one before.
    fn indent_value(&mut self) -> isize {
        let outer = self.indent;
        self.indent = if outer < 0 { INDENT } else { outer + INDENT };
        outer
    }

    fn plain(&mut self, text: &str, may_fold: bool) -> usize {
        self.space();
        if !may_fold || self.column + text.len() <= BEST_WIDTH {
            self.push(text);
        } else if text.is_ascii() {
            self.folded(text);
        } else {
            self.folded_by_words(text);
        }
        (self.whitespace, self.indention) = (false, false);
        self.out.len()
    }

    fn folded_by_words(&mut self, text: &str) {
        // A plain scalar neither starts nor ends with a blank: an empty word stands between two.
        let mut before = None;
        for word in text.split(' ') {
            match before {
                None => {}
                Some("") => self.put(' '),
                Some(_) if self.column > BEST_WIDTH && !word.is_empty() => self.indent_line(),
                Some(_) => self.put(' '),
            }
            self.push(word);
            self.indention &= word.is_empty();
            before = Some(word);
        }
    }

    /// [`Writer::folded_by_words`] for ASCII: from one fold to the next.
    fn folded(&mut self, mut text: &str) {
        loop {
            let bytes = text.as_bytes();
            let first = (BEST_WIDTH + 1).saturating_sub(self.column).max(1).min(bytes.len());
            let is_single =
                |at: &usize| bytes[at - 1] != b' ' && bytes.get(at + 1).is_some_and(|behind| *behind != b' ');
            let fold = memchr::memchr_iter(b' ', &bytes[first..]).map(|at| first + at).find(is_single);
            let (line, rest) = text.split_at(fold.unwrap_or(text.len()));
            self.out.push_str(line);
            self.column += line.len();
            self.indention &= line.is_empty();
            if fold.is_none() {
                return;
            }
            self.indent_line();
            text = rest.get(1..).unwrap_or_default();
        }
    }

    /// Writes text as it is.
    pub(super) fn bare(&mut self, text: &str) {
        self.push(text);
        (self.whitespace, self.indention) = (false, false);
    }

    /// Writes the nothing that stands for a null.
    pub(super) fn nothing(&mut self) {
        self.indention = false;
    }

    /// Writes a comment and ends the line.
    pub(super) fn comment(&mut self, text: &str) {
        self.push(text);
        self.end_line();
    }

    /// Writes an empty line behind one that has ended.
    pub(super) fn empty_line(&mut self) {
        self.end_line();
    }

    fn end_line(&mut self) {
        self.line_break();
        (self.whitespace, self.indention) = (true, true);
    }

    /// Writes a value as a literal block, with a comment behind its first line.
    pub(super) fn literal_value(&mut self, text: &str, comment: Option<&str>) {
        let outer = self.indent_value();
        let line_end = self.literal(text);
        self.indent = outer;
        if let Some(comment) = comment {
            self.out.insert_str(line_end, &format!(" {comment}"));
        }
    }

    /// The indentation of the lines of a literal that would be written here.
    pub(super) fn block_indent(&self) -> usize {
        usize::try_from(if self.indent < 0 { INDENT } else { self.indent + INDENT }).unwrap_or_default()
    }

    /// Writes a literal whose lines are indented as they are to be. They come without the last line break; `|` has one, `|-` none.
    pub(super) fn copied_literal(&mut self, header: &str, lines: &str) {
        self.indicator(header, true, false, false);
        self.line_break();
        self.out.push_str(lines);
        self.column = lines.len() - lines.rfind('\n').map_or(0, |at| at + 1);
        (self.whitespace, self.indention) = (true, false);
        if header == "|" {
            self.line_break();
            self.indention = true;
        }
    }

    /// The column of the innermost collection.
    pub(super) fn indent(&self) -> usize {
        usize::try_from(self.indent).unwrap_or_default()
    }

    /// True if something other than indentation and indicators stands in this line.
    pub(super) fn is_in_line(&self) -> bool {
        !self.indention
    }

    /// Writes what is printed as it is: it starts behind a key or a value, and ends behind one.
    pub(super) fn copied(&mut self, text: &str) {
        self.out.push_str(text);
        match memchr::memrchr(b'\n', text.as_bytes()) {
            Some(at) => self.column = text.len() - at - 1,
            None => self.column += text.len(),
        }
        (self.whitespace, self.indention) = (false, false);
    }

    fn literal(&mut self, text: &str) -> usize {
        self.indicator("|", true, false, false);
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.push("2");
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().is_some_and(is_break), from_end.next()) {
            (false, _) => self.push("-"),
            (true, None) => self.push("+"),
            (true, Some(before)) if is_break(before) => self.push("+"),
            _ => {}
        }
        let line_end = self.out.len();
        self.line_break();
        (self.whitespace, self.indention) = (true, true);
        if text.is_ascii() {
            self.ascii_lines(text);
            return line_end;
        }
        for line in text.split_inclusive(is_break) {
            let content = line.trim_end_matches(is_break);
            if !content.is_empty() {
                self.indent_line();
                self.push(content);
                self.indention = false;
            }
            if let Some(end) = line.get(content.len()..).and_then(|end| end.chars().next()) {
                self.write_break(end);
                self.indention = true;
            }
        }
        line_end
    }

    /// The lines of a literal: ASCII, without carriage returns.
    fn ascii_lines(&mut self, text: &str) {
        for line in text.split_inclusive('\n') {
            let content = line.strip_suffix('\n').unwrap_or(line);
            if !content.is_empty() {
                self.indent_line();
                self.out.push_str(content);
                self.column += content.len();
                self.indention = false;
            }
            if content.len() < line.len() {
                self.line_break();
                self.indention = true;
            }
        }
    }

    /// Goes to the indentation, in a new line unless nothing but indentation and indicators is in this one.
    pub(super) fn indent_line(&mut self) {
        let indent = usize::try_from(self.indent).unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.line_break();
        }
        while self.column < indent {
            let blanks = (indent - self.column).min(BLANKS.len());
            self.out.push_str(&BLANKS[..blanks]);
            self.column += blanks;
        }
        (self.whitespace, self.indention) = (true, true);
    }

    pub(super) fn indicator(&mut self, indicator: &str, needs_space: bool, is_space: bool, keeps_indention: bool) {
        if needs_space {
            self.space();
        }
        self.push(indicator);
        self.whitespace = is_space;
        self.indention &= keeps_indention;
    }

    /// A blank, unless there is one.
    pub(super) fn space(&mut self) {
        if !self.whitespace {
            self.put(' ');
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += if text.is_ascii() { text.len() } else { text.chars().count() };
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn line_break(&mut self) {
        self.write_break('\n');
    }

    fn write_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
    }
}

const BLANKS: &str = "                                                                ";

/// True for a key that is certainly written plain: letters only, and longer than any of the words that have a type.
fn is_word(key: &str) -> bool {
    (6..=MAX_SIMPLE_KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Line breaks as YAML 1.1 has them, but for U+0085 and carriage return, which no printed text holds unescaped.
fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Write = fn(&mut Writer<'_>, &str);

    /// What is written behind `column` characters, and where that ends.
    fn written(write: Write, column: usize, text: &str) -> (String, usize) {
        let mut out = String::new();
        let mut writer = Writer::new(&mut out);
        (writer.indent, writer.whitespace, writer.indention) = (4, false, false);
        writer.push(&"k".repeat(column));
        write(&mut writer, text);
        let end = writer.column;
        (out, end)
    }

    proptest! {
        #[test]
        fn ascii_is_folded_as_all_text_is(column in 0_usize..100, text in "[a-c]([a-c]{0,30}| |  |'|#|: ){0,60}[a-c]") {
            let plain: [Write; 2] = [|w, t| w.folded(t), |w, t| w.folded_by_words(t)];
            prop_assert_eq!(written(plain[0], column, &text), written(plain[1], column, &text));
        }

        #[test]
        fn ascii_is_quoted_as_all_text_is(column in 0_usize..100, text in "([a-c]{0,30}| |  |'|''|#|: ){0,60}", fold: bool) {
            let quoted: [Write; 4] = [
                |w, t| w.quoted_by_runs(t, false),
                |w, t| w.quoted_by_runs(t, true),
                |w, t| w.quoted_by_chars(t, false),
                |w, t| w.quoted_by_chars(t, true),
            ];
            let (fast, slow) = (quoted[usize::from(fold)], quoted[2 + usize::from(fold)]);
            prop_assert_eq!(written(fast, column, &text), written(slow, column, &text));
        }
    }
}
