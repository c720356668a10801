//! `committed-secret`: see `rules/committed-secret.md`.

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::secret::content::{Content, content, is_hashes};
use super::secret::{is_encrypted, is_reference, length, token};
use crate::k8s::Object;
use crate::k8s::placeholder::{is_placeholder, is_word_placeholder};
use crate::rule::{BuildCx, Env, Rule, ScopeKind, Sink};
use crate::source::Span;
use crate::yaml::{Node, StepKind};

/// Reports Secrets whose values stand in the repository.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct CommittedSecret {
    /// Keys of Secrets whose values are no secrets.
    pub allow_keys: Vec<String>,
}

/// Keys whose values are public.
const PUBLIC: [&str; 3] = ["tls.crt", "ca.crt", "ssh-publickey"];

/// A value of a Secret that is secret.
struct Found<'a, 's> {
    object: &'a Object<'s>,
    key: String,
    value: Node<'s>,
    text: String,
}

impl Rule for CommittedSecret {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        // What comes over a pipe is not what is committed: it may have been decrypted on the way.
        if cx.scope.kind == ScopeKind::Stream {
            return;
        }
        let secrets = cx.scope.of_kind("", "Secret").filter(|o| !is_encrypted(o));
        let found: Vec<Found<'a, 's>> = secrets.filter_map(|object| self.secret_of(cx.env, object)).collect();
        for copies in by_place(&found) {
            let Some((first, others)) = copies.split_first() else { continue };
            sink.on(first.object, None);
            let (key, length) = (&first.key, length(&first.text));
            let name = first.object.name().unwrap_or_default();
            let hashes = is_hashes(&first.text);
            let (how, help) = if hashes {
                (
                    "committed, as hashes of passwords",
                    "passwords can be tried against a hash: change them, then commit an ExternalSecret, a SealedSecret or a file \
                     encrypted with SOPS",
                )
            } else {
                (
                    "committed in clear text",
                    "change the secret, then commit an ExternalSecret, a SealedSecret or a file encrypted with SOPS",
                )
            };
            let mut draft = sink.at(&first.value, format!("Secret `{name}` is {how}: `{key}`, {length}"));
            draft.help(help);
            for other in others {
                let name = other.object.name().unwrap_or_default();
                draft.related(&other.object.anchor(), format!("Secret `{name}` gets a copy"));
            }
        }
    }
}

/// The values by the place that they are written at, in order; of each place, the one that stands there before its copies.
fn by_place<'f, 'a, 's>(found: &'f [Found<'a, 's>]) -> Vec<Vec<&'f Found<'a, 's>>> {
    let mut out: Vec<Vec<&Found<'a, 's>>> = Vec::new();
    let mut places: FxHashMap<Span<'s>, usize> = FxHashMap::default();
    for one in found {
        let at = out.len();
        match one.value.span().map(|span| *places.entry(span).or_insert(at)).filter(|known| *known < at) {
            Some(known) => {
                let Some(copies) = out.get_mut(known) else { continue };
                let before = if is_copy(&one.value) {
                    copies.len()
                } else {
                    copies.iter().take_while(|c| !is_copy(&c.value)).count()
                };
                copies.insert(before, one);
            }
            None => out.push(vec![one]),
        }
    }
    out
}

/// True for a value that a replacement or a variable brought from somewhere else.
fn is_copy(value: &Node<'_>) -> bool {
    value.origin().links().any(|link| matches!(link.step.kind, StepKind::Replacement | StepKind::Var))
}

impl CommittedSecret {
    /// The first value that is a secret, one that stands there for its own sake before a copy; or else the first of which nothing
    /// tells.
    fn secret_of<'a, 's>(&self, env: &Env, object: &'a Object<'s>) -> Option<Found<'a, 's>> {
        let mut copied = None;
        let mut doubtful = None;
        for (field, encoded) in [("stringData", false), ("data", true)] {
            for (key, value) in object.node.get(field).iter().flat_map(Node::entries) {
                let (Some(key), Some(written)) = (key.text(), value.as_str()) else { continue };
                let decoded = if encoded { token::decode(&written) } else { None };
                // The API refuses what is no base64: nothing uses it as it stands there.
                if encoded && decoded.is_none() && !token::is_base64(&written) {
                    continue;
                }
                let text = decoded.unwrap_or_else(|| written.into_owned());
                let shown = text.trim();
                let public = PUBLIC.contains(&&*key) || self.allow_keys.iter().any(|k| *k == key);
                // Some write base64 where it is encoded once more.
                let twice = || token::decode(shown).is_some_and(|inner| is_word_placeholder(&inner));
                if public || shown.is_empty() || is_reference(shown) || is_placeholder(shown) || twice() {
                    continue;
                }
                if is_hashes(shown) && is_told(env, &value) {
                    continue;
                }
                let is = content(&key, shown);
                let found = Found { object, key: key.into_owned(), value, text: shown.to_string() };
                match is {
                    Content::Secret if !is_copy(&found.value) => return Some(found),
                    Content::Secret => copied = copied.or(Some(found)),
                    Content::Unknown => doubtful = doubtful.or(Some(found)),
                    Content::Setting | Content::Sample | Content::Prose => {}
                }
            }
        }
        copied.or(doubtful)
    }
}

/// True for a value among tests or samples whose comment, on the line above or behind it, says in quotes what it stands for.
fn is_told(env: &Env, value: &Node<'_>) -> bool {
    let Some(span) = value.span().filter(|span| env.layout.is_of_tests(span.source)) else { return false };
    let source = span.source;
    let line = source.line_col(span.start).line;
    source.tree().comments.iter().any(|comment| {
        let at = source.line_col(comment.start).line;
        let text = source.text().get(comment.start as usize..comment.end as usize).unwrap_or_default();
        (at == line || at + 1 == line) && ['"', '\'', '`'].iter().any(|quote| text.matches(*quote).count() >= 2)
    })
}
