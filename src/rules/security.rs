//! What the security rules share: the version of the Pod Security Standards, and reporting settings of pods and containers.

use serde::{Deserialize, Deserializer, de};

use crate::k8s::{Container, Setting, Workload};
use crate::rule::{Draft, Env, Sink, Version};
use crate::yaml::Node;

/// A version of the Pod Security Standards, as an option: `"1.25"` or `latest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PolicyVersion(Version);

impl<'de> Deserialize<'de> for PolicyVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        match value.as_str() {
            Some("latest") => Ok(PolicyVersion(Version::LATEST)),
            Some(text) => text.parse().map(PolicyVersion).map_err(de::Error::custom),
            None => Err(de::Error::custom(format!("`version: {value}` is no text; write it in quotes, like \"1.30\""))),
        }
    }
}

/// True if the policy version (by default the target) is at least 1.`minor`.
pub(super) fn since(version: Option<PolicyVersion>, env: &Env, minor: u32) -> bool {
    version.map_or(env.target, |v| v.0) >= Version::v1(minor)
}

/// True if a control that does not apply to Windows leaves this pod alone: in the standards from version 1.25 on, by
/// `os.name`; outside of them always, and by the node selector too.
pub(super) fn exempt_on_windows(
    workload: &Workload<'_>,
    strict: bool,
    version: Option<PolicyVersion>,
    env: &Env,
) -> bool {
    if strict { workload.is_windows() && since(version, env, 25) } else { workload.runs_on_windows() }
}

/// True if a control that a user namespace satisfies leaves this pod alone: in the standards from version 1.35 on.
pub(super) fn exempt_by_user_namespace(
    workload: &Workload<'_>,
    strict: bool,
    version: Option<PolicyVersion>,
    env: &Env,
) -> bool {
    workload.has_user_namespace() && (!strict || since(version, env, 35))
}

/// Reports at `node`, which belongs to a setting. A container's is about that container. A pod's is about the containers that
/// inherit it, one merged finding that shows them; if all override it, about the pod. `message` must not name the container of
/// a pod's setting.
pub(super) fn report<'a, 's>(
    sink: &mut Sink<'a, 's>,
    (workload, key): (&'a Workload<'s>, &str),
    setting: &Setting<'a, 's>,
    (node, message): (&Node<'s>, &str),
    then: impl Fn(&mut Draft<'_, 's>),
) {
    let subjects: Vec<Option<&'a Container<'s>>> = match setting.container {
        Some(container) => vec![Some(container)],
        None => match workload.inheriting(key) {
            none if none.is_empty() => vec![None],
            some => some.into_iter().map(Some).collect(),
        },
    };
    for subject in subjects {
        sink.on(&workload.object, subject);
        let mut draft = sink.at(node, message);
        if let (Some(container), None) = (subject, setting.container) {
            draft.related(&container.anchor(), "inherits it");
        }
        then(&mut draft);
    }
}

/// What the runtimes give to every container that does not drop it.
pub(super) const DEFAULT_CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// The help for a workload that takes a right over the node: for an agent that the node itself needs, how to keep it comes first.
pub(super) fn help_for(workload: &Workload<'_>, usual: &str) -> String {
    if is_node_agent(workload) {
        format!("if it is a node agent that needs this, suppress the finding with a reason; if not, {usual}")
    } else {
        usual.to_string()
    }
}

/// True for a DaemonSet that the cluster or the node cannot do without: by its priority class, or in `kube-system`.
fn is_node_agent(workload: &Workload<'_>) -> bool {
    let critical = |name: &str| matches!(name, "system-node-critical" | "system-cluster-critical");
    let class = workload.get("priorityClassName").and_then(|n| n.as_str());
    let of_system = workload.object.namespace().is_some_and(|n| n == "kube-system");
    workload.object.kind() == "DaemonSet" && (of_system || class.is_some_and(|c| critical(&c)))
}

/// "container `api`", or "the pod".
pub(super) fn owner(container: Option<&Container<'_>>) -> String {
    container.map_or_else(|| "the pod".to_string(), Container::title)
}

/// The volumes of a pod: mappings only.
pub(super) fn volumes<'s>(workload: &Workload<'s>) -> Vec<Node<'s>> {
    workload.get("volumes").iter().flat_map(Node::items).filter(Node::is_map).collect()
}

/// True for a scalar that holds a placeholder: another rule's, whatever its value will be.
pub(super) fn is_placeholder(node: &Node<'_>) -> bool {
    node.text().is_some_and(|text| crate::k8s::placeholder::is_placeholder(&text))
}
