//! An object: its type, its name, its metadata.

use std::borrow::Cow;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::role::{self, Item};
use crate::finding::ResourceRef;
use crate::yaml::{Node, StepKind};

/// A Kubernetes object: a mapping with `apiVersion` and `kind`.
#[derive(Clone)]
pub struct Object<'s> {
    /// The whole object.
    pub node: Node<'s>,
    api_version: Cow<'s, str>,
    kind: Cow<'s, str>,
    metadata: Option<Node<'s>>,
    name: Option<Cow<'s, str>>,
    namespace: Option<Cow<'s, str>>,
    /// Made when they are first asked for, and shared with what is cloned from it: many rules ask.
    role_items: Arc<OnceLock<Vec<Item<'s>>>>,
}

impl<'s> Object<'s> {
    /// The object, if the node is a mapping with `apiVersion` and `kind` in words.
    pub fn new(node: Node<'s>) -> Option<Self> {
        let api_version = node.get("apiVersion")?.as_str()?;
        let kind = node.get("kind")?.as_str()?;
        if kind.is_empty() {
            return None;
        }
        let metadata = node.get("metadata").filter(Node::is_map);
        let text = |field| metadata.as_ref()?.get(field)?.as_str();
        let (name, namespace) = (text("name"), text("namespace").filter(|n| !n.is_empty()));
        Some(Object { node, api_version, kind, metadata, name, namespace, role_items: Arc::default() })
    }

    /// `apiVersion` as written: `apps/v1`.
    pub fn api_version(&self) -> &str {
        &self.api_version
    }

    /// The API group: `apps`; empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// The version without the group: `v1`.
    pub fn version(&self) -> &str {
        self.api_version.split_once('/').map_or(&self.api_version, |(_, version)| version)
    }

    /// `kind` as written.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// True for this group (empty for core) and kind, whatever the version.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.group() == group
    }

    /// The `metadata` mapping.
    pub fn metadata(&self) -> Option<&Node<'s>> {
        self.metadata.as_ref()
    }

    /// `metadata.name` as rendered.
    pub fn name(&self) -> Option<Cow<'s, str>> {
        self.name.clone()
    }

    /// The name without the hash that a generator put behind it: the one to show, since the hash changes with every change and
    /// differs between overlays.
    pub fn name_before_hash(&self) -> Option<Cow<'s, str>> {
        let node = self.name_node()?;
        let text = self.name()?;
        if !node.origin().links().any(|link| link.step.kind == StepKind::Hash) {
            return Some(text);
        }
        let (before, _) = text.rsplit_once('-')?;
        Some(Cow::Owned(before.to_owned()))
    }

    /// Texts that the name was made of, or was before something changed it, as their files have them; none for a name that stands
    /// as it was written.
    pub fn old_names(&self) -> impl Iterator<Item = &'s str> {
        let node = self.name_node().filter(|node| !matches!(node, Node::Source(_, None)));
        let mut names = Vec::new();
        if let Some(node) = node {
            let origin = node.origin();
            if node.pieces().len() > 1 || origin.via.is_some() {
                names.extend(origin.span);
                names.extend(node.pieces().iter().filter_map(|p| p.span));
                names.extend(origin.links().filter_map(|l| l.replaced.as_ref()?.span));
            }
        }
        names.into_iter().map(|span| span.text().trim_matches(['"', '\'']))
    }

    /// The scalar of `metadata.name`.
    pub fn name_node(&self) -> Option<Node<'s>> {
        self.metadata.as_ref()?.get("name")
    }

    /// `metadata.namespace` as rendered; none if unset or empty.
    pub fn namespace(&self) -> Option<Cow<'s, str>> {
        self.namespace.clone()
    }

    /// The value of an annotation.
    pub fn annotation(&self, key: &str) -> Option<Cow<'s, str>> {
        self.annotation_node(key)?.as_str()
    }

    /// The scalar of an annotation.
    pub fn annotation_node(&self, key: &str) -> Option<Node<'s>> {
        self.metadata.as_ref()?.get("annotations")?.get(key)
    }

    /// The value of a label.
    pub fn label(&self, key: &str) -> Option<Cow<'s, str>> {
        self.metadata.as_ref()?.get("labels")?.get(key)?.as_str()
    }

    /// The `labels` mapping.
    pub fn labels(&self) -> Option<Node<'s>> {
        self.metadata.as_ref()?.get("labels")
    }

    /// The `annotations` mapping.
    pub fn annotations(&self) -> Option<Node<'s>> {
        self.metadata.as_ref()?.get("annotations")
    }

    /// The `spec` mapping.
    pub fn spec(&self) -> Option<Node<'s>> {
        self.node.get("spec")
    }

    /// The rule items of a Role or ClusterRole that somebody wrote: not of the cluster's own, nor of aggregated ones.
    pub fn role_items(&self) -> &[Item<'s>] {
        self.role_items.get_or_init(|| role::items(self))
    }

    /// The name as reports show it; of one that the cluster completes (`generateName`), `import-*`.
    pub fn shown_name(&self) -> Option<Cow<'s, str>> {
        let generated = || Some(Cow::Owned(format!("{}*", self.metadata.as_ref()?.get("generateName")?.as_str()?)));
        self.name().or_else(generated)
    }

    /// Kind and name, as in messages: `Deployment api`, `Job import-*`.
    pub fn title(&self) -> String {
        format!("{} {}", self.kind, self.shown_name().unwrap_or(Cow::Borrowed("(no name)")))
    }

    /// How reports name the object.
    pub fn reference(&self) -> ResourceRef {
        ResourceRef {
            api_version: self.api_version.to_string(),
            kind: self.kind.to_string(),
            namespace: self.namespace().map(Cow::into_owned),
            name: self.shown_name().map(Cow::into_owned).unwrap_or_default(),
        }
    }

    /// The place to point to for something that the object lacks: its name, else its kind.
    pub fn anchor(&self) -> Node<'s> {
        self.name_node()
            .or_else(|| self.metadata.as_ref()?.get("generateName"))
            .or_else(|| self.node.get("kind"))
            .unwrap_or_else(|| self.node.clone())
    }

    /// True for Helm and Argo CD hooks: made at a moment of a deployment, and often removed after it.
    pub fn is_hook(&self) -> bool {
        self.annotation_node("helm.sh/hook").is_some() || self.annotation_node("argocd.argoproj.io/hook").is_some()
    }

    /// Of these objects the first in the same file as this one, else in the same directory, else the first: several files and
    /// directories of a tree may hold a whole installation each.
    pub fn nearest<'a>(&self, objects: impl IntoIterator<Item = &'a Object<'s>>) -> Option<&'a Object<'s>>
    where
        's: 'a,
    {
        let file = |o: &Object<'s>| o.anchor().span().map(|s| s.source.path());
        let own = file(self);
        let distance = |o: &&Object<'s>| match file(o) {
            other if other == own => 0,
            other if other.and_then(Path::parent) == own.and_then(Path::parent) => 1,
            _ => 2,
        };
        objects.into_iter().min_by_key(distance)
    }

    /// True if two namespaces may be the same: equal, or one is unset.
    pub fn same_namespace(&self, other: &Object<'_>) -> bool {
        match (&self.namespace, &other.namespace) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        }
    }
}
