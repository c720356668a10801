//! `rbac-secret-access`: see `rules/rbac-secret-access.md`.

use serde::Deserialize;

use crate::rule::{ObjectCx, Rule, Sink};

/// Reports roles that can read every Secret.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RbacSecretAccess {}

impl Rule for RbacSecretAccess {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for item in cx.object.role_items() {
            let Some(resource) = item.resource("secrets").filter(|_| item.has_group("") && !item.named) else {
                continue;
            };
            let Some(verb) = ["get", "list", "watch"].into_iter().find_map(|v| item.verb(v)) else { continue };
            let reach =
                if cx.object.kind() == "Role" { "in its namespace" } else { "in every namespace that it is bound in" };
            sink.at(resource, format!("role can read every Secret {reach}"))
                .label("`list` and `watch` return the values too")
                .related(verb, "with this verb")
                .help("name the Secrets in `resourceNames`, or mount them into the pod and take the rule out")
                .entry(&item.node);
        }
    }
}
