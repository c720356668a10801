//! `dangerous-capability`: see `rules/dangerous-capability.md`.

use serde::Deserialize;

use super::security::{DEFAULT_CAPABILITIES, help_for, is_placeholder};
use crate::rule::{ContainerCx, Rule, Sink};

/// Reports added capabilities beyond the baseline of the Pod Security Standards.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DangerousCapability {}

impl Rule for DangerousCapability {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for (node, capability) in cx.container.capabilities("add") {
            if DEFAULT_CAPABILITIES.contains(&&*capability) || is_placeholder(&node) {
                continue;
            }
            sink.at(&node, format!("{} adds capability {capability}", cx.container.title()))
                .label(what_it_gives(&capability))
                .help(match NARROW.iter().find(|(name, _)| *name == capability) {
                    Some((_, task)) => format!("no other gives less: if the program {task}, suppress the finding with a reason; if not, remove it"),
                    None => help_for(cx.workload, "remove it, or find a capability that gives less"),
                })
                .suggest(format!("remove `{capability}`"))
                .entry(&node);
        }
    }
}

/// Capabilities that are the least for their task.
const NARROW: [(&str, &str); 4] = [
    ("BPF", "loads BPF programs"),
    ("IPC_LOCK", "locks memory"),
    ("PERFMON", "measures the kernel"),
    ("SYS_TIME", "sets the clock"),
];

fn what_it_gives(capability: &str) -> &'static str {
    match capability {
        "ALL" | "SYS_ADMIN" => "this is close to root on the node",
        "SYS_MODULE" => "it can load code into the kernel",
        "SYS_PTRACE" => "it can read and steer other processes",
        "SYS_RAWIO" => "it can write to the hardware",
        "BPF" | "PERFMON" => "it can watch the kernel",
        "NET_ADMIN" => "it can change routes and filters",
        "NET_RAW" => "it can forge packets",
        "DAC_READ_SEARCH" => "it can read every file",
        "SYS_TIME" => "it can set the node's clock",
        "SYS_BOOT" => "it can restart the node",
        name if name.starts_with("CAP_") => "Kubernetes names capabilities without `CAP_`",
        _ => "it is beyond the Pod Security baseline",
    }
}
