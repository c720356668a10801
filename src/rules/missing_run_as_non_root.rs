//! `missing-run-as-non-root`: see `rules/missing-run-as-non-root.md`.

use serde::Deserialize;

use super::security::{PolicyVersion, exempt_by_user_namespace};
use crate::finding::Safety;
use crate::rule::{ContainerCx, Rule, Sink, edit, removal};
use crate::source::Span;
use crate::yaml::Node;

const FIELD: &str = "runAsNonRoot";

/// Reports containers that nothing keeps from running as root.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingRunAsNonRoot {
    /// Accept a container whose effective `runAsUser` is a number above 0, without `runAsNonRoot`.
    pub accept_nonzero_uid: bool,
    /// Judge exactly as the Pod Security Standards do.
    pub strict: bool,
    /// The version of the standards; by default the target.
    pub version: Option<PolicyVersion>,
}

impl Default for MissingRunAsNonRoot {
    fn default() -> Self {
        Self { accept_nonzero_uid: true, strict: false, version: None }
    }
}

impl Rule for MissingRunAsNonRoot {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let ContainerCx { workload, container, env } = *cx;
        if exempt_by_user_namespace(workload, self.strict, self.version, env) || self.has_other_user(cx) {
            return;
        }
        let own = container.own_security(FIELD);
        let pod = workload.own_security(FIELD);
        if let Some(pod) = pod.as_ref().filter(|n| n.as_bool() == Some(false) && (self.strict || own.is_none())) {
            sink.at(pod, "containers may run as root: the pod sets `runAsNonRoot: false`")
                .related(&container.anchor(), "inherits it")
                .help("set `runAsNonRoot: true`, with a `runAsUser` above 0 or an image built for an ordinary user")
                .offer(Safety::Unsafe, "set `runAsNonRoot: true`", edit::replace(pod, "true"));
        }
        if let Some(own) = own.as_ref().filter(|n| n.as_bool() == Some(false)) {
            let name = container.title();
            sink.at(own, format!("{name} may run as root: it sets `runAsNonRoot: false`"))
                .help("set `runAsNonRoot: true`, with a `runAsUser` above 0 or an image built for an ordinary user")
                .offer(Safety::Unsafe, "set `runAsNonRoot: true`", edit::replace(own, "true"));
        }
        if own.is_none() && pod.is_none() {
            sink.missing(&container.anchor(), self.removal(cx), format!("{} may run as root", container.title()))
                .label("nothing keeps it from running as user 0")
                .help("set `runAsNonRoot: true` in the pod's `securityContext`, with a `runAsUser` above 0 or an image built for an ordinary user")
                .offer(
                    Safety::Unsafe,
                    "set `runAsNonRoot: true` for the pod",
                    edit::set(&workload.spec, &["securityContext", FIELD], "true"),
                );
        }
    }
}

impl MissingRunAsNonRoot {
    /// The patch that took out what kept the container from running as root.
    fn removal<'s>(&self, cx: &ContainerCx<'_, 's>) -> Option<Span<'s>> {
        let holders = [&cx.container.node, &cx.workload.spec];
        let of = |field: &str, serves: fn(&Node<'s>) -> bool| {
            holders.iter().find_map(|h| removal(h, &["securityContext", field], serves))
        };
        let user = || of("runAsUser", |n| n.as_i64().is_some_and(|uid| uid > 0));
        let by_user = self.accept_nonzero_uid && !self.strict;
        of(FIELD, |n| n.as_bool() == Some(true)).or_else(|| if by_user { user() } else { None })
    }

    /// True if the container is given a user that is not root, or one that cannot be read.
    fn has_other_user(&self, cx: &ContainerCx<'_, '_>) -> bool {
        if self.strict || !self.accept_nonzero_uid {
            return false;
        }
        let user = cx.workload.effective_security(cx.container, "runAsUser");
        user.is_some_and(|n| n.as_i64().is_none_or(|uid| uid > 0))
    }
}
