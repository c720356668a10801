//! `default-service-account-binding`: see `rules/default-service-account-binding.md`.

use serde::Deserialize;

use super::access::Binding;
use crate::rule::{ObjectCx, Rule, Sink};

/// Reports roles bound to the account `default`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DefaultServiceAccountBinding {}

impl Rule for DefaultServiceAccountBinding {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(binding) = Binding::of(cx.object) else { return };
        for subject in binding.subjects.iter().filter(|s| s.kind == "ServiceAccount" && s.name == "default") {
            let place = match subject.namespace.as_deref().filter(|n| !n.is_empty()) {
                Some(namespace) => format!("`{namespace}`"),
                None => "its namespace".into(),
            };
            let message = format!("every pod of {place} that names no account gets role `{}`", binding.role_name);
            sink.at(&subject.node, message)
                .label("pods that name no account run as this one")
                .related(&binding.role, "gets this role")
                .help("make a ServiceAccount for the pod that needs the role, and bind it to that");
        }
    }
}
