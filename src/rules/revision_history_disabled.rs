//! `revision-history-disabled`: see `rules/revision-history-disabled.md`.

use serde::Deserialize;

use super::reliability::is_off;
use crate::finding::Safety;
use crate::rule::{ObjectCx, Rule, Sink, edit};

const KINDS: [(&str, &str); 6] = [
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
    ("argoproj.io", "Rollout"),
    ("apps.kruise.io", "CloneSet"),
    ("apps.openshift.io", "DeploymentConfig"),
];

/// Reports workloads that keep no old revision.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RevisionHistoryDisabled {
    /// How many old revisions are enough.
    pub min: i64,
}

impl Default for RevisionHistoryDisabled {
    fn default() -> Self {
        Self { min: 1 }
    }
}

impl Rule for RevisionHistoryDisabled {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        if !KINDS.iter().any(|(group, kind)| object.is(group, kind)) || is_off(object) {
            return;
        }
        let Some(node) = object.spec().and_then(|s| s.get("revisionHistoryLimit")) else { return };
        let Some(count) = node.as_i64().filter(|n| *n < self.min) else { return };
        let nothing = if count == 0 { "nothing to roll back to" } else { "little to roll back to" };
        let revisions = if count == 1 { "revision" } else { "revisions" };
        sink.at(&node, format!("{} keeps {count} old {revisions}: {nothing}", object.title()))
            .help(format!("remove it (the default is 10), or keep at least {}", self.min))
            .offer(
                Safety::Unsafe,
                "remove `revisionHistoryLimit`",
                edit::remove(&object.node, &["spec", "revisionHistoryLimit"]),
            );
    }
}
