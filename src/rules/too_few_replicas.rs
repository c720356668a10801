//! `too-few-replicas`: see `rules/too-few-replicas.md`.

use serde::Deserialize;

use super::load::is_store;
use super::reliability::{Replicas, Scalers, is_off, may_be_tied_to_node, needs_devices};
use crate::k8s::Workload;
use crate::rule::{BuildCx, Rule, Sink, Within};

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
            let to_nothing = replicas.count == 0 && replicas.node.is_some();
            if to_nothing || may_be_tied_to_node(workload, cx) || runs_once(workload, &replicas, cx) {
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
                "write `minReplicaCount`: 0 if it may go down to nothing while there is no work, else as many as must always run".into()
            } else {
                format!("run at least {}, if the program can run more than once", self.min)
            });
        }
    }
}

/// True for a program that is made to run once, as far as one can tell.
fn runs_once<'s>(workload: &Workload<'s>, replicas: &Replicas<'_, 's>, cx: &BuildCx<'_, 's>) -> bool {
    let object = &workload.object;
    let strategy = object.spec().and_then(|s| s.path(&["strategy", "type"]));
    // Whoever writes this for a single pod says that two must not overlap.
    let replaced = replicas.scaler.is_none() && replicas.count <= 1 && strategy.is_some_and(|t| t.has_text("Recreate"));
    // Pods of a StatefulSet have names and volumes of their own, which is what members of a cluster need.
    let store = || object.kind() != "StatefulSet" && is_store(workload);
    let job = || needs_devices(workload) && cx.run.services_of(Within::Own(cx.scope), workload).is_empty();
    replaced || store() || job()
}
