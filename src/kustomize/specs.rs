//! The field specs that transformers use: the built-in ones, and the merge with those of `configurations`
//! (upstream `api/internal/konfig/builtinpluginconsts`, `api/internal/plugins/builtinconfig`).

mod builtin;
mod name_references;
mod var_references;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

use super::fieldspec::FieldSpec;
use super::transform_error::TransformError;

/// A kind whose names are referred to, and the fields that do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameReference {
    /// API group of the target; empty for any.
    pub group: Cow<'static, str>,
    /// API version of the target; empty for any.
    pub version: Cow<'static, str>,
    /// Kind of the target; empty for any.
    pub kind: Cow<'static, str>,
    /// The fields that hold its name.
    pub referrers: Arc<Vec<FieldSpec>>,
}

impl NameReference {
    /// True if objects of this group, version and kind are targets.
    pub fn selects(&self, group: &str, version: &str, kind: &str) -> bool {
        let is = |wanted: &str, text: &str| wanted.is_empty() || wanted == text;
        is(&self.kind, kind) && is(&self.group, group) && is(&self.version, version)
    }
}

/// All field specs of a build, each list sorted as upstream sorts it. Most builds add to few of them, and share the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSpecs {
    /// `namePrefix`
    pub name_prefix: Arc<Vec<FieldSpec>>,
    /// `nameSuffix`
    pub name_suffix: Arc<Vec<FieldSpec>>,
    /// `namespace`
    pub namespace: Arc<Vec<FieldSpec>>,
    /// `commonLabels`, and `labels` with `includeSelectors`.
    pub common_labels: Arc<Vec<FieldSpec>>,
    /// `labels`: added to every entry of `labels`. Nothing by default.
    pub labels: Arc<Vec<FieldSpec>>,
    /// `labels` with `includeTemplates`.
    pub template_labels: Arc<Vec<FieldSpec>>,
    /// `commonAnnotations`
    pub common_annotations: Arc<Vec<FieldSpec>>,
    /// What follows the new name of an object.
    pub name_references: Arc<Vec<NameReference>>,
    /// Where `$(VAR)` is replaced.
    pub var_references: Arc<Vec<FieldSpec>>,
    /// `images`
    pub images: Arc<Vec<FieldSpec>>,
    /// `replicas`
    pub replicas: Arc<Vec<FieldSpec>>,
}

impl FieldSpecs {
    /// The built-in specs of v5.8.1, made once.
    pub fn builtin() -> &'static Arc<Self> {
        static BUILTIN: OnceLock<Arc<FieldSpecs>> = OnceLock::new();
        BUILTIN.get_or_init(|| {
            Arc::new(FieldSpecs {
                name_prefix: sorted(vec![FieldSpec::any("metadata/name", false)]),
                name_suffix: sorted(vec![FieldSpec::any("metadata/name", false)]),
                namespace: sorted(builtin::namespace()),
                common_labels: sorted(builtin::common_labels()),
                labels: Arc::default(),
                template_labels: sorted(builtin::metadata_labels()),
                common_annotations: sorted(builtin::common_annotations()),
                name_references: sorted(name_references::builtin()),
                var_references: sorted(var_references::builtin()),
                images: sorted(builtin::images()),
                replicas: sorted(builtin::replicas()),
            })
        })
    }

    /// Adds the specs of a configuration.
    ///
    /// # Errors
    /// `conflicting fieldspecs` if a field is there with another `create`.
    pub fn merge(&mut self, other: &FieldSpecs) -> Result<(), TransformError<'static>> {
        let builtin = Self::builtin();
        let lists = [
            (&mut self.name_prefix, &other.name_prefix, &builtin.name_prefix, "namePrefix"),
            (&mut self.name_suffix, &other.name_suffix, &builtin.name_suffix, "nameSuffix"),
            (&mut self.namespace, &other.namespace, &builtin.namespace, "namespace"),
            (&mut self.common_labels, &other.common_labels, &builtin.common_labels, "commonLabels"),
            (&mut self.labels, &other.labels, &builtin.labels, "labels"),
            (&mut self.template_labels, &other.template_labels, &builtin.template_labels, "templateLabels"),
            (&mut self.common_annotations, &other.common_annotations, &builtin.common_annotations, "commonAnnotations"),
            (&mut self.var_references, &other.var_references, &builtin.var_references, "varReference"),
            (&mut self.images, &other.images, &builtin.images, "images"),
            (&mut self.replicas, &other.replicas, &builtin.replicas, "replicas"),
        ];
        for (to, more, builtin, field) in lists {
            if !is_settled(to, more, builtin) {
                let list = Arc::make_mut(to);
                add_all(list, more, field)?;
                sort(list);
            }
        }
        if !is_settled(&mut self.name_references, &other.name_references, &builtin.name_references) {
            add_references(Arc::make_mut(&mut self.name_references), &other.name_references)?;
        }
        Ok(())
    }
}

