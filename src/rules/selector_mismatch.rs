//! `selector-mismatch`: see `rules/selector-mismatch.md`.

use serde::Deserialize;

use super::api::selector_shape;
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::selector;
use crate::rule::{PodCx, Rule, Sink};
use crate::yaml::Node;

/// Reports workloads whose selector does not select their pods.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct SelectorMismatch {}

impl Rule for SelectorMismatch {
    fn compares(&self) -> bool {
        true
    }

    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let workload = cx.workload;
        let Some((required, plain)) = selector_shape(&workload.object) else { return };
        let title = workload.title();
        let Some(spec) = workload.object.spec() else { return };
        let entry = spec.entry("selector").filter(|(_, value)| !value.is_null());
        let Some((key, own)) = entry else {
            if required {
                sink.at(&workload.object.anchor(), format!("selector of {title} is missing"))
                    .help("add `selector.matchLabels` with labels of the template");
            }
            return;
        };
        let labels = workload.labels();
        if required && ["matchLabels", "matchExpressions"].iter().all(|f| own.get(f).is_none_or(|n| n.is_empty())) {
            sink.at(&key, format!("selector of {title} is empty"))
                .help("add `matchLabels` with labels of the template");
            return;
        }
        let matches = if plain {
            selector::map_matches(&own, labels.as_ref())
        } else {
            selector::label_selector_matches(&own, labels.as_ref())
        };
        if matches {
            return;
        }
        let pairs = if plain { Some(own.clone()) } else { own.get("matchLabels") };
        let bad = pairs.iter().flat_map(Node::entries).find(|(k, v)| !has(labels.as_ref(), k, v));
        if let Some((label, value)) = bad {
            let (name, want) = (label.text().unwrap_or_default(), value.text().unwrap_or_default());
            let have = labels.as_ref().and_then(|l| l.get(&name));
            let found = have.as_ref().and_then(|h| h.text());
            if is_placeholder(&want) || found.as_ref().is_some_and(|f| is_placeholder(f)) {
                return;
            }
            let why = match found {
                Some(found) => format!("the label `{name}` of the template is `{found}`, not `{want}`"),
                None => format!("the template has no label `{name}`"),
            };
            let mut draft = sink.at(&value, format!("selector of {title} does not match its own pods: {why}"));
            if let Some(have) = have {
                draft.related(&have, "the template says this");
            }
            draft.suggest("make the label of the template and the selector equal");
        } else {
            sink.at(&key, format!("selector of {title} does not match its own pods"))
                .suggest("make the labels of the template fit `matchExpressions`");
        }
    }
}

fn has(labels: Option<&Node<'_>>, key: &Node<'_>, value: &Node<'_>) -> bool {
    let have = key.text().and_then(|key| labels?.get(&key)?.as_str()).unwrap_or_default();
    let exists = key.text().is_some_and(|key| labels.is_some_and(|l| l.get(&key).is_some()));
    exists && have == value.as_str().unwrap_or_default()
}
