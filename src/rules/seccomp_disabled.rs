//! `seccomp-disabled`: see `rules/seccomp-disabled.md`.

use serde::Deserialize;

use super::security::{PolicyVersion, is_placeholder, report, since};
use crate::finding::Safety;
use crate::k8s::{Container, Workload};
use crate::rule::{PodCx, Rule, Sink, edit};

const FIELD: &str = "seccompProfile";
/// What took the place of the field before Kubernetes 1.19.
const POD_ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";
const CONTAINER_ANNOTATION: &str = "container.seccomp.security.alpha.kubernetes.io/";

/// Reports seccomp profiles that filter nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct SeccompDisabled {
    /// Judge exactly as the Pod Security Standards do.
    pub strict: bool,
    /// The version of the standards; by default the target.
    pub version: Option<PolicyVersion>,
}

impl Rule for SeccompDisabled {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if self.strict && !since(self.version, cx.env, 19) {
            annotations(cx.workload, sink);
        } else {
            fields(cx.workload, sink);
        }
    }
}

fn fields<'a, 's>(workload: &'a Workload<'s>, sink: &mut Sink<'a, 's>) {
    for setting in workload.security_settings(FIELD) {
        let Some(kind) = setting.node.get("type").filter(|n| !is_placeholder(n)) else { continue };
        let Some(text) = kind.as_str().filter(|t| !matches!(&**t, "RuntimeDefault" | "Localhost")) else { continue };
        let message = format!("seccomp is switched off by `{text}`");
        report(sink, (workload, FIELD), &setting, (&kind, &message), |draft| {
            draft.label("no system call is filtered").help("use `RuntimeDefault`, or a profile of your own").offer(
                Safety::Unsafe,
                "use `RuntimeDefault`",
                edit::replace(&kind, "RuntimeDefault"),
            );
        });
    }
}

fn annotations<'a, 's>(workload: &'a Workload<'s>, sink: &mut Sink<'a, 's>) {
    let annotations = workload.metadata.as_ref().and_then(|m| m.get("annotations"));
    let mut report = |key: &str, container: Option<&'a Container<'s>>| {
        let Some(value) = annotations.as_ref().and_then(|a| a.get(key)) else { return };
        let Some(text) = value.as_str().filter(|_| !is_placeholder(&value)) else { return };
        if matches!(&*text, "runtime/default" | "docker/default") || text.starts_with("localhost/") {
            return;
        }
        sink.on(&workload.object, container);
        sink.at(&value, format!("seccomp is switched off by `{text}`"))
            .label("no system call is filtered")
            .help("use `runtime/default`, or a profile of your own")
            .offer(Safety::Unsafe, "use `runtime/default`", edit::replace(&value, "runtime/default"));
    };
    report(POD_ANNOTATION, None);
    for container in &workload.containers {
        report(&format!("{CONTAINER_ANNOTATION}{}", container.name()), Some(container));
    }
}
