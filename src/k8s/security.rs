//! Security settings of a pod and its containers: where they are set, and what applies.

use std::borrow::Cow;

use super::workload::{Container, Workload};
use crate::yaml::Node;

/// A value of a security context, and where it is set.
#[derive(Clone)]
pub struct Setting<'a, 's> {
    /// The value; never null.
    pub node: Node<'s>,
    /// The container that sets it; none for the pod.
    pub container: Option<&'a Container<'s>>,
}

impl<'s> Container<'s> {
    /// How messages name it: "container `api`".
    pub fn title(&self) -> String {
        match self.name() {
            name if name.is_empty() => "a container without a name".to_string(),
            name => format!("container `{name}`"),
        }
    }

    /// A field of its `securityContext`; a null is unset.
    pub fn own_security(&self, key: &str) -> Option<Node<'s>> {
        self.security(key).filter(|n| !n.is_null())
    }

    /// True if it is privileged.
    pub fn is_privileged(&self) -> bool {
        self.own_security("privileged").and_then(|n| n.as_bool()) == Some(true)
    }

    /// The entries of `capabilities.add` or `capabilities.drop`.
    pub fn capabilities(&self, list: &str) -> Vec<(Node<'s>, Cow<'s, str>)> {
        let list = self.own_security("capabilities").and_then(|c| c.get(list));
        list.iter().flat_map(Node::items).filter_map(|n| Some((n.clone(), n.as_str()?))).collect()
    }
}

impl<'s> Workload<'s> {
    /// A field of the pod's `securityContext`; a null is unset.
    pub fn own_security(&self, key: &str) -> Option<Node<'s>> {
        self.security(key).filter(|n| !n.is_null())
    }

    /// Everywhere that a field of the security context is set: the pod, then its containers.
    pub fn security_settings<'a>(&'a self, key: &str) -> Vec<Setting<'a, 's>> {
        let pod = self.own_security(key).map(|node| Setting { node, container: None });
        let of = |c: &'a Container<'s>| c.own_security(key).map(|node| Setting { node, container: Some(c) });
        pod.into_iter().chain(self.containers.iter().filter_map(of)).collect()
    }

    /// The containers that a setting of the pod reaches: those that do not set the field themselves.
    pub fn inheriting<'a>(&'a self, key: &str) -> Vec<&'a Container<'s>> {
        self.containers.iter().filter(|c| c.own_security(key).is_none()).collect()
    }

    /// True if the pod has a user namespace of its own (`hostUsers: false`): its root is not the node's.
    pub fn has_user_namespace(&self) -> bool {
        self.get("hostUsers").and_then(|n| n.as_bool()) == Some(false)
    }

    /// True if the pod is meant for Windows nodes: by `os.name`, or by its node selector.
    pub fn runs_on_windows(&self) -> bool {
        let selected = || self.spec.path(&["nodeSelector", "kubernetes.io/os"]).is_some_and(|n| n.has_text("windows"));
        self.is_windows() || selected()
    }
}
