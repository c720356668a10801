//! The identity of objects (upstream `kyaml/resid`).

use std::borrow::Cow;
use std::fmt;

use super::fieldspec::group_version;
use super::schema::Schemas;

/// What the namespace of a cluster-scoped object counts as.
pub(super) const NO_NAMESPACE: &str = "_non_namespaceable_";

/// Group, version and kind. In a selector, empty parts select any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Gvk {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
}

impl Gvk {
    pub(super) fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = group_version(api_version);
        Gvk { group: group.into(), version: version.into(), kind: kind.into() }
    }

    pub(super) fn api_version(&self) -> Cow<'_, str> {
        if self.group.is_empty() {
            Cow::Borrowed(&self.version)
        } else {
            format!("{}/{}", self.group, self.version).into()
        }
    }

    /// True if `selector` selects it.
    pub(super) fn is_selected(&self, selector: &Gvk) -> bool {
        (selector.group.is_empty() || self.group == selector.group)
            && (selector.version.is_empty() || self.version == selector.version)
            && (selector.kind.is_empty() || self.kind == selector.kind)
    }
}

impl fmt::Display for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |text: &str, none: &'static str| if text.is_empty() { none.to_string() } else { text.to_string() };
        let (kind, version) = (part(&self.kind, "[noKind]"), part(&self.version, "[noVer]"));
        write!(f, "{kind}.{version}.{}", part(&self.group, "[noGrp]"))
    }
}

/// The identity of an object, now or at an earlier stage.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ResId {
    pub(super) gvk: Gvk,
    pub(super) name: String,
    /// As written; empty if none is.
    pub(super) namespace: String,
    /// Of a kind that certainly is cluster-scoped. False for identities of earlier stages: their `namespace` says it.
    pub(super) cluster: bool,
}

impl ResId {
    pub(super) fn new(gvk: Gvk, name: String, namespace: String, schemas: &Schemas<'_>) -> Self {
        let cluster = schemas.is_cluster_scoped(&gvk.api_version(), &gvk.kind) == Some(true);
        ResId { gvk, name, namespace, cluster }
    }

    /// The namespace that counts: none and `default` are the same, all cluster-scoped objects share one.
    pub(super) fn effective_namespace(&self) -> &str {
        match self.namespace.as_str() {
            _ if self.cluster => NO_NAMESPACE,
            "" => "default",
            namespace => namespace,
        }
    }

    pub(super) fn same_namespace(&self, other: &ResId) -> bool {
        self.effective_namespace() == other.effective_namespace()
    }

    /// The same object, whatever the namespace.
    pub(super) fn same_but_namespace(&self, other: &ResId) -> bool {
        self.name == other.name && self.gvk == other.gvk
    }

    /// The same object.
    pub(super) fn same(&self, other: &ResId) -> bool {
        self.same_but_namespace(other) && self.same_namespace(other)
    }
}

impl fmt::Display for ResId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.gvk.kind, self.name)?;
        if !self.gvk.group.is_empty() || !self.namespace.is_empty() {
            f.write_str(" (")?;
            let group = Some(self.gvk.group.as_str()).filter(|g| !g.is_empty());
            let namespace = Some(self.namespace.as_str()).filter(|n| !n.is_empty()).map(|n| format!("namespace {n}"));
            let parts: Vec<String> = group.map(|g| format!("group {g}")).into_iter().chain(namespace).collect();
            write!(f, "{})", parts.join(", "))?;
        }
        Ok(())
    }
}
