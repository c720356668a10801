//! `naked-pod`: see `rules/naked-pod.md`.

use serde::Deserialize;

use crate::rule::{PodCx, Rule, Sink};

/// Reports Pods that nothing starts again.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct NakedPod {}

impl Rule for NakedPod {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = &cx.workload.object;
        if !object.is("", "Pod") || !cx.workload.traits.long_running || cx.workload.is_hook() {
            return;
        }
        let owned = object.metadata().and_then(|m| m.get("ownerReferences")).is_some_and(|o| !o.is_empty());
        // Static pods, which the kubelet reads from a file.
        let of_kubelet = object.annotations().is_some_and(|a| {
            a.entries().any(|(k, _)| k.text().is_some_and(|k| k.starts_with("kubernetes.io/config.")))
        });
        if !owned && !of_kubelet {
            let name = object.name().unwrap_or_default();
            sink.at(&object.anchor(), format!("Pod `{name}` is not restarted elsewhere if its node dies"))
                .label("no controller makes it again")
                .help("use a Deployment, a StatefulSet or a DaemonSet; a Job for work that ends");
        }
    }
}
