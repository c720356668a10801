//! Schemas from a document that the user gives (`openapi.path`): OpenAPI v2 with `definitions` and, optionally, `paths`.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::yaml::Node;

/// An indexed OpenAPI v2 document.
#[derive(Clone)]
pub(super) struct Custom<'s> {
    definitions: Option<Node<'s>>,
    objects: FxHashMap<(String, String), Node<'s>>,
    cluster_scoped: FxHashMap<(String, String), bool>,
}

/// A chain of references is followed this far. Upstream would run forever on a circle.
const MAX_REFS: usize = 64;

impl<'s> Custom<'s> {
    pub(super) fn new(document: &Node<'s>) -> Self {
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
        Custom { definitions, objects, cluster_scoped: scopes(document) }
    }

    pub(super) fn object(&self, api_version: &str, kind: &str) -> Option<Node<'s>> {
        self.objects.get(&(api_version.to_string(), kind.to_string())).cloned()
    }

    pub(super) fn is_cluster_scoped(&self, api_version: &str, kind: &str) -> Option<bool> {
        self.cluster_scoped.get(&(api_version.to_string(), kind.to_string())).copied()
    }

    pub(super) fn field(&self, schema: &Node<'s>, key: &str) -> Option<Node<'s>> {
        let found = schema
            .path(&["properties", key])
            .or_else(|| schema.get("additionalProperties").filter(|additional| additional.is_map()))?;
        self.resolve(found)
    }

    pub(super) fn element(&self, schema: &Node<'s>) -> Option<Node<'s>> {
        let is_array = schema.get("type").is_some_and(|t| t.has_text("array"));
        if is_array { self.resolve(schema.get("items")?) } else { None }
    }

    fn resolve(&self, mut schema: Node<'s>) -> Option<Node<'s>> {
        for _ in 0..MAX_REFS {
            let Some(reference) = schema.get("$ref") else { return Some(schema) };
            let reference = reference.text()?;
            schema = self.definitions.as_ref()?.get(reference.strip_prefix("#/definitions/")?)?;
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
