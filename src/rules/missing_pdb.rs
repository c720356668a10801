//! `missing-pdb`: see `rules/missing-pdb.md`.

use serde::Deserialize;

use super::reliability::{Limit, Scalers, is_off};
use crate::k8s::{Object, Workload, selector};
use crate::rule::{BuildCx, Rule, Sink};
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
            let all = cx.scope.objects.iter().chain(cx.run.elsewhere(cx.scope));
            let budgets: Vec<&Object<'s>> = all.filter(|o| selects(o, workload)).collect();
            if budgets.iter().any(|b| idle(b).is_none()) {
                continue;
            }
            sink.on(&workload.object, None);
            let anchor = match budgets.first() {
                Some(budget) => idle(budget).unwrap_or_else(|| budget.anchor()),
                None => workload.object.anchor(),
            };
            let mut draft = sink.at(&anchor, format!("no PodDisruptionBudget protects {}", workload.title()));
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

/// The limit of a budget that protects nothing, or its anchor if it sets none. None for one that protects.
fn idle<'s>(budget: &Object<'s>) -> Option<Node<'s>> {
    let limit = |field: &str| budget.spec().and_then(|s| s.get(field)).filter(|n| !n.is_null());
    match (limit("minAvailable"), limit("maxUnavailable")) {
        (None, None) => Some(budget.anchor()),
        (Some(min), None) => matches!(Limit::of(&min), Some(Limit::Count(0) | Limit::Percent(0))).then_some(min),
        (None, Some(max)) => matches!(Limit::of(&max), Some(Limit::Percent(p)) if p >= 100).then_some(max),
        // The API refuses both.
        (Some(_), Some(_)) => None,
    }
}
