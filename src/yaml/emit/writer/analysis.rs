//! Which style a string can and will be written in.

use super::is_break;
use crate::yaml::resolve;

/// The styles that are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

/// What the characters of a string allow.
pub(super) struct Analysis {
    plain_allowed: bool,
    single_quoted_allowed: bool,
    literal_allowed: bool,
    /// It has a line break.
    pub(super) multiline: bool,
    /// It has a line feed.
    line_feed: bool,
}

impl Analysis {
    pub(super) fn of(text: &str) -> Self {
        let plain = Analysis {
            plain_allowed: true,
            single_quoted_allowed: true,
            literal_allowed: !text.is_empty(),
            multiline: false,
            line_feed: false,
        };
        let harmless = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'/');
        if text.is_empty() || (text.len() < SHORT && !text.starts_with(['-', '.']) && text.bytes().all(harmless)) {
            return plain;
        }
        let mut seen = Seen { indicator: starts_with_indicator(text), ..Seen::default() };
        if text.is_ascii() {
            seen.ascii(text.as_bytes());
        } else {
            let mut before = None;
            for (at, c) in text.char_indices() {
                seen.character(before, c, &text[at + c.len_utf8()..]);
                before = Some(c);
            }
        }
        let first_or_last = |test: fn(char) -> bool| text.starts_with(test) || text.ends_with(test);
        let edge = first_or_last(|c| c == ' ' || is_break(c));
        let special = seen.space_before_break || seen.special;
        Analysis {
            plain_allowed: !(edge || seen.space_behind_break || special || seen.line_break || seen.indicator),
            single_quoted_allowed: !(seen.space_behind_break || special),
            literal_allowed: !(text.ends_with(' ') || special),
            multiline: seen.line_break,
            line_feed: seen.line_feed,
        }
    }

    /// The style of a string; a key in front of a colon takes one line.
    pub(super) fn style(&self, text: &str, simple_key: bool) -> Style {
        if self.line_feed {
            return if self.literal_allowed && !simple_key { Style::Literal } else { Style::DoubleQuoted };
        }
        let ambiguous = !resolve::is_plain_string(text) || is_base_60(text);
        if ambiguous || (simple_key && self.multiline) {
            return Style::DoubleQuoted;
        }
        match (self.plain_allowed, self.single_quoted_allowed) {
            (true, _) => Style::Plain,
            (false, true) => Style::SingleQuoted,
            (false, false) => Style::DoubleQuoted,
        }
    }
}

/// Names are shorter.
const SHORT: usize = 64;

#[derive(Default)]
struct Seen {
    indicator: bool,
    line_break: bool,
    line_feed: bool,
    special: bool,
    space_before_break: bool,
    space_behind_break: bool,
}

impl Seen {
    /// The same as [`Seen::character`] for all of a text that is ASCII: long texts hold little that matters.
    fn ascii(&mut self, text: &[u8]) {
        // No early end, so that many bytes are compared at a time.
        let mut special = false;
        let mut line_feed = false;
        for &b in text {
            special |= (b < b' ' && b != b'\n') || b == 0x7f;
            line_feed |= b == b'\n';
        }
        self.special |= special;
        for at in memchr::memchr2_iter(b':', b'#', text) {
            self.indicator |= match (text[at], at.checked_sub(1).map(|at| text[at])) {
                (b':', Some(_)) => matches!(text.get(at + 1), None | Some(b' ' | b'\t')),
                (b'#', Some(before)) => matches!(before, b' ' | b'\n' | b'\r'),
                _ => false,
            };
        }
        if special || line_feed {
            for at in memchr::memchr2_iter(b'\n', b'\r', text) {
                self.line_break = true;
                self.line_feed |= text[at] == b'\n';
                self.space_before_break |= at > 0 && text[at - 1] == b' ';
                self.space_behind_break |= text.get(at + 1) == Some(&b' ');
            }
        }
    }

    fn character(&mut self, before: Option<char>, c: char, behind: &str) {
        match c {
            ':' if before.is_some() => self.indicator |= behind.is_empty() || behind.starts_with([' ', '\t']),
            '#' => self.indicator |= before.is_some_and(|b| b == ' ' || is_break(b)),
            ' ' => self.space_behind_break |= before.is_some_and(is_break),
            _ if is_break(c) => {
                self.line_break = true;
                self.line_feed |= c == '\n';
                self.space_before_break |= before == Some(' ');
            }
            _ => {}
        }
        self.special |= !is_printable(c);
    }
}

/// True if a string cannot be plain because of how it starts.
fn starts_with_indicator(text: &str) -> bool {
    if text.starts_with("---") || text.starts_with("...") {
        return true;
    }
    let mut chars = text.chars();
    match chars.next() {
        Some('#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`') => true,
        Some('?' | ':' | '-') => chars.next().is_none_or(|c| c == ' ' || c == '\t'),
        _ => false,
    }
}

/// True if upstream writes the character as it is.
pub(in crate::yaml::emit) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

/// True for what YAML 1.1 readers may take for a number to the base of 60: `190:20:30`.
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) || !unsigned.contains(':') {
        return false;
    }
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let mut parts = unsigned.split(':');
    let Some((last, fraction)) = parts.next_back().map(|p| p.split_once('.').unwrap_or((p, ""))) else { return false };
    let minutes = |s: &str| matches!(s.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
    parts.next().is_some_and(digits) && parts.all(minutes) && minutes(last) && digits(fraction)
}
