//! `privilege-escalation`: see `rules/privilege-escalation.md`.

use serde::Deserialize;

use super::security::{PolicyVersion, exempt_on_windows, since};
use crate::finding::Safety;
use crate::rule::{ContainerCx, Rule, Sink, edit, removal};

const FIELD: &str = "allowPrivilegeEscalation";

/// Reports containers whose processes may gain more privileges than their parent.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct PrivilegeEscalation {
    /// Judge exactly as the Pod Security Standards do.
    pub strict: bool,
    /// The version of the standards; by default the target.
    pub version: Option<PolicyVersion>,
}

impl Rule for PrivilegeEscalation {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let ContainerCx { workload, container, env } = *cx;
        if !since(self.version, env, 8) || exempt_on_windows(workload, self.strict, self.version, env) {
            return;
        }
        let own = container.own_security(FIELD);
        let why = match own.as_ref().map(|n| n.as_bool()) {
            Some(Some(true)) => "this allows it",
            None => "`allowPrivilegeEscalation` is unset, which allows it",
            // A value that is no boolean is another rule's.
            Some(_) => return,
        };
        let at = own.unwrap_or_else(|| container.anchor());
        // The API refuses `false` beside either of them.
        let needs_it =
            container.is_privileged() || container.capabilities("add").iter().any(|(_, c)| c.ends_with("SYS_ADMIN"));
        let edit = || edit::set(&container.node, &["securityContext", FIELD], "false");
        let removal = removal(&container.node, &["securityContext", FIELD], |n| n.as_bool() == Some(false));
        sink.missing(&at, removal, format!("processes of {} may gain privileges", container.title()))
            .label(why)
            .help(if needs_it {
                "the API takes `allowPrivilegeEscalation: false` only without `privileged` and SYS_ADMIN: do without them first"
            } else {
                "set `allowPrivilegeEscalation: false` in the container's `securityContext`"
            })
            .offer(Safety::Unsafe, "set `allowPrivilegeEscalation: false`", if needs_it { None } else { edit() });
    }
}
