//! Selecting objects: by regular expressions over their identity, and by label selectors
//! (upstream `api/types/selector.go`, `kyaml/yaml/internal/k8sgen/pkg/labels`).

mod go_regex;
mod label;
mod literal;

use regex::Regex;

pub use label::LabelSelector;
pub(super) use literal::Literal;

use super::transform_error::TransformError;
use crate::yaml::Node;

/// A regular expression in Go's syntax.
///
/// # Errors
/// If it is not one. The message is that of our own engine.
pub fn regex(pattern: &str) -> Result<Regex, TransformError<'static>> {
    Regex::new(&go_regex::translate(pattern)).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_string();
        TransformError::new(format!("`{pattern}` is not a valid regular expression: {reason}"))
    })
}

/// The texts of a `target` or `select`, empty for any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectorText {
    /// Regular expression for the API group.
    pub group: String,
    /// Regular expression for the API version.
    pub version: String,
    /// Regular expression for the kind.
    pub kind: String,
    /// Regular expression for the name.
    pub name: String,
    /// Regular expression for the namespace.
    pub namespace: String,
    /// In the grammar of label selectors.
    pub label_selector: String,
    /// In the grammar of label selectors, on annotations.
    pub annotation_selector: String,
}

/// An expression for the whole of a text.
#[derive(Clone, Debug)]
enum Whole {
    Literal(Literal),
    Regex(Regex),
}

impl Whole {
    fn new(pattern: &str) -> Result<Self, TransformError<'static>> {
        match Literal::new(pattern) {
            Some(literal) => Ok(Whole::Literal(literal)),
            None => regex(&format!("^(?:{pattern})$")).map(Whole::Regex),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Whole::Literal(literal) => literal.rest(text) == Some(""),
            Whole::Regex(regex) => regex.is_match(text),
        }
    }
}

/// An expression that may be found anywhere in a text.
#[derive(Clone, Debug)]
pub(super) enum Anywhere {
    Literal(Literal),
    Regex(Regex),
}

impl Anywhere {
    /// Compiles it.
    ///
    /// # Errors
    /// As [`regex`].
    pub(super) fn new(pattern: &str) -> Result<Self, TransformError<'static>> {
        match Literal::new(pattern) {
            Some(literal) => Ok(Anywhere::Literal(literal)),
            None => regex(pattern).map(Anywhere::Regex),
        }
    }

    /// True if it is found.
    pub(super) fn is_in(&self, text: &str) -> bool {
        match self {
            Anywhere::Literal(literal) => literal.is_in(text),
            Anywhere::Regex(regex) => regex.is_match(text),
        }
    }
}

/// A compiled selector. An empty part matches anything.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    group: Option<Whole>,
    version: Option<Whole>,
    kind: Option<Whole>,
    name: Option<Whole>,
    namespace: Option<Whole>,
    labels: LabelSelector,
    annotations: LabelSelector,
}

impl Selector {
    /// Compiles a selector. Every expression must match the whole text.
    ///
    /// # Errors
    /// If an expression or a label selector is not valid.
    pub fn new(text: &SelectorText) -> Result<Self, TransformError<'static>> {
        let anchored = |pattern: &str| if pattern.is_empty() { Ok(None) } else { Whole::new(pattern).map(Some) };
        let parse = |selector: &str, field: &str| {
            LabelSelector::parse(selector).map_err(|reason| TransformError::new(format!("`{field}`: {reason}")))
        };
        Ok(Selector {
            group: anchored(&text.group)?,
            version: anchored(&text.version)?,
            kind: anchored(&text.kind)?,
            name: anchored(&text.name)?,
            namespace: anchored(&text.namespace)?,
            labels: parse(&text.label_selector, "labelSelector")?,
            annotations: parse(&text.annotation_selector, "annotationSelector")?,
        })
    }

    /// True if group, version and kind match.
    pub fn matches_kind(&self, group: &str, version: &str, kind: &str) -> bool {
        matches(&self.group, group) && matches(&self.version, version) && matches(&self.kind, kind)
    }

    /// True if the name matches.
    pub fn matches_name(&self, name: &str) -> bool {
        matches(&self.name, name)
    }

    /// True if the namespace matches. The caller decides between the written and the effective one.
    pub fn matches_namespace(&self, namespace: &str) -> bool {
        matches(&self.namespace, namespace)
    }

    /// True if the object's labels and annotations match.
    pub fn matches_metadata(&self, object: &Node<'_>) -> bool {
        self.labels.matches(object.path(&["metadata", "labels"]).as_ref())
            && self.annotations.matches(object.path(&["metadata", "annotations"]).as_ref())
    }

    /// True if the selector has no expression for group, version, kind, name and namespace. Such a `reject` rejects nothing.
    pub fn is_empty_id(&self) -> bool {
        [&self.group, &self.version, &self.kind, &self.name, &self.namespace].iter().all(|part| part.is_none())
    }
}

fn matches(part: &Option<Whole>, text: &str) -> bool {
    part.as_ref().is_none_or(|part| part.matches(text))
}
