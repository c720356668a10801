//! `recreate-strategy`: see `rules/recreate-strategy.md`.

use std::cell::LazyCell;

use serde::Deserialize;

use super::load::{Load, elects_leader};
use super::reliability::{Scalers, is_off, may_be_tied_to_node, needs_devices, takes_node_ports};
use crate::k8s::Workload;
use crate::rule::{BuildCx, Rule, Sink};
use crate::yaml::Node;

/// Reports Deployments that stop all pods before they start new ones, without a need to.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RecreateStrategy {}

/// Volumes that hold state on a node or a disk, which two pods cannot share safely.
const DISKS: [&str; 12] = [
    "hostPath",
    "awsElasticBlockStore",
    "azureDisk",
    "cinder",
    "csi",
    "fc",
    "flexVolume",
    "gcePersistentDisk",
    "iscsi",
    "portworxVolume",
    "rbd",
    "vsphereVolume",
];

impl Rule for RecreateStrategy {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let mut scalers = None;
        let load = LazyCell::new(|| Load::new(cx));
        for workload in &cx.scope.workloads {
            let object = &workload.object;
            if !object.is("apps", "Deployment") || !workload.traits.long_running || is_off(object) {
                continue;
            }
            let Some(kind) = object.spec().and_then(|s| s.path(&["strategy", "type"])) else { continue };
            if !kind.has_text("Recreate")
                || takes_node_ports(workload)
                || needs_devices(workload)
                || mounts_disk(workload)
                || may_be_tied_to_node(workload, cx)
                // Nobody sees the gap, and two at once may do the work twice.
                || (!elects_leader(workload) && load.services_of(workload).is_empty())
                || scalers.get_or_insert_with(|| Scalers::new(cx)).is_run_by_rollout(object)
            {
                continue;
            }
            sink.on(object, None);
            sink.at(&kind, format!("{} is taken down on every rollout", workload.title()))
                .label("all pods stop before the first new one starts")
                .help("use `RollingUpdate`, if two versions can run at once");
        }
    }
}

fn mounts_disk(workload: &Workload<'_>) -> bool {
    let volumes = workload.get("volumes");
    volumes.iter().flat_map(Node::items).any(|v| DISKS.iter().any(|kind| v.get(kind).is_some()))
}
