//! `volatile-selector-label`: see `rules/volatile-selector-label.md`.

use serde::Deserialize;

use super::api::labels_of_selector;
use crate::rule::{PodCx, Rule, Sink};
use crate::yaml::Node;

/// Reports selectors of workloads with labels that change.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct VolatileSelectorLabel {
    /// Labels that change with releases.
    pub keys: Vec<String>,
}

impl Default for VolatileSelectorLabel {
    fn default() -> Self {
        let keys = [
            "app.kubernetes.io/version",
            "helm.sh/chart",
            "chart",
            "commit",
            "git-sha",
            "git-commit",
            "sha",
            "build",
            "build-id",
            "build-number",
            "revision",
            "image-tag",
            "release-date",
        ];
        VolatileSelectorLabel { keys: keys.map(String::from).to_vec() }
    }
}

impl Rule for VolatileSelectorLabel {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let labels = labels_of_selector(cx.workload);
        for (node, value) in labels.iter().flat_map(Node::entries) {
            let Some(key) = node.text() else { continue };
            // `v1` and `v2` beside each other are how a service mesh tells two workloads apart.
            let stays = value.text().is_some_and(|v| {
                v.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
            });
            if !self.keys.iter().any(|k| *k == key) && (key != "version" || stays) {
                continue;
            }
            let title = cx.workload.title();
            sink.at(
                &node,
                format!("selector of {title} holds `{key}`, which changes with releases, and selectors are immutable"),
            )
            .help("with the next value, the API server refuses the update")
            .suggest("keep it as a label of the template, and take it out of the selector");
        }
    }
}
