//! How names, keys and values of metadata are spelt: DNS labels, subdomains, keys and values of labels.

use std::ops::Range;

/// What a text has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// A DNS subdomain: labels of `a-z`, `0-9` and `-`, parted by dots. At most 253.
    Subdomain,
    /// A DNS label (RFC 1123): `a-z`, `0-9` and `-`. At most 63.
    Label,
    /// A DNS label that starts with a letter (RFC 1035). At most 63.
    Label1035,
    /// Anything that can be one part of a URL's path.
    PathSegment,
    /// The key of a label or annotation: a name of at most 63, behind an optional subdomain and `/`.
    Key,
    /// The value of a label: empty, or a name of at most 63.
    Value,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The reason, in words that go behind "is rejected: ".
    pub why: String,
    /// The bytes that it is about; none for the length.
    pub at: Option<Range<usize>>,
}

impl Syntax {
    /// The most characters it may have.
    pub fn max(self) -> usize {
        match self {
            Syntax::Subdomain => 253,
            Syntax::Label | Syntax::Label1035 | Syntax::Value => 63,
            Syntax::PathSegment => usize::MAX,
            Syntax::Key => 253 + 1 + 63,
        }
    }

    /// What is wrong with a text, if anything is.
    pub fn check(self, text: &str) -> Option<Wrong> {
        match self {
            Syntax::Subdomain => subdomain(text, 0).or_else(|| too_long(text.len(), self.max())),
            Syntax::Label => label(text).or_else(|| too_long(text.len(), self.max())),
            Syntax::Label1035 => label(text)
                .or_else(|| text.starts_with(|c: char| c.is_ascii_digit()).then(|| at("it starts with a digit", 0..1)))
                .or_else(|| too_long(text.len(), self.max())),
            Syntax::PathSegment => path_segment(text),
            Syntax::Key => key(text),
            Syntax::Value if text.is_empty() => None,
            Syntax::Value => name(text, 0).or_else(|| too_long(text.len(), self.max())),
        }
    }

    /// The text spelt as it has to be, if changing letters is enough.
    pub fn mended(self, text: &str) -> Option<String> {
        let dots = self != Syntax::Label && self != Syntax::Label1035;
        let lower = !matches!(self, Syntax::Key | Syntax::Value);
        let mended: String = text
            .trim()
            .chars()
            .map(|c| match c {
                c if c.is_ascii_alphanumeric() => {
                    if lower {
                        c.to_ascii_lowercase()
                    } else {
                        c
                    }
                }
                '.' if dots => '.',
                '_' if !lower => '_',
                _ => '-',
            })
            .collect();
        let mended = mended.trim_matches(['-', '.', '_']).to_owned();
        (mended != text && !mended.is_empty() && self.check(&mended).is_none()).then_some(mended)
    }
}

/// The finding of a text that is longer than it may be.
pub fn too_long(length: usize, max: usize) -> Option<Wrong> {
    (length > max).then(|| Wrong { why: format!("it has {length} characters, and {max} are allowed"), at: None })
}

fn at(why: impl Into<String>, range: Range<usize>) -> Wrong {
    Wrong { why: why.into(), at: Some(range) }
}

/// The first character that is not allowed; `from` is where the text starts in the whole.
fn stranger(text: &str, from: usize, allowed: impl Fn(char) -> bool, words: &str) -> Option<Wrong> {
    if text.bytes().all(|b| b.is_ascii() && allowed(char::from(b))) {
        return None;
    }
    let (start, bad) = text.char_indices().find(|(_, c)| !allowed(*c))?;
    let shown = match bad {
        ' ' => "a space".to_owned(),
        c if c.is_control() => "a control character".to_owned(),
        c => format!("`{c}`"),
    };
    Some(at(format!("{shown} is none of {words}"), from + start..from + start + bad.len_utf8()))
}

fn edges(text: &str, from: usize, what: &str) -> Option<Wrong> {
    let ends = |c: char| !c.is_ascii_alphanumeric();
    if text.is_empty() {
        return Some(at(format!("{what} is empty"), from..from));
    }
    let why = || format!("{what} starts and ends with a letter or a digit");
    if text.starts_with(ends) {
        return Some(at(why(), from..from + 1));
    }
    text.ends_with(ends).then(|| at(why(), from + text.len() - 1..from + text.len()))
}

