//! `low-user-id`: see `rules/low-user-id.md`.

use serde::Deserialize;

use crate::rule::{ContainerCx, Rule, Sink, removal};
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
        let ContainerCx { workload, container, .. } = *cx;
        if workload.runs_on_windows() || workload.has_user_namespace() {
            return;
        }
        for (field, what) in [("runAsUser", "user"), ("runAsGroup", "group")] {
            let Some(node) = workload.effective_security(container, field) else {
                if self.require {
                    let serves = |n: &Node<'s>| n.as_i64().is_some_and(|number| number >= self.min);
                    let of = |holder| removal(holder, &["securityContext", field], serves);
                    let removal = of(&container.node).or_else(|| of(&workload.spec));
                    sink.missing(&container.anchor(), removal, format!("{} sets no {what}", container.title()))
                        .help(format!("set `{field}` to {} or above", self.min));
                }
                continue;
            };
            // User 0 is `run-as-root-user`'s.
            let lowest = i64::from(what == "user");
            let Some(number) = node.as_i64().filter(|n| (lowest..self.min).contains(n)) else { continue };
            let inherited = container.own_security(field).is_none();
            let message = match inherited {
                true => format!("containers run with {what} {number}"),
                false => format!("{} runs with {what} {number}", container.title()),
            };
            let mut draft = sink.at(&node, message);
            draft
                .label(format!("the node may know somebody else as {what} {number}"))
                .help(format!("use {} or above", self.min));
            if inherited {
                draft.related(&container.anchor(), "inherits it");
            }
        }
    }
}
