//! Placeholders: text that someone was meant to replace.
//!
//! A scalar that holds one is judged by `placeholder-value` alone; every other rule asks [`is_placeholder`] and stays silent.

use std::sync::OnceLock;

use aho_corasick::packed::{Config, Searcher};

/// True if the scalar holds a placeholder. For fields in which nothing expands `${NAME}` and `{{ … }}`; for `command`, `args`,
/// env values, ConfigMap and Secret data ask [`is_word_placeholder`].
pub fn is_placeholder(text: &str) -> bool {
    find_word(text).is_some() || find_expression(text).is_some()
}

/// True if the scalar holds a placeholder in words: `__NAME__`, `CHANGE ME`, `<your name>`. Silent about `${NAME}` and
/// `{{ … }}`, which may be expanded later in values.
pub fn is_word_placeholder(text: &str) -> bool {
    find_word(text).is_some()
}

/// False for the text of a file if no scalar in it can hold a placeholder: much quicker than to ask for each of them. What a
/// backslash may stand for is not looked at.
pub fn may_hold_one(text: &str) -> bool {
    let bytes = text.as_bytes();
    let doubled = |at: usize| at.checked_sub(1).is_some_and(|before| matches!(bytes[before], b'{' | b'$'));
    memchr::memchr2(b'<', b'\\', bytes).is_some()
        || memchr::memchr_iter(b'{', bytes).any(doubled)
        || memchr::memmem::find(bytes, b"__").is_some()
        || starts().as_ref().is_none_or(|starts| starts.find(bytes).is_some())
}

/// How the placeholders in words start, three letters at least. None where the processor has no quick search for several texts.
fn starts() -> &'static Option<Searcher> {
    static STARTS: OnceLock<Option<Searcher>> = OnceLock::new();
    STARTS.get_or_init(|| {
        let case = |word: &str, upper: usize| -> String {
            let cased = |(at, c): (usize, char)| if upper >> at & 1 == 1 { c.to_ascii_uppercase() } else { c };
            word.chars().enumerate().map(cased).collect()
        };
        let cases = ["xxx", "cha"].into_iter().flat_map(|word| (0..8).map(move |upper| case(word, upper)));
        let words = ["...", "TODO", "FIXME", "REPLACE", "PLACEHOLDER", "YOUR", "INSERT"].map(String::from);
        Config::new().builder().extend(words.into_iter().chain(cases)).build()
    })
}

/// The first placeholder in words, as a slice of the text.
pub fn find_word(text: &str) -> Option<&str> {
    whole(text).or_else(|| framed(text)).or_else(|| phrase(text))
}

/// The first `${NAME}` (with or without a default) or `{{ … }}`.
pub fn find_expression(text: &str) -> Option<&str> {
    // Asked of every scalar; to start a search for two characters costs more than to see that there is no brace.
    memchr::memchr(b'{', text.as_bytes())?;
    braces(text).or_else(|| {
        let start = text.find("{{")?;
        let end = text[start..].find("}}")? + start + 2;
        Some(&text[start..end])
    })
}

/// A text that is nothing but a placeholder: `TODO`, `FIXME`, `...`, `xxx`, `<words>`.
fn whole(text: &str) -> Option<&str> {
    let trimmed = text.trim();
    let crosses = trimmed.len() >= 3 && trimmed.bytes().all(|b| b == b'x' || b == b'X');
    let angle = trimmed.strip_prefix('<').and_then(|t| t.strip_suffix('>')).is_some_and(|inner| {
        inner.starts_with(|c: char| c.is_alphabetic())
            && inner.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | ':'))
    });
    (crosses || angle || matches!(trimmed, "TODO" | "FIXME" | "...")).then_some(trimmed)
}

/// `__NAME__`, of upper-case letters, digits and `_`.
fn framed(text: &str) -> Option<&str> {
    let mut from = memchr::memchr(b'_', text.as_bytes())?;
    while let Some(at) = text[from..].find("__") {
        let start = from + at;
        let body = &text[start + 2..];
        let length = body.bytes().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_').count();
        let name = body[..length].trim_end_matches('_');
        let starts = name.starts_with(|c: char| c.is_ascii_uppercase());
        let standing_free = !text[..start].ends_with(|c: char| c.is_ascii_alphanumeric());
        if starts && standing_free && length >= name.len() + 2 {
            return Some(&text[start..start + 2 + name.len() + 2]);
        }
        from = start + 2 + length;
    }
    None
}

