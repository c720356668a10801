//! `apparmor-disabled`: see `rules/apparmor-disabled.md`.

use serde::Deserialize;

use super::security::{help_for, is_placeholder, report};
use crate::finding::Safety;
use crate::k8s::Workload;
use crate::rule::{PodCx, Rule, Sink, edit};

const FIELD: &str = "appArmorProfile";
const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";
const WHY: &str = "AppArmor does not confine what its processes may touch";

/// Reports AppArmor profiles that confine less than the runtime's default.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ApparmorDisabled {}

impl Rule for ApparmorDisabled {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        fields(cx.workload, sink);
        annotations(cx.workload, sink);
    }
}

fn fields<'a, 's>(workload: &'a Workload<'s>, sink: &mut Sink<'a, 's>) {
    for setting in workload.security_settings(FIELD) {
        let Some(kind) = setting.node.get("type").filter(|n| !is_placeholder(n)) else { continue };
        let Some(text) = kind.as_str().filter(|t| !matches!(&**t, "RuntimeDefault" | "Localhost")) else { continue };
        let root = setting.container.map_or(&workload.spec, |c| &c.node);
        report(sink, (workload, FIELD), &setting, (&kind, &message(&text)), |draft| {
            let edit = edit::remove(root, &["securityContext", FIELD]);
            let help = help_for(workload, "remove it; the runtime's default profile then applies");
            draft.label(WHY).help(help).offer(Safety::Unsafe, "remove the profile", edit);
        });
    }
}

fn annotations<'a, 's>(workload: &'a Workload<'s>, sink: &mut Sink<'a, 's>) {
    let Some(metadata) = &workload.metadata else { return };
    let Some(annotations) = metadata.get("annotations") else { return };
    for (key, value) in annotations.entries() {
        let (Some(key), Some(text)) = (key.text(), value.as_str()) else { continue };
        let Some(name) = key.strip_prefix(ANNOTATION) else { continue };
        let fine = text.is_empty() || text == "runtime/default" || text.starts_with("localhost/");
        if fine || is_placeholder(&value) {
            continue;
        }
        sink.on(&workload.object, workload.containers.iter().find(|c| c.name() == name));
        sink.at(&value, message(&text))
            .label(WHY)
            .help(help_for(workload, "remove the annotation; the runtime's default profile then applies"))
            .offer(Safety::Unsafe, "remove the annotation", edit::remove(metadata, &["annotations", &key]));
    }
}

fn message(text: &str) -> String {
    format!("AppArmor profile `{text}` lifts the default confinement")
}
