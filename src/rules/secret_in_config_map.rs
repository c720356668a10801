//! `secret-in-config-map`: see `rules/secret-in-config-map.md`.

use serde::Deserialize;

use super::secret::{Hit, detect, is_encrypted, length, lines};
use crate::rule::{ObjectCx, Rule, Sink};
use crate::source::Span;
use crate::yaml::Node;

/// Reports secrets in ConfigMaps.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct SecretInConfigMap {}

impl Rule for SecretInConfigMap {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if !cx.object.is("", "ConfigMap") || is_encrypted(cx.object) {
            return;
        }
        let name = cx.object.name().unwrap_or_default();
        for (key, value) in cx.object.node.get("data").iter().flat_map(Node::entries) {
            let (Some(key), Some(text)) = (key.text(), value.as_str()) else { continue };
            if !text.trim_end().contains('\n')
                && let Some(hit) = detect(&key, text.trim_end(), &[])
            {
                report(sink, &value, None, &hit, &text, &format!("ConfigMap `{name}` holds a secret under `{key}`"));
                continue;
            }
            if !lines::is_settings_file(&key) {
                continue;
            }
            let mut cursor = 0;
            for setting in lines::settings(&text) {
                let Some(hit) = detect(setting.name, setting.value, &[]) else { continue };
                let part = lines::range_in(setting.value, setting.line);
                let place = lines::place(&value, setting.line, part, &mut cursor);
                let what = format!("ConfigMap `{name}` holds a secret under `{key}` as `{}`", setting.name);
                report(sink, &value, place, &hit, setting.value, &what);
            }
        }
    }
}

fn report<'s>(sink: &mut Sink<'_, 's>, node: &Node<'s>, place: Option<Span<'s>>, hit: &Hit, text: &str, what: &str) {
    let secret = text.get(hit.range.clone()).unwrap_or(text);
    let message = format!("{what}: {} ({})", length(secret), hit.detector.name());
    let mut draft = match place {
        Some(span) => sink.at_span(span, message),
        None => sink.at(node, message),
    };
    draft
        .help(
            "ConfigMaps are for everybody who may look into the namespace: change the secret, and keep it in a Secret",
        )
        .suggest("move it to a Secret that a secret store fills");
}