fn label(text: &str) -> Option<Wrong> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    stranger(text, 0, allowed, "`a-z`, `0-9` and `-`").or_else(|| edges(text, 0, "it"))
}

fn subdomain(text: &str, from: usize) -> Option<Wrong> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let strange = stranger(text, from, allowed, "`a-z`, `0-9`, `-` and `.`");
    let mut start = from;
    strange.or_else(|| {
        text.split('.').find_map(|part| {
            let wrong = edges(part, start, if part.len() == text.len() { "it" } else { "each part between dots" });
            start += part.len() + 1;
            wrong
        })
    })
}

fn path_segment(text: &str) -> Option<Wrong> {
    if text == "." || text == ".." {
        return Some(at("it is a step of a path", 0..text.len()));
    }
    let start = text.find(['/', '%'])?;
    Some(at(format!("`{}` cannot stand in it", text.get(start..start + 1)?), start..start + 1))
}

fn name(text: &str, from: usize) -> Option<Wrong> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    stranger(text, from, allowed, "letters, digits, `-`, `_` and `.`").or_else(|| edges(text, from, "it"))
}

fn key(text: &str) -> Option<Wrong> {
    let Some((prefix, rest)) = text.split_once('/') else {
        return name(text, 0).or_else(|| too_long(text.len(), 63));
    };
    if rest.contains('/') {
        return Some(at("it has two `/`", prefix.len() + 1..text.len()));
    }
    subdomain(prefix, 0)
        .or_else(|| name(rest, prefix.len() + 1))
        .or_else(|| too_long(prefix.len(), 253))
        .or_else(|| too_long(rest.len(), 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_syntax_takes_its_own() {
        for (syntax, good, bad) in [
            (Syntax::Subdomain, &["a", "a-b.c", "1.2"][..], &["", "A", "a_b", "a..b", "-a", "a.", "a.-b"][..]),
            (Syntax::Label, &["a", "1-a"], &["a.b", "a-", "ä"]),
            (Syntax::Label1035, &["a1"], &["1a", ""]),
            (Syntax::PathSegment, &["system:x", "A_b"], &["a/b", "50%", ".", ".."]),
            (Syntax::Key, &["app", "a.b/C_d", "A"], &["a/b/c", "/a", "a/", "A/b", "a b", "-a"]),
            (Syntax::Value, &["", "v1.2_x"], &["a b", "a/b", "-a", "a:"]),
        ] {
            for text in good {
                assert_eq!(syntax.check(text), None, "{syntax:?} {text}");
            }
            for text in bad {
                assert!(syntax.check(text).is_some(), "{syntax:?} {text}");
            }
        }
        let long = "a".repeat(64);
        for syntax in [Syntax::Label, Syntax::Label1035, Syntax::Value, Syntax::Key] {
            assert_eq!(syntax.check(&long).unwrap().why, "it has 64 characters, and 63 are allowed");
        }
        assert_eq!(Syntax::Subdomain.check(&long), None);
    }

    #[test]
    fn the_place_is_the_character() {
        assert_eq!(Syntax::Subdomain.check("a.b_c").unwrap().at, Some(3..4));
        assert_eq!(Syntax::Subdomain.check("a.-b").unwrap().at, Some(2..3));
        assert_eq!(Syntax::Key.check("a/b c").unwrap().at, Some(3..4));
    }

    #[test]
    fn letters_are_mended() {
        assert_eq!(Syntax::Subdomain.mended("Shop_API").as_deref(), Some("shop-api"));
        assert_eq!(Syntax::Label.mended("a.b").as_deref(), Some("a-b"));
        assert_eq!(Syntax::Value.mended("Feature/x y").as_deref(), Some("Feature-x-y"));
        assert_eq!(Syntax::Label.mended("a"), None);
        assert_eq!(Syntax::Label1035.mended("1A"), None);
    }
}
