//! `hidden-character`: see `rules/hidden-character.md`.

use memchr::{memchr_iter, memchr3_iter};
use serde::Deserialize;

use crate::rule::{Rule, Sink, SourceCx, SourceRole};
use crate::source::Source;
use crate::yaml::{RawKind, RawNode, SrcNode, Style};

/// Reports characters that nobody sees.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct HiddenCharacter {}

impl Rule for HiddenCharacter {
    fn source<'a, 's>(&self, cx: &SourceCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if cx.source.is_ascii() {
            return;
        }
        let text = cx.source.text();
        let mut starts: Vec<usize> = memchr3_iter(0xc2, 0xe2, 0xef, text.as_bytes()).collect();
        starts.extend(memchr_iter(0xd8, text.as_bytes()));
        starts.sort_unstable();
        for at in starts {
            let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { continue };
            let Some(name) = name(c) else { continue };
            if (c == '\u{feff}' && at == 0) || joins(text, at, c) {
                continue;
            }
            let place = if cx.role == SourceRole::GeneratorInput { Place::Block } else { place(cx.source, at as u32) };
            if !is_bidirectional(c) && matches!(place, Place::Block | Place::Comment) {
                continue;
            }
            let whose = match place {
                Place::Key(key) => format!(" in key `{}`", visible(&key)),
                Place::Value(key) => format!(" in the value of `{}`", visible(&key)),
                Place::Comment => " in a comment".into(),
                Place::Block | Place::Elsewhere => String::new(),
            };
            let span = cx.source.span(at as u32..(at + c.len_utf8()) as u32);
            sink.at_span(span, format!("invisible character U+{:04X} ({name}){whose}", c as u32))
                .help("it is compared, sent and hashed with the rest of the text")
                .suggest(if c == '\u{a0}' { "write a space" } else { "remove it" });
        }
    }
}

/// What a place in a file belongs to.
enum Place {
    Key(String),
    /// The value of this key.
    Value(String),
    /// A text of several lines.
    Block,
    Comment,
    Elsewhere,
}

fn place(source: &Source, offset: u32) -> Place {
    let tree = source.tree();
    let comment = tree.comments.partition_point(|c| c.start <= offset);
    if comment.checked_sub(1).and_then(|i| tree.comments.get(i)).is_some_and(|c| offset < c.end) {
        return Place::Comment;
    }
    let document = tree.documents.iter().filter_map(|d| d.root).rfind(|root| holds(source, *root, offset));
    let Some(root) = document else { return Place::Elsewhere };
    let mut node = SrcNode { source, id: root };
    let mut above = String::new();
    loop {
        let raw = node.raw();
        match raw.kind {
            RawKind::Map => {
                let pair = node.pairs().find(|(k, v)| within(k.raw(), offset) || within(v.raw(), offset));
                let Some((key, value)) = pair else { return Place::Elsewhere };
                if within(key.raw(), offset) {
                    return Place::Key(key.text().into_owned());
                }
                above = key.text().into_owned();
                node = value;
            }
            RawKind::Seq => match node.children().find(|c| within(c.raw(), offset)) {
                Some(item) => node = item,
                None => return Place::Elsewhere,
            },
            RawKind::Scalar if matches!(raw.style, Style::Literal | Style::Folded) => return Place::Block,
            RawKind::Scalar | RawKind::Alias => return Place::Value(above),
        }
    }
}

fn holds(source: &Source, id: u32, offset: u32) -> bool {
    within(SrcNode { source, id }.raw(), offset)
}

fn within(raw: &RawNode, offset: u32) -> bool {
    (raw.start..raw.end).contains(&offset)
}

/// A key as messages show it.
fn visible(key: &str) -> String {
    key.chars().filter(|c| name(*c).is_none()).collect()
}

/// What a character is that nobody sees. In UTF-8 they all begin with C2, D8, E2 or EF, which is what is searched for.
fn name(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{2060}' => "word joiner",
        '\u{feff}' => "byte order mark",
        c if is_bidirectional(c) => "bidirectional control",
        _ => return None,
    })
}

/// True for what changes the direction of text: it can make a line read other than it is.
fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// True for a joiner between characters that it is made for: emoji, Persian and Indic letters.
fn joins(text: &str, at: usize, c: char) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && name(c).is_none());
    let before = text.get(..at).and_then(|t| t.chars().next_back());
    let after = text.get(at + c.len_utf8()..).and_then(|t| t.chars().next());
    matches!(c, '\u{200c}' | '\u{200d}') && letter(before) && letter(after)
}
