//! What an edit must not make worse in a file, whatever it was for.

use rustc_hash::FxHashSet;

use crate::source::Source;
use crate::yaml::{RawKind, SrcNode, Style};

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
    text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
        && serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>().all(|value| value.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

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
