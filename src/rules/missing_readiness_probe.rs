//! `missing-readiness-probe`: see `rules/missing-readiness-probe.md`.

use serde::Deserialize;

use super::probe::{self, Scope};
use crate::k8s::ProbeKind;
use crate::rule::{BuildCx, Rule, Sink};

/// Reports containers that get requests and cannot say when they are ready for them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingReadinessProbe {
    /// Which containers are asked for the probe: `serving` or `all`.
    pub(super) scope: Scope,
}

impl Rule for MissingReadinessProbe {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        probe::missing(cx, sink, ProbeKind::Readiness, "readiness", self.scope);
    }
}
