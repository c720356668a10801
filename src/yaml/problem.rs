//! Why a file or document cannot be read, in the words of the report.

use std::ops::Range;

use granit_parser::ErrorKind;

use super::tree::{NodeId, RawKind, RawNode, Style, SyntaxError, Tree};

/// What is wrong with a file as a whole: not UTF-8 at all, or too large for offsets of 32 bits.
pub(super) fn of_file(text: &str, bad_utf8: &[Range<u32>]) -> Option<SyntaxError> {
    let whole = |message: &str| Some(SyntaxError { start: 0, end: 0, message: message.into() });
    if u32::try_from(text.len()).is_err() {
        return whole("the file is larger than 4 GiB");
    }
    let head = &text.as_bytes()[..text.len().min(64)];
    let nulls = head.iter().filter(|b| **b == 0).count();
    let marked = bad_utf8.first() == Some(&(0..2)) && nulls > 0;
    let unmarked = head.len() >= 4 && nulls * 3 >= head.len() && (head[0] == 0) != (head[1] == 0);
    if marked || unmarked {
        return whole("the file is UTF-16; save it as UTF-8");
    }
    None
}

/// The first byte of a part that cannot stand in YAML, if there is one: bad UTF-8 or a control character (the set of
/// libyaml's and go-yaml's readers).
pub(super) fn of_bytes(text: &str, part: &Range<u32>, bad_utf8: &[Range<u32>]) -> Option<SyntaxError> {
    let first_bad = bad_utf8.get(bad_utf8.partition_point(|r| r.end <= part.start));
    if let Some(bad) = first_bad.filter(|r| r.start < part.end) {
        return Some(error(bad.start.max(part.start), bad.end.min(part.end), "bytes that are not UTF-8"));
    }
    let slice = &text[part.start as usize..part.end as usize];
    let (offset, c) = control(slice)?;
    let start = part.start + offset as u32;
    let message = if c == '\0' {
        "NUL byte: YAML allows no control characters".to_string()
    } else {
        format!("control character U+{:04X}: YAML allows it only as an escape in double quotes", c as u32)
    };
    Some(SyntaxError { start, end: start + c.len_utf8() as u32, message })
}

fn control(text: &str) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    // Written so that the common case is one vectorised pass. Beyond ASCII, what is looked for starts with one of two bytes.
    let suspect = |b: u8| (b < 0x20 && b != b'\n' && b != b'\t' && b != b'\r') || matches!(b, 0x7f | 0xc2 | 0xef);
    let refused = |c: char| {
        matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}')
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    for (index, chunk) in bytes.chunks(CHUNK).enumerate() {
        if chunk.iter().fold(false, |any, b| any | suspect(*b)) {
            let mut start = index * CHUNK;
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            let end = index * CHUNK + chunk.len();
            let chars = text[start..].char_indices().map(|(at, c)| (start + at, c));
            if let Some(found) = chars.take_while(|(at, _)| *at < end).find(|(_, c)| refused(*c)) {
                return Some(found);
            }
        }
    }
    None
}

/// So many bytes are looked at together.
const CHUNK: usize = 1024;

/// An error at a range.
pub(super) fn error(start: u32, end: u32, message: impl Into<String>) -> SyntaxError {
    SyntaxError { start, end, message: message.into() }
}

/// The error of the parser at `at`, in our words and with a range. `part` is what was being read; `token` is where the
/// first text behind the last complete node starts.
pub(super) fn of_parser(text: &str, part: &Range<u32>, at: u32, token: u32, kind: &ErrorKind) -> SyntaxError {
    let at = floor(text, at.clamp(part.start, part.end));
    if let Some(error) = unclosed_quote(text, part, token, kind) {
        return error;
    }
    if let Some(error) = template(text, part, at) {
        return error;
    }
    let line = line_at(text, part, at);
    let indent = &text[line.start..line.end];
    let indent = &indent[..indent.len() - indent.trim_start_matches([' ', '\t']).len()];
    if let Some(tab) = indent.find('\t').filter(|_| is_about_layout(kind)) {
        return tab_at(text, line.start + tab);
    }
    let mut word = word_at(text, part, at as usize);
    if *kind == ErrorKind::UnknownAnchor {
        word.end = word.start + text[word.clone()].trim_end_matches([',', ']', '}']).len();
    }
    error(word.start as u32, word.end as u32, message(kind, &text[word]))
}

