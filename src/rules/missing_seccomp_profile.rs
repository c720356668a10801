//! `missing-seccomp-profile`: see `rules/missing-seccomp-profile.md`.

use serde::Deserialize;

use super::security::{PolicyVersion, exempt_on_windows, is_placeholder, owner, report, since};
use crate::finding::Safety;
use crate::k8s::Container;
use crate::rule::{PodCx, Rule, Sink, edit, removal};
use crate::source::Span;
use crate::yaml::Node;

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
        let pods = removed(&workload.spec);
        let own = |c: &&Container<'s>| pods.is_none() && removed(&c.node).is_some();
        let (patched, bare): (Vec<_>, Vec<_>) = workload.inheriting(FIELD).into_iter().partition(own);
        let each = patched.iter().filter_map(|c| Some((*c, c.anchor(), removed(&c.node), message(&[c], 0)?)));
        let message = message(&bare, workload.containers.len());
        let rest = bare.iter().filter_map(|c| Some((*c, workload.spec_key.clone(), pods, message.clone()?)));
        for (container, anchor, removal, message) in each.chain(rest) {
            sink.on(&workload.object, Some(container));
            sink.missing(&anchor, removal, message)
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

/// The patch that took a profile out of a pod or container.
fn removed<'s>(holder: &Node<'s>) -> Option<Span<'s>> {
    let confines = |kind: &Node<'s>| kind.has_text("RuntimeDefault") || kind.has_text("Localhost");
    removal(holder, &["securityContext", FIELD, "type"], confines)
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
