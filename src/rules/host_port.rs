//! `host-port`: see `rules/host-port.md`.

use serde::Deserialize;

use crate::rule::{ContainerCx, Rule, Sink};
use crate::yaml::Node;

/// Reports `hostPort`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct HostPort {
    /// Ports of the node that may be taken. No effect if `strict`.
    pub allow: Vec<u16>,
    /// Judge exactly as the Pod Security Standards do.
    pub strict: bool,
}

impl Rule for HostPort {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if !self.strict && cx.workload.host_network() {
            return;
        }
        for port in cx.container.get("ports").iter().flat_map(Node::items) {
            let Some(node) = port.get("hostPort") else { continue };
            let Some(number) = node.as_i64().filter(|n| *n != 0) else { continue };
            if !self.strict && self.allow.iter().any(|a| i64::from(*a) == number) {
                continue;
            }
            sink.at(&node, format!("{} takes port {number} of the node", cx.container.title()))
                .label("one pod per node, past every NetworkPolicy")
                .help("remove `hostPort`, and reach the pod through a Service")
                .suggest("remove `hostPort`")
                .entry(&node);
        }
    }
}
