//! `missing-seccomp-profile`: see `rules/missing-seccomp-profile.md`.

use serde::Deserialize;

use super::security::{PolicyVersion, exempt_on_windows, is_placeholder, owner, report, since};
use crate::finding::Safety;
use crate::k8s::Container;
use crate::rule::{PodCx, Rule, Sink, edit};

const FIELD: &str = "seccompProfile";

/// Reports containers that no seccomp profile confines.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingSeccompProfile {
    /// Judge exactly as the Pod Security Standards do.
    pub strict: bool,
    /// The version of the standards; by default the target.
    pub version: Option<PolicyVersion>,
}

impl Rule for MissingSeccompProfile {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let PodCx { workload, env } = *cx;
        if !since(self.version, env, 19) || exempt_on_windows(workload, self.strict, self.version, env) {
            return;
        }
        for setting in workload.security_settings(FIELD) {
            let Some(kind) = setting.node.get("type").filter(|n| !is_placeholder(n)) else { continue };
            let Some(text) = kind.as_str().filter(|t| !matches!(&**t, "RuntimeDefault" | "Localhost")) else {
                continue;
            };
            let message = format!("seccomp profile `{text}` does not confine {}", owner(setting.container));
            report(sink, (workload, FIELD), &setting, (&kind, &message), |draft| {
                draft.help("use `RuntimeDefault`").offer(
                    Safety::Unsafe,
                    "use `RuntimeDefault`",
                    edit::replace(&kind, "RuntimeDefault"),
                );
            });
        }
        if workload.own_security(FIELD).is_some() {
            return;
        }
        let bare = workload.inheriting(FIELD);
        let Some(message) = message(&bare, workload.containers.len()) else { return };
        for container in bare {
            sink.on(&workload.object, Some(container));
            sink.at(&workload.spec_key, message.as_str())
                .related(&container.anchor(), "runs without a profile")
                .help("set `seccompProfile: {type: RuntimeDefault}` in the pod's `securityContext`")
                .offer(
                    Safety::Unsafe,
                    "set `seccompProfile: {type: RuntimeDefault}` for the pod",
                    edit::set(&workload.spec, &["securityContext", FIELD, "type"], "RuntimeDefault"),
                );
        }
    }
}

fn message(bare: &[&Container<'_>], all: usize) -> Option<String> {
    Some(match bare {
        [] => return None,
        [one] => format!("no seccomp profile applies to {}", one.title()),
        every if every.len() == all => "no seccomp profile applies to the pod".to_string(),
        some => {
            let names: Vec<String> = some.iter().map(|c| format!("`{}`", c.name())).collect();
            format!("no seccomp profile applies to containers {}", names.join(", "))
        }
    })
}
