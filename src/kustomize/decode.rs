//! Strict, typed reading of a kustomization's fields, as upstream's decoder does it: YAML 1.1 types, field names in any case,
//! unknown fields and wrong types refused, the last of duplicate keys taken. All problems are kept, each with its place.

use super::error::{Error, ErrorKind};
use crate::near::nearest;
use crate::source::Span;
use crate::yaml::{Dialect, Kind, Node, Value};

/// A string of a kustomization and the scalar that holds it.
#[derive(Clone, Debug)]
pub struct Text<'s> {
    /// The decoded text.
    pub text: String,
    /// The scalar.
    pub node: Node<'s>,
}

impl<'s> Text<'s> {
    /// Where it is written.
    pub fn span(&self) -> Option<Span<'s>> {
        self.node.span()
    }
}

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

/// A key that is written more than once in a mapping: only the last has an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuplicateKey<'s> {
    /// The key without effect.
    pub ignored: Span<'s>,
    /// The key that counts.
    pub used: Span<'s>,
}

/// Collects what is wrong while decoding.
#[derive(Default)]
pub(super) struct Decoder<'s> {
    pub(super) problems: Vec<Error<'s>>,
    pub(super) duplicates: Vec<DuplicateKey<'s>>,
    /// Unknown fields are ignored, and any scalar is a string where one is wanted.
    lenient: bool,
}

/// A field of a mapping: its name as the table has it, its key and its value.
pub(super) type Field<'s> = (&'static str, Node<'s>, Node<'s>);

impl<'s> Decoder<'s> {
    /// A decoder for what upstream reads leniently: the configurations of transformers, replacements in files.
    pub(super) fn lenient() -> Self {
        Decoder { lenient: true, ..Decoder::default() }
    }

    /// Records a problem at a node.
    pub(super) fn problem(&mut self, node: &Node<'s>, message: String) {
        self.problems.push(*Error::new(ErrorKind::Decode, node.span(), message));
    }

