//! Roles: the rule items that they grant.

use std::borrow::Cow;

use super::object::Object;
use crate::yaml::Node;

/// The API group of roles and bindings.
pub const GROUP: &str = "rbac.authorization.k8s.io";

/// An entry of `rules` of a Role or ClusterRole.
pub struct Item<'s> {
    /// The entry.
    pub node: Node<'s>,
    /// `apiGroups`
    pub groups: Texts<'s>,
    /// `resources`
    pub resources: Texts<'s>,
    /// `verbs`
    pub verbs: Texts<'s>,
    /// `nonResourceURLs`
    pub urls: Texts<'s>,
    /// True if `resourceNames` limits it to named objects.
    pub named: bool,
}

/// Scalars of a list with their texts.
pub type Texts<'s> = Vec<(Node<'s>, Cow<'s, str>)>;

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
    pub fn has_group(&self, group: &str) -> bool {
        self.groups.iter().any(|(_, g)| g == "*" || g == group)
    }

    /// The scalar that covers the resource, such as `pods/exec`: by name, `*`, or `*/exec`.
    pub fn resource(&self, resource: &str) -> Option<&Node<'s>> {
        let below = |r: &str| match (resource.split_once('/'), r.strip_prefix("*/")) {
            (Some((_, sub)), Some(any)) => sub == any,
            _ => false,
        };
        self.resources.iter().find(|(_, r)| r == "*" || r == resource || below(r)).map(|(node, _)| node)
    }

    /// The scalar that covers the verb: by name, or `*`.
    pub fn verb(&self, verb: &str) -> Option<&Node<'s>> {
        self.verbs.iter().find(|(_, v)| v == "*" || v == verb).map(|(node, _)| node)
    }
}

impl Item<'_> {
    /// True if its verbs change nothing.
    pub fn only_reads(&self) -> bool {
        !self.verbs.is_empty() && self.verbs.iter().all(|(_, v)| matches!(&**v, "get" | "list" | "watch"))
    }
}

/// The rule items of a role, none for other kinds: [`Object::role_items`].
pub(super) fn items<'s>(object: &Object<'s>) -> Vec<Item<'s>> {
    let role = object.is(GROUP, "Role") || object.is(GROUP, "ClusterRole");
    if !role || is_own(object) || object.node.get("aggregationRule").is_some_and(|n| !n.is_null()) {
        return Vec::new();
    }
    object.node.get("rules").iter().flat_map(Node::items).filter(Node::is_map).map(Item::new).collect()
}

/// True for the objects that a cluster brings along.
pub fn is_own(object: &Object<'_>) -> bool {
    object.label("kubernetes.io/bootstrapping").is_some() || object.name().is_some_and(|n| n.starts_with("system:"))
}

fn texts<'s>(node: &Node<'s>, field: &str) -> Texts<'s> {
    node.get(field).iter().flat_map(Node::items).filter_map(|n| Some((n.clone(), n.as_str()?))).collect()
}
