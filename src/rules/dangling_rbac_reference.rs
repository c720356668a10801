//! `dangling-rbac-reference`: see `rules/dangling-rbac-reference.md`.

use serde::Deserialize;

use super::absence::{Absence, Presence, Target};
use super::access::Binding;
use crate::k8s::Object;
use crate::rule::{BuildCx, Rule, Sink, Within};
use crate::yaml::{Node, StepKind};

const RBAC: &str = "rbac.authorization.k8s.io";

/// Reports bindings of roles or ServiceAccounts that do not exist.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingRbacReference {}

impl Rule for DanglingRbacReference {
    fn compares(&self) -> bool {
        true
    }

    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(absence) = Absence::new(cx) else { return };
        for object in &cx.scope.objects {
            let Some(binding) = Binding::of(object) else { continue };
            sink.on(object, None);
            let own = object.namespace();
            let role = Target {
                groups: &[RBAC],
                kind: &binding.role_kind,
                name: &binding.role_name,
                namespace: own.as_deref().filter(|_| binding.role_kind == "Role"),
            };
            match &*binding.role_kind {
                "Role" if object.kind() == "RoleBinding" => {
                    judge(&absence, object, &binding.role, &role, Presence::Any, sink);
                }
                "ClusterRole" => judge(&absence, object, &binding.role, &role, Presence::Owned, sink),
                _ => {}
            }
            for subject in binding.subjects.iter().filter(|s| s.kind == "ServiceAccount") {
                let namespace = subject.namespace.as_deref().filter(|n| !n.is_empty());
                // Accounts of namespaces that are looked after elsewhere, unless the account was there before an overlay moved it.
                let known = namespace.is_none_or(|n| absence.has_namespace(n) || is_moved(cx, &subject.name));
                if known {
                    let target = Target { groups: &[""], kind: "ServiceAccount", name: &subject.name, namespace };
                    judge(&absence, object, &subject.node, &target, Presence::Owned, sink);
                }
            }
        }
    }
}

/// True if `namespace:` of a kustomization gives the account of this name its namespace. kustomize lets subjects follow that name the
/// namespace that the account had, and none that names another where it had none. An account that some subject finds where it is now is
/// in place: other subjects mean others of its name.
fn is_moved(cx: &BuildCx<'_, '_>, account: &str) -> bool {
    let accounts = cx.run.once_named(Within::Own(cx.scope), "ServiceAccount", account);
    accounts.iter().filter(|o| o.name().is_some_and(|n| n == account) || o.old_names().any(|n| n == account)).any(|o| {
        let namespace = o.metadata().and_then(|m| m.get("namespace"));
        namespace.is_some_and(|n| {
            let moved = n.origin().links().next().is_some_and(|link| link.step.kind == StepKind::Namespace);
            moved && !n.text().is_some_and(|n| is_found_in(cx, account, &n))
        })
    })
}

/// True if a subject of the scope names this account in this namespace.
fn is_found_in(cx: &BuildCx<'_, '_>, account: &str, namespace: &str) -> bool {
    cx.scope.objects.iter().filter_map(Binding::of).flat_map(|binding| binding.subjects).any(|subject| {
        subject.kind == "ServiceAccount" && subject.name == account && subject.namespace.as_deref() == Some(namespace)
    })
}

fn judge<'a, 's>(
    absence: &Absence<'a, 's>,
    object: &Object<'s>,
    node: &Node<'s>,
    target: &Target<'_>,
    presence: Presence,
    sink: &mut Sink<'a, 's>,
) {
    let Some(missing) = absence.missing(target, presence, object) else { return };
    let title = object.name().unwrap_or_default();
    let message = format!("binding `{title}` names {} `{}`, which does not exist", target.kind, target.name);
    let mut draft = sink.at(node, message);
    missing.show(&mut draft, &format!("add the {}, or name one that exists", target.kind));
}
