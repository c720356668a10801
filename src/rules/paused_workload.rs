//! `paused-workload`: see `rules/paused-workload.md`.

use serde::Deserialize;

use super::reliability::is_off;
use crate::k8s::Object;
use crate::rule::{ObjectCx, Rule, Sink};
use crate::yaml::Node;

/// Reports workloads that do not follow their manifest.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct PausedWorkload {}

impl Rule for PausedWorkload {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some((node, field, why)) = paused(cx.object).filter(|_| !is_off(cx.object)) else { return };
        sink.at(&node, format!("{} is paused: {field}", cx.object.title()))
            .label(why)
            .help(format!("remove `{field}` when the pause is over"))
            .suggest(format!("remove `{field}`"));
    }
}

fn paused<'s>(object: &Object<'s>) -> Option<(Node<'s>, &'static str, &'static str)> {
    let spec = object.spec()?;
    let on = |field: &str| spec.get(field).filter(|n| n.as_bool() == Some(true));
    match (object.group(), object.kind()) {
        ("apps", "Deployment") | ("argoproj.io", "Rollout") => {
            Some((on("paused")?, "paused", "changes of the template are not rolled out"))
        }
        ("batch", "CronJob") => Some((on("suspend")?, "suspend", "no new run starts")),
        ("apps", "StatefulSet") => {
            let node = spec.path(&["updateStrategy", "rollingUpdate", "partition"])?;
            let replicas = match spec.get("replicas").filter(|n| !n.is_null()) {
                Some(n) => n.as_i64()?,
                None => 1,
            };
            let all = node.as_i64()? >= replicas && replicas >= 1;
            all.then_some((node, "partition", "no pod is updated: all ordinals are below it"))
        }
        _ => None,
    }
}
