//! `host-namespace`: see `rules/host-namespace.md`.

use serde::Deserialize;

use crate::rule::{PodCx, Rule, Sink};

/// The fields, and what they share.
const FIELDS: [(&str, &str, &str); 3] = [
    ("hostNetwork", "network", "the pod sees all traffic and listeners of the node"),
    ("hostPID", "process", "the pod sees all processes of the node, and their environment"),
    ("hostIPC", "IPC", "the pod shares memory with all processes of the node"),
];

/// Reports pods that share a namespace with their node.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct HostNamespace {
    /// Fields that may be true: `hostNetwork`, `hostPID`, `hostIPC`. No effect if `strict`.
    pub allow: Vec<Field>,
    /// Judge exactly as the Pod Security Standards do.
    pub strict: bool,
}

/// A field of the pod spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Field {
    #[serde(rename = "hostNetwork")]
    Network,
    #[serde(rename = "hostPID")]
    Pid,
    #[serde(rename = "hostIPC")]
    Ipc,
}

impl Rule for HostNamespace {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for (kind, (field, namespace, why)) in [Field::Network, Field::Pid, Field::Ipc].into_iter().zip(FIELDS) {
            let Some(value) = cx.workload.get(field) else { continue };
            if value.as_bool() == Some(true) && (self.strict || !self.allow.contains(&kind)) {
                sink.at(&value, format!("pod shares the node's {namespace} namespace"))
                    .label(why)
                    .help(format!("remove `{field}`; if the pod cannot do without, keep it in a namespace of its own"))
                    .suggest(format!("remove `{field}: true`"));
            }
        }
    }
}
