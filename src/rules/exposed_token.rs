//! `exposed-token`: see `rules/exposed-token.md`.

use std::ops::Range;

use serde::Deserialize;

use super::secret::{is_sops, token};
use crate::rule::{Rule, Sink, SourceCx};
use crate::yaml::{Node, SrcNode, Tree};

/// Reports tokens that say by their form whose they are, wherever they stand.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ExposedToken {}

impl Rule for ExposedToken {
    fn source<'a, 's>(&self, cx: &SourceCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if cx.documents.iter().any(is_sops) {
            return;
        }
        for part in parts(cx) {
            for found in token::tokens(&cx.source.text()[part.clone()]) {
                let (start, end) = (part.start + found.range.start, part.start + found.range.end);
                let message = format!("{} {} is written in clear text", article(found.kind), found.kind);
                sink.at_span(cx.source.span(start as u32..end as u32), message).help(HELP);
            }
        }
        for document in cx.documents.iter().filter(|d| d.get("kind").is_some_and(|k| k.has_text("Secret"))) {
            for (_, value) in document.get("data").iter().flat_map(Node::entries) {
                let Some(text) = value.as_str().and_then(|t| token::decode(&t)) else { continue };
                if let Some(found) = token::tokens(&text).first() {
                    let kind = found.kind;
                    let message = format!("{} {kind} is written in clear text: base64 hides nothing", article(kind));
                    sink.at(&value, message).help(HELP);
                }
            }
        }
    }
}

/// What is looked at: all of the text but the schemas of custom resources, of which only the comments are. They are most of the bytes
/// of many repositories, are made by programs from types, and nothing ever uses a value in them.
fn parts(cx: &SourceCx<'_, '_>) -> Vec<Range<usize>> {
    let text = cx.source.text();
    let mut parts = Vec::new();
    let mut from = 0;
    // What is no YAML (the input of a generator) has no documents, and is not parsed for this.
    let tree = if cx.documents.is_empty() { &Tree::default() } else { cx.source.tree() };
    for document in &tree.documents {
        let Some(root) = document.root.filter(|id| is_definition(SrcNode { source: cx.source, id: *id })) else {
            continue;
        };
        let Some(raw) = tree.nodes.get(root as usize) else { continue };
        parts.push(from..raw.start as usize);
        let comments = tree.comments.iter().filter(|c| (raw.start..raw.end).contains(&c.start));
        parts.extend(comments.map(|c| c.start as usize..c.end as usize));
        from = raw.end as usize;
    }
    parts.push(from..text.len());
    parts
}

fn is_definition(root: SrcNode<'_>) -> bool {
    root.find("kind").is_some_and(|(_, kind)| kind.text() == "CustomResourceDefinition")
}

const HELP: &str =
    "revoke it where it was made, then keep the new one in a secret store: it stays in the history of the repository";

fn article(kind: &str) -> &'static str {
    let vowel = matches!(kind.as_bytes().first(), Some(b'A' | b'O' | b'n'));
    if vowel { "an" } else { "a" }
}
