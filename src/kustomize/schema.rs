//! What upstream's OpenAPI schema says that matters to kustomize: which lists a strategic merge patch merges and by which
//! keys, and which kinds are cluster-scoped (upstream `kyaml/openapi`).

mod builtin;
mod custom;
mod kinds;

use std::borrow::Cow;
use std::cell::Cell;

use crate::yaml::Node;
pub use custom::Asked;
use custom::{Custom, Target};

/// The schemas of a build: the built-in ones (Kubernetes v1.21.2), or those of `openapi.path`.
#[derive(Clone, Default)]
pub struct Schemas<'s> {
    custom: Option<Custom<'s>>,
    /// What was asked of the built-in schemas: it decides what they are worth beside a document that is named later.
    asked: Cell<Asked>,
}

impl<'s> Schemas<'s> {
    /// The built-in schemas.
    pub fn builtin() -> Self {
        Schemas::default()
    }

    /// The schemas of an OpenAPI v2 document (`openapi.path`) in the place of the built-in ones, as far as those were not yet asked.
    pub fn custom(document: &Node<'s>, asked: Asked) -> Self {
        Schemas { custom: Some(Custom::new(document, asked)), asked: Cell::new(asked) }
    }

    /// What was asked so far.
    pub fn asked(&self) -> Asked {
        self.asked.get()
    }

    /// Takes note of what was asked elsewhere.
    pub fn note(&self, asked: Asked) {
        self.asked.set(asked.max(self.asked.get()));
    }

    /// Starts to note afresh; gives what was asked before.
    pub fn take_asked(&self) -> Asked {
        self.asked.take()
    }

    /// The schema of the objects of a kind; unknown kinds have none.
    pub fn for_object(&self, api_version: &str, kind: &str) -> Schema<'_, 's> {
        self.note(Asked::Schema);
        Schema(match &self.custom {
            Some(custom) => At::of(custom, custom.object(api_version, kind)),
            None => builtin::object(api_version, kind).map_or(At::Nothing, |at| At::Builtin(None, at)),
        })
    }

    /// True for kinds that certainly are cluster-scoped, false for those that certainly are namespaced, none for unknown ones
    /// (which upstream takes as namespaced). The built-in table holds also beside a custom document.
    pub fn is_cluster_scoped(&self, api_version: &str, kind: &str) -> Option<bool> {
        builtin::is_cluster_scoped(api_version, kind).or_else(|| {
            self.note(Asked::Scope);
            self.custom.as_ref()?.is_cluster_scoped(api_version, kind)
        })
    }
}

/// The schema of a node: a cursor that follows keys and items.
#[derive(Clone)]
pub struct Schema<'a, 's>(At<'a, 's>);

#[derive(Clone)]
enum At<'a, 's> {
    Nothing,
    /// A built-in type, with the document that may have another definition of what is in it.
    Builtin(Option<&'a Custom<'s>>, builtin::At),
    Custom(&'a Custom<'s>, Node<'s>),
}

impl<'a, 's> At<'a, 's> {
    fn of(custom: &'a Custom<'s>, target: Option<Target<'s>>) -> Self {
        match target {
            None => At::Nothing,
            Some(Target::Custom(node)) => At::Custom(custom, node),
            Some(Target::Builtin(at)) => At::builtin(Some(custom), Some(at)),
        }
    }

    fn builtin(custom: Option<&'a Custom<'s>>, at: Option<builtin::At>) -> Self {
        let Some(at) = at else { return At::Nothing };
        match custom.and_then(|custom| Some((custom, custom.instead(at)?))) {
            Some((custom, node)) => At::Custom(custom, node),
            None => At::Builtin(custom, at),
        }
    }
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
            At::Builtin(custom, at) => At::builtin(*custom, at.field(key)),
            At::Custom(custom, node) => At::of(custom, custom.field(node, key)),
        })
    }

    /// The schema of a list's items.
    pub fn element(&self) -> Self {
        Schema(match &self.0 {
            At::Nothing => At::Nothing,
            At::Builtin(custom, at) => At::builtin(*custom, at.element()),
            At::Custom(custom, node) => At::of(custom, custom.element(node)),
        })
    }

    /// The merge keys of a list that is merged; none for a list that a patch replaces.
    pub fn list_strategy(&self) -> Option<MergeKeys<'s>> {
        match &self.0 {
            At::Nothing => None,
            At::Builtin(_, at) => at.merge_keys().map(|keys| keys.iter().map(|&k| Cow::Borrowed(k)).collect()),
            At::Custom(_, node) => custom::merge_keys(node),
        }
    }
}
