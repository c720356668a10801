//! `unused-kustomization-file`: see `rules/unused-kustomization-file.md`.

use std::path::Path;

use serde::Deserialize;

use super::globs::Globs;
use super::secret::content::{Content, content};
use super::secret::token;
use crate::k8s::Object;
use crate::k8s::placeholder::is_placeholder;
use crate::rule::{KustomizationCx, Rule, Sink, UnusedFile};
use crate::source::{Source, Span};
use crate::yaml::{Node, SrcNode};

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnusedKustomizationFile {
    /// Globs of files that may stand there unused, compared with the path as it is shown.
    pub(super) allow: Globs,
}

impl Default for UnusedKustomizationFile {
    fn default() -> Self {
        UnusedKustomizationFile { allow: Globs::of(&["**/*.example.*", "**/*.sample.*", "**/values*.y*ml"]) }
    }
}

impl Rule for UnusedKustomizationFile {
    fn kustomization<'a, 's>(&self, cx: &KustomizationCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for UnusedFile { source, patch } in &cx.usage.unused_files {
            if self.allow.matches(source.display()) || is_form(source) {
                continue;
            }
            let Some(span) = first_line(source) else { continue };
            let list = if *patch { "patches" } else { "resources" };
            let path = relative(cx.source, source);
            let item = if *patch { format!("path: {path}") } else { path };
            sink.at_span(span, format!("no kustomization uses `{}`", source.display()))
                .help("what it holds reaches no cluster: list it, or delete it")
                .suggest(format!("add `- {item}` to `{list}` of {}", cx.source.display()));
        }
        if cx.usage.unused_component
            && let Some(kind) = cx.node.get("kind")
            && !self.allow.matches(cx.source.display())
            && !cx.env.toolchain.adds_component(directory(cx.source.display()))
            && !is_of_catalogue(cx.source)
        {
            sink.at(&kind, format!("no kustomization uses `{}`", cx.source.display()))
                .help("a Component has an effect only where `components` of another kustomization lists its directory");
        }
    }
}

/// True for a Component below a directory called `components`: a part to choose, for whoever takes the base.
fn is_of_catalogue(source: &Source) -> bool {
    directory(source.display()).split('/').any(|part| part == "components")
}

/// True for a file of nothing but Secrets whose values are all to be filled in: a form to be applied by hand.
fn is_form(source: &Source) -> bool {
    let roots = source.tree().documents.iter().filter_map(|d| d.root);
    let mut objects = roots.map(|id| Object::new(Node::Source(SrcNode { source, id }, None))).peekable();
    let to_fill = |key: &str, text: &str| is_placeholder(text) || content(key, text.trim()) == Content::Sample;
    let is_blank = |secret: &Object<'_>| {
        let mut any = false;
        ["data", "stringData"].iter().filter_map(|field| secret.node.get(field)).all(|map| {
            map.entries().all(|(key, value)| {
                any = true;
                let (key, text) = (key.text().unwrap_or_default(), value.text().unwrap_or_default());
                to_fill(&key, &text) || token::decode(&text).is_some_and(|text| to_fill(&key, &text))
            })
        }) && any
    };
    objects.peek().is_some() && objects.all(|object| object.is_some_and(|o| o.is("", "Secret") && is_blank(&o)))
}

/// The directory of a shown path; empty at the top.
fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// The line that the first document starts on.
fn first_line(source: &Source) -> Option<Span<'_>> {
    let tree = source.tree();
    let root = tree.documents.first()?.root?;
    Some(SrcNode { source, id: root }.span().first_line())
}

/// The path of a file as its kustomization would name it.
fn relative(kustomization: &Source, file: &Source) -> String {
    let dir = kustomization.path().parent().unwrap_or(Path::new("/"));
    crate::files::display_path(file.path(), dir)
}
