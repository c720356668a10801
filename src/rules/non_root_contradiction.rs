//! `non-root-contradiction`: see `rules/non-root-contradiction.md`.

use serde::Deserialize;

use crate::rule::{ContainerCx, Rule, Sink};

/// Reports containers that must not be root and are told to be user 0.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct NonRootContradiction {}

impl Rule for NonRootContradiction {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let ContainerCx { workload, container, .. } = *cx;
        let effective = |field| workload.effective_security(container, field);
        let (Some(non_root), Some(user)) = (effective("runAsNonRoot"), effective("runAsUser")) else { return };
        if non_root.as_bool() != Some(true) || user.as_i64() != Some(0) {
            return;
        }
        let inherited = container.own_security("runAsUser").is_none();
        let message = if inherited {
            "containers must not be root and are told to be user 0".to_string()
        } else {
            format!("{} must not be root and is told to be user 0", container.title())
        };
        let mut draft = sink.at(&user, message);
        draft
            .label("the kubelet refuses to start it")
            .related(&non_root, "forbids user 0")
            .help("name a user above 0, or drop `runAsNonRoot`");
        if inherited {
            draft.related(&container.anchor(), "inherits it");
        }
    }
}
