//! `implicit-rollout-settings`: see `rules/implicit-rollout-settings.md`.

use serde::Deserialize;

use super::reliability::{Scalers, horizontal, is_off};
use crate::finding::Safety;
use crate::k8s::Object;
use crate::rule::{BuildCx, Rule, Sink, Within, edit, latest};
use crate::yaml::Node;

/// Reports Deployments that do not say how fast they roll out.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ImplicitRolloutSettings {
    /// The fewest replicas that are asked for it; what an autoscaler scales always is.
    pub(super) min_replicas: i64,
}

impl Default for ImplicitRolloutSettings {
    fn default() -> Self {
        // Of up to three, a quarter rounds to one more and none fewer: as slow and as safe as it can be.
        ImplicitRolloutSettings { min_replicas: 4 }
    }
}

impl Rule for ImplicitRolloutSettings {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let scalers = Scalers::new(cx);
        for object in cx.scope.of_kind("apps", "Deployment").filter(|o| !is_off(o)) {
            let strategy = object.spec().and_then(|s| s.get("strategy"));
            let field =
                |path: &[&str]| strategy.as_ref().and_then(|s| s.path(path)).filter(|n: &Node<'_>| !n.is_null());
            let kind = field(&["type"]);
            let other = kind.as_ref().is_some_and(|t| !t.has_text("RollingUpdate"));
            let written = ["maxSurge", "maxUnavailable"].iter().any(|name| field(&["rollingUpdate", name]).is_some());
            if other || written || self.has_few(cx, object) || scalers.is_run_by_rollout(object) {
                continue;
            }
            sink.on(object, None);
            let message = format!("{} leaves its rollout pace to the defaults", object.title());
            let edit =
                edit::set(&object.node, &["spec", "strategy", "rollingUpdate"], "{maxSurge: 25%, maxUnavailable: 25%}");
            let replicas = object.spec().and_then(|s| s.get("replicas"));
            sink.at(&latest(&kind.unwrap_or_else(|| object.anchor()), replicas), message)
                .help("write `maxSurge` and `maxUnavailable`; the default of both is 25%")
                .offer(Safety::Safe, "write the defaults", edit);
        }
    }
}

impl ImplicitRolloutSettings {
    /// True for a count that nothing changes and that is too low for the defaults to matter. Unset is 1.
    fn has_few<'s>(&self, cx: &BuildCx<'_, 's>, object: &Object<'s>) -> bool {
        let written = object.spec().and_then(|s| s.get("replicas")).filter(|n| !n.is_null());
        let count = written.map_or(Some(1), |n| n.as_i64());
        count.is_some_and(|count| count < self.min_replicas)
            && horizontal(cx.run, Within::Around(cx.scope), object).is_none()
    }
}
