//! What the access rules share: subjects of bindings, beside the rule items of roles ([`Item`]).

use std::borrow::Cow;

use crate::k8s::Object;
pub(super) use crate::k8s::role::Item;
use crate::k8s::role::{GROUP as RBAC, Texts, is_own};
use crate::rule::{BuildCx, Within};
use crate::yaml::Node;

/// True for a list that holds just this text among others.
pub(super) fn holds(texts: &Texts<'_>, text: &str) -> bool {
    texts.iter().any(|(_, t)| t == text)
}

/// A RoleBinding or ClusterRoleBinding that somebody wrote.
pub(super) struct Binding<'s> {
    /// The object.
    pub(super) object: Object<'s>,
    /// The scalar of `roleRef.name`.
    pub(super) role: Node<'s>,
    /// Its text.
    pub(super) role_name: Cow<'s, str>,
    /// `Role` or `ClusterRole`.
    pub(super) role_kind: Cow<'s, str>,
    /// The subjects.
    pub(super) subjects: Vec<Subject<'s>>,
}

/// A subject of a binding.
pub(super) struct Subject<'s> {
    /// The scalar of its name.
    pub(super) node: Node<'s>,
    /// `User`, `Group` or `ServiceAccount`.
    pub(super) kind: Cow<'s, str>,
    /// Its name.
    pub(super) name: Cow<'s, str>,
    /// Its namespace, for a ServiceAccount that names one.
    pub(super) namespace: Option<Cow<'s, str>>,
}

impl Subject<'_> {
    /// "ServiceAccount `ci`"
    pub(super) fn title(&self) -> String {
        format!("{} `{}`", self.kind, self.name)
    }
}

impl<'s> Binding<'s> {
    /// The binding, if the object is one, and none of the cluster's own.
    pub(super) fn of(object: &Object<'s>) -> Option<Self> {
        let binding = object.is(RBAC, "RoleBinding") || object.is(RBAC, "ClusterRoleBinding");
        if !binding || is_own(object) {
            return None;
        }
        let role_ref = object.node.get("roleRef")?;
        let role = role_ref.get("name")?;
        let subject = |node: Node<'s>| {
            let name = node.get("name")?;
            Some(Subject {
                kind: node.get("kind")?.as_str()?,
                name: name.as_str()?,
                namespace: node.get("namespace").and_then(|n| n.as_str()),
                node: name,
            })
        };
        Some(Binding {
            object: object.clone(),
            role_name: role.as_str()?,
            role_kind: role_ref.get("kind").and_then(|k| k.as_str()).unwrap_or_default(),
            role,
            subjects: object.node.get("subjects").iter().flat_map(Node::items).filter_map(subject).collect(),
        })
    }
}

impl<'s> Binding<'s> {
    /// The role of the scope that the binding names.
    pub(super) fn role_in<'a>(&self, cx: &BuildCx<'a, 's>) -> Option<&'a Object<'s>> {
        let roles = cx.run.named(Within::Own(cx.scope), &self.role_kind, &self.role_name).into_iter();
        self.object.nearest(roles.filter(|r| {
            r.group() == RBAC && r.name().as_deref() == Some(&*self.role_name) && r.same_namespace(&self.object)
        }))
    }
}
