//! What the access rules share: rule items of roles, subjects of bindings.

use std::borrow::Cow;

use crate::k8s::Object;
use crate::rule::{BuildCx, Within};
use crate::yaml::Node;

const RBAC: &str = "rbac.authorization.k8s.io";

/// An entry of `rules` of a Role or ClusterRole.
pub(super) struct Item<'s> {
    /// The entry.
    pub(super) node: Node<'s>,
    /// `apiGroups`, `resources`, `verbs`, `nonResourceURLs`: each with its scalars.
    pub(super) groups: Texts<'s>,
    pub(super) resources: Texts<'s>,
    pub(super) verbs: Texts<'s>,
    pub(super) urls: Texts<'s>,
    /// True if `resourceNames` limits it to named objects.
    pub(super) named: bool,
}

/// Scalars of a list with their texts.
pub(super) type Texts<'s> = Vec<(Node<'s>, Cow<'s, str>)>;

impl<'s> Item<'s> {
    fn new(node: Node<'s>) -> Self {
        Item {
            groups: texts(&node, "apiGroups"),
            resources: texts(&node, "resources"),
            verbs: texts(&node, "verbs"),
            urls: texts(&node, "nonResourceURLs"),
            named: node.get("resourceNames").is_some_and(|n| !n.is_empty()),
            node,
        }
    }

    /// True if it covers the API group (empty for core).
    pub(super) fn has_group(&self, group: &str) -> bool {
        self.groups.iter().any(|(_, g)| g == "*" || g == group)
    }

    /// The scalar that covers the resource, such as `pods/exec`: by name, `*`, or `*/exec`.
    pub(super) fn resource(&self, resource: &str) -> Option<&Node<'s>> {
        let below = |r: &str| match (resource.split_once('/'), r.strip_prefix("*/")) {
            (Some((_, sub)), Some(any)) => sub == any,
            _ => false,
        };
        self.resources.iter().find(|(_, r)| r == "*" || r == resource || below(r)).map(|(node, _)| node)
    }

    /// The scalar that covers the verb: by name, or `*`.
    pub(super) fn verb(&self, verb: &str) -> Option<&Node<'s>> {
        self.verbs.iter().find(|(_, v)| v == "*" || v == verb).map(|(node, _)| node)
    }
}

impl Item<'_> {
    /// True if its verbs change nothing.
    pub(super) fn only_reads(&self) -> bool {
        !self.verbs.is_empty() && self.verbs.iter().all(|(_, v)| matches!(&**v, "get" | "list" | "watch"))
    }
}

/// True for a list that holds just this text among others.
pub(super) fn holds(texts: &Texts<'_>, text: &str) -> bool {
    texts.iter().any(|(_, t)| t == text)
}

/// The rule items of a Role or ClusterRole that somebody wrote: not of the cluster's own, nor of aggregated ones.
pub(super) fn role_items<'s>(object: &Object<'s>) -> Vec<Item<'s>> {
    let role = object.is(RBAC, "Role") || object.is(RBAC, "ClusterRole");
    if !role || is_own(object) || object.node.get("aggregationRule").is_some_and(|n| !n.is_null()) {
        return Vec::new();
    }
    object.node.get("rules").iter().flat_map(Node::items).filter(Node::is_map).map(Item::new).collect()
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

/// True for the objects that a cluster brings along.
fn is_own(object: &Object<'_>) -> bool {
    object.label("kubernetes.io/bootstrapping").is_some() || object.name().is_some_and(|n| n.starts_with("system:"))
}

fn texts<'s>(node: &Node<'s>, field: &str) -> Texts<'s> {
    node.get(field).iter().flat_map(Node::items).filter_map(|n| Some((n.clone(), n.as_str()?))).collect()
}
