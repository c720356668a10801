//! `placeholder-value`: see `rules/placeholder-value.md`.

use serde::Deserialize;

use super::secret::lines::{block, range_in};
use super::secret::token;
use crate::k8s::Object;
use crate::k8s::placeholder::{find_expression, find_word, may_hold_one};
use crate::rule::{KustomizationCx, Layout, ObjectCx, Rule, Sink};
use crate::yaml::{Kind, Node, RawKind};

/// Reports text that someone was meant to replace.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct PlaceholderValue {
    /// More texts that are placeholders, anywhere in a value.
    pub patterns: Vec<String>,
    /// Texts that are none: a placeholder as reported, or a whole value.
    pub allow: Vec<String>,
    /// True if something expands `${NAME}` and `{{ … }}` in all values later.
    pub substitutions: bool,
}

/// What is walked.
#[derive(Clone, Copy)]
struct Kinds {
    /// It is a ConfigMap or a Secret.
    data: bool,
    /// It is a Secret.
    secret: bool,
    /// How many bytes of text were searched for anything like a placeholder, as a whole.
    read: usize,
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'l> {
    /// Where samples stand: there to be filled in by whoever takes them.
    layout: &'l Layout,
    /// `${NAME}` may be expanded here.
    variables: bool,
    /// `{{ … }}` may be expanded here.
    templates: bool,
    /// `<…>` is filled in by a plugin.
    angles: bool,
    /// It is a value of a Secret.
    secret: bool,
}

impl Place<'_> {
    /// True for a value that stands in a sample.
    fn is_sample(&self, node: &Node<'_>) -> bool {
        node.span().is_some_and(|span| self.layout.is_sample(span.source))
    }
}

impl Rule for PlaceholderValue {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        if object.is("apiextensions.k8s.io", "CustomResourceDefinition") {
            return;
        }
        // Operators have template languages of their own.
        let custom = object.group().contains('.') && !object.group().ends_with(".k8s.io");
        let place = Place {
            layout: &cx.env.layout,
            variables: custom || self.substitutions || cx.env.toolchain.substitutes,
            templates: custom || self.substitutions,
            angles: object.annotation_node("avp.kubernetes.io/path").is_some(),
            secret: false,
        };
        let secret = object.is("", "Secret");
        // Base64 hides what is looked for, and patterns of one's own may be anything.
        let read = if secret || !self.patterns.is_empty() { 0 } else { usize::MAX };
        self.walk(&object.node, place, Kinds { data: is_data(object), secret, read }, sink);
    }

    fn kustomization<'a, 's>(&self, cx: &KustomizationCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let layout = &cx.env.layout;
        if layout.is_sample(cx.source) {
            return;
        }
        let closed = Place {
            layout,
            variables: self.substitutions || cx.env.toolchain.substitutes,
            templates: self.substitutions,
            angles: false,
            secret: false,
        };
        let open = Place { layout, variables: true, templates: true, angles: false, secret: false };
        if let Some(node) = cx.node.get("namespace") {
            self.scalar(&node, closed, sink);
        }
        for image in cx.node.get("images").iter().flat_map(Node::items) {
            for field in ["newName", "newTag", "digest"] {
                if let Some(node) = image.get(field) {
                    self.scalar(&node, closed, sink);
                }
            }
        }
        for field in ["configMapGenerator", "secretGenerator"] {
            for generator in cx.node.get(field).iter().flat_map(Node::items) {
                for literal in generator.get("literals").iter().flat_map(Node::items) {
                    let Some(text) = literal.as_str() else { continue };
                    let value = text.split_once('=').map_or("", |(_, value)| value).trim_matches(['"', '\'']);
                    if let Some(found) = self.find(value, open) {
                        let help = if field == "secretGenerator" { HELP_SECRET } else { HELP };
                        self.report(&literal, &text, found, help, sink);
                    }
                }
            }
        }
    }
}

fn is_data(object: &Object<'_>) -> bool {
    object.is("", "ConfigMap") || object.is("", "Secret")
}

