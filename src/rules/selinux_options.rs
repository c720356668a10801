//! `selinux-options`: see `rules/selinux-options.md`.

use serde::Deserialize;

use super::security::{PolicyVersion, is_placeholder, report, since};
use crate::rule::{PodCx, Rule, Sink};

const FIELD: &str = "seLinuxOptions";

/// Reports SELinux options that leave the domain of containers.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct SelinuxOptions {
    /// The version of the Pod Security Standards; by default the target.
    pub version: Option<PolicyVersion>,
}

impl Rule for SelinuxOptions {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let with_engine = since(self.version, cx.env, 31);
        for setting in cx.workload.security_settings(FIELD) {
            for field in ["type", "user", "role"] {
                let Some(node) = setting.node.get(field).filter(|n| !is_placeholder(n)) else { continue };
                let Some(text) = node.as_str().filter(|t| !t.is_empty()) else { continue };
                let allowed = field == "type"
                    && match &*text {
                        "container_t" | "container_init_t" | "container_kvm_t" => true,
                        "container_engine_t" => with_engine,
                        _ => false,
                    };
                if !allowed {
                    let message = format!("SELinux {field} `{text}` is outside the container domain");
                    report(sink, (cx.workload, FIELD), &setting, (&node, &message), |draft| {
                        draft.help(format!("remove `{field}`; use `level` to share files between pods"));
                    });
                }
            }
        }
    }
}
