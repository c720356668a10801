//! `dangling-volume-mount`: see `rules/dangling-volume-mount.md`.

use std::borrow::Cow;

use serde::Deserialize;

use crate::k8s::Workload;
use crate::k8s::placeholder::is_placeholder;
use crate::rule::{ContainerCx, Rule, Sink};
use crate::yaml::Node;

/// Reports containers that mount a volume that the pod does not have.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingVolumeMount {}

impl Rule for DanglingVolumeMount {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let mounts = ["volumeMounts", "volumeDevices"].into_iter().filter_map(|f| cx.container.get(f));
        let names: Vec<Node<'s>> =
            mounts.flat_map(|m| m.items().filter_map(|i| i.get("name")).collect::<Vec<_>>()).collect();
        if names.is_empty() {
            return;
        }
        let volumes = volumes(cx.workload);
        for node in names {
            let Some(name) = node.as_str() else { continue };
            if is_placeholder(&name) || volumes.contains(&name) {
                continue;
            }
            let container = cx.container.name();
            let mut draft =
                sink.at(&node, format!("`{container}` mounts volume `{name}`, which the pod does not have"));
            draft.entry(&node);
            match crate::near::nearest(&name, volumes.iter().map(|v| &**v)) {
                Some(near) => draft.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`")),
                None => draft.help("add the volume to `volumes` of the pod, or remove the mount"),
            };
        }
    }
}

/// The names of the volumes of a pod, those of claim templates included.
fn volumes<'s>(workload: &Workload<'s>) -> Vec<Cow<'s, str>> {
    let own = workload.get("volumes");
    let own = own.iter().flat_map(Node::items).filter_map(|v| v.get("name")?.as_str());
    let templates = workload.object.spec().and_then(|s| s.get("volumeClaimTemplates"));
    let templates = templates.iter().flat_map(Node::items).filter_map(|t| t.path(&["metadata", "name"])?.as_str());
    own.chain(templates).collect()
}