/// If a document is a template rather than YAML: an error that says so, at the template's expression. Looks at the failing
/// line and the one before it, for a construct outside quotes.
pub(super) fn template(text: &str, part: &Range<u32>, at: u32) -> Option<SyntaxError> {
    let failing = line_at(text, part, at);
    let before = text[part.start as usize..failing.start].trim_end();
    let previous = line_at(text, part, part.start + before.len() as u32);
    [failing, previous].into_iter().find_map(|line| template_in(text, line))
}

fn template_in(text: &str, line: Range<usize>) -> Option<SyntaxError> {
    let content = &text[line.clone()];
    let at = ["{{", "{%"].iter().filter_map(|open| content.find(open)).min()?;
    let before = &content[..at];
    let quoted = |quote| before.matches(quote).count() % 2 == 1;
    if before.trim_start().starts_with('#') || quoted('"') || quoted('\'') {
        return None;
    }
    let rest = &content[at..];
    let open = &rest[..2];
    let len = rest.find(if open == "{%" { "%}" } else { "}}" }).map_or(rest.trim_end().len(), |i| i + 2);
    let start = (line.start + at) as u32;
    Some(error(
        start,
        start + len as u32,
        format!("`{open}`: this is a template, not YAML; render it first, or quote the value"),
    ))
}

/// The error for the tabs at `at`.
pub(super) fn tab_at(text: &str, at: usize) -> SyntaxError {
    let tabs = text[at..].len() - text[at..].trim_start_matches('\t').len();
    error(at as u32, (at + tabs) as u32, "tab used for indentation; YAML allows only spaces there")
}

