//! `missing-liveness-probe`: see `rules/missing-liveness-probe.md`.

use serde::Deserialize;

use super::probe::{self, Scope};
use crate::k8s::ProbeKind;
use crate::rule::{BuildCx, Rule, Sink};

/// Reports containers that serve traffic and are not restarted when they hang.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingLivenessProbe {
    /// Which containers are asked for the probe: `serving` or `all`.
    pub(super) scope: Scope,
}

impl Rule for MissingLivenessProbe {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        probe::missing(cx, sink, ProbeKind::Liveness, "liveness", self.scope);
    }
}
