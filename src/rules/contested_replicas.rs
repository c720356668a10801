//! `contested-replicas`: see `rules/contested-replicas.md`.

use serde::Deserialize;

use super::reliability::{is_off, together};
use crate::finding::Safety;
use crate::k8s::{Object, autoscale};
use crate::rule::{BuildCx, Rule, Sink, Within, edit};
use crate::yaml::Node;

/// Reports replica counts that two owners set.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ContestedReplicas {}

impl Rule for ContestedReplicas {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for workload in cx.scope.workloads.iter().filter(|w| w.traits.replicated && !is_off(&w.object)) {
            let object = &workload.object;
            let scalers = scalers(cx, object);
            let Some((first, reference)) = scalers.first() else { continue };
            let message = format!("replica count of {} has two owners", workload.title());
            let written = object.spec().and_then(|s| s.get("replicas")).filter(|n| !n.is_null());
            if let Some(node) = written {
                sink.on(object, None);
                sink.at(&node, message.as_str())
                    .label("each apply undoes what the autoscaler did")
                    .related(reference, format!("{} sets it too", first.title()))
                    .help("remove `replicas`; with client-side apply, hand over the field's ownership first, or the count falls to 1 once")
                    .offer(Safety::Unsafe, "remove `replicas`", edit::remove(&object.node, &["spec", "replicas"]));
            }
            for (scaler, other) in scalers.iter().skip(1) {
                sink.on(scaler, None);
                sink.at(other, message.as_str())
                    .label("the two take turns")
                    .related(reference, format!("{} scales it too", first.title()))
                    .help("keep one autoscaler; several metrics can go into one");
            }
        }
    }
}

/// The autoscalers of a workload, with the scalar that names it.
fn scalers<'a, 's>(cx: &BuildCx<'a, 's>, workload: &Object<'s>) -> Vec<(&'a Object<'s>, Node<'s>)> {
    let of = |object: &'a Object<'s>| {
        let default_kind = match (object.group(), object.kind()) {
            ("autoscaling", "HorizontalPodAutoscaler") => "",
            // One that takes over an existing HPA is meant to stand beside it.
            ("keda.sh", "ScaledObject")
                if object.annotation("scaledobject.keda.sh/transfer-hpa-ownership").is_none() =>
            {
                "Deployment"
            }
            _ => return None,
        };
        let reference = object.spec()?.get("scaleTargetRef")?;
        let fits =
            autoscale::refers_to(&reference, object, workload, default_kind) && together(cx.scope, object, workload);
        fits.then_some((object, reference.get("name")?))
    };
    let name = workload.name().unwrap_or_default();
    cx.run.targeting(Within::Own(cx.scope), &name).into_iter().filter_map(of).collect()
}
