//! An object on its way through the pipeline: its tree and its history (upstream keeps the history in annotations).

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::metadata::Place;
use super::resid::{Gvk, ResId};
use super::schema::Schemas;
use super::shared::{self, Shared};
use crate::source::Span;
use crate::yaml::node::STR_TAG;
use crate::yaml::resolve::resolve;
use crate::yaml::{Dialect, Node, Origin, Scalar, Style, Value};

/// What a generated object does if one of its identity is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Behavior {
    /// None may be there.
    #[default]
    Create,
    /// It takes its place.
    Replace,
    /// Its data goes over that of the other.
    Merge,
}

/// Name, namespace and kind at an earlier stage. Group and version are always the present ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Previous<'s> {
    pub(super) name: Cow<'s, str>,
    /// The effective namespace.
    pub(super) namespace: Cow<'s, str>,
    pub(super) kind: Cow<'s, str>,
}

impl<'s> Previous<'s> {
    /// The identity, of an object that is of this group and version.
    fn id(&self, gvk: &Gvk<'s>) -> ResId<'s> {
        let gvk = Gvk { kind: self.kind.clone(), ..gvk.clone() };
        ResId { gvk, name: self.name.clone(), namespace: self.namespace.clone(), cluster: false }
    }
}

/// An object and its history.
#[derive(Clone)]
pub(super) struct Resource<'s> {
    pub(super) node: Node<'s>,
    /// Oldest first.
    pub(super) previous: Vec<Previous<'s>>,
    pub(super) prefixes: Vec<String>,
    pub(super) suffixes: Vec<String>,
    pub(super) behavior: Behavior,
    pub(super) needs_hash: bool,
    /// Made by a generator.
    pub(super) generated: bool,
    /// Made by a Helm chart, whose namespace is left to helm.
    pub(super) by_helm: bool,
    /// The file that it was read from, relative to the root; only where `buildMetadata` asks for it.
    pub(super) place: Option<Place>,
    /// Values that upstream keeps in one place for several fields.
    pub(super) shared: Vec<Shared<'s>>,
    /// The patches that matched it and changed nothing in it.
    pub(super) idle: Vec<Span<'s>>,
    /// Vars that take their value from it.
    pub(super) vars: Vec<String>,
    /// The spans that decide the hash at the end of its name, once it has one.
    pub(super) hash_inputs: Vec<Span<'s>>,
    /// A replacement left a text in a field whose type it does not fit; an error unless it is gone in the end.
    pub(super) misfit: bool,
}

impl<'s> Resource<'s> {
    pub(super) fn new(node: Node<'s>) -> Self {
        Resource {
            node,
            previous: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            behavior: Behavior::Create,
            needs_hash: false,
            generated: false,
            by_helm: false,
            place: None,
            shared: Vec::new(),
            idle: Vec::new(),
            vars: Vec::new(),
            hash_inputs: Vec::new(),
            misfit: false,
        }
    }

    /// True if upstream would keep something of the object's history in its annotations, so that it always has some.
    pub(super) fn has_history(&self) -> bool {
        self.generated || !self.previous.is_empty() || !self.prefixes.is_empty() || !self.suffixes.is_empty()
    }

    pub(super) fn kind(&self) -> String {
        text_of(self.node.get("kind"))
    }

    pub(super) fn api_version(&self) -> String {
        text_of(self.node.get("apiVersion"))
    }

    pub(super) fn name(&self) -> String {
        self.meta("name")
    }

    pub(super) fn namespace(&self) -> String {
        self.meta("namespace")
    }

    pub(super) fn gvk(&self) -> Gvk<'s> {
        Gvk::new(self.text("apiVersion"), self.text("kind"))
    }

    /// The identity it has now.
    pub(super) fn id(&self, schemas: &Schemas<'_>) -> ResId<'s> {
        let metadata = self.node.get("metadata");
        let meta = |field| metadata.as_ref().and_then(|m| meta(m, field)).unwrap_or_default();
        ResId::new(self.gvk(), meta("name"), meta("namespace"), schemas)
    }

    /// The identities it had, oldest first.
    pub(super) fn previous_ids(&self) -> impl Iterator<Item = ResId<'s>> {
        let gvk = if self.previous.is_empty() { Gvk::default() } else { self.gvk() };
        self.previous.iter().map(move |previous| previous.id(&gvk))
    }

    /// Group and version that it has, and the kind that it was read with.
    pub(super) fn original_gvk(&self) -> Gvk<'s> {
        let gvk = self.gvk();
        match self.previous.first() {
            Some(first) => Gvk { kind: first.kind.clone(), ..gvk },
            None => gvk,
        }
    }

    /// False if it certainly neither has nor had this identity: one look, where telling for sure takes a few.
    pub(super) fn may_be(&self, id: &ResId<'_>) -> bool {
        let has = |path: &[&str], text: &str| match self.node.path(path) {
            Some(node) => node.has_text(text),
            None => text.is_empty(),
        };
        !self.previous.is_empty()
            || has(&["kind"], &id.gvk.kind) && (id.name.is_empty() || has(&["metadata", "name"], &id.name))
    }

    /// The identity it was read with.
    pub(super) fn original_id(&self, schemas: &Schemas<'_>) -> ResId<'s> {
        self.previous_ids().next().unwrap_or_else(|| self.id(schemas))
    }

    /// False if it certainly neither has nor had this name: a look at the name where the identity takes more.
    pub(super) fn may_be_named(&self, name: &str) -> bool {
        let has = |node: Node<'_>| node.has_text(name);
        name.is_empty()
            || self.previous.iter().any(|previous| previous.name == name)
            || self.node.path(&["metadata", "name"]).is_some_and(has)
    }

    /// False if it certainly neither has nor had a kind that is taken by `matches`.
    pub(super) fn may_be_of(&self, matches: impl Fn(&Gvk<'_>) -> bool) -> bool {
        !self.previous.is_empty() || matches(&self.gvk())
    }

    /// True if an identity that it had or has is taken by `matches`.
    pub(super) fn any_id(&self, schemas: &Schemas<'_>, matches: impl Fn(&ResId<'_>) -> bool) -> bool {
        let now = self.id(schemas);
        self.previous.iter().any(|previous| matches(&previous.id(&now.gvk))) || matches(&now)
    }

    /// Remembers the present identity as an earlier one.
    pub(super) fn store_previous(&mut self, schemas: &Schemas<'_>) {
        let id = self.id(schemas);
        let namespace = id.effective_namespace_text();
        self.previous.push(Previous { name: id.name, namespace, kind: id.gvk.kind });
        shared::forget_annotations(self);
    }

    /// Forgets who it was, as upstream does when a patch takes out all annotations.
    pub(super) fn forget_history(&mut self) {
        self.previous.clear();
        self.prefixes.clear();
        self.suffixes.clear();
        self.needs_hash = false;
        self.generated = false;
        self.behavior = Behavior::Create;
    }

    /// True for an object that a transformation emptied, which makes it go away.
    pub(super) fn is_gone(&self) -> bool {
        self.node.is_null() || self.node.is_empty() && !self.node.is_scalar()
    }

    fn meta(&self, field: &str) -> String {
        let metadata = self.node.get("metadata");
        metadata.and_then(|metadata| meta(&metadata, field)).map(Cow::into_owned).unwrap_or_default()
    }

    fn text(&self, field: &str) -> Cow<'s, str> {
        self.node.get(field).and_then(|n| n.text()).unwrap_or_default()
    }
}

