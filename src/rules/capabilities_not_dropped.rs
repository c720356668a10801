//! `capabilities-not-dropped`: see `rules/capabilities-not-dropped.md`.

use serde::Deserialize;

use super::security::{PolicyVersion, exempt_on_windows, is_placeholder, since};
use crate::finding::Safety;
use crate::rule::{ContainerCx, Rule, Sink, edit, removal};
use crate::yaml::Node;

const ALL: &str = "ALL";

/// Reports containers that keep capabilities which they must drop.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct CapabilitiesNotDropped {
    /// Capabilities that must be dropped; `ALL` in a container drops each of them. No effect if `strict`.
    pub required: Vec<String>,
    /// Judge exactly as the Pod Security Standards do.
    pub strict: bool,
    /// The version of the standards; by default the target.
    pub version: Option<PolicyVersion>,
}

impl Default for CapabilitiesNotDropped {
    fn default() -> Self {
        Self { required: vec![ALL.to_string()], strict: false, version: None }
    }
}

impl Rule for CapabilitiesNotDropped {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let ContainerCx { workload, container, env } = *cx;
        if !since(self.version, env, 22) || exempt_on_windows(workload, self.strict, self.version, env) {
            return;
        }
        let dropped = container.capabilities("drop");
        let drops = |name: &str| dropped.iter().any(|(_, d)| d == name);
        let unknown = dropped.iter().any(|(node, _)| is_placeholder(node));
        if drops(ALL) || unknown {
            return;
        }
        if let Some((node, text)) = dropped.iter().find(|(_, d)| d.eq_ignore_ascii_case(ALL)) {
            sink.at(node, format!("{} drops `{text}`, which is not `ALL`", container.title()))
                .label("upper and lower case matter to admission checks")
                .offer(Safety::Safe, "write `ALL`", edit::replace(node, ALL));
            return;
        }
        let message = if self.strict || self.required.iter().any(|r| r == ALL) {
            format!("{} keeps the default capabilities", container.title())
        } else {
            let kept: Vec<&str> = self.required.iter().map(String::as_str).filter(|r| !drops(r)).collect();
            if kept.is_empty() {
                return;
            }
            format!("{} keeps {}", container.title(), kept.join(", "))
        };
        let edit = match container.own_security("capabilities").and_then(|c| c.get("drop")) {
            Some(list) if list.is_seq() => edit::prepend(&list, ALL),
            _ => edit::set(&container.node, &["securityContext", "capabilities", "drop"], "[ALL]"),
        };
        let all = |list: &Node<'s>| list.items().any(|item| item.has_text(ALL));
        let removal = removal(&container.node, &["securityContext", "capabilities", "drop"], all);
        sink.missing(&container.anchor(), removal, message)
            .help("drop `ALL` in the container's `securityContext.capabilities`, and add back what it needs")
            .offer(Safety::Unsafe, "drop `ALL` capabilities", edit);
    }
}
