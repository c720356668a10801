//! `too-few-replicas`: see `rules/too-few-replicas.md`.

use serde::Deserialize;

use super::reliability::{Replicas, Scalers, is_off, may_be_tied_to_node};
use crate::rule::{BuildCx, Rule, Sink};

/// Reports workloads that a single lost node or pod may take down.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct TooFewReplicas {
    /// The fewest replicas that are enough.
    pub(super) min: i64,
    /// The kinds that are asked.
    pub(super) kinds: Vec<String>,
}

impl Default for TooFewReplicas {
    fn default() -> Self {
        let kinds = ["Deployment", "Rollout", "DeploymentConfig", "CloneSet"].map(String::from);
        TooFewReplicas { min: 2, kinds: kinds.into() }
    }
}

impl Rule for TooFewReplicas {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let scalers = Scalers::new(cx);
        for workload in cx.scope.workloads.iter().filter(|w| w.traits.long_running && !is_off(&w.object)) {
            if !self.kinds.iter().any(|k| k == workload.object.kind()) {
                continue;
            }
            let Some(replicas) = scalers.replicas(workload).filter(|r| r.count < self.min) else { continue };
            // KEDA's minimum of 0 is written to scale to nothing.
            if (replicas.count == 0 && replicas.node.is_some()) || may_be_tied_to_node(workload, cx) {
                continue;
            }
            sink.on(&workload.object, None);
            let Replicas { count, node, scaler } = replicas;
            let field = match scaler.map(|s| s.kind()) {
                Some("ScaledObject") => "minReplicaCount",
                Some(_) => "minReplicas",
                None => "replicas",
            };
            let owner = scaler.unwrap_or(&workload.object);
            let default = if node.is_none() { format!("`{field}` is not set") } else { String::new() };
            let plural = if count == 1 { "" } else { "s" };
            let message = format!("{} runs on {count} replica{plural}", workload.title());
            let mut draft = sink.at(&node.unwrap_or_else(|| owner.anchor()), message);
            draft.label(default).suggest(format!("write `{field}: {}`", self.min));
            if scaler.is_some() {
                draft.related(&workload.object.anchor(), "this is scaled");
            }
            draft.help(if count == 0 {
                "write `minReplicaCount`: 0 if it may go down to nothing while there is no work, else as many as must always run"
            } else {
                "run at least as many that one can be lost, if the program can run more than once"
            });
        }
    }
}
