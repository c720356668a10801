//! `system-group-binding`: see `rules/system-group-binding.md`.

use serde::Deserialize;

use super::access::{Binding, Subject};
use crate::rule::{ObjectCx, Rule, Sink};

/// Roles that the cluster itself gives to everybody.
const PUBLIC: [&str; 4] =
    ["system:discovery", "system:basic-user", "system:public-info-viewer", "system:service-account-issuer-discovery"];

/// Reports roles for everybody.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct SystemGroupBinding {}

impl Rule for SystemGroupBinding {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(binding) = Binding::of(cx.object) else { return };
        if PUBLIC.contains(&&*binding.role_name) {
            return;
        }
        for subject in &binding.subjects {
            let Some(who) = everybody(subject) else { continue };
            sink.at(&subject.node, format!("{} is bound to {}", binding.role_name, subject.name))
                .label(who)
                .related(&binding.role, "gets this role")
                .help("bind the role to the accounts or groups that need it");
        }
    }
}

/// Who a system subject is, if it is one that stands for too many.
fn everybody(subject: &Subject<'_>) -> Option<&'static str> {
    match (&*subject.kind, &*subject.name) {
        ("User", "system:anonymous") | ("Group", "system:unauthenticated") => Some("everybody who reaches the API"),
        ("Group", "system:authenticated") => Some("everybody with any credential, every pod included"),
        ("Group", "system:serviceaccounts") => Some("every pod of the cluster"),
        ("Group", "system:masters") => Some("a group that no binding and no webhook limits"),
        _ => None,
    }
}