/// Phrases in upper case (`CHANGE ME` in any), as words of their own; `-`, `_`, a space and nothing part their words alike.
fn phrase(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    // Every phrase has one of these letters at its start: most text is passed over without looking further.
    for (start, byte) in bytes.iter().enumerate() {
        if !matches!(byte, b'R' | b'C' | b'c' | b'Y' | b'I' | b'P')
            || start.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphanumeric())
        {
            continue;
        }
        let rest = &text[start..];
        let length = match byte {
            b'R' => words(rest, &["REPLACE", "ME"], false).or_else(|| words(rest, &["REPLACE", "WITH"], false)),
            b'C' | b'c' => words(rest, &["CHANGE", "ME"], true).or_else(|| words(rest, &["CHANGEIT"], false)),
            b'P' => words(rest, &["PLACEHOLDER"], false),
            b'Y' => your(rest),
            _ => insert_here(rest),
        };
        if let Some(length) = length {
            return Some(&rest[..length]);
        }
    }
    None
}

/// Length of these words at the start of the text, if they stand there and end at a word limit.
fn words(text: &str, words: &[&str], any_case: bool) -> Option<usize> {
    let mut at = 0;
    for (nth, word) in words.iter().enumerate() {
        if nth > 0 && text[at..].starts_with(['-', '_', ' ']) {
            at += 1;
        }
        let found = text.get(at..at + word.len())?;
        if found != *word && !(any_case && found.eq_ignore_ascii_case(word)) {
            return None;
        }
        at += word.len();
    }
    (!text[at..].starts_with(|c: char| c.is_ascii_alphanumeric())).then_some(at)
}

/// `YOUR` and the upper-case words behind it.
fn your(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("YOUR")?.strip_prefix(['-', '_', ' '])?;
    let length = rest
        .bytes()
        .take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b' '))
        .count();
    let starts = rest.starts_with(|c: char| c.is_ascii_uppercase());
    let ends = !rest[length..].starts_with(|c: char| c.is_ascii_alphanumeric());
    (starts && ends).then_some(5 + rest[..length].trim_end_matches(['-', '_', ' ']).len())
}

/// `INSERT … HERE`, on one line and near each other.
fn insert_here(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("INSERT")?.strip_prefix(['-', '_', ' '])?;
    let line = rest.lines().next()?;
    let at = line.find("HERE")?;
    let free = line[..at].is_empty() || line[..at].ends_with(['-', '_', ' ']);
    let ends = !line[at + 4..].starts_with(|c: char| c.is_ascii_alphanumeric());
    (free && ends && at <= 60).then_some(7 + at + 4)
}

/// `${NAME}`, `${NAME:-default}` and the like.
fn braces(text: &str) -> Option<&str> {
    let mut from = 0;
    while let Some(at) = text[from..].find("${") {
        let start = from + at;
        let body = &text[start + 2..];
        let name = body.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let escaped = text[..start].ends_with('$');
        if name > 0
            && !escaped
            && body[name..].starts_with(['}', ':', '-', '=', '?', '+'])
            && let Some(end) = body.find('}')
        {
            return Some(&text[start..start + 2 + end + 1]);
        }
        from = start + 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found() {
        for (text, found) in [
            ("__DB_HOST__", "__DB_HOST__"),
            ("postgres://__HOST__:5432", "__HOST__"),
            ("REPLACE_ME", "REPLACE_ME"),
            ("REPLACEME", "REPLACEME"),
            ("token=REPLACE-WITH-TOKEN", "REPLACE-WITH"),
            ("changeme", "changeme"),
            ("Change-Me", "Change-Me"),
            ("CHANGEIT", "CHANGEIT"),
            ("YOUR_API_KEY", "YOUR_API_KEY"),
            ("https://YOUR-DOMAIN/x", "YOUR-DOMAIN"),
            ("INSERT TOKEN HERE", "INSERT TOKEN HERE"),
            ("IMAGE_PLACEHOLDER", "PLACEHOLDER"),
            ("TODO", "TODO"),
            ("...", "..."),
            ("xxxx", "xxxx"),
            ("<your image>", "<your image>"),
        ] {
            assert_eq!(find_word(text), Some(found), "{text}");
            assert!(may_hold_one(&format!("kind: A # {text}, no other")), "{text}");
        }
        assert!(["a: \"\\x24{b}\"", "{{a}}", "a ${b}"].into_iter().all(may_hold_one));
        assert!(!may_hold_one("kind: A\nspec: {a_b: [x, {c: $d}], tier: your own}\n"));
        assert_eq!(find_expression("shop/api:${TAG}"), Some("${TAG}"));
        assert_eq!(find_expression("${TAG:-v1}"), Some("${TAG:-v1}"));
        assert_eq!(find_expression("{{ .Values.tag }}"), Some("{{ .Values.tag }}"));
    }

    #[test]
    fn ordinary_text_is_not() {
        for text in [
            "",
            "shop/api:1.4.2",
            "__init__",
            "a__B",
            "REPLACEMENT",
            "exchangeme",
            "YOUR",
            "your-domain",
            "placeholder",
            "see TODO list",
            "xx",
            "<>",
            "INSERT INTO t VALUES (1)",
            "$${NAME}",
            "${}",
            "{{",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