fn meta<'s>(metadata: &Node<'s>, field: &str) -> Option<Cow<'s, str>> {
    metadata.get(field).and_then(|v| v.as_str())
}

/// The labels or annotations, as upstream's maps have them: the text of every value, the last of duplicate keys.
pub(super) fn strings(object: &Node<'_>, field: &str) -> BTreeMap<String, String> {
    let map = object.path(&["metadata", field]);
    map.iter().flat_map(|m| m.entries()).map(|(k, v)| (text_of(Some(k)), text_of(Some(v)))).collect()
}

/// Writes labels or annotations as upstream does whenever it touches them: sorted by key, every value a string, no empty
/// mapping.
pub(super) fn normalize_strings(object: &mut Node<'_>, field: &str) {
    let Some(map) = object.path(&["metadata", field]) else { return };
    let entries: Vec<_> = map.entries().collect();
    let normal = !entries.is_empty()
        && map.is_map()
        && entries.iter().all(|(k, v)| is_string(k) && is_string(v) && !is_no_key(k))
        && entries.is_sorted_by(|a, b| a.0.text() < b.0.text());
    if normal {
        return;
    }
    let mut sorted: BTreeMap<String, (Node<'_>, Node<'_>)> = BTreeMap::new();
    for (key, value) in entries {
        let text = text_of(Some(key.clone()));
        sorted.insert(text.clone(), (as_key(&key), as_string(&value)));
    }
    let origin = map.origin();
    let Some(metadata) = object.get_mut("metadata") else { return };
    if sorted.is_empty() {
        if let Some(emptied) = metadata.remove(field) {
            metadata.note_emptied(field, emptied);
        }
    } else if let Some(slot) = metadata.get_mut(field) {
        *slot = Node::map(sorted.into_values().collect(), origin).with_removed_of(slot);
    }
}

fn is_string(node: &Node<'_>) -> bool {
    node.is_scalar() && matches!(node.resolve(crate::yaml::Dialect::V3), crate::yaml::Value::Str)
}

/// The text of a scalar as the key of a mapping. Upstream writes such keys without quotes or tag: `1` becomes an integer, which
/// cannot be printed.
pub(super) fn as_key<'s>(node: &Node<'s>) -> Node<'s> {
    if is_no_key(node) { Node::plain(text_of(Some(node.clone())), node.origin()) } else { as_string(node) }
}

fn is_no_key(node: &Node<'_>) -> bool {
    let text = node.text().unwrap_or_default();
    resolve(&text, Style::Plain, None, Dialect::V3) != Value::Str
}

/// The text of a scalar as a string, wherever the scalar came from; empty for other kinds.
pub(super) fn as_string<'s>(node: &Node<'s>) -> Node<'s> {
    if is_string(node) {
        return node.clone();
    }
    let pieces = node.pieces().to_vec();
    Node::Scalar(std::sync::Arc::new(Scalar {
        text: text_of(Some(node.clone())).into(),
        style: Style::Plain,
        tag: Some(STR_TAG.into()),
        origin: node.origin(),
        pieces,
    }))
}

/// Sets a field of the metadata to a text, as upstream's setters do: the style of what is there stays, its tag does not.
pub(super) fn set_meta<'s>(object: &mut Node<'s>, field: &str, value: Node<'s>) {
    if object.get("metadata").is_none_or(|m| !m.is_map()) {
        let origin = value.origin();
        object.set(Node::string("metadata", origin.clone()), Node::map(Vec::new(), origin));
    }
    let Some(metadata) = object.get_mut("metadata") else { return };
    let origin = Origin { span: None, via: value.origin().via };
    metadata.set(Node::string(field, origin), value);
}

fn text_of(node: Option<Node<'_>>) -> String {
    node.and_then(|n| n.text()).map(|t| t.into_owned()).unwrap_or_default()
}