impl PlaceholderValue {
    fn walk<'s>(&self, node: &Node<'s>, place: Place<'_>, mut of: Kinds, sink: &mut Sink<'_, 's>) {
        if let Node::Source(source, _) = node
            && source.raw().kind != RawKind::Scalar
        {
            let text = source.span().text();
            // Most parts of most objects hold nothing that looks like a placeholder. Where one does, its smaller parts are read again.
            if text.len() <= of.read / 2 {
                if !may_hold_one(text) {
                    return;
                }
                of.read = text.len();
            }
        }
        let Kinds { data, secret, .. } = of;
        match node.kind() {
            Kind::Map => {
                for (key, value) in node.entries() {
                    let key = key.text().unwrap_or_default();
                    let open = matches!(&*key, "command" | "args" | "env")
                        || (data && matches!(&*key, "data" | "stringData" | "binaryData"));
                    let inner = Place {
                        variables: place.variables || open,
                        templates: place.templates || open || key == "annotations",
                        secret: secret && key == "stringData",
                        ..place
                    };
                    if secret && key == "data" {
                        self.secret_data(&value, inner, sink);
                    } else {
                        self.walk(&value, inner, of, sink);
                    }
                }
            }
            Kind::Seq => {
                for item in node.items() {
                    self.walk(&item, place, of, sink);
                }
            }
            Kind::Scalar => self.scalar(node, place, sink),
        }
    }

    fn scalar<'s>(&self, node: &Node<'s>, place: Place<'_>, sink: &mut Sink<'_, 's>) {
        if block(node).is_some() {
            return;
        }
        let Some(text) = node.as_str().filter(|t| !t.trim_end().contains('\n')) else { return };
        if let Some(found) = self.find(&text, place).filter(|_| !place.is_sample(node)) {
            self.report(node, &text, found, if place.secret { HELP_SECRET } else { HELP }, sink);
        }
    }

    /// Base64: only the placeholder in it is printed.
    fn secret_data<'s>(&self, data: &Node<'s>, place: Place<'_>, sink: &mut Sink<'_, 's>) {
        for (_, value) in data.entries() {
            let Some(written) = value.as_str() else { continue };
            let decoded = token::decode(&written).filter(|t| !t.trim_end().contains('\n'));
            let text = decoded.as_deref().unwrap_or(&written);
            if let Some(found) = self.find(text, place).filter(|_| !place.is_sample(&value)) {
                let decoded = if decoded.is_some() { " (decoded)" } else { "" };
                sink.at(&value, format!("{}{decoded}", message(found))).help(HELP_SECRET);
            }
        }
    }

    fn find<'t>(&self, text: &'t str, place: Place) -> Option<&'t str> {
        let own = || self.patterns.iter().find_map(|p| Some(&text[range_of(text, p)?]));
        let word = || find_word(text).filter(|w| !(w.starts_with('<') && (place.angles || w.starts_with("<path:"))));
        let expression =
            || find_expression(text).filter(|e| if e.starts_with("{{") { !place.templates } else { !place.variables });
        let found = own().or_else(word).or_else(expression)?;
        let allowed = self.allow.iter().any(|a| a == found || a == text);
        (!allowed).then_some(found)
    }

    fn report<'s>(&self, node: &Node<'s>, text: &str, found: &str, help: &str, sink: &mut Sink<'_, 's>) {
        let range = range_of(text, found).unwrap_or_else(|| range_in(text, text));
        sink.at_part(node, range, message(found)).help(help);
    }
}

const HELP: &str = "write the value that is meant; if something fills it in later, list the text under `allow`";
const HELP_SECRET: &str = "let something put the value in that keeps it out of the repository: an ExternalSecret, a SealedSecret, a file \
    encrypted with SOPS; if that is done later, list the text under `allow`";

fn range_of(text: &str, part: &str) -> Option<std::ops::Range<usize>> {
    let start = text.find(part).filter(|_| !part.is_empty())?;
    Some(start..start + part.len())
}

fn message(found: &str) -> String {
    format!("`{found}` is still a placeholder")
}
