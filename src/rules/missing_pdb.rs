//! `missing-pdb`: see `rules/missing-pdb.md`.

use serde::Deserialize;

use super::reliability::{Limit, Scalers, is_off};
use crate::k8s::{Object, Workload, selector};
use crate::rule::{BuildCx, Rule, Sink, Within, removal};
use crate::yaml::Node;

/// Reports replicated workloads that a drain may take down at once.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingPdb {}

impl Rule for MissingPdb {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let scalers = Scalers::new(cx);
        for workload in cx.scope.workloads.iter().filter(|w| !is_off(&w.object)) {
            let Some(replicas) = scalers.replicas(workload).filter(|r| r.count >= 2) else { continue };
            let labels = workload.labels();
            let mut budgets = cx.run.selecting(Within::Around(cx.scope), "PodDisruptionBudget", labels.as_ref());
            budgets.retain(|budget| selects(budget, workload));
            if budgets.iter().any(|b| idle(b).is_none()) {
                continue;
            }
            sink.on(&workload.object, None);
            let anchor = match budgets.first() {
                Some(budget) => idle(budget).unwrap_or_else(|| budget.anchor()),
                None => workload.object.anchor(),
            };
            // A budget that a patch took the limit from.
            let removal = budgets.first().filter(|b| matches!(limits(b), (None, None))).and_then(|budget| {
                let max = removal(&budget.node, &["spec", "maxUnavailable"], |max| !is_all(max));
                max.or_else(|| removal(&budget.node, &["spec", "minAvailable"], |min| !is_zero(min)))
            });
            let message = format!("no PodDisruptionBudget protects {}", workload.title());
            let mut draft = sink.missing(&anchor, removal, message);
            draft.suggest("add a PodDisruptionBudget with `maxUnavailable: 1` for its labels");
            match budgets.first() {
                Some(_) => draft.label("this one lets all pods go at once").help("write `maxUnavailable: 1`"),
                None => draft.label("a drain may stop all of them at once").help(
                    "add a PodDisruptionBudget whose selector matches the pod's labels, with `maxUnavailable: 1`",
                ),
            };
            if let Some(written) = &replicas.node {
                draft.related(written, "this many run");
            }
        }
    }
}

fn selects(object: &Object<'_>, workload: &Workload<'_>) -> bool {
    object.is("policy", "PodDisruptionBudget")
        && object.same_namespace(&workload.object)
        && object
            .spec()
            .and_then(|s| s.get("selector"))
            .filter(Node::is_map)
            .is_some_and(|selector| selector::label_selector_matches(&selector, workload.labels().as_ref()))
}

/// `minAvailable` and `maxUnavailable`.
fn limits<'s>(budget: &Object<'s>) -> (Option<Node<'s>>, Option<Node<'s>>) {
    let limit = |field: &str| budget.spec().and_then(|s| s.get(field)).filter(|n| !n.is_null());
    (limit("minAvailable"), limit("maxUnavailable"))
}

/// True for a `minAvailable` that keeps none.
fn is_zero(min: &Node<'_>) -> bool {
    matches!(Limit::of(min), Some(Limit::Count(0) | Limit::Percent(0)))
}

/// True for a `maxUnavailable` that lets all go.
fn is_all(max: &Node<'_>) -> bool {
    matches!(Limit::of(max), Some(Limit::Percent(p)) if p >= 100)
}

/// The limit of a budget that protects nothing, or its anchor if it sets none. None for one that protects.
fn idle<'s>(budget: &Object<'s>) -> Option<Node<'s>> {
    match limits(budget) {
        (None, None) => Some(budget.anchor()),
        (Some(min), None) => is_zero(&min).then_some(min),
        (None, Some(max)) => is_all(&max).then_some(max),
        // The API refuses both.
        (Some(_), Some(_)) => None,
    }
}
