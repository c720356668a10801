//! `namespace` on one object (upstream `api/filters/namespace`).

use std::sync::Arc;

use super::set_string;
use crate::kustomize::fieldspec::{Create, FieldSpec, visit, visit_all};
use crate::kustomize::schema::Schemas;
use crate::kustomize::transform_error::TransformError;
use crate::kustomize::update::{update_items, update_key};
use crate::yaml::{Kind, Node, Origin, Step};

/// Which subjects of a RoleBinding or ClusterRoleBinding get the namespace (`setRoleBindingSubjects`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubjectMode {
    /// Those named `default`.
    #[default]
    DefaultOnly,
    /// All of kind `ServiceAccount`.
    AllServiceAccounts,
    /// None.
    None,
}

impl SubjectMode {
    /// The mode of this name; none for an unknown one. Empty is the default.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "" | "defaultOnly" => Some(SubjectMode::DefaultOnly),
            "allServiceAccounts" => Some(SubjectMode::AllServiceAccounts),
            "none" => Some(SubjectMode::None),
            _ => None,
        }
    }
}

/// How the namespace is set. The default is that of the `namespace` field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NamespaceOptions {
    /// Only where none is set.
    pub unset_only: bool,
    /// In role bindings.
    pub subjects: SubjectMode,
}

/// Sets the namespace of an object unless it is certainly cluster-scoped, and in the other fields that `specs` name.
///
/// # Errors
/// If a path meets a scalar before its end, or ends at something that is no scalar; if `subjects` is no list.
pub fn apply<'s>(
    object: &mut Node<'s>,
    namespace: &Node<'s>,
    specs: &[FieldSpec],
    options: NamespaceOptions,
    schemas: &Schemas<'s>,
    step: &Arc<Step<'s>>,
) -> Result<bool, TransformError<'s>> {
    let kind = object.get("kind").and_then(|n| n.text()).unwrap_or_default();
    let api_version = object.get("apiVersion").and_then(|n| n.text()).unwrap_or_default();
    let mut set = |node: &mut Node<'s>| {
        if options.unset_only && has_value(node) {
            return Ok(false);
        }
        set_string(node, namespace, step)
    };

    let mut changed = false;
    if schemas.is_cluster_scoped(&api_version, &kind) != Some(true) {
        let spec = FieldSpec::any("metadata/namespace", true);
        changed |= visit(object, &spec, Create::Scalar, step, &mut set)?;
    }
    let binding = kind == "RoleBinding" || kind == "ClusterRoleBinding";
    if binding {
        changed |= bind_subjects(object, options.subjects, step, &mut set)?;
    }
    // metadata.namespace is done; metadata.name only means the namespace for `v1`; subjects have their own modes.
    let rest: Vec<FieldSpec> = specs
        .iter()
        .filter(|s| s.path != "metadata/namespace")
        .filter(|s| api_version == "v1" || s.path != "metadata/name")
        .filter(|s| {
            !(binding && (s.kind == "RoleBinding" || s.kind == "ClusterRoleBinding") && s.path == "subjects/namespace")
        })
        .cloned()
        .collect();
    changed |= visit_all(object, &rest, Create::Scalar, step, &mut set)?;
    Ok(changed)
}

type SetScalar<'f, 's> = dyn FnMut(&mut Node<'s>) -> Result<bool, TransformError<'s>> + 'f;

fn bind_subjects<'s>(
    object: &mut Node<'s>,
    mode: SubjectMode,
    step: &Arc<Step<'s>>,
    set: &mut SetScalar<'_, 's>,
) -> Result<bool, TransformError<'s>> {
    let (key, value) = match mode {
        SubjectMode::None => return Ok(false),
        SubjectMode::DefaultOnly => ("name", "default"),
        SubjectMode::AllServiceAccounts => ("kind", "ServiceAccount"),
    };
    update_key(object, "subjects", |subjects| {
        if subjects.is_null() {
            return Ok(false);
        }
        if !subjects.is_seq() {
            return Err(TransformError::wrong_kind(Kind::Seq, subjects).context("`subjects` of a role binding"));
        }
        update_items(subjects, |subject| {
            if subject.is_null() {
                return Ok(false);
            }
            if !subject.is_map() {
                return Err(TransformError::wrong_kind(Kind::Map, subject).context("a subject of a role binding"));
            }
            if !subject.get(key).is_some_and(|n| n.has_text(value)) {
                return Ok(false);
            }
            match subject.get("namespace") {
                Some(_) => update_key(subject, "namespace", &mut *set),
                None => {
                    let origin = Origin::default().with(step, None);
                    let mut made = Node::string("", origin.clone());
                    set(&mut made)?;
                    subject.set(Node::string("namespace", origin), made);
                    Ok(true)
                }
            }
        })
    })
}

/// True for what `unsetOnly` leaves alone. A list or mapping is not: setting it fails.
fn has_value(node: &Node<'_>) -> bool {
    !node.is_null() && node.text().is_some_and(|t| !t.is_empty())
}
