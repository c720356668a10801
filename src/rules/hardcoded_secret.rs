//! `hardcoded-secret`: see `rules/hardcoded-secret.md`.

use serde::Deserialize;

use super::secret::{Hit, detect, is_encrypted, length, lines};
use crate::rule::{ContainerCx, Rule, Sink};
use crate::yaml::Node;

/// Reports secrets in the environment and the command line of containers.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct HardcodedSecret {
    /// More names of variables and flags whose values are secrets.
    pub extra_names: Vec<String>,
    /// Names of variables and flags whose values are none.
    pub allow_names: Vec<String>,
}

impl Rule for HardcodedSecret {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if is_encrypted(&cx.workload.object) {
            return;
        }
        let container = cx.container.name();
        for entry in cx.container.get("env").iter().flat_map(Node::items) {
            let name = entry.get("name").and_then(|n| n.as_str()).unwrap_or_default();
            let Some(value) = entry.get("value") else { continue };
            let Some(text) = value.as_str() else { continue };
            if let Some(hit) = self.detect(&name, &text) {
                let what = format!("env `{name}` of `{container}`");
                report(sink, &value, &text, &hit, &what, "take it from a Secret with `valueFrom.secretKeyRef`");
            }
        }
        for field in ["command", "args"] {
            let items: Vec<Node<'s>> = cx.container.get(field).iter().flat_map(Node::items).collect();
            for (at, item) in items.iter().enumerate() {
                let Some(text) = item.as_str() else { continue };
                if let Some((flag, hit)) = self.in_words(&text) {
                    let what = match flag {
                        Some(flag) => format!("flag `{flag}` of `{container}`"),
                        None => format!("`{field}` of `{container}`"),
                    };
                    report(sink, item, &text, &hit, &what, HELP_FLAG);
                } else if is_flag(&text)
                    && let Some(value) = items.get(at + 1)
                    && let Some(next) = value.as_str().filter(|v| !v.starts_with('-') && !v.contains('$'))
                    && let Some(hit) = self.detect(text.trim_start_matches('-'), &next)
                {
                    report(sink, value, &next, &hit, &format!("flag `{text}` of `{container}`"), HELP_FLAG);
                }
            }
        }
    }
}

const HELP_FLAG: &str = "take it from a Secret into a variable or a file, and name that in the command line";

impl HardcodedSecret {
    fn detect(&self, name: &str, value: &str) -> Option<Hit> {
        let allowed = self.allow_names.iter().any(|a| a.eq_ignore_ascii_case(name));
        if allowed { None } else { detect(name, value, &self.extra_names) }
    }

    /// The first secret in the words of a command line, and its flag.
    fn in_words<'t>(&self, text: &'t str) -> Option<(Option<&'t str>, Hit)> {
        for word in text.split_whitespace() {
            let at = lines::range_in(word, text).start;
            let shifted = |hit: Hit, by: usize| Hit { range: hit.range.start + by..hit.range.end + by, ..hit };
            let Some((flag, value)) = word.split_once('=').filter(|(flag, _)| is_flag(flag)) else {
                if let Some(hit) = self.detect("", word) {
                    return Some((None, shifted(hit, at)));
                }
                continue;
            };
            let value = value.trim_matches(['"', '\'']);
            if value.contains('$') || value.contains('`') {
                continue;
            }
            if let Some(hit) = self.detect(flag.trim_start_matches('-'), value) {
                return Some((Some(flag), shifted(hit, at + lines::range_in(value, word).start)));
            }
        }
        None
    }
}

fn is_flag(text: &str) -> bool {
    text.starts_with('-') && text.len() > 2 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn report<'s>(sink: &mut Sink<'_, 's>, node: &Node<'s>, text: &str, hit: &Hit, what: &str, help: &str) {
    let secret = text.get(hit.range.clone()).unwrap_or(text);
    let detector = hit.detector.name();
    sink.at(node, format!("{what} holds a literal secret of {} ({detector})", length(secret)))
        .help("whoever reads the manifest or the object has it: change it, and keep it in a secret store")
        .suggest(help);
}
