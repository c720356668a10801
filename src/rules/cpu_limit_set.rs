//! `cpu-limit-set`: see `rules/cpu-limit-set.md`.

use serde::Deserialize;

use crate::finding::Safety;
use crate::k8s::Quantity;
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::resources::of_container;
use crate::rule::{ContainerCx, Rule, Sink, edit};

/// Reports CPU limits.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct CpuLimitSet {
    /// Report only limits that are no whole number of cores.
    pub(super) fractional_only: bool,
}

impl Rule for CpuLimitSet {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let container = cx.container;
        let Some(limit) = of_container(container, "limits", "cpu").filter(|_| container.class.runs_with_pod()) else {
            return;
        };
        let Some(text) = limit.text().filter(|t| !is_placeholder(t)) else { return };
        let whole = Quantity::read(&limit).is_none_or(|q| q == Quantity::units(q.ceil()));
        if self.fractional_only && whole {
            return;
        }
        // A limit also stands for a missing request: taking it out would leave the container without one.
        let requested = of_container(container, "requests", "cpu").is_some();
        let fix = if requested { edit::remove(&container.node, &["resources", "limits", "cpu"]) } else { None };
        sink.at(&limit, format!("CPU limit {text} of `{}` throttles it on an idle node", container.name()))
            .help("leave the limit out and let the CPU request decide who gets how much when CPU is short")
            .offer(Safety::Unsafe, "remove the CPU limit", fix);
    }
}
