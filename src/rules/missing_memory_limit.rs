//! `missing-memory-limit`: see `rules/missing-memory-limit.md`.

use serde::Deserialize;

use super::resource;
use crate::k8s::Class;
use crate::rule::{BuildCx, Rule, Sink};

/// Reports containers that may use all memory of their node.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingMemoryLimit {}

impl Rule for MissingMemoryLimit {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        resource::missing_limit(cx, sink, "memory", |c| c.class != Class::Ephemeral, &|sink, workload, container| {
            let removal = resource::removed(workload, container, &["limits"], "memory");
            sink.missing(&container.anchor(), removal, format!("container `{}` has no memory limit", container.name()))
                .label("no `resources.limits.memory`")
                .help("write the memory that the container must never exceed: `resources.limits.memory: 256Mi`")
                .suggest("add `resources.limits.memory`");
        });
    }
}
