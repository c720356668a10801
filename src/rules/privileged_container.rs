//! `privileged-container`: see `rules/privileged-container.md`.

use serde::Deserialize;

use crate::rule::{ContainerCx, Rule, Sink};

/// Reports `privileged: true`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct PrivilegedContainer {}

impl Rule for PrivilegedContainer {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(value) = cx.container.own_security("privileged") else { return };
        if value.as_bool() == Some(true) {
            sink.at(&value, format!("{} is privileged", cx.container.title()))
                .label("root in it is root on the node")
                .help("remove `privileged`; add the one capability or mount the one device that it needs")
                .suggest("remove `privileged: true`");
        }
    }
}
