//! `privileged-container`: see `rules/privileged-container.md`.

use serde::Deserialize;

use super::security::{help_for, volumes};
use crate::rule::{ContainerCx, Rule, Sink};
use crate::yaml::Node;

/// Reports `privileged: true`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct PrivilegedContainer {}

impl Rule for PrivilegedContainer {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(value) = cx.container.own_security("privileged") else { return };
        if value.as_bool() == Some(true) {
            sink.at(&value, format!("{} is privileged", cx.container.title()))
                .label("root in it is root on the node")
                .help(if works_on_node(cx) {
                    "if its task is to change the node, suppress the finding with a reason; if not, remove `privileged`"
                        .to_string()
                } else {
                    help_for(
                        cx.workload,
                        "remove `privileged`; add the one capability or mount the one device that it needs",
                    )
                })
                .suggest("remove `privileged: true`");
        }
    }
}

/// True if the container enters the node: by `chroot` or `nsenter`, or by its root directory.
fn works_on_node(cx: &ContainerCx<'_, '_>) -> bool {
    let enters = |field: &str| {
        let words = cx.container.get(field);
        words
            .iter()
            .flat_map(Node::items)
            .filter_map(|w| w.text())
            .any(|w| w.contains("chroot ") || w.contains("nsenter") || w == "chroot")
    };
    let root = |volume: &Node<'_>| volume.path(&["hostPath", "path"]).is_some_and(|p| p.has_text("/"));
    ["command", "args"].into_iter().any(enters) || volumes(cx.workload).iter().any(root)
}
