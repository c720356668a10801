//! `unsafe-sysctl`: see `rules/unsafe-sysctl.md`.

use serde::Deserialize;

use super::security::{PolicyVersion, is_placeholder, since};
use crate::rule::{PodCx, Rule, Sink};
use crate::yaml::Node;

/// The safe sysctls, with the minor version that made them so.
const SAFE: [(&str, u32); 14] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_notsent_lowat", 37),
];

/// Reports sysctls that the kubelet refuses unless it is told otherwise.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnsafeSysctl {
    /// Sysctls that the nodes allow, as the kubelet's `allowedUnsafeSysctls`: names, or prefixes that end with `*`. No effect
    /// if `strict`.
    pub allow: Vec<String>,
    /// Judge exactly as the Pod Security Standards do.
    pub strict: bool,
    /// The version of the standards; by default the target.
    pub version: Option<PolicyVersion>,
}

impl Rule for UnsafeSysctl {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let sysctls = cx.workload.own_security("sysctls");
        for node in sysctls.iter().flat_map(Node::items).filter_map(|s| s.get("name")) {
            let Some(text) = node.as_str().filter(|_| !is_placeholder(&node)) else { continue };
            // The kubelet takes both separators; the standards compare the text.
            let name = if self.strict { text.to_string() } else { text.replace('/', ".") };
            let since_when = SAFE.iter().find(|(safe, _)| *safe == name).map(|(_, minor)| *minor);
            if since_when.is_some_and(|minor| since(self.version, cx.env, minor)) || self.allows(&name) {
                continue;
            }
            let mut draft = sink.at(&node, format!("sysctl `{text}` is not in the safe set"));
            draft.label("the kubelet refuses the pod unless it allows this name").entry(&node);
            match since_when {
                Some(minor) => draft.help(format!("it is safe from Kubernetes 1.{minor} on")),
                None => draft.help("set it for the node, or list it in the kubelet's `allowedUnsafeSysctls` and in `allow` of this rule"),
            };
        }
    }
}

impl UnsafeSysctl {
    fn allows(&self, name: &str) -> bool {
        let fits = |allowed: &String| match allowed.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => allowed == name,
        };
        !self.strict && self.allow.iter().any(fits)
    }
}
