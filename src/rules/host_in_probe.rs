//! `host-in-probe`: see `rules/host-in-probe.md`.

use serde::Deserialize;

use super::security::{PolicyVersion, is_placeholder, since};
use crate::finding::Safety;
use crate::rule::{ContainerCx, Rule, Sink, edit};

/// Where a handler can be, and how messages call it.
const HANDLERS: [(&[&str], &str); 5] = [
    (&["readinessProbe"], "readiness probe"),
    (&["livenessProbe"], "liveness probe"),
    (&["startupProbe"], "startup probe"),
    (&["lifecycle", "postStart"], "postStart hook"),
    (&["lifecycle", "preStop"], "preStop hook"),
];

/// Reports probes and hooks that name a host.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct HostInProbe {
    /// Judge exactly as the Pod Security Standards do.
    pub strict: bool,
    /// The version of the standards; by default the target.
    pub version: Option<PolicyVersion>,
}

impl Rule for HostInProbe {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let ContainerCx { workload, container, env } = *cx;
        if self.strict && !since(self.version, env, 34) {
            return;
        }
        for (path, what) in HANDLERS {
            for action in ["httpGet", "tcpSocket"] {
                let path: Vec<&str> = path.iter().copied().chain([action]).collect();
                let Some(handler) = container.node.path(&path) else { continue };
                let Some(node) = handler.get("host").filter(|n| !is_placeholder(n)) else { continue };
                let Some(host) = node.as_str().filter(|h| !h.is_empty()) else { continue };
                // On the node's network, the node's loopback is the pod's.
                if !self.strict && workload.host_network() && matches!(&*host, "localhost" | "127.0.0.1" | "::1") {
                    continue;
                }
                let mut draft =
                    sink.at(&node, format!("{what} of {} goes to host `{host}`, not to the pod", container.title()));
                draft
                    .label("the kubelet asks this host")
                    .help("remove `host`; for virtual hosts, send a `Host` header");
                if handler.len() > 1 {
                    draft.offer(Safety::Unsafe, "remove `host`", edit::remove(&handler, &["host"]));
                }
            }
        }
    }
}