/// The first tab in the white space before a line's text, outside of flow collections and quoted and block scalars: go-yaml
/// refuses it even on blank lines. `first` is the first node of the part.
pub(super) fn tab(tree: &Tree, text: &str, part: &Range<u32>, first: NodeId) -> Option<SyntaxError> {
    let slice = &text[part.start as usize..part.end as usize];
    memchr::memchr(b'\t', slice.as_bytes())?;
    let mut covered: Vec<&RawNode> = Vec::new();
    let mut id = first;
    while let Some(node) = tree.nodes.get(id as usize) {
        let flow = node.style == Style::Flow;
        if flow || node.kind == RawKind::Scalar {
            covered.push(node);
        }
        id = if flow { node.next } else { id + 1 };
    }
    let mut start = 0;
    while start < slice.len() {
        let blanks = slice.as_bytes()[start..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        if let Some(tab) = slice[start..start + blanks].find('\t') {
            let at = part.start + (start + tab) as u32;
            let node = covered.partition_point(|n| n.start <= at).checked_sub(1).map(|i| covered[i]);
            let inside = node.is_some_and(|n| at < n.end && (n.style != Style::Plain || tab > 0));
            if !inside {
                return Some(tab_at(text, at as usize));
            }
        }
        let rest = &slice.as_bytes()[start..];
        start += memchr::memchr2(b'\n', b'\r', rest).map_or(rest.len(), |i| i + 1);
    }
    None
}

/// The first scalar between brackets that go-yaml cannot read, or reads as another one: `?` starts a key or ends a plain scalar, a
/// plain scalar cannot start with `:` and keeps one at its end, and a tag goes on to the next space. `first` is the first node of the part.
pub(super) fn in_brackets(tree: &Tree, text: &str, first: NodeId) -> Option<SyntaxError> {
    let mut behind = first;
    for id in first..tree.nodes.len() as NodeId {
        let node = &tree.nodes[id as usize];
        if node.style == Style::Flow {
            behind = behind.max(node.next);
        }
        if id >= behind || node.kind != RawKind::Scalar || node.style != Style::Plain {
            continue;
        }
        let at = |at: u32| text.as_bytes().get(at as usize).copied();
        if node.start == node.end
            && node.flags & RawNode::TAGGED != 0
            && matches!(at(node.end), Some(b',' | b']' | b'}'))
        {
            return Some(error(node.end, node.end + 1, "a tag between brackets needs a space behind it"));
        }
        if node.start < node.end && at(node.end) == Some(b':') && matches!(at(node.end + 1), Some(b',' | b']' | b'}')) {
            let message = "a `:` between brackets needs a space behind it; without, it is part of the text for kubectl and kustomize";
            return Some(error(node.end, node.end + 1, message));
        }
        let scalar = &text[node.start as usize..node.end as usize];
        let at = if scalar.starts_with(':') { Some(0) } else { scalar.find('?') };
        if let Some(at) = at {
            let start = node.start + at as u32;
            let what = &scalar[at..=at];
            let message = match (what, at) {
                ("?", 0) => {
                    "a `?` between brackets starts a key for kubectl and kustomize; quote the value".to_string()
                }
                _ => format!(
                    "`{what}` in a plain value between brackets, which kubectl and kustomize cannot read; quote the value"
                ),
            };
            return Some(error(start, start + 1, message));
        }
    }
    None
}

/// A quote that is not closed is told at the quote, not where the parser noticed.
fn unclosed_quote(text: &str, part: &Range<u32>, token: u32, kind: &ErrorKind) -> Option<SyntaxError> {
    use ErrorKind as K;
    let message = match kind {
        K::InvalidQuotedScalarIndent => {
            "the quote is not closed on this line, and the next line is not indented to continue it"
        }
        K::DocumentIndicatorInQuotedScalar | K::UnclosedQuotedScalar => "the quote is never closed",
        _ => return None,
    };
    let line = line_at(text, part, token);
    let rest = text.get(token as usize..line.end).filter(|rest| rest.starts_with(['"', '\'']))?;
    Some(error(token, token + rest.trim_end().len() as u32, message))
}

fn is_about_layout(kind: &ErrorKind) -> bool {
    !matches!(kind, ErrorKind::UnknownAnchor | ErrorKind::UnclosedQuotedScalar | ErrorKind::UnknownQuotedScalarEscape)
}

fn message(kind: &ErrorKind, word: &str) -> String {
    use ErrorKind as K;
    let text = match kind {
        K::UnknownAnchor => {
            return format!("unknown anchor: `{word}` names nothing defined before it in this document");
        }
        K::TabNotAllowed | K::TabInBlockIndentation | K::TabInIndentation | K::TabAtBlockScalarStart => {
            "tab used for indentation; YAML allows only spaces there"
        }
        K::UnexpectedEof
        | K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping
        | K::UnexpectedEofBlockSequence
        | K::UnexpectedEofBlockMapping => "the document ends in the middle of a value",
        K::ExpectedDocumentStart => {
            "text behind the end of the document's value; is it indented wrongly, or a `---` missing"
        }
        K::MissingDocumentEndBeforeDirective => {
            "`%` directive in the middle of a document; it needs a `...` line before it"
        }
        K::ExpectedNodeContent => "a value is expected here",
        K::ExpectedBlockMappingKey => {
            "a key is expected here; check the indentation of this line and of the ones above"
        }
        K::ExpectedBlockSequenceEntry => {
            "`-` is expected here; check the indentation of this line and of the ones above"
        }
        K::ExpectedFlowMappingSeparator => "`,` or `}` is expected here",
        K::ExpectedFlowSequenceSeparator => "`,` or `]` is expected here",
        K::UndeclaredTagHandle => return format!("the tag `{word}` has a prefix that no %TAG directive declares"),
        K::SimpleKeyExpected | K::InvalidSimpleKey => "a key without its `:`; a key must be on one line and end in `:`",
        K::InvalidDocumentEnd => "text behind the document end marker `...`",
        K::InvalidIndentation => "wrong indentation: the line belongs to nothing above it",
        K::BomInsideDocument => "byte order mark in the middle of a document",
        K::UnexpectedCharacter { character: '`' } => "a plain value cannot start with a backtick; quote it",
        K::UnexpectedCharacter { character } => {
            return format!("a plain value cannot start with `{character}`; quote it");
        }
        K::CommentInterceptedScalar => "a comment in the middle of a value of several lines",
        K::CommentNotSeparated => "a comment needs a space before its `#`",
        K::MisplacedFlowCollectionEnd => return format!("`{word}` closes nothing"),
        K::MismatchedFlowCollectionEnd { open, close } => return format!("`{open}` is closed by `{close}`"),
        K::UnclosedFlowCollection { open } => return format!("`{open}` is never closed"),
        K::RecursionLimitExceeded => return too_deep(),
        K::BlockEntryInFlowCollection => "`- ` inside brackets; items are separated by `,` there",
        K::BlockSequenceEntryNotAllowed => "a `- ` item cannot start here; put it on its own line",
        K::InvalidBlockScalarHeader => "text behind `|` or `>`; the value starts on the next line",
        K::InvalidBlockScalarIndent => {
            "wrong indentation in a block scalar: a leading blank line is indented more than the first line"
        }
        K::DocumentIndicatorInQuotedScalar | K::UnclosedQuotedScalar => "a quote is never closed",
        K::InvalidTrailingSingleQuotedScalar | K::InvalidTrailingDoubleQuotedScalar => "text behind the closing quote",
        K::UnknownQuotedScalarEscape => "unknown escape; write `\\\\` for a backslash, or use single quotes",
        K::InvalidQuotedScalarHexEscape
        | K::InvalidLowSurrogateHexEscape
        | K::InvalidLowSurrogate
        | K::MissingLowSurrogate
        | K::UnpairedLowSurrogate
        | K::InvalidUnicodeEscape => "the escape names no Unicode character",
        K::InvalidQuotedScalarIndent | K::InvalidFlowScalarIndent => {
            "a continued line must be indented deeper than its key"
        }
        K::PlainScalarStartsWithDashFlowIndicator => {
            "a value cannot start with `-` followed by a bracket or comma; quote it"
        }
        K::MappingKeyNotAllowed => "a key cannot stand here; check the indentation",
        K::MappingValueNotAllowed => {
            "`: ` inside a plain value, or a key at a place where none can be; quote the value or check the indentation"
        }
        K::InvalidColonPlacement => "a `:` that follows no key",
        K::MissingAnchorOrAliasName => "`&` and `*` need a name; quote the value if none is meant",
        other => {
            let words = other.to_string();
            return words.trim_end_matches('.').to_string();
        }
    };
    text.to_string()
}

/// The message for nesting beyond [`super::MAX_DEPTH`].
pub(super) fn too_deep() -> String {
    format!("collections are nested more than {} deep", super::MAX_DEPTH)
}

/// The line of an offset, within the part, without its break.
fn line_at(text: &str, part: &Range<u32>, at: u32) -> Range<usize> {
    let (from, to) = (part.start as usize, part.end as usize);
    let at = (at as usize).clamp(from, to);
    let bytes = text.as_bytes();
    let start = memchr::memrchr2(b'\n', b'\r', &bytes[from..at]).map_or(from, |i| from + i + 1);
    let end = memchr::memchr2(b'\n', b'\r', &bytes[at..to]).map_or(to, |i| at + i);
    start..end
}

/// From `at` to the next white space; at least one character if there is one on the line.
fn word_at(text: &str, part: &Range<u32>, at: usize) -> Range<usize> {
    let line = line_at(text, part, at as u32);
    let rest = &text[at..line.end.max(at)];
    let len = rest.find([' ', '\t']).unwrap_or(rest.len());
    at..at + if len == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { len }
}

fn floor(text: &str, at: u32) -> u32 {
    let mut at = (at as usize).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at as u32
}
