//! `exposed-token`: see `rules/exposed-token.md`.

use serde::Deserialize;

use super::secret::{is_sops, token};
use crate::rule::{Rule, Sink, SourceCx};
use crate::yaml::Node;

/// Reports tokens that say by their form whose they are, wherever they stand.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ExposedToken {}

impl Rule for ExposedToken {
    fn source<'a, 's>(&self, cx: &SourceCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if cx.documents.iter().any(is_sops) {
            return;
        }
        for found in token::tokens(cx.source.text()) {
            let span = cx.source.span(found.range.start as u32..found.range.end as u32);
            let message = format!("{} {} is written in clear text", article(found.kind), found.kind);
            sink.at_span(span, message).help(HELP);
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

const HELP: &str =
    "revoke it where it was made, then keep the new one in a secret store: it stays in the history of the repository";

fn article(kind: &str) -> &'static str {
    let vowel = matches!(kind.as_bytes().first(), Some(b'A' | b'O' | b'n'));
    if vowel { "an" } else { "a" }
}
