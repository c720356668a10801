//! The identity of objects (upstream `kyaml/resid`).

use std::borrow::Cow;
use std::fmt;

use super::fieldspec::group_version;
use super::schema::Schemas;

/// What the namespace of a cluster-scoped object counts as.
pub(super) const NO_NAMESPACE: &str = "_non_namespaceable_";

/// Group, version and kind. In a selector, empty parts select any. The texts are those of the files where they stand as they are:
/// identities are asked for all the time, and copies would be most of what a build allocates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Gvk<'t> {
    pub(super) group: Cow<'t, str>,
    pub(super) version: Cow<'t, str>,
    pub(super) kind: Cow<'t, str>,
}

impl<'t> Gvk<'t> {
    pub(super) fn new(api_version: Cow<'t, str>, kind: Cow<'t, str>) -> Self {
        let (group, version) = match api_version {
            Cow::Borrowed(text) => {
                let (group, version) = group_version(text);
                (group.into(), version.into())
            }
            Cow::Owned(text) => {
                let (group, version) = group_version(&text);
                (group.to_string().into(), version.to_string().into())
            }
        };
        Gvk { group, version, kind }
    }

    pub(super) fn api_version(&self) -> Cow<'_, str> {
        if self.group.is_empty() {
            Cow::Borrowed(&*self.version)
        } else {
            format!("{}/{}", self.group, self.version).into()
        }
    }

    /// The parts as upstream shows them, with the dots between.
    pub(super) fn shown(&self) -> [&str; 5] {
        [or(&self.kind, "[noKind]"), ".", or(&self.version, "[noVer]"), ".", or(&self.group, "[noGrp]")]
    }

    /// True if `selector` selects it.
    pub(super) fn is_selected(&self, selector: &Gvk<'_>) -> bool {
        (selector.group.is_empty() || self.group == selector.group)
            && (selector.version.is_empty() || self.version == selector.version)
            && (selector.kind.is_empty() || self.kind == selector.kind)
    }
}

/// A text, or what stands for none.
pub(super) fn or<'t>(text: &'t str, none: &'t str) -> &'t str {
    if text.is_empty() { none } else { text }
}

impl fmt::Display for Gvk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown().into_iter().try_for_each(|part| f.write_str(part))
    }
}

/// The identity of an object, now or at an earlier stage.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ResId<'t> {
    pub(super) gvk: Gvk<'t>,
    pub(super) name: Cow<'t, str>,
    /// As written; empty if none is.
    pub(super) namespace: Cow<'t, str>,
    /// Of a kind that certainly is cluster-scoped. False for identities of earlier stages: their `namespace` says it.
    pub(super) cluster: bool,
}

impl<'t> ResId<'t> {
    pub(super) fn new(gvk: Gvk<'t>, name: Cow<'t, str>, namespace: Cow<'t, str>, schemas: &Schemas<'_>) -> Self {
        let cluster = schemas.is_cluster_scoped(&gvk.api_version(), &gvk.kind) == Some(true);
        ResId { gvk, name, namespace, cluster }
    }

    /// The namespace that counts: none and `default` are the same, all cluster-scoped objects share one.
    pub(super) fn effective_namespace(&self) -> &str {
        match &*self.namespace {
            _ if self.cluster => NO_NAMESPACE,
            "" => "default",
            namespace => namespace,
        }
    }

    /// The same, to keep.
    pub(super) fn effective_namespace_text(&self) -> Cow<'t, str> {
        match &*self.namespace {
            _ if self.cluster => NO_NAMESPACE.into(),
            "" => "default".into(),
            _ => self.namespace.clone(),
        }
    }

    pub(super) fn same_namespace(&self, other: &ResId<'_>) -> bool {
        self.effective_namespace() == other.effective_namespace()
    }

    /// The same object, whatever the namespace.
    pub(super) fn same_but_namespace(&self, other: &ResId<'_>) -> bool {
        self.name == other.name && self.gvk == other.gvk
    }

    /// The same object.
    pub(super) fn same(&self, other: &ResId<'_>) -> bool {
        self.same_but_namespace(other) && self.same_namespace(other)
    }
}

impl fmt::Display for ResId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.gvk.kind, self.name)?;
        if !self.gvk.group.is_empty() || !self.namespace.is_empty() {
            f.write_str(" (")?;
            let group = Some(&*self.gvk.group).filter(|g| !g.is_empty());
            let namespace = Some(&*self.namespace).filter(|n| !n.is_empty()).map(|n| format!("namespace {n}"));
            let parts: Vec<String> = group.map(|g| format!("group {g}")).into_iter().chain(namespace).collect();
            write!(f, "{})", parts.join(", "))?;
        }
        Ok(())
    }
}
