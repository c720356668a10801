//! `run-as-root-user`: see `rules/run-as-root-user.md`.

use serde::Deserialize;

use super::security::{PolicyVersion, exempt_by_user_namespace, owner, report, since};
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
        for setting in workload.security_settings(FIELD) {
            if setting.node.as_i64() == Some(0) {
                let message = format!("{} is told to run as user 0", owner(setting.container));
                report(sink, (workload, FIELD), &setting, (&setting.node, &message), |draft| {
                    draft.help("name a user above 0 that can read the image's files, or drop the field and let the image choose");
                });
            }
        }
    }
}
