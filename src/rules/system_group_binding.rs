//! `system-group-binding`: see `rules/system-group-binding.md`.

use serde::Deserialize;

use super::access::{Binding, Item, Subject};
use crate::k8s::Object;
use crate::rule::{BuildCx, Rule, Sink};

/// Roles that the cluster itself gives to everybody.
const PUBLIC: [&str; 4] =
    ["system:discovery", "system:basic-user", "system:public-info-viewer", "system:service-account-issuer-discovery"];

/// Reports roles for everybody.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct SystemGroupBinding {}

impl Rule for SystemGroupBinding {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for object in &cx.scope.objects {
            let Some(binding) = Binding::of(object).filter(|b| !PUBLIC.contains(&&*b.role_name)) else { continue };
            for subject in &binding.subjects {
                let Some(who) = everybody(subject) else { continue };
                if binding.role_in(cx).is_some_and(only_reads_named) {
                    continue;
                }
                sink.on(object, None);
                sink.at(&subject.node, format!("{} is bound to {}", binding.role_name, subject.name))
                    .label(who)
                    .related(&binding.role, "gets this role")
                    .help("bind the role to the accounts or groups that need it");
            }
        }
    }
}

/// True for a role that only reads, objects that it names, and no Secrets: what everybody may see was chosen one by one.
fn only_reads_named(role: &Object<'_>) -> bool {
    let items = role.role_items();
    let reads =
        |item: &Item<'_>| item.named && item.urls.is_empty() && item.only_reads() && item.resource("secrets").is_none();
    !items.is_empty() && items.iter().all(reads)
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
