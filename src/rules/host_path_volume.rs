//! `host-path-volume`: see `rules/host-path-volume.md`.

use serde::Deserialize;

use super::security::{help_for, volumes};
use crate::rule::{PodCx, Rule, Sink};

/// Reports volumes of type `hostPath`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct HostPathVolume {}

impl Rule for HostPathVolume {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for volume in volumes(cx.workload) {
            let Some((key, source)) = volume.entry("hostPath").filter(|(_, v)| !v.is_null()) else { continue };
            let name = volume.get("name").and_then(|n| n.as_str()).unwrap_or_default();
            let place = source.get("path").filter(|p| p.is_scalar() && !p.is_null()).unwrap_or(key);
            sink.at(&place, format!("volume `{name}` mounts a path of the node"))
                .label("what is here depends on the node, and outlives the pod")
                .help(help_for(
                    cx.workload,
                    "use a claim (for a disk of the node, of a `local` PersistentVolume), an `emptyDir`, a ConfigMap or a Secret",
                ))
                .entry(&volume.get("name").unwrap_or_else(|| volume.clone()));
        }
    }
}
