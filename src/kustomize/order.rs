//! The order of the output (upstream `SortOrderTransformer`).

use std::cmp::Ordering;

use super::error::{Error, ErrorKind, Result};
use super::kustomization::SortOptions;
use super::render::Reorder;
use super::resid::{Gvk, ResId, or};
use super::resource::Resource;
use super::schema::Schemas;

/// Kinds that come first in the legacy order.
pub(super) const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

/// Kinds that come last in the legacy order.
pub(super) const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Sorts as `options` of the root say, else as `reorder` says.
pub(super) fn sort<'s>(
    resources: &mut Vec<Resource<'s>>,
    options: Option<&SortOptions<'s>>,
    reorder: Option<Reorder>,
    schemas: &Schemas<'s>,
) -> Result<'s, ()> {
    let (first, last) = match options {
        Some(options) => match legacy_kinds(options)? {
            Some(kinds) => kinds,
            None => return Ok(()),
        },
        None if reorder == Some(Reorder::None) => return Ok(()),
        None => defaults(),
    };
    let rank = |kind: &str| {
        if let Some(at) = last.iter().rposition(|k| k == kind) {
            1 + at as isize
        } else if let Some(at) = first.iter().rposition(|k| k == kind) {
            at as isize - first.len() as isize
        } else {
            0
        }
    };
    let mut keyed: Vec<(isize, ResId<'s>, Resource<'s>)> = std::mem::take(resources)
        .into_iter()
        .map(|r| {
            let id = r.id(schemas);
            (rank(&id.gvk.kind), id, r)
        })
        .collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| compare(&a.1, &b.1)));
    resources.extend(keyed.into_iter().map(|(_, _, r)| r));
    Ok(())
}

fn defaults() -> (Vec<String>, Vec<String>) {
    (FIRST.map(String::from).to_vec(), LAST.map(String::from).to_vec())
}

/// The kinds that come first and last; none for the order of accumulation.
fn legacy_kinds<'s>(options: &SortOptions<'s>) -> Result<'s, Option<(Vec<String>, Vec<String>)>> {
    let span = options.order.as_ref().map_or(options.span, |o| o.span());
    let invalid = |message: &str| Err(Error::new(ErrorKind::Invalid, span, message));
    match options.order.as_deref() {
        Some("legacy") => Ok(Some(options.legacy.clone().unwrap_or_else(defaults))),
        Some("fifo") if options.legacy.is_some() => {
            invalid("`legacySortOptions` need the order `legacy`, and this is `fifo`")
        }
        Some("fifo") => Ok(None),
        _ => invalid("`order` must be `legacy` or `fifo`"),
    }
}

fn compare(a: &ResId<'_>, b: &ResId<'_>) -> Ordering {
    if a.gvk != b.gvk {
        let order = bytes(gvk_key(&a.gvk)).cmp(bytes(gvk_key(&b.gvk)));
        let namespaces = a.gvk.kind == "Namespace" && b.gvk.kind == "Namespace";
        return if namespaces && (a.gvk.group.is_empty() || b.gvk.group.is_empty()) { order.reverse() } else { order };
    }
    bytes(id_key(a)).cmp(bytes(id_key(b)))
}

/// The parts of the text that group, version and kind sort by.
fn gvk_key<'i>(gvk: &'i Gvk<'_>) -> [&'i str; 5] {
    [or(&gvk.group, "~G"), "_", or(&gvk.version, "~V"), "_", or(&gvk.kind, "~K")]
}

fn id_key<'i>(id: &'i ResId<'_>) -> [&'i str; 9] {
    let [kind, dot, version, _, group] = id.gvk.shown();
    [kind, dot, version, dot, group, "|", or(&id.namespace, "~X"), "|", or(&id.name, "~N")]
}

fn bytes<const N: usize>(parts: [&str; N]) -> impl Iterator<Item = u8> {
    parts.into_iter().flat_map(str::bytes)
}
