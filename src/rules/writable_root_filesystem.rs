//! `writable-root-filesystem`: see `rules/writable-root-filesystem.md`.

use serde::Deserialize;

use crate::k8s::Class;
use crate::rule::{ContainerCx, Rule, Sink, removal};

const FIELD: &str = "readOnlyRootFilesystem";

/// Reports containers that can write to their image's files.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct WritableRootFilesystem {}

impl Rule for WritableRootFilesystem {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let ContainerCx { workload, container, .. } = *cx;
        if container.class == Class::Ephemeral || workload.runs_on_windows() {
            return;
        }
        let own = container.own_security(FIELD);
        if own.as_ref().is_some_and(|n| n.as_bool() != Some(false)) {
            return;
        }
        let at = own.unwrap_or_else(|| container.anchor());
        let removal = removal(&container.node, &["securityContext", FIELD], |n| n.as_bool() == Some(true));
        sink.missing(&at, removal, format!("root filesystem of {} is writable", container.title()))
            .help("set `readOnlyRootFilesystem: true`, and mount an `emptyDir` where the program writes (often `/tmp`)")
            .suggest("set `securityContext.readOnlyRootFilesystem: true`");
    }
}