/// Merges the trivial cases: nothing more, the same, or the built-in list into nothing, which leaves it as it is. False if there is
/// something to do.
fn is_settled<T>(to: &mut Arc<Vec<T>>, more: &Arc<Vec<T>>, builtin: &Arc<Vec<T>>) -> bool {
    if to.is_empty() && Arc::ptr_eq(more, builtin) {
        *to = more.clone();
    }
    more.is_empty() || Arc::ptr_eq(to, more)
}

fn add_references(to: &mut Vec<NameReference>, more: &[NameReference]) -> Result<(), TransformError<'static>> {
    for reference in more {
        let same = |r: &&mut NameReference| {
            (&r.group, &r.version, &r.kind) == (&reference.group, &reference.version, &reference.kind)
        };
        match to.iter_mut().find(same) {
            Some(known) if Arc::ptr_eq(&known.referrers, &reference.referrers) => {}
            Some(known) => add_all(Arc::make_mut(&mut known.referrers), &reference.referrers, "nameReference")?,
            None => to.push(reference.clone()),
        }
    }
    sort(to);
    Ok(())
}

/// What is sorted by kind.
trait OfKind {
    fn kind(&self) -> (&str, &str, &str);
}

impl OfKind for FieldSpec {
    fn kind(&self) -> (&str, &str, &str) {
        (&self.group, &self.version, &self.kind)
    }
}

impl OfKind for NameReference {
    fn kind(&self) -> (&str, &str, &str) {
        (&self.group, &self.version, &self.kind)
    }
}

/// Upstream sorts by group, version and kind. Only for name references the order matters: the first target that has the name wins
/// (ConfigMap before Secret for `rules/resourceNames`). The referrers of a target stay as they are.
fn sort<T: OfKind>(list: &mut [T]) {
    list.sort_by(|a, b| compare_kinds(a.kind(), b.kind()));
}

fn sorted<T: OfKind>(mut list: Vec<T>) -> Arc<Vec<T>> {
    sort(&mut list);
    Arc::new(list)
}

/// Adds specs that are not there yet.
///
/// # Errors
/// As [`FieldSpecs::merge`].
pub fn add_all(specs: &mut Vec<FieldSpec>, more: &[FieldSpec], field: &str) -> Result<(), TransformError<'static>> {
    for spec in more {
        // A spec that is there with a narrower kind counts as there for a wider one.
        let same = |s: &&FieldSpec| s.path == spec.path && spec.selects(&s.group, &s.version, &s.kind);
        match specs.iter().find(same) {
            Some(known) if known.create != spec.create => {
                let message = format!("conflicting fieldspecs: `{field}` has `{}` with another `create`", spec.path);
                return Err(TransformError::new(message));
            }
            Some(_) => {}
            None => specs.push(spec.clone()),
        }
    }
    Ok(())
}

/// Group, version and kind in upstream's order: some kinds first or last, the others between by group, version and kind.
pub fn compare_kinds(a: (&str, &str, &str), b: (&str, &str, &str)) -> Ordering {
    rank(a.2).cmp(&rank(b.2)).then_with(|| sort_text(a).cmp(sort_text(b)))
}

fn rank(kind: &str) -> usize {
    const LAST: usize = 23;
    match kind {
        "Namespace" => 0,
        "ResourceQuota" => 1,
        "StorageClass" => 2,
        "CustomResourceDefinition" => 3,
        "ServiceAccount" => 4,
        "PodSecurityPolicy" => 5,
        "Role" => 6,
        "ClusterRole" => 7,
        "RoleBinding" => 8,
        "ClusterRoleBinding" => 9,
        "ConfigMap" => 10,
        "Secret" => 11,
        "Endpoints" => 12,
        "Service" => 13,
        "LimitRange" => 14,
        "PriorityClass" => 15,
        "PersistentVolume" => 16,
        "PersistentVolumeClaim" => 17,
        "Deployment" => 18,
        "StatefulSet" => 19,
        "CronJob" => 20,
        "PodDisruptionBudget" => 21,
        "MutatingWebhookConfiguration" => LAST,
        "ValidatingWebhookConfiguration" => LAST + 1,
        _ => LAST - 1,
    }
}

/// The bytes of the text that upstream sorts by.
fn sort_text<'t>((group, version, kind): (&'t str, &'t str, &'t str)) -> impl Iterator<Item = u8> + 't {
    let or = |text: &'t str, none: &'static str| if text.is_empty() { none } else { text };
    [or(group, "~G"), "_", or(version, "~V"), "_", or(kind, "~K")].into_iter().flat_map(str::bytes)
}
