//! `pdb-blocks-eviction`: see `rules/pdb-blocks-eviction.md`.

use serde::Deserialize;

use super::reliability::{Limit, Scalers, together};
use crate::finding::Safety;
use crate::k8s::{Object, Workload, selector};
use crate::rule::{BuildCx, Rule, Scope, Sink, edit};
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
            scope.of_kind("policy", "PodDisruptionBudget").map(|pdb| (pdb, selected(pdb, scope))).collect();
        for (index, (pdb, workloads)) in budgets.iter().enumerate() {
            let name = pdb.name().unwrap_or_default();
            sink.on(pdb, None);
            if let Some(spec) = pdb.spec() {
                limits(&spec, &name, workloads, &scalers, sink);
            }
            let earlier = budgets.iter().take(index).find_map(|(other, theirs)| {
                let shared = workloads.iter().find(|w| theirs.iter().any(|t| std::ptr::eq(**w, *t)))?;
                together(scope, pdb, other).then_some((*other, *shared))
            });
            if let Some((other, workload)) = earlier {
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
    let mut draft = sink.at(&node, message);
    draft.label(format!("{} of {} must stay", limit.up(replicas.count), replicas.count)).help(help);
    if let Some(written) = &replicas.node {
        draft.related(written, "this many run");
    }
    if let Some((key, value)) = edits {
        draft.fix(Safety::Unsafe, "write `maxUnavailable: 1`", vec![key, value]);
    }
}

/// The workloads whose pods the budget selects. An empty selector selects the namespace, a missing one nothing.
fn selected<'a, 's>(pdb: &Object<'s>, scope: &'a Scope<'s>) -> Vec<&'a Workload<'s>> {
    let Some(selector) = pdb.spec().and_then(|s| s.get("selector")).filter(Node::is_map) else { return Vec::new() };
    let hit = |w: &&'a Workload<'s>| {
        pdb.same_namespace(&w.object) && selector::label_selector_matches(&selector, w.labels().as_ref())
    };
    scope.workloads.iter().filter(hit).collect()
}
