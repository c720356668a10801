//! `added-capability`: see `rules/added-capability.md`.

use serde::Deserialize;

use super::security::{DEFAULT_CAPABILITIES, PolicyVersion, exempt_on_windows, help_for, is_placeholder, since};
use crate::rule::{ContainerCx, Rule, Sink};

const NET_BIND_SERVICE: &str = "NET_BIND_SERVICE";

/// Reports every added capability that is not allowed.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct AddedCapability {
    /// Capabilities that may be added. No effect if `strict`.
    pub allowed: Vec<String>,
    /// Judge exactly as the Pod Security Standards do.
    pub strict: bool,
    /// The version of the standards; by default the target.
    pub version: Option<PolicyVersion>,
}

impl Default for AddedCapability {
    fn default() -> Self {
        Self { allowed: vec![NET_BIND_SERVICE.to_string()], strict: false, version: None }
    }
}

impl Rule for AddedCapability {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let ContainerCx { workload, container, env } = *cx;
        if !since(self.version, env, 22) || exempt_on_windows(workload, self.strict, self.version, env) {
            return;
        }
        let dropped = container.capabilities("drop");
        // Adding what the runtime gives anyway changes nothing: that it is kept is what `capabilities-not-dropped` asks about.
        let given = |name: &str| {
            let drops = |(_, d): &(_, std::borrow::Cow<'_, str>)| d == name || d.eq_ignore_ascii_case("ALL");
            !self.strict && DEFAULT_CAPABILITIES.contains(&name) && !dropped.iter().any(drops)
        };
        for (node, capability) in container.capabilities("add") {
            let allowed = match self.strict {
                true => capability == NET_BIND_SERVICE,
                false => self.allowed.iter().any(|a| *a == capability),
            };
            if !allowed && !given(&capability) && !is_placeholder(&node) {
                sink.at(&node, format!("{} adds capability {capability}", container.title()))
                    .help(help_for(
                        workload,
                        "remove it; few programs need more than `NET_BIND_SERVICE`, to listen on ports below 1024",
                    ))
                    .suggest(format!("remove `{capability}`"))
                    .entry(&node);
            }
        }
    }
}
