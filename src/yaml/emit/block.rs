//! Block scalars (`|`, `>`).
//!
//! Upstream writes an object once with go-yaml v3 and reads it again. Not all block scalars survive that: one that starts with a
//! tab cannot be read, and folded ones gain line breaks around lines that start with a blank, and at the end.

use std::borrow::Cow;

use super::NodeRef;
use crate::yaml::tree::{RawNode, Style};

/// A literal block that stands in its file as it is printed.
pub(super) struct AsPrinted<'s> {
    /// `|` or `|-`.
    pub(super) header: &'static str,
    /// All its lines with their indentation, without the last line break.
    pub(super) lines: &'s str,
}

/// A literal block of ASCII, if it is printed as it stands in its file: indented by `indent` blanks, of several lines, with no blanks
/// at the end of one. Most descriptions of custom resources are such.
pub(super) fn as_printed<'s>(node: NodeRef<'_, 's>, indent: usize) -> Option<AsPrinted<'s>> {
    let NodeRef::Source(src, _) = node else { return None };
    let raw = src.raw();
    if raw.style != Style::Literal || raw.flags != RawNode::ENCODED {
        return None;
    }
    let text = src.source.text();
    let block = text.get(raw.start as usize..raw.end as usize)?;
    let (header, lines) = match (block.strip_prefix("|-\n"), block.strip_prefix("|\n")) {
        (Some(lines), _) if lines.contains('\n') => ("|-", lines),
        (_, Some(lines)) if (raw.end as usize) < text.len() => ("|", lines),
        _ => return None,
    };
    let first = lines.bytes().take_while(|b| *b == b' ').count();
    let starts = first == indent && !matches!(lines.as_bytes().get(first), None | Some(b'\n'));
    let printable = |lines: &str| lines.bytes().fold(true, |all, b| all & (matches!(b, b' '..=b'~') | (b == b'\n')));
    let blank_at_end = || lines.ends_with(' ') || memchr::memmem::find(lines.as_bytes(), b" \n").is_some();
    (starts && printable(lines) && !blank_at_end()).then_some(AsPrinted { header, lines })
}

/// The value of a string after it was written and read again by go-yaml v3.
pub(super) fn written_and_read(text: Cow<'_, str>, style: Style) -> Result<Cow<'_, str>, &'static str> {
    let block = matches!(style, Style::Literal | Style::Folded) || (style == Style::Plain && text.contains('\n'));
    if !block || needs_quotes(&text) {
        return Ok(text);
    }
    if text.starts_with('\t') {
        return Err("found a tab character where an indentation space is expected");
    }
    Ok(if style == Style::Folded { refold(text) } else { text })
}

/// True for what cannot be written as a block, but in double quotes, which is exact.
fn needs_quotes(text: &str) -> bool {
    let unplain = |text: &str| {
        if text.is_ascii() {
            text.bytes().fold(false, |any, b| any | ((b < b' ' && b != b'\n' && b != b'\t') || b == 0x7f))
        } else {
            text.contains(|c| !is_plain_char(c))
        }
    };
    let blank_before_break = || memchr::memchr_iter(b'\n', text.as_bytes()).any(|at| text[..at].ends_with(' '));
    text.is_empty() || text.ends_with(' ') || blank_before_break() || unplain(text)
}

fn refold(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('\n') {
        return text;
    }
    // Whether a break is doubled depends on the first character of all behind the leading breaks.
    let doubles = !text.trim_start_matches('\n').starts_with(is_blank);
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text.as_ref();
    let mut line_before: Option<&str> = None;
    while !rest.is_empty() {
        let line = rest.split('\n').next().unwrap_or_default();
        out.push_str(line);
        let behind = rest[line.len()..].trim_start_matches('\n');
        let breaks = rest.len() - line.len() - behind.len();
        if !line.is_empty() {
            line_before = Some(line);
        }
        let blank_before = line_before.is_some_and(|l| l.starts_with(is_blank));
        let written = breaks + usize::from(breaks > 0 && doubles && line_before.is_some() && !blank_before);
        let read = if line_before.is_none() {
            written
        } else if behind.is_empty() {
            // Clipped to one break, unless there are more to keep.
            if breaks > 1 { written } else { breaks }
        } else if blank_before || behind.starts_with(is_blank) {
            written
        } else {
            written - 1
        };
        if read == 0 && !behind.is_empty() {
            out.push(' ');
        }
        out.extend(std::iter::repeat_n('\n', read));
        rest = behind;
    }
    Cow::Owned(out)
}

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

fn is_plain_char(c: char) -> bool {
    matches!(c, '\n' | '\t' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && !matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
}
