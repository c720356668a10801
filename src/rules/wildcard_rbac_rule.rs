//! `wildcard-rbac-rule`: see `rules/wildcard-rbac-rule.md`.

use std::cell::LazyCell;

use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::access::Item;
use crate::rule::{BuildCx, Rule, Scope, Sink};
use crate::yaml::Node;

/// Reports `*` in roles.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct WildcardRbacRule {}

impl Rule for WildcardRbacRule {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let defined = LazyCell::new(|| defined_groups(cx.scope));
        for object in &cx.scope.objects {
            for item in object.role_items() {
                let stars = stars(item);
                let Some((_, first)) = stars.first() else { continue };
                if is_of_operator(item, &defined) {
                    continue;
                }
                let fields: Vec<&str> = stars.iter().map(|(field, _)| *field).collect();
                sink.on(object, None);
                let mut draft = sink.at(first, format!("role grants {} `*`", fields.join(", ")));
                draft
                    .label("this also grants what does not exist yet")
                    .help("list the verbs, resources and groups that are used")
                    .entry(&item.node);
                for (field, node) in stars.iter().skip(1) {
                    draft.related(node, format!("all {field}"));
                }
            }
        }
    }
}

/// The fields that hold a `*`, with it.
fn stars<'s>(item: &Item<'s>) -> Vec<(&'static str, Node<'s>)> {
    let fields = [("verbs", &item.verbs), ("resources", &item.resources), ("apiGroups", &item.groups)];
    let mut out: Vec<(&'static str, Node<'s>)> = fields
        .into_iter()
        .filter_map(|(name, texts)| texts.iter().find(|(_, t)| t == "*").map(|(node, _)| (name, node.clone())))
        .collect();
    let beyond_get = item.verbs.iter().any(|(_, v)| v != "get");
    if let Some((node, _)) = item.urls.iter().find(|(_, u)| u == "*")
        && beyond_get
    {
        out.push(("nonResourceURLs", node.clone()));
    }
    out
}

/// True if all groups of the item are those of CRDs in the scope: an operator over its own kinds. If it only reads, most of them do:
/// a group may have lost its last kind.
fn is_of_operator(item: &Item<'_>, defined: &FxHashSet<String>) -> bool {
    let own = item.groups.iter().filter(|(_, g)| defined.contains(&**g)).count();
    let enough = if item.only_reads() { 2 * own > item.groups.len() } else { own == item.groups.len() };
    !item.groups.is_empty() && enough && item.groups.iter().all(|(_, g)| g != "*" && g.contains('.'))
}

fn defined_groups(scope: &Scope<'_>) -> FxHashSet<String> {
    let crds = scope.of_kind("apiextensions.k8s.io", "CustomResourceDefinition");
    crds.filter_map(|crd| Some(crd.spec()?.get("group")?.text()?.into_owned())).collect()
}