    /// The fields of a mapping that has only fields of `names`. `what` names the mapping in messages. A null has none.
    pub(super) fn fields(&mut self, node: &Node<'s>, what: &str, names: &[&'static str]) -> Vec<Field<'s>> {
        if !self.expect(node, Kind::Map, what) {
            return Vec::new();
        }
        let mut out: Vec<Field<'s>> = Vec::new();
        for (key, value) in self.unique(node) {
            let text = key.text().unwrap_or_default().into_owned();
            // Go's decoder prefers the exact name and takes any other case.
            match names.iter().find(|n| n.eq_ignore_ascii_case(&text)) {
                None if self.lenient => {}
                None => {
                    let near = nearest(&text, names.iter().copied());
                    let hint = near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
                    self.problem(&key, format!("unknown field `{text}` in {what}{hint}"));
                }
                Some(name) => match out.iter_mut().find(|(n, ..)| n == name) {
                    // Two spellings of one name: upstream sorts them by byte, the last wins.
                    Some(old) if *old.1.text().unwrap_or_default() > *text => {}
                    Some(old) => *old = (name, key, value),
                    None => out.push((name, key, value)),
                },
            }
        }
        out
    }

    /// The string of a scalar; none for null.
    pub(super) fn text(&mut self, node: &Node<'s>, what: &str) -> Option<Text<'s>> {
        if node.kind() != Kind::Scalar {
            self.wrong(node, what, "a string");
            return None;
        }
        match node.resolve(Dialect::V1) {
            Value::Null => None,
            Value::Bool(_) | Value::Int(_) | Value::Float(_) if !self.lenient => {
                self.wrong(node, what, "a string");
                None
            }
            _ => Some(Text { text: node.text().unwrap_or_default().into_owned(), node: node.clone() }),
        }
    }

    /// As [`Decoder::text`], none also for the empty string.
    pub(super) fn filled(&mut self, node: &Node<'s>, what: &str) -> Option<Text<'s>> {
        self.text(node, what).filter(|t| !t.is_empty())
    }

    /// A boolean; false for null.
    pub(super) fn bool(&mut self, node: &Node<'s>, what: &str) -> bool {
        match (node.kind(), node.resolve(Dialect::V1)) {
            (Kind::Scalar, Value::Bool(value)) => value,
            (Kind::Scalar, Value::Null) => false,
            _ => {
                self.wrong(node, what, "a boolean");
                false
            }
        }
    }

    /// An integer; 0 for null.
    pub(super) fn int(&mut self, node: &Node<'s>, what: &str) -> i64 {
        let value = match (node.kind(), node.resolve(Dialect::V1)) {
            (Kind::Scalar, Value::Int(value)) => i64::try_from(value).ok(),
            (Kind::Scalar, Value::Float(value)) if value.fract() == 0.0 && value.abs() < 1e18 => Some(value as i64),
            (Kind::Scalar, Value::Null) => Some(0),
            _ => None,
        };
        value.unwrap_or_else(|| {
            self.wrong(node, what, "an integer");
            0
        })
    }

    /// The items of a sequence; none for null.
    pub(super) fn list(&mut self, node: &Node<'s>, what: &str) -> Vec<Node<'s>> {
        if self.expect(node, Kind::Seq, what) { node.items().collect() } else { Vec::new() }
    }

    /// A sequence of strings. A null item is the empty string to upstream; it names nothing and is left out.
    pub(super) fn texts(&mut self, node: &Node<'s>, what: &str) -> Vec<Text<'s>> {
        let items = self.list(node, what);
        items.iter().filter_map(|item| self.text(item, what)).collect()
    }

    /// A mapping of strings, sorted by key, as upstream walks it. A null value is the empty string.
    pub(super) fn pairs(&mut self, node: &Node<'s>, what: &str) -> Vec<(Text<'s>, Text<'s>)> {
        if !self.expect(node, Kind::Map, what) {
            return Vec::new();
        }
        let mut out = Vec::new();
        for (key, value) in self.unique(node) {
            let text = key.text().unwrap_or_default().into_owned();
            let value = if value.is_null() {
                Some(Text { text: String::new(), node: value })
            } else {
                self.text(&value, &format!("`{text}` in {what}"))
            };
            if let Some(value) = value {
                out.push((Text { text, node: key }, value));
            }
        }
        out.sort_by(|a, b| a.0.text.cmp(&b.0.text));
        out
    }

    /// The pairs of a mapping, the last of each key, in source order. Notes the others.
    fn unique(&mut self, node: &Node<'s>) -> Vec<(Node<'s>, Node<'s>)> {
        let mut out: Vec<(Node<'s>, Node<'s>)> = Vec::new();
        for (key, value) in node.entries() {
            let text = key.text().unwrap_or_default();
            match out.iter().position(|(k, _)| k.has_text(&text)) {
                Some(at) => {
                    if let (Some(ignored), Some(used)) = (out[at].0.span(), key.span()) {
                        self.duplicates.push(DuplicateKey { ignored, used });
                    }
                    out[at] = (key, value);
                }
                None => out.push((key, value)),
            }
        }
        out
    }

    fn expect(&mut self, node: &Node<'s>, kind: Kind, what: &str) -> bool {
        if node.kind() == kind {
            return true;
        }
        if !node.is_null() {
            self.wrong(node, what, if kind == Kind::Map { "a mapping" } else { "a list" });
        }
        false
    }

    fn wrong(&mut self, node: &Node<'s>, what: &str, wanted: &str) {
        let written = node.text().unwrap_or_default();
        let (found, quotable) = match node.kind() {
            Kind::Map => ("a mapping".to_string(), false),
            Kind::Seq => ("a list".to_string(), false),
            Kind::Scalar => match node.resolve(Dialect::V1) {
                Value::Bool(_) => (format!("the boolean `{written}`"), true),
                Value::Int(_) | Value::Float(_) => (format!("the number `{written}`"), true),
                _ => ("a string".to_string(), false),
            },
        };
        let hint = if wanted == "a string" && quotable { format!("; quote it: \"{written}\"") } else { String::new() };
        self.problem(node, format!("{what} must be {wanted}, and this is {found}{hint}"));
    }
}
