//! `missing-network-policy`: see `rules/missing-network-policy.md`.

use serde::Deserialize;

use super::network::policies_of;
use crate::k8s::Workload;
use crate::k8s::network_policy::{self, Direction};
use crate::rule::{BuildCx, Rule, Sink, Within};

/// Reports workloads whose traffic no network policy limits.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingNetworkPolicy {
    /// The directions to ask for: `ingress`, `egress`.
    pub directions: Vec<Direction>,
}

impl Default for MissingNetworkPolicy {
    fn default() -> Self {
        MissingNetworkPolicy { directions: vec![Direction::Ingress] }
    }
}

impl Rule for MissingNetworkPolicy {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        // A root that did not render may hold the policy.
        if !cx.scope.complete || cx.run.incomplete || cx.scope.workloads.is_empty() {
            return;
        }
        let mut directions = self.directions.clone();
        directions.sort();
        directions.dedup();
        for workload in &cx.scope.workloads {
            if workload.host_network() {
                continue;
            }
            let policies = policies_of(cx.run, Within::Around(cx.scope), workload);
            let missing: Vec<&str> = directions
                .iter()
                .filter(|d| is_asked(workload, **d))
                .filter(|d| !policies.iter().any(|p| network_policy::limits(p, **d)))
                .map(|d| d.name())
                .collect();
            if missing.is_empty() {
                continue;
            }
            sink.on(&workload.object, None);
            let directions = missing.join(" and ");
            let (kind, name) = (workload.object.kind(), workload.object.name().unwrap_or_default());
            sink.at(&workload.object.anchor(), format!("no NetworkPolicy limits {directions} of {kind} `{name}`"))
                .help("add a NetworkPolicy whose podSelector selects these pods, starting with one that denies all");
        }
    }
}

/// Nobody connects to what runs and ends.
fn is_asked(workload: &Workload<'_>, direction: Direction) -> bool {
    direction == Direction::Egress || !workload.traits.run_to_completion
}
