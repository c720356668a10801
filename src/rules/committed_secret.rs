//! `committed-secret`: see `rules/committed-secret.md`.

use serde::Deserialize;

use super::secret::{is_encrypted, is_reference, length, token};
use crate::k8s::Object;
use crate::k8s::placeholder::is_placeholder;
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
            if let Some((key, value, text)) = self.first_value(object) {
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
    /// The first value that is a secret: key, node, text.
    fn first_value<'s>(&self, object: &Object<'s>) -> Option<(String, Node<'s>, String)> {
        for (field, encoded) in [("stringData", false), ("data", true)] {
            for (key, value) in object.node.get(field).iter().flat_map(Node::entries) {
                let (Some(key), Some(text)) = (key.text(), value.as_str()) else { continue };
                let decoded = if encoded { token::decode(&text) } else { None };
                let text = decoded.unwrap_or_else(|| text.into_owned());
                let shown = text.trim();
                let public = PUBLIC.contains(&&*key) || self.allow_keys.iter().any(|k| *k == key);
                if !public && !shown.is_empty() && !is_reference(shown) && !is_placeholder(shown) {
                    return Some((key.into_owned(), value, shown.to_string()));
                }
            }
        }
        None
    }
}
