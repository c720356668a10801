//! `rbac-escalation`: see `rules/rbac-escalation.md`.

use serde::Deserialize;

use crate::rule::{ObjectCx, Rule, Sink};
use crate::yaml::Node;

/// What raises rights: verb, group, resources, and what it allows.
const GRANTS: [(&str, &str, &[&str], &str); 4] = [
    ("impersonate", "", &["users", "groups", "serviceaccounts"], "it can act as anybody"),
    ("bind", "rbac.authorization.k8s.io", &["roles", "clusterroles"], "it can bind roles with rights it does not have"),
    (
        "escalate",
        "rbac.authorization.k8s.io",
        &["roles", "clusterroles"],
        "it can write rights into roles that it does not have",
    ),
    ("create", "", &["serviceaccounts/token"], "it can get a token of any account in its reach"),
];

/// Reports roles that can raise their own rights.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RbacEscalation {}

impl Rule for RbacEscalation {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for item in cx.object.role_items().iter().filter(|i| !i.named) {
            for (verb, group, resources, why) in GRANTS {
                let Some(node) = item.verb(verb).filter(|_| item.has_group(group)) else { continue };
                let granted: Vec<(&str, &Node<'s>)> =
                    resources.iter().filter_map(|r| Some((*r, item.resource(r)?))).collect();
                let Some((_, first)) = granted.first() else { continue };
                let names: Vec<&str> = granted.iter().map(|(name, _)| *name).collect();
                sink.at(node, format!("role can raise its own rights: {verb} on {}", names.join(", ")))
                    .label(why)
                    .related(first, "on this")
                    .help("remove it, or limit it to named objects with `resourceNames`")
                    .entry(&item.node);
            }
        }
    }
}
