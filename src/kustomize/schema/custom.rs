//! Schemas from a document that the user gives (`openapi.path`): OpenAPI v2 with `definitions` and, optionally, `paths`.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::builtin;
use crate::yaml::Node;

/// Which built-in definitions hold beside those of the document. Upstream reads its built-in schema when it is first needed, into
/// the same tables as the document, so what was asked before the document was named decides who has the last word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// Nothing: the document stands alone.
    #[default]
    Nothing,
    /// Whether a kind outside of the built-in table is cluster-scoped: the built-in schema is read after the document, and wins.
    Scope,
    /// The schema itself, for a merge: the document is read after the built-in schema, and wins.
    Schema,
}

/// A schema that a `$ref` leads to.
pub(super) enum Target<'s> {
    Custom(Node<'s>),
    Builtin(builtin::At),
}

/// An indexed OpenAPI v2 document.
#[derive(Clone)]
pub(super) struct Custom<'s> {
    asked: Asked,
    definitions: Option<Node<'s>>,
    objects: FxHashMap<(String, String), Node<'s>>,
    cluster_scoped: FxHashMap<(String, String), bool>,
}

/// A chain of references is followed this far. Upstream would run forever on a circle.
const MAX_REFS: usize = 64;

impl<'s> Custom<'s> {
    pub(super) fn new(document: &Node<'s>, asked: Asked) -> Self {
        let definitions = document.get("definitions");
        let mut objects = FxHashMap::default();
        for (_, definition) in definitions.iter().flat_map(|d| d.entries().collect::<Vec<_>>()) {
            let kinds = definition.get("x-kubernetes-group-version-kind");
            for kind in kinds.iter().flat_map(|k| k.items().collect::<Vec<_>>()) {
                if let Some(key) = type_of(&kind) {
                    objects.insert(key, definition.clone());
                }
            }
        }
        Custom { asked, definitions, objects, cluster_scoped: scopes(document) }
    }

    pub(super) fn object(&self, api_version: &str, kind: &str) -> Option<Target<'s>> {
        let custom = || self.objects.get(&(api_version.to_string(), kind.to_string())).cloned().map(Target::Custom);
        self.first(custom, || builtin::object(api_version, kind))
    }

    /// The definition of the document that stands in the place of a built-in type, if there is one.
    pub(super) fn instead(&self, at: builtin::At) -> Option<Node<'s>> {
        let name = at.definition().filter(|_| self.asked == Asked::Schema)?;
        self.definitions.as_ref()?.get(name)
    }

    /// The one that was read last.
    fn first(
        &self,
        custom: impl FnOnce() -> Option<Target<'s>>,
        builtin: impl FnOnce() -> Option<builtin::At>,
    ) -> Option<Target<'s>> {
        match self.asked {
            Asked::Nothing => custom(),
            Asked::Scope => builtin().map(Target::Builtin).or_else(custom),
            Asked::Schema => custom().or_else(|| builtin().map(Target::Builtin)),
        }
    }

    pub(super) fn is_cluster_scoped(&self, api_version: &str, kind: &str) -> Option<bool> {
        self.cluster_scoped.get(&(api_version.to_string(), kind.to_string())).copied()
    }

    pub(super) fn field(&self, schema: &Node<'s>, key: &str) -> Option<Target<'s>> {
        let found = schema
            .path(&["properties", key])
            .or_else(|| schema.get("additionalProperties").filter(|additional| additional.is_map()))?;
        self.resolve(found)
    }

    pub(super) fn element(&self, schema: &Node<'s>) -> Option<Target<'s>> {
        let is_array = schema.get("type").is_some_and(|t| t.has_text("array"));
        if is_array { self.resolve(schema.get("items")?) } else { None }
    }

    fn resolve(&self, mut schema: Node<'s>) -> Option<Target<'s>> {
        for _ in 0..MAX_REFS {
            let Some(reference) = schema.get("$ref") else { return Some(Target::Custom(schema)) };
            let reference = reference.text()?;
            let name = reference.strip_prefix("#/definitions/")?;
            let custom = || self.definitions.as_ref()?.get(name).map(Target::Custom);
            match self.first(custom, || builtin::definition(name))? {
                Target::Custom(next) => schema = next,
                builtin => return Some(builtin),
            }
        }
        None
    }
}

/// The merge keys of a list schema whose patch strategies include `merge`.
pub(super) fn merge_keys<'s>(schema: &Node<'s>) -> Option<Vec<Cow<'s, str>>> {
    let strategy = schema.get("x-kubernetes-patch-strategy")?.text()?;
    if !strategy.split(',').any(|s| s == "merge") {
        return None;
    }
    if let Some(keys) = schema.get("x-kubernetes-list-map-keys") {
        return Some(keys.items().filter_map(|k| k.text()).collect());
    }
    Some(schema.get("x-kubernetes-patch-merge-key").and_then(|k| k.text()).into_iter().collect())
}

/// `apiVersion` and kind of an entry of `x-kubernetes-group-version-kind`.
fn type_of(entry: &Node<'_>) -> Option<(String, String)> {
    let version = entry.get("version")?.text()?;
    let kind = entry.get("kind")?.text()?;
    let group = entry.get("group").and_then(|g| g.text()).filter(|g| !g.is_empty());
    let api_version = group.map_or_else(|| version.to_string(), |group| format!("{group}/{version}"));
    Some((api_version, kind.into_owned()))
}

/// A kind is namespaced if one of the paths to read it has a namespace in it.
fn scopes(document: &Node<'_>) -> FxHashMap<(String, String), bool> {
    let mut scopes = FxHashMap::default();
    let Some(paths) = document.get("paths") else { return scopes };
    for (path, item) in paths.entries() {
        let Some(key) = item.path(&["get", "x-kubernetes-group-version-kind"]).and_then(|k| type_of(&k)) else {
            continue;
        };
        let namespaced = path.text().is_some_and(|p| p.contains("namespaces/{namespace}"));
        let cluster = scopes.entry(key).or_insert(!namespaced);
        *cluster &= !namespaced;
    }
    scopes
}
