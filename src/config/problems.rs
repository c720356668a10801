//! Reading values of a configuration, with every problem at its place.

use std::collections::BTreeSet;

use crate::finding::{Failure, Label};
use crate::settings::did_you_mean;
use crate::source::Span;
use crate::yaml::Node;

/// The problems found so far. Reading goes on behind each.
#[derive(Default)]
pub(super) struct Problems<'s>(pub(super) Vec<Failure<'s>>);

/// A key of a mapping with its value.
pub(super) struct Field<'s> {
    /// The key's text.
    pub(super) name: String,
    /// The key.
    pub(super) key: Node<'s>,
    /// The value, never null.
    pub(super) value: Node<'s>,
}

impl<'s> Problems<'s> {
    /// Notes a problem at a node.
    pub(super) fn at(&mut self, node: &Node<'s>, message: impl Into<String>) {
        if let Some(span) = node.span() {
            self.at_span(span, message);
        }
    }

    /// Notes a problem at a span.
    pub(super) fn at_span(&mut self, span: Span<'s>, message: impl Into<String>) {
        let path = span.source.display().to_string();
        self.0.push(Failure { path, span: Some(span), message: message.into(), related: Vec::<Label<'s>>::new() });
    }

    /// The fields of a mapping. Unknown and repeated ones are problems and left out; those without a value are left out.
    pub(super) fn fields(&mut self, node: &Node<'s>, what: &str, known: &[&str]) -> Vec<Field<'s>> {
        let mut fields = self.entries(node, what);
        fields.retain(|field| {
            let is_known = known.contains(&field.name.as_str());
            if !is_known {
                let hint = match did_you_mean(&field.name, known.iter().copied()) {
                    hint if hint.is_empty() => format!("; {what} has {}", known.join(", ")),
                    hint => hint,
                };
                self.at(&field.key, format!("unknown key `{}`{hint}", field.name));
            }
            is_known
        });
        fields
    }

    /// The entries of a mapping whose keys are the user's. Repeated ones are problems; those without a value are left out.
    pub(super) fn entries(&mut self, node: &Node<'s>, what: &str) -> Vec<Field<'s>> {
        if !node.is_map() {
            self.at(node, format!("{what} is a mapping"));
            return Vec::new();
        }
        let mut seen = BTreeSet::new();
        let mut out = Vec::new();
        for (key, value) in node.entries() {
            let name = key.text().unwrap_or_default().into_owned();
            if !seen.insert(name.clone()) {
                self.at(&key, format!("key `{name}` occurs twice"));
            } else if !value.is_null() {
                out.push(Field { name, key, value });
            }
        }
        out
    }

    /// The items of a list; a single mapping or scalar is no list.
    pub(super) fn items(&mut self, node: &Node<'s>, what: &str) -> Vec<Node<'s>> {
        if !node.is_seq() {
            self.at(node, format!("{what} is a list"));
        }
        node.items().collect()
    }

    /// A string: any scalar but null, as it is written.
    pub(super) fn text(&mut self, node: &Node<'s>, what: &str) -> Option<String> {
        let text = node.as_str().filter(|t| !t.trim().is_empty());
        if text.is_none() {
            self.at(node, format!("{what} is a string"));
        }
        text.map(|t| t.into_owned())
    }

    /// One string or a list of them.
    pub(super) fn texts(&mut self, node: &Node<'s>, what: &str) -> Vec<(String, Node<'s>)> {
        if node.is_scalar() {
            return self.text(node, what).map(|t| (t, node.clone())).into_iter().collect();
        }
        if !node.is_seq() {
            self.at(node, format!("{what} is a string or a list of strings"));
        }
        node.items().filter_map(|item| Some((self.text(&item, &format!("an item of {what}"))?, item))).collect()
    }

    /// What `read` makes of a list of strings; its error names the string that is wrong.
    pub(super) fn globs<T: Default>(
        &mut self,
        node: &Node<'s>,
        what: &str,
        read: impl Fn(&[&str]) -> Result<T, (usize, String)>,
    ) -> T {
        let texts = self.texts(node, what);
        let patterns: Vec<&str> = texts.iter().map(|(t, _)| t.as_str()).collect();
        match read(&patterns) {
            Ok(globs) => globs,
            Err((at, why)) => {
                if let Some((text, node)) = texts.get(at) {
                    self.at(node, format!("`{text}` is no glob: {why}"));
                }
                T::default()
            }
        }
    }

    /// A word of a list.
    pub(super) fn word(&mut self, node: &Node<'s>, what: &str, known: &[&str]) -> Option<String> {
        let text = self.text(node, what)?;
        if known.contains(&text.as_str()) {
            return Some(text);
        }
        self.at(node, format!("{what} is one of {}, not `{text}`", known.join(", ")));
        None
    }
}
