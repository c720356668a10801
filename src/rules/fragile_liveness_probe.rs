//! `fragile-liveness-probe`: see `rules/fragile-liveness-probe.md`.

use serde::Deserialize;

use super::probe::{is_judged, number, window};
use crate::finding::Safety;
use crate::k8s::ProbeKind;
use crate::rule::{ContainerCx, Rule, Sink, edit};

/// Reports liveness probes that give up too soon.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct FragileLivenessProbe {
    /// Seconds of failing checks that a container is given at least.
    pub(super) min_window: i64,
}

impl Default for FragileLivenessProbe {
    fn default() -> Self {
        FragileLivenessProbe { min_window: 10 }
    }
}

impl Rule for FragileLivenessProbe {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let container = cx.container;
        if !container.class.runs_with_pod() || !is_judged(cx.workload) {
            return;
        }
        let Some((key, probe)) = container.node.entry(ProbeKind::Liveness.field()).filter(|(_, p)| p.is_map()) else {
            return;
        };
        let (threshold, period) = (number(&probe, "failureThreshold"), number(&probe, "periodSeconds"));
        let seconds = window(&probe);
        if threshold < 1 || period < 1 || (threshold > 1 && seconds >= self.min_window) {
            return;
        }
        let written = |field| probe.get(field).filter(|n| n.as_i64().is_some_and(|n| n > 0));
        let (failures, interval) = (written("failureThreshold"), written("periodSeconds"));
        let cause = failures.clone().filter(|_| threshold < 3).or(interval).unwrap_or(key);
        let name = container.name();
        let message = match threshold {
            1 => format!("liveness of `{name}` restarts it after a single failed check"),
            _ => format!("liveness of `{name}` restarts it after {seconds} s of trouble"),
        };
        // The default threshold of 3 has to be enough, or taking the number out does not help.
        let path = ["livenessProbe", "failureThreshold"];
        let helps = failures.is_some() && threshold < 3 && period.saturating_mul(3) >= self.min_window;
        let fix = if helps { edit::remove(&container.node, &path) } else { None };
        let waits = number(&probe, "initialDelaySeconds") > 0;
        let startup = if waits || threshold < 3 { "; a slow start is for a `startupProbe`" } else { "" };
        sink.at(&cause, message)
            .help(format!("let `failureThreshold` × `periodSeconds` be at least {} s{startup}", self.min_window))
            .offer(Safety::Unsafe, "remove `failureThreshold`: the default is 3", fix);
    }
}
