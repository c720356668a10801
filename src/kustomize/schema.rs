//! What upstream's OpenAPI schema says that matters to kustomize: which lists a strategic merge patch merges and by which
//! keys, and which kinds are cluster-scoped (upstream `kyaml/openapi`).

mod builtin;
mod custom;
mod kinds;

use std::borrow::Cow;

use crate::yaml::Node;
use custom::Custom;

/// The schemas of a build: the built-in ones (Kubernetes v1.21.2), or those of `openapi.path`, which replace them.
#[derive(Clone, Default)]
pub struct Schemas<'s> {
    custom: Option<Custom<'s>>,
}

impl<'s> Schemas<'s> {
    /// The built-in schemas.
    pub fn builtin() -> Self {
        Schemas { custom: None }
    }

    /// The schemas of an OpenAPI v2 document (`openapi.path`) in the place of the built-in ones.
    pub fn custom(document: &Node<'s>) -> Self {
        Schemas { custom: Some(Custom::new(document)) }
    }

    /// The schema of the objects of a kind; unknown kinds have none.
    pub fn for_object(&self, api_version: &str, kind: &str) -> Schema<'_, 's> {
        match &self.custom {
            Some(custom) => {
                Schema(custom.object(api_version, kind).map_or(At::Nothing, |node| At::Custom(custom, node)))
            }
            None => Schema(builtin::object(api_version, kind).map_or(At::Nothing, At::Builtin)),
        }
    }

    /// True for kinds that certainly are cluster-scoped, false for those that certainly are namespaced, none for unknown ones
    /// (which upstream takes as namespaced). The built-in table holds also beside a custom document.
    pub fn is_cluster_scoped(&self, api_version: &str, kind: &str) -> Option<bool> {
        builtin::is_cluster_scoped(api_version, kind)
            .or_else(|| self.custom.as_ref()?.is_cluster_scoped(api_version, kind))
    }
}

/// The schema of a node: a cursor that follows keys and items.
#[derive(Clone)]
pub struct Schema<'a, 's>(At<'a, 's>);

#[derive(Clone)]
enum At<'a, 's> {
    Nothing,
    Builtin(builtin::At),
    Custom(&'a Custom<'s>, Node<'s>),
}

/// The keys by which the items of a list are merged; none for a list of scalars that is merged as a set.
pub type MergeKeys<'s> = Vec<Cow<'s, str>>;

impl<'s> Schema<'_, 's> {
    /// No schema: nothing is known about the node.
    pub fn none() -> Self {
        Schema(At::Nothing)
    }

    /// True if something is known about the node, be it only that nothing in it merges.
    pub fn is_known(&self) -> bool {
        !matches!(self.0, At::Nothing)
    }

    /// The schema of a key's value.
    pub fn field(&self, key: &str) -> Self {
        Schema(match &self.0 {
            At::Nothing => At::Nothing,
            At::Builtin(at) => at.field(key).map_or(At::Nothing, At::Builtin),
            At::Custom(custom, node) => custom.field(node, key).map_or(At::Nothing, |node| At::Custom(custom, node)),
        })
    }

    /// The schema of a list's items.
    pub fn element(&self) -> Self {
        Schema(match &self.0 {
            At::Nothing => At::Nothing,
            At::Builtin(at) => at.element().map_or(At::Nothing, At::Builtin),
            At::Custom(custom, node) => custom.element(node).map_or(At::Nothing, |node| At::Custom(custom, node)),
        })
    }

    /// The merge keys of a list that is merged; none for a list that a patch replaces.
    pub fn list_strategy(&self) -> Option<MergeKeys<'s>> {
        match &self.0 {
            At::Nothing => None,
            At::Builtin(at) => at.merge_keys().map(|keys| keys.iter().map(|&k| Cow::Borrowed(k)).collect()),
            At::Custom(_, node) => custom::merge_keys(node),
        }
    }
}
