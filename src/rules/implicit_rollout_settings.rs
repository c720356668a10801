//! `implicit-rollout-settings`: see `rules/implicit-rollout-settings.md`.

use serde::Deserialize;

use super::reliability::is_off;
use crate::finding::Safety;
use crate::rule::{ObjectCx, Rule, Sink, edit};
use crate::yaml::Node;

/// Reports Deployments that do not say how fast they roll out.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ImplicitRolloutSettings {}

impl Rule for ImplicitRolloutSettings {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        if !object.is("apps", "Deployment") || is_off(object) {
            return;
        }
        let strategy = object.spec().and_then(|s| s.get("strategy"));
        let field = |path: &[&str]| strategy.as_ref().and_then(|s| s.path(path)).filter(|n: &Node<'_>| !n.is_null());
        let other = field(&["type"]).is_some_and(|t| !t.has_text("RollingUpdate"));
        let written = ["maxSurge", "maxUnavailable"].iter().any(|name| field(&["rollingUpdate", name]).is_some());
        if other || written {
            return;
        }
        sink.at(&object.anchor(), format!("{} leaves its rollout pace to the defaults", object.title()))
            .help("write `maxSurge` and `maxUnavailable`; the default of both is 25%")
            .offer(
                Safety::Safe,
                "write the defaults",
                edit::set(&object.node, &["spec", "strategy", "rollingUpdate"], "{maxSurge: 25%, maxUnavailable: 25%}"),
            );
    }
}
