//! `committed-secret`: see `rules/committed-secret.md`.

use serde::Deserialize;

use super::secret::content::{Content, content};
use super::secret::{is_encrypted, is_reference, length, token};
use crate::k8s::Object;
use crate::k8s::placeholder::{is_placeholder, is_word_placeholder};
use crate::rule::{BuildCx, Rule, ScopeKind, Sink};
use crate::yaml::Node;

/// Reports Secrets whose values stand in the repository.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct CommittedSecret {
    /// Keys of Secrets whose values are no secrets.
    pub allow_keys: Vec<String>,
}

/// Keys whose values are public.
const PUBLIC: [&str; 3] = ["tls.crt", "ca.crt", "ssh-publickey"];

impl Rule for CommittedSecret {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        // What comes over a pipe is not what is committed: it may have been decrypted on the way.
        if cx.scope.kind == ScopeKind::Stream {
            return;
        }
        for object in cx.scope.of_kind("", "Secret").filter(|o| !is_encrypted(o)) {
            if let Some((key, value, text)) = self.secret_of(object) {
                sink.on(object, None);
                let name = object.name().unwrap_or_default();
                let length = length(&text);
                sink.at(&value, format!("Secret `{name}` is committed in clear text: `{key}`, {length}")).help(
                    "change the secret, then commit an ExternalSecret, a SealedSecret or a file encrypted with SOPS",
                );
            }
        }
    }
}

impl CommittedSecret {
    /// The first value that is a secret, or else the first of which nothing tells: key, node, text.
    fn secret_of<'s>(&self, object: &Object<'s>) -> Option<(String, Node<'s>, String)> {
        let mut doubtful = None;
        for (field, encoded) in [("stringData", false), ("data", true)] {
            for (key, value) in object.node.get(field).iter().flat_map(Node::entries) {
                let (Some(key), Some(text)) = (key.text(), value.as_str()) else { continue };
                let decoded = if encoded { token::decode(&text) } else { None };
                let text = decoded.unwrap_or_else(|| text.into_owned());
                let shown = text.trim();
                let public = PUBLIC.contains(&&*key) || self.allow_keys.iter().any(|k| *k == key);
                // Some write base64 where it is encoded once more.
                let twice = || token::decode(shown).is_some_and(|inner| is_word_placeholder(&inner));
                if public || shown.is_empty() || is_reference(shown) || is_placeholder(shown) || twice() {
                    continue;
                }
                let found = || Some((key.to_string(), value.clone(), shown.to_string()));
                match content(&key, shown) {
                    Content::Secret => return found(),
                    Content::Unknown if doubtful.is_none() => doubtful = found(),
                    _ => {}
                }
            }
        }
        doubtful
    }
}
