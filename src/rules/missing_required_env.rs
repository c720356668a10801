//! `missing-required-env`: see `rules/missing-required-env.md`.

use serde::Deserialize;

use super::config::imported;
use super::globs::{Globs, one};
use crate::rule::{BuildCx, Rule, Sink, removal};
use crate::yaml::Node;

/// Reports containers without a variable that the configuration asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingRequiredEnv {
    /// Which containers need which variables.
    pub required: Vec<Required>,
}

/// Containers, and the variables that they need. Patterns that are not given fit all.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct Required {
    /// Pattern of kinds.
    #[serde(deserialize_with = "one")]
    pub kind: Option<Globs>,
    /// Pattern of names of objects.
    #[serde(deserialize_with = "one")]
    pub name: Option<Globs>,
    /// Pattern of names of containers.
    #[serde(deserialize_with = "one")]
    pub container: Option<Globs>,
    /// The variables.
    pub names: Vec<String>,
}

impl Rule for MissingRequiredEnv {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for workload in &cx.scope.workloads {
            let object = workload.object.name().unwrap_or_default();
            for container in workload.containers.iter().filter(|c| c.class.runs_with_pod()) {
                let fits = |globs: &Option<Globs>, text: &str| globs.as_ref().is_none_or(|g| g.matches(text));
                let asked = self.required.iter().filter(|r| {
                    fits(&r.kind, workload.object.kind())
                        && fits(&r.name, &object)
                        && fits(&r.container, &container.name())
                });
                let imported = imported(cx, workload, container);
                if !imported.complete {
                    continue;
                }
                let env: Vec<Node<'s>> = container.get("env").iter().flat_map(Node::items).collect();
                for name in asked.flat_map(|r| &r.names) {
                    let set = env.iter().any(|e| e.get("name").is_some_and(|n| n.has_text(name)));
                    if !set && !imported.known.contains(name) {
                        sink.on(&workload.object, Some(container));
                        let sets = |list: &Node<'s>| {
                            list.items().any(|entry| entry.get("name").is_some_and(|n| n.has_text(name)))
                        };
                        let removal = removal(&container.node, &["env"], sets);
                        let message = format!("`{}` does not set `{name}`", container.name());
                        sink.missing(&container.anchor(), removal, message)
                            .help("the configuration asks for this variable in `required`");
                    }
                }
            }
        }
    }
}
