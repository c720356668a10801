//! `missing-cpu-limit`: see `rules/missing-cpu-limit.md`.

use serde::Deserialize;

use super::resource;
use crate::rule::{BuildCx, Rule, Sink};

/// Reports containers that may use all CPUs of their node.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingCpuLimit {}

impl Rule for MissingCpuLimit {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        resource::missing_limit(cx, sink, "cpu", |c| c.class.runs_with_pod(), &|sink, workload, container| {
            let removal = resource::removed(workload, container, &["limits"], "cpu");
            sink.missing(&container.anchor(), removal, format!("container `{}` has no CPU limit", container.name()))
                .label("no `resources.limits.cpu`")
                .help("write the CPU that the container may take at most: `resources.limits.cpu: 500m`")
                .suggest("add `resources.limits.cpu`");
        });
    }
}
