//! `low-user-id`: see `rules/low-user-id.md`.

use serde::Deserialize;

use super::storage::has_claim;
use crate::rule::{ContainerCx, Draft, Rule, Sink, removal};
use crate::yaml::Node;

/// Reports containers whose user or group may be somebody on the node.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct LowUserId {
    /// The lowest number that is high enough.
    pub min: i64,
    /// Also report containers that set none.
    pub require: bool,
}

impl Default for LowUserId {
    fn default() -> Self {
        Self { min: 10_000, require: false }
    }
}

impl Rule for LowUserId {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let workload = cx.workload;
        if workload.runs_on_windows() || workload.has_user_namespace() {
            return;
        }
        let user = self.number(cx, "runAsUser", "user", sink);
        let group = self.number(cx, "runAsGroup", "group", sink);
        match (user, group) {
            // Set side by side, both are mended by one edit.
            (Some(user), Some(group)) if user.inherited == group.inherited && same_file(&user.node, &group.node) => {
                let message = format!("{} {} and group {}", runs_with(cx, &user), user.number, group.number);
                self.report(cx, sink, &user, message).related(&group.node, "and its group");
            }
            both => {
                for set in [both.0, both.1].into_iter().flatten() {
                    let message = format!("{} {}", runs_with(cx, &set), set.number);
                    self.report(cx, sink, &set, message);
                }
            }
        }
    }
}

/// A number that is too low.
struct Low<'s> {
    what: &'static str,
    number: i64,
    node: Node<'s>,
    /// True if the pod sets it.
    inherited: bool,
}

impl LowUserId {
    /// The number that holds for the container, if it is too low; reports that there is none, where it is asked for.
    fn number<'a, 's>(
        &self,
        cx: &ContainerCx<'a, 's>,
        field: &'static str,
        what: &'static str,
        sink: &mut Sink<'a, 's>,
    ) -> Option<Low<'s>> {
        let ContainerCx { workload, container, .. } = *cx;
        let Some(node) = workload.effective_security(container, field) else {
            if self.require {
                let serves = |n: &Node<'s>| n.as_i64().is_some_and(|number| number >= self.min);
                let of = |holder| removal(holder, &["securityContext", field], serves);
                let removal = of(&container.node).or_else(|| of(&workload.spec));
                sink.missing(&container.anchor(), removal, format!("{} sets no {what}", container.title()))
                    .help(format!("set `{field}` to {} or above", self.min));
            }
            return None;
        };
        // User 0 is `run-as-root-user`'s.
        let lowest = i64::from(what == "user");
        let number = node.as_i64().filter(|n| (lowest..self.min).contains(n))?;
        Some(Low { what, number, node, inherited: container.own_security(field).is_none() })
    }

    fn report<'d, 'a, 's>(
        &self,
        cx: &ContainerCx<'a, 's>,
        sink: &'d mut Sink<'a, 's>,
        low: &Low<'s>,
        message: String,
    ) -> Draft<'d, 's> {
        let mut draft = sink.at(&low.node, message);
        draft.label(format!("the node may know somebody else as {} {}", low.what, low.number)).help(
            if has_claim(cx.workload) {
                format!("{} or above is safer; give the data on the claim to it first (`fsGroup`, or a change of its owner)", self.min)
            } else {
                format!("use {} or above, and give the image's files to it", self.min)
            },
        );
        if low.inherited {
            draft.related(&cx.container.anchor(), "inherits it");
        }
        draft
    }
}

/// The beginning of the message: a value of the pod holds for all its containers, named if there is one.
fn runs_with(cx: &ContainerCx<'_, '_>, low: &Low<'_>) -> String {
    match low.inherited && cx.workload.containers.len() > 1 {
        true => format!("containers run with {}", low.what),
        false => format!("{} runs with {}", cx.container.title(), low.what),
    }
}

fn same_file(a: &Node<'_>, b: &Node<'_>) -> bool {
    let file = |node: &Node<'_>| node.span().map(|s| std::ptr::from_ref(s.source));
    file(a).is_some() && file(a) == file(b)
}
