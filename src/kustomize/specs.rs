//! The field specs that transformers use: the built-in ones, and the merge with those of `configurations`
//! (upstream `api/internal/konfig/builtinpluginconsts`, `api/internal/plugins/builtinconfig`).

mod builtin;
mod name_references;
mod var_references;

use std::borrow::Cow;
use std::cmp::Ordering;

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
    pub referrers: Vec<FieldSpec>,
}

/// All field specs of a build, each list sorted as upstream sorts it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSpecs {
    /// `namePrefix`
    pub name_prefix: Vec<FieldSpec>,
    /// `nameSuffix`
    pub name_suffix: Vec<FieldSpec>,
    /// `namespace`
    pub namespace: Vec<FieldSpec>,
    /// `commonLabels`, and `labels` with `includeSelectors`.
    pub common_labels: Vec<FieldSpec>,
    /// `labels`: added to every entry of `labels`. Nothing by default.
    pub labels: Vec<FieldSpec>,
    /// `labels` with `includeTemplates`.
    pub template_labels: Vec<FieldSpec>,
    /// `commonAnnotations`
    pub common_annotations: Vec<FieldSpec>,
    /// What follows the new name of an object.
    pub name_references: Vec<NameReference>,
    /// Where `$(VAR)` is replaced.
    pub var_references: Vec<FieldSpec>,
    /// `images`
    pub images: Vec<FieldSpec>,
    /// `replicas`
    pub replicas: Vec<FieldSpec>,
}

impl FieldSpecs {
    /// The built-in specs of v5.8.1.
    pub fn builtin() -> Self {
        let mut specs = FieldSpecs {
            name_prefix: vec![FieldSpec::any("metadata/name", false)],
            name_suffix: vec![FieldSpec::any("metadata/name", false)],
            namespace: builtin::namespace(),
            common_labels: builtin::common_labels(),
            labels: Vec::new(),
            template_labels: builtin::metadata_labels(),
            common_annotations: builtin::common_annotations(),
            name_references: name_references::builtin(),
            var_references: var_references::builtin(),
            images: builtin::images(),
            replicas: builtin::replicas(),
        };
        specs.sort();
        specs
    }

    /// Adds the specs of a configuration.
    ///
    /// # Errors
    /// `conflicting fieldspecs` if a field is there with another `create`.
    pub fn merge(&mut self, other: FieldSpecs) -> Result<(), TransformError<'static>> {
        add_all(&mut self.name_prefix, other.name_prefix, "namePrefix")?;
        add_all(&mut self.name_suffix, other.name_suffix, "nameSuffix")?;
        add_all(&mut self.namespace, other.namespace, "namespace")?;
        add_all(&mut self.common_labels, other.common_labels, "commonLabels")?;
        add_all(&mut self.labels, other.labels, "labels")?;
        add_all(&mut self.template_labels, other.template_labels, "templateLabels")?;
        add_all(&mut self.common_annotations, other.common_annotations, "commonAnnotations")?;
        add_all(&mut self.var_references, other.var_references, "varReference")?;
        add_all(&mut self.images, other.images, "images")?;
        add_all(&mut self.replicas, other.replicas, "replicas")?;
        for reference in other.name_references {
            let same = |r: &&mut NameReference| {
                (&r.group, &r.version, &r.kind) == (&reference.group, &reference.version, &reference.kind)
            };
            match self.name_references.iter_mut().find(same) {
                Some(known) => add_all(&mut known.referrers, reference.referrers, "nameReference")?,
                None => self.name_references.push(reference),
            }
        }
        self.sort();
        Ok(())
    }

    /// Upstream sorts by group, version and kind. Only for name references the order matters: the first target that has the
    /// name wins (ConfigMap before Secret for `rules/resourceNames`). The referrers of a target stay as they are.
    fn sort(&mut self) {
        let lists = [
            &mut self.name_prefix,
            &mut self.name_suffix,
            &mut self.namespace,
            &mut self.common_labels,
            &mut self.labels,
            &mut self.template_labels,
            &mut self.common_annotations,
            &mut self.var_references,
            &mut self.images,
            &mut self.replicas,
        ];
        for list in lists {
            list.sort_by(|a, b| compare_kinds((&a.group, &a.version, &a.kind), (&b.group, &b.version, &b.kind)));
        }
        self.name_references
            .sort_by(|a, b| compare_kinds((&a.group, &a.version, &a.kind), (&b.group, &b.version, &b.kind)));
    }
}

/// Adds specs that are not there yet.
///
/// # Errors
/// As [`FieldSpecs::merge`].
pub fn add_all(specs: &mut Vec<FieldSpec>, more: Vec<FieldSpec>, field: &str) -> Result<(), TransformError<'static>> {
    for spec in more {
        // A spec that is there with a narrower kind counts as there for a wider one.
        let same = |s: &&FieldSpec| s.path == spec.path && spec.selects(&s.group, &s.version, &s.kind);
        match specs.iter().find(same) {
            Some(known) if known.create != spec.create => {
                let message = format!("conflicting fieldspecs: `{field}` has `{}` with another `create`", spec.path);
                return Err(TransformError::new(message));
            }
            Some(_) => {}
            None => specs.push(spec),
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
