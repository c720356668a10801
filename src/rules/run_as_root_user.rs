//! `run-as-root-user`: see `rules/run-as-root-user.md`.

use serde::Deserialize;

use super::security::{PolicyVersion, exempt_by_user_namespace, help_for, owner, report, since};
use crate::rule::{PodCx, Rule, Sink};

const FIELD: &str = "runAsUser";

/// Reports `runAsUser: 0`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RunAsRootUser {
    /// Judge exactly as the Pod Security Standards do.
    pub strict: bool,
    /// The version of the standards; by default the target.
    pub version: Option<PolicyVersion>,
}

impl Rule for RunAsRootUser {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let PodCx { workload, env } = *cx;
        if !since(self.version, env, 23) || exempt_by_user_namespace(workload, self.strict, self.version, env) {
            return;
        }
        let mut roots = workload.security_settings(FIELD);
        roots.retain(|setting| setting.node.as_i64() == Some(0));
        let pod = roots.iter().find(|s| s.container.is_none()).map(|s| s.node.clone());
        // What the pod says and no container inherits is said of those that repeat it.
        if workload.inheriting(FIELD).is_empty() && roots.iter().any(|s| s.container.is_some()) {
            roots.retain(|s| s.container.is_some());
        }
        for setting in roots {
            let message = format!("{} is told to run as user 0", owner(setting.container));
            let twice = pod.as_ref().filter(|_| setting.container.is_some());
            let usual = match twice {
                Some(_) => {
                    "name a user above 0 that can read the image's files, or drop the field in both places and let the image choose"
                }
                None => {
                    "name a user above 0 that can read the image's files, or drop the field and let the image choose"
                }
            };
            report(sink, (workload, FIELD), &setting, (&setting.node, &message), |draft| {
                draft.help(help_for(workload, usual));
                if let Some(pod) = twice {
                    draft.related(pod, "the pod says it too");
                }
            });
        }
    }
}
