//! Containers: variables, privileges, ports on the host's network, what Windows does not have.

use super::{Reject, items, set, set_keys, written};
use crate::k8s::{Container, Workload, selector};
use crate::yaml::Node;

const SOURCES: [&str; 5] = ["configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"];

/// Fields of a container's security context that only Linux has.
const LINUX: [&str; 10] = [
    "allowPrivilegeEscalation",
    "appArmorProfile",
    "capabilities",
    "privileged",
    "procMount",
    "readOnlyRootFilesystem",
    "runAsGroup",
    "runAsUser",
    "seLinuxOptions",
    "seccompProfile",
];

pub(super) fn check<'s>(workload: &Workload<'s>, container: &Container<'s>, reject: &mut Reject<'_, '_, 's>) {
    for entry in items(&container.node, "env") {
        variable(&entry, reject);
    }
    privileges(container, reject);
    if workload.host_network() {
        for port in selector::ports(container) {
            let number = |field: &str| port.get(field).and_then(|n| n.as_i64()).filter(|n| *n != 0);
            let (Some(host), Some(own), Some(node)) =
                (number("hostPort"), number("containerPort"), port.get("hostPort"))
            else {
                continue;
            };
            if host != own {
                let why = format!("on the host's network, host port {host} and container port {own} are the same port");
                reject.at(&node, why);
            }
        }
    }
    if workload.is_windows() {
        let context = container.get("securityContext");
        for key in context.iter().flat_map(|c| set_keys(c, &LINUX)) {
            let field = key.text().unwrap_or_default();
            reject.at(&key, format!("a pod on Windows has no `{field}`"));
        }
    }
}

fn variable<'s>(entry: &Node<'s>, reject: &mut Reject<'_, '_, 's>) {
    let Some((key, from)) = entry.entry("valueFrom").filter(|(_, from)| !from.is_null()) else { return };
    let Some((name_node, name)) = written(entry, "name") else { return };
    let value = entry.entry("value").filter(|(_, v)| v.text().is_some_and(|t| !t.is_empty()) && !v.is_null());
    if let Some((value, _)) = value {
        reject.both(&[value, key], format!("variable `{name}` has `value` and `valueFrom`"));
        return;
    }
    let sources = set_keys(&from, &SOURCES);
    match sources.len() {
        1 => {}
        // A word that is none of the sources is an unknown field.
        0 if from.entries().any(|(_, v)| !v.is_null()) => {}
        0 => _ = reject.at(&name_node, format!("`valueFrom` of variable `{name}` names no source")),
        _ => reject.both(&sources, format!("`valueFrom` of variable `{name}` has two sources")),
    }
}

fn privileges<'s>(container: &Container<'s>, reject: &mut Reject<'_, '_, 's>) {
    let Some(escalation) = container.security("allowPrivilegeEscalation").filter(|n| n.as_bool() == Some(false)) else {
        return;
    };
    let name = container.name();
    if let Some(privileged) = container.security("privileged").filter(|n| n.as_bool() == Some(true)) {
        let why = format!("`{name}` is privileged, and `allowPrivilegeEscalation` is false");
        reject.at(&privileged, why).related(&escalation, "excludes it");
    }
    // The API compares with this spelling, and takes `SYS_ADMIN`.
    let capabilities = container.security("capabilities").and_then(|c| set(&c, "add"));
    for added in capabilities.iter().flat_map(Node::items).filter(|c| c.has_text("CAP_SYS_ADMIN")) {
        let why = format!("`{name}` adds CAP_SYS_ADMIN, and `allowPrivilegeEscalation` is false");
        reject.at(&added, why).related(&escalation, "excludes it");
    }
}
