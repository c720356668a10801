//! What an edit must not make worse in a file, whatever it was for.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::choose::applied;
use super::look::Change;
use crate::source::Source;
use crate::yaml::{RawKind, RawNode, SrcNode, Style};

/// Counts of a file's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    errors: usize,
    documents: usize,
    /// Keys that their mapping has already.
    duplicates: usize,
    /// Keys without a value.
    empty: usize,
    json: bool,
}

impl Shape {
    /// Of a text.
    pub(super) fn of(text: &str) -> Self {
        let source = Source::new("".into(), String::new(), text.as_bytes().to_vec());
        let tree = source.tree();
        let (mut duplicates, mut empty) = (0, 0);
        for (id, _) in tree.nodes.iter().enumerate().filter(|(_, n)| n.kind == RawKind::Map) {
            let map = SrcNode { source: &source, id: id as u32 };
            let mut seen = FxHashSet::default();
            for (key, value) in map.pairs() {
                let merges = key.span().text() == "<<";
                duplicates += usize::from(key.raw().kind == RawKind::Scalar && !merges && !seen.insert(key.text()));
                empty += usize::from(value.raw().start == value.raw().end && value.raw().style == Style::Plain);
            }
        }
        Shape { errors: tree.errors.len(), documents: tree.documents.len(), duplicates, empty, json: is_json(text) }
    }

    /// What is worse than before, if anything.
    pub(super) fn worse_than(&self, before: &Shape) -> Option<&'static str> {
        if self.errors > before.errors {
            Some("the file would be no valid YAML")
        } else if before.json && !self.json {
            Some("the file would be no valid JSON")
        } else if self.documents != before.documents {
            Some("the file would have other documents")
        } else if self.duplicates > before.duplicates {
            Some("a key would stand twice in its mapping")
        } else if self.empty > before.empty {
            Some("a key would be left without a value")
        } else {
            None
        }
    }
}

/// True for one or more JSON objects or arrays.
pub(super) fn is_json(text: &str) -> bool {
    looks_like_json(text)
        && serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>().all(|value| value.is_ok())
}

/// False if the file is JSON, and would not be after these changes of it. Only the innermost object or array around them is read: what
/// is JSON in there leaves the rest as it was.
pub(super) fn stays_json(source: &Source, changes: Vec<&Change>) -> bool {
    let text = source.text();
    if !looks_like_json(text) {
        return true;
    }
    let (Some(from), Some(to)) =
        (changes.iter().map(|c| c.range.start).min(), changes.iter().map(|c| c.range.end).max())
    else {
        return true;
    };
    let range = around(source, from..to);
    let Some(part) = text.get(range.clone()).filter(|part| is_json(part)) else { return true };
    let moved = |c: &&Change| c.range.start - range.start..c.range.end - range.start;
    let moved: Vec<Change> = changes.iter().map(|c| Change { range: moved(c), ..(*c).clone() }).collect();
    applied(part, moved.iter().collect()).is_some_and(|after| is_json(&after))
}

/// The innermost object or array strictly around a range, since to take away an object is a matter of what holds it; else all of the
/// text.
fn around(source: &Source, range: Range<usize>) -> Range<usize> {
    let nodes = &source.tree().nodes;
    let started = nodes.get(..nodes.partition_point(|n| n.start as usize <= range.start)).unwrap_or_default();
    let is_around = |n: &&RawNode| {
        let is_collection = matches!(n.kind, RawKind::Map | RawKind::Seq);
        is_collection && (n.start as usize) < range.start && (n.end as usize) > range.end
    };
    started.iter().rev().find(is_around).map_or(0..source.text().len(), |n| n.start as usize..n.end as usize)
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_json() {
        let text = "{\"a\": {\"b\": 1, \"c\": [1, 2]}}\n";
        let source = Source::new("".into(), String::new(), text.as_bytes().to_vec());
        let stays = |part: &str, new: &str| {
            let at = text.find(part).unwrap();
            let change = Change { file: "a".into(), range: at..at + part.len(), text: new.into() };
            stays_json(&source, vec![&change])
        };
        assert!(stays("1", "2") && stays("\"b\": 1, ", "") && stays("2]", "2, 3]") && stays(", 2", ""));
        assert!(!stays("1", "2\n  d: 3") && !stays("\"b\": 1", "") && !stays("2", "x") && !stays("{\"a\"", "{a"));
        let yaml = Source::new("".into(), String::new(), b"{a: 1}\n".to_vec());
        let change = Change { file: "a".into(), range: 4..5, text: "x".into() };
        assert!(stays_json(&yaml, vec![&change]));
    }

    #[test]
    fn only_what_is_around_a_change_is_read() {
        let text = format!("[{}{{}}]\n", "{\"a\": 1},\n".repeat(2000));
        let source = Source::new("".into(), String::new(), text.as_bytes().to_vec());
        for (at, _) in text.match_indices('1') {
            assert_eq!(&text[around(&source, at..at + 1)], "{\"a\": 1}");
        }
        assert_eq!(around(&source, 0..text.len()), 0..text.len());
    }

    #[test]
    fn worse_is_seen() {
        let worse = |before: &str, after: &str| Shape::of(after).worse_than(&Shape::of(before));
        assert_eq!(worse("a: 1\n", "a: 2\nb: {c: 1}\n"), None);
        assert!(worse("a: 1\n", "a: {1\n").unwrap().contains("YAML"));
        assert!(worse("{\"a\": 1}\n", "{\"a\": 1, b: 2}\n").unwrap().contains("JSON"));
        assert!(worse("a: 1\n", "a: 1\n---\nb: 1\n").unwrap().contains("documents"));
        assert!(worse("a: 1\nb: 1\n", "a: 1\na: 1\n").unwrap().contains("twice"));
        assert!(worse("a:\n  b: 1\n", "a:\n").unwrap().contains("without a value"));
        assert_eq!(worse("<<: *a\nb: 1\n", "<<: *a\n<<: *b\n"), None);
    }
}
