//! `non-core-volume`: see `rules/non-core-volume.md`.

use serde::Deserialize;

use super::security::volumes;
use crate::rule::{PodCx, Rule, Sink};

/// The volume sources that are always allowed.
const CORE: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Reports volumes whose source reaches past the cluster's storage API.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct NonCoreVolume {}

impl Rule for NonCoreVolume {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for volume in volumes(cx.workload) {
            let is = |key: &str| volume.get(key).is_some_and(|v| !v.is_null());
            if CORE.into_iter().any(is) {
                continue;
            }
            // Without a source, the volume is an emptyDir.
            let source = volume.entries().find(|(k, v)| !k.has_text("name") && !v.is_null());
            let Some((key, kind)) = source.and_then(|(k, _)| Some((k.clone(), k.text()?))) else { continue };
            let name = volume.get("name").and_then(|n| n.as_str()).unwrap_or_default();
            sink.at(&key, format!("volume `{name}` has type {kind}"))
                .help("use a claim, and let a CSI driver reach the storage")
                .entry(&volume.get("name").unwrap_or_else(|| volume.clone()));
        }
    }
}
