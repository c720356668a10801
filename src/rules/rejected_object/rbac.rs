//! Roles and bindings.

use super::{Reject, items, written};
use crate::k8s::Object;

const RBAC: &str = "rbac.authorization.k8s.io";

pub(super) fn check<'s>(object: &Object<'s>, reject: &mut Reject<'_, '_, 's>) {
    if object.group() != RBAC {
        return;
    }
    for item in object.role_items() {
        let first = [&item.resources, &item.urls, &item.groups].into_iter().find_map(|texts| texts.first());
        let anchor = first.map_or_else(|| item.node.clone(), |(node, _)| node.clone());
        if items(&item.node, "verbs").is_empty() {
            reject.at(&anchor, "a rule has no verbs");
        }
        if let Some((url, _)) = item.urls.first().filter(|_| object.kind() == "Role") {
            reject.at(url, "a Role cannot grant `nonResourceURLs`").help("a ClusterRole can");
        }
    }
    binding(object, reject);
}

fn binding<'s>(object: &Object<'s>, reject: &mut Reject<'_, '_, 's>) {
    let cluster = object.kind() == "ClusterRoleBinding";
    if !cluster && object.kind() != "RoleBinding" {
        return;
    }
    if let Some(role) = object.node.get("roleRef") {
        if let Some((node, group)) = written(&role, "apiGroup").filter(|(_, group)| group != RBAC) {
            reject.at(&node, format!("`apiGroup` of `roleRef` is `{RBAC}`, not `{group}`"));
        }
        if let Some((node, _)) = written(&role, "kind").filter(|(_, kind)| cluster && kind == "Role") {
            reject.at(&node, "a ClusterRoleBinding cannot refer to a Role").help("use a RoleBinding, or a ClusterRole");
        }
    }
    for subject in items(&object.node, "subjects") {
        let (Some((_, kind)), Some((name_node, name))) = (written(&subject, "kind"), written(&subject, "name")) else {
            continue;
        };
        let expected = match &*kind {
            "ServiceAccount" => "",
            "User" | "Group" => RBAC,
            _ => continue,
        };
        if let Some((node, group)) = written(&subject, "apiGroup").filter(|(_, group)| group != expected) {
            let right = if expected.is_empty() { "empty" } else { "`rbac.authorization.k8s.io`" };
            reject.at(&node, format!("`apiGroup` of {kind} `{name}` is {right}, not `{group}`"));
        }
        // A kustomization that takes the file in gives its subjects the namespace.
        let offered = name_node.span().is_some_and(|span| reject.env.layout.is_offered(span.source));
        let placed = offered || subject.get("namespace").is_some_and(|n| n.as_str().is_some_and(|n| !n.is_empty()));
        if cluster && kind == "ServiceAccount" && !placed {
            reject.at(&name_node, format!("ServiceAccount `{name}` has no namespace"));
        }
    }
}
