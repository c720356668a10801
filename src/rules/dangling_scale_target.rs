//! `dangling-scale-target`: see `rules/dangling-scale-target.md`.

use serde::Deserialize;

use super::absence::{Absence, Presence, Target};
use crate::k8s::autoscale;
use crate::rule::{BuildCx, Rule, Sink};

/// Reports autoscalers whose target does not exist.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingScaleTarget {}

impl Rule for DanglingScaleTarget {
    fn compares(&self) -> bool {
        true
    }

    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(absence) = Absence::new(cx) else { return };
        for object in &cx.scope.objects {
            let Some(reference) = autoscale::target(object) else { continue };
            let text = |key: &str| reference.get(key).and_then(|n| n.as_str());
            let (Some(node), Some(name)) = (reference.get("name"), text("name")) else { continue };
            let default = object.group() == "keda.sh";
            let kind = text("kind").or(default.then_some("Deployment".into()));
            let Some(kind) = kind else { continue };
            let version = text("apiVersion");
            let group = version.as_ref().map(|v| v.split_once('/').map_or("", |(group, _)| group).to_owned());
            let groups: Vec<&str> = group.as_deref().map_or_else(|| vec!["apps", "extensions", ""], |g| vec![g]);
            let built_in = groups.iter().all(|g| matches!(*g, "apps" | "extensions" | ""));
            let presence = if built_in { Presence::Any } else { Presence::Owned };
            let namespace = object.namespace();
            let target = Target { groups: &groups, kind: &kind, name: &name, namespace: namespace.as_deref() };
            let Some(missing) = absence.missing(&target, presence, object) else { continue };
            sink.on(object, None);
            let title = object.name().unwrap_or_default();
            let message = format!("{} `{title}` scales {kind} `{name}`, which does not exist", object.kind());
            let mut draft = sink.at(&node, message);
            missing.show(&mut draft, "name a workload that exists, with its kind and `apiVersion`");
        }
    }
}
