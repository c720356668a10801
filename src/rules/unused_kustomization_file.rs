//! `unused-kustomization-file`: see `rules/unused-kustomization-file.md`.

use std::path::Path;

use serde::Deserialize;

use super::globs::Globs;
use crate::rule::{KustomizationCx, Rule, Sink, UnusedFile};
use crate::source::{Source, Span};

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
            if self.allow.matches(source.display()) {
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
        {
            sink.at(&kind, format!("no kustomization uses `{}`", cx.source.display()))
                .help("a Component has an effect only where `components` of another kustomization lists its directory");
        }
    }
}

/// The directory of a shown path; empty at the top.
fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// The line that the first document starts on.
fn first_line(source: &Source) -> Option<Span<'_>> {
    let tree = source.tree();
    let root = tree.documents.first()?.root?;
    Some(crate::yaml::SrcNode { source, id: root }.span().first_line())
}

/// The path of a file as its kustomization would name it.
fn relative(kustomization: &Source, file: &Source) -> String {
    let dir = kustomization.path().parent().unwrap_or(Path::new("/"));
    crate::files::display_path(file.path(), dir)
}
