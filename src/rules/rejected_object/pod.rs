//! Pods: volumes, ephemeral containers, deadlines, topology, Windows.

use super::{Part, Reject, items, says, set, set_keys, written};
use crate::k8s::Workload;
use crate::yaml::Node;

const SOURCES: [&str; 30] = [
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "gitRepo",
    "glusterfs",
    "hostPath",
    "image",
    "iscsi",
    "nfs",
    "persistentVolumeClaim",
    "photonPersistentDisk",
    "portworxVolume",
    "projected",
    "quobyte",
    "rbd",
    "scaleIO",
    "secret",
    "storageos",
    "vsphereVolume",
];

/// Fields of a pod that only Linux has.
const LINUX: [&str; 4] = ["hostIPC", "hostPID", "hostUsers", "shareProcessNamespace"];

/// Fields of a pod's security context that only Linux has.
const LINUX_CONTEXT: [&str; 10] = [
    "appArmorProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "runAsGroup",
    "runAsUser",
    "seLinuxOptions",
    "seccompProfile",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "sysctls",
];

pub(super) fn check<'s>(workload: &Workload<'s>, reject: &mut Reject<'_, '_, 's>) {
    for volume in items(&workload.spec, "volumes") {
        let sources = set_keys(&volume, &SOURCES);
        if let (Some((_, name)), true) = (written(&volume, "name"), sources.len() > 1) {
            reject.both(&sources, format!("volume `{name}` has two sources"));
        }
    }
    if let Some((key, _)) = workload.spec.entry("ephemeralContainers").filter(|(_, list)| !list.is_empty()) {
        reject
            .at(&key, "ephemeral containers are only added to pods that run")
            .help("`kubectl debug` adds one; take them out of the manifest");
    }
    let template = matches!(
        (workload.object.group(), workload.object.kind()),
        ("apps" | "extensions", _) | ("", "ReplicationController")
    );
    if let Some(node) = set(&workload.spec, "activeDeadlineSeconds").filter(|_| template) {
        reject.part_at(Part::Object, &node, "pods that run until they are stopped have no `activeDeadlineSeconds`");
    }
    for constraint in items(&workload.spec, "topologySpreadConstraints") {
        topology(&constraint, reject);
    }
    if workload.is_windows() {
        let context = workload.get("securityContext");
        let mut keys = set_keys(&workload.spec, &LINUX);
        keys.retain(|key| key.text().is_some_and(|k| k == "hostUsers" || is_true(&workload.spec, &k)));
        keys.extend(context.iter().flat_map(|c| set_keys(c, &LINUX_CONTEXT)));
        for key in keys {
            let field = key.text().unwrap_or_default();
            reject.at(&key, format!("a pod on Windows has no `{field}`"));
        }
    }
}

fn is_true(map: &Node<'_>, field: &str) -> bool {
    map.get(field).and_then(|n| n.as_bool()) == Some(true)
}

fn topology<'s>(constraint: &Node<'s>, reject: &mut Reject<'_, '_, 's>) {
    if let Some(skew) = constraint.get("maxSkew").filter(|n| n.as_i64().is_some_and(|n| n < 1)) {
        reject.at(&skew, "`maxSkew` is at least 1");
    }
    let when =
        written(constraint, "whenUnsatisfiable").is_some() && !says(constraint, "whenUnsatisfiable", "DoNotSchedule");
    if let Some((key, _)) = constraint.entry("minDomains").filter(|(_, n)| when && !n.is_null()) {
        reject.at(&key, "`minDomains` needs `whenUnsatisfiable: DoNotSchedule`");
    }
}
