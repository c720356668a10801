//! What must be there once.

use rustc_hash::FxHashMap;

use super::{Reject, items, written};
use crate::k8s::{Object, Workload, selector};
use crate::yaml::Node;

/// Names of containers, volumes and ports, mount paths, constraints of the topology.
pub(super) fn of_pod<'s>(workload: &Workload<'s>, reject: &mut Reject<'_, '_, 's>) {
    let names = |nodes: Vec<Node<'s>>| nodes.iter().filter_map(|n| written(n, "name")).collect::<Vec<_>>();
    let containers = workload.containers.iter().map(|c| c.node.clone()).collect();
    once(names(containers), reject, |name| format!("two containers are named `{name}`"));
    once(names(items(&workload.spec, "volumes")), reject, |name| format!("two volumes are named `{name}`"));
    for container in &workload.containers {
        let owner = container.name();
        let mounts = items(&container.node, "volumeMounts");
        let paths = mounts.iter().filter_map(|m| written(m, "mountPath")).collect();
        once(paths, reject, |path| format!("`{owner}` mounts two volumes at `{path}`"));
        let ports = names(selector::ports(container).collect());
        once(ports, reject, |name| format!("two ports of `{owner}` are named `{name}`"));
    }
    let constraints = items(&workload.spec, "topologySpreadConstraints");
    let pairs = constraints.iter().filter_map(|constraint| {
        let (node, key) = written(constraint, "topologyKey")?;
        let (_, when) = written(constraint, "whenUnsatisfiable")?;
        Some((node, format!("{key}` and `{when}")))
    });
    once(pairs.collect(), reject, |pair| format!("two spread constraints are for `{pair}`"));
}

/// Names, and numbers with protocol, of the ports of a Service.
pub(super) fn of_service<'s>(object: &Object<'s>, reject: &mut Reject<'_, '_, 's>) {
    let Some(spec) = object.spec().filter(|_| object.is("", "Service")) else { return };
    let ports = items(&spec, "ports");
    once(ports.iter().filter_map(|p| written(p, "name")).collect(), reject, |name| {
        format!("two ports are named `{name}`")
    });
    let numbers = ports.iter().filter_map(|port| {
        let (node, number) = written(port, "port")?;
        let protocol = written(port, "protocol").map_or("TCP".to_owned(), |(_, text)| text);
        Some((node, format!("{number}/{protocol}")))
    });
    once(numbers.collect(), reject, |port| format!("two ports are {port}"));
}

/// Reports every text that was there before.
fn once<'s>(texts: Vec<(Node<'s>, String)>, reject: &mut Reject<'_, '_, 's>, why: impl Fn(&str) -> String) {
    let mut seen: FxHashMap<String, Node<'s>> = FxHashMap::default();
    for (node, text) in texts {
        match seen.get(&text) {
            Some(first) => _ = reject.at(&node, why(&text)).related(first, "the first one"),
            None => _ = seen.insert(text, node),
        }
    }
}
