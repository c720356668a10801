//! `unmasked-proc-mount`: see `rules/unmasked-proc-mount.md`.

use serde::Deserialize;

use super::security::{PolicyVersion, is_placeholder, since};
use crate::finding::Safety;
use crate::rule::{ContainerCx, Rule, Sink, edit};

const FIELD: &str = "procMount";

/// Reports containers that see all of `/proc`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnmaskedProcMount {
    /// Accept it in a pod with a user namespace of its own, from version 1.35 on.
    pub accept_user_namespace: bool,
    /// The version of the Pod Security Standards; by default the target.
    pub version: Option<PolicyVersion>,
}

impl Default for UnmaskedProcMount {
    fn default() -> Self {
        Self { accept_user_namespace: true, version: None }
    }
}

impl Rule for UnmaskedProcMount {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let ContainerCx { workload, container, env } = *cx;
        if self.accept_user_namespace && workload.has_user_namespace() && since(self.version, env, 35) {
            return;
        }
        let Some(node) = container.own_security(FIELD).filter(|n| !n.has_text("Default")) else { return };
        if node.is_scalar() && !is_placeholder(&node) {
            sink.at(&node, format!("{} sees an unmasked /proc", container.title()))
                .label("it can read and write settings of the kernel")
                .help("remove `procMount`")
                .offer(
                    Safety::Unsafe,
                    "remove `procMount`",
                    edit::remove(&container.node, &["securityContext", FIELD]),
                );
        }
    }
}
