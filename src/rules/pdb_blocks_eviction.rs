//! `pdb-blocks-eviction`: see `rules/pdb-blocks-eviction.md`.

use std::path::Path;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::reliability::{Limit, Scalers, place};
use crate::finding::Safety;
use crate::k8s::{Object, Workload, selector};
use crate::rule::{BuildCx, Rule, Sink, Within, edit, latest};
use crate::yaml::Node;

/// Reports budgets under which no pod may ever be evicted.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct PdbBlocksEviction {}

impl Rule for PdbBlocksEviction {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let scope = cx.scope;
        let scalers = Scalers::new(cx);
        let budgets: Vec<(&'a Object<'s>, Vec<&'a Workload<'s>>)> =
            scope.of_kind("policy", "PodDisruptionBudget").map(|pdb| (pdb, selected(pdb, cx))).collect();
        // The budgets so far, by the pods that they select.
        let mut so_far: FxHashMap<(*const Workload<'s>, Option<&Path>), usize> = FxHashMap::default();
        for (index, (pdb, workloads)) in budgets.iter().enumerate() {
            let name = pdb.name().unwrap_or_default();
            sink.on(pdb, None);
            if let Some(spec) = pdb.spec() {
                limits(&spec, &name, workloads, &scalers, sink);
            }
            let place = place(scope, pdb);
            let key = |workload: &&'a Workload<'s>| (std::ptr::from_ref(*workload), place);
            let earlier = workloads.iter().filter_map(|w| Some((*so_far.get(&key(w))?, *w))).min_by_key(|(at, _)| *at);
            workloads.iter().for_each(|w| _ = so_far.entry(key(w)).or_insert(index));
            if let Some((other, workload)) = earlier.and_then(|(at, w)| Some((budgets.get(at)?.0, w))) {
                let theirs = other.name().unwrap_or_default();
                let message = format!(
                    "PDB `{name}` refuses every eviction of {}: PDB `{theirs}` selects the same pods",
                    workload.title()
                );
                sink.at(&pdb.anchor(), message)
                    .label("the API evicts no pod that two budgets select")
                    .related(&other.anchor(), "selects them too")
                    .help("keep one of them");
            }
        }
    }
}

fn limits<'s>(
    spec: &Node<'s>,
    name: &str,
    workloads: &[&Workload<'s>],
    scalers: &Scalers<'_, 's>,
    sink: &mut Sink<'_, 's>,
) {
    let whose = match workloads {
        [one] => one.title(),
        _ => "its pods".to_string(),
    };
    let message = format!("PDB `{name}` refuses every eviction of {whose}");
    let help = "allow at least one: `maxUnavailable: 1`";
    if let Some(node) = spec.get("maxUnavailable")
        && matches!(Limit::of(&node), Some(Limit::Count(0) | Limit::Percent(0)))
    {
        sink.at(&node, message).label("drains and node upgrades wait for ever").help(help).offer(
            Safety::Unsafe,
            "write `maxUnavailable: 1`",
            edit::replace(&node, "1"),
        );
        return;
    }
    let Some((key, node)) = spec.entry("minAvailable") else { return };
    let ([workload], Some(limit)) = (workloads, Limit::of(&node)) else { return };
    let Some(replicas) = scalers.replicas(workload).filter(|r| r.count >= 1) else { return };
    if limit.up(replicas.count) < replicas.count {
        return;
    }
    let edits = edit::replace(&key, "maxUnavailable").zip(edit::replace(&node, "1"));
    let mut draft = sink.at(&latest(&node, replicas.node.clone()), message);
    draft.related(&node, "this many must stay");
    draft.label(format!("{} of {} must stay", limit.up(replicas.count), replicas.count)).help(help);
    if let Some(written) = &replicas.node {
        draft.related(written, "this many run");
    }
    if let Some((key, value)) = edits {
        draft.fix(Safety::Unsafe, "write `maxUnavailable: 1`", vec![key, value]);
    }
}

/// The workloads whose pods the budget selects. An empty selector selects the namespace, a missing one nothing.
fn selected<'a, 's>(pdb: &Object<'s>, cx: &BuildCx<'a, 's>) -> Vec<&'a Workload<'s>> {
    let Some(selector) = pdb.spec().and_then(|s| s.get("selector")).filter(Node::is_map) else { return Vec::new() };
    let hit = |w: &&'a Workload<'s>| {
        pdb.same_namespace(&w.object) && selector::label_selector_matches(&selector, w.labels().as_ref())
    };
    let mut found = cx
        .run
        .pods_with(Within::Own(cx.scope), &selector::pairs(selector.get("matchLabels").as_ref()).collect::<Vec<_>>());
    found.retain(hit);
    found
}
