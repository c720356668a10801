//! Quoted scalars.

use super::analysis::is_printable;
use super::{BEST_WIDTH, Writer, is_break};

impl Writer<'_> {
    pub(in crate::yaml::emit) fn single_quoted(&mut self, text: &str, may_fold: bool) -> usize {
        self.indicator("'", true, false, false);
        if text.is_ascii() {
            self.quoted_by_runs(text, may_fold);
        } else {
            self.quoted_by_chars(text, may_fold);
        }
        self.indicator("'", false, false, false);
        self.len()
    }

    /// Writes a value in single quotes, in as many lines as its breaks ask for.
    pub(in crate::yaml::emit) fn single_quoted_lines(&mut self, text: &str) {
        let outer = self.indent_value();
        self.indicator("'", true, false, false);
        self.quoted_by_chars(text, false);
        self.indicator("'", false, false, false);
        self.indent = outer;
    }

    pub(super) fn quoted_by_chars(&mut self, text: &str, may_fold: bool) {
        let mut after_space = false;
        let mut after_break = false;
        for (at, c) in text.char_indices() {
            let rest = &text[at + c.len_utf8()..];
            if c == ' ' {
                let inside = at > 0 && !rest.is_empty();
                if may_fold && !after_space && self.column > BEST_WIDTH && inside && !rest.starts_with(' ') {
                    self.indent_line();
                } else {
                    self.put(c);
                }
                after_space = true;
            } else if is_break(c) {
                // U+2028 and U+2029 need no second break to stay one.
                if c == '\n' && !after_break {
                    self.write_break(c);
                }
                self.write_break(c);
                self.indention = true;
                after_break = true;
            } else {
                if after_break {
                    self.indent_line();
                }
                if c == '\'' {
                    self.put(c);
                }
                self.put(c);
                self.indention = false;
                (after_space, after_break) = (false, false);
            }
        }
    }

    /// [`Writer::quoted_by_chars`] for ASCII, which has no breaks here: from one quote or fold to the next.
    pub(super) fn quoted_by_runs(&mut self, text: &str, may_fold: bool) {
        let bytes = text.as_bytes();
        let mut from = 0;
        for at in memchr::memchr2_iter(b' ', b'\'', bytes) {
            if bytes[at] == b'\'' {
                // Once here, and once with what follows.
                self.push(&text[from..=at]);
                from = at;
                continue;
            }
            let single = at > 0 && bytes[at - 1] != b' ' && bytes.get(at + 1).is_some_and(|behind| *behind != b' ');
            if may_fold && single && self.column + (at - from) > BEST_WIDTH {
                self.push(&text[from..at]);
                self.indention = false;
                self.indent_line();
                from = at + 1;
            }
        }
        self.push(&text[from..]);
        self.indention &= from == text.len();
    }

    pub(in crate::yaml::emit) fn double_quoted(&mut self, text: &str, may_fold: bool) -> usize {
        self.indicator("\"", true, false, false);
        // Upstream looks for the byte order mark at the start only, for every character.
        let escape_all = text.starts_with('\u{feff}');
        let mut after_space = false;
        for (at, c) in text.char_indices() {
            let rest = &text[at + c.len_utf8()..];
            if escape_all || !is_printable(c) || is_break(c) || c == '"' || c == '\\' {
                self.escape(c);
                after_space = false;
            } else if c == ' ' {
                let inside = at > 0 && !rest.is_empty();
                if may_fold && !after_space && self.column > BEST_WIDTH && inside {
                    self.indent_line();
                    if rest.starts_with(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                after_space = true;
            } else {
                self.put(c);
                after_space = false;
            }
        }
        self.indicator("\"", false, false, false);
        self.len()
    }

    fn escape(&mut self, c: char) {
        let short = match c {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let code = u32::from(c);
                let escaped = match code {
                    0..=0xff => format!("\\x{code:02X}"),
                    0x100..=0xffff => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                };
                return self.push(&escaped);
            }
        };
        self.put('\\');
        self.put(short);
    }
}
