//! `missing-pod-spread`: see `rules/missing-pod-spread.md`.

use serde::Deserialize;

use super::reliability::{Scalers, is_off, may_be_tied_to_node, may_select, stays_together, takes_node_ports};
use super::selection::Wanted;
use crate::k8s::Workload;
use crate::rule::{BuildCx, Rule, Sink, Within, removal};
use crate::source::Span;
use crate::yaml::Node;

/// Reports replicated workloads whose pods the scheduler may put on one node.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingPodSpread {}

impl Rule for MissingPodSpread {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let scalers = Scalers::new(cx);
        for workload in cx.scope.workloads.iter().filter(|w| w.traits.long_running && !is_off(&w.object)) {
            let Some(replicas) = scalers.replicas(workload).filter(|r| r.count >= 2) else { continue };
            let labels = workload.labels();
            let spreads = spreads(workload);
            let works = |s: &Spread<'s>| s.selector.as_ref().is_some_and(|s| may_select(s, labels.as_ref()));
            if spreads.iter().any(works) || is_placed(workload) || may_be_tied_to_node(workload, cx) {
                continue;
            }
            // A term may keep away from the pods of another workload, and be right.
            let selects_others = |selector: &Node<'s>| {
                let wanted = Wanted::of_selector(selector);
                let mut candidates = cx.run.pods_with(Within::Around(cx.scope), &wanted.texts()).into_iter();
                wanted.is_open() || candidates.any(|w| wanted.matches(w.labels().as_ref()))
            };
            let idle = spreads.iter().find(|spread| !spread.selector.as_ref().is_some_and(selects_others));
            sink.on(&workload.object, None);
            let place = idle.map_or_else(|| workload.spec_key.clone(), |spread| spread.place(labels.as_ref()));
            let removal = if idle.is_none() { removed(workload, labels.as_ref()) } else { None };
            let message = format!("replicas of {} may land on one node", workload.title());
            let mut draft = sink.missing(&place, removal, message);
            match idle {
                Some(Spread { selector: None, .. }) => draft
                    .label("without `labelSelector` this counts no pods")
                    .help("write a `labelSelector` that matches the pod's own labels"),
                Some(_) => draft.label("selects no pods").help("write a selector that matches the pod's own labels"),
                None => {
                    draft.help("add `topologySpreadConstraints` over `kubernetes.io/hostname` for the pod's own labels")
                }
            };
            draft.suggest(
                "add a `topologySpreadConstraints` entry over `kubernetes.io/hostname` for the pod's own labels",
            );
            if let Some(written) = &replicas.node {
                draft.related(written, format!("{} replicas here", replicas.count));
            }
        }
    }
}

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// A part of the pod spec that keeps pods apart.
struct Spread<'s> {
    /// The term or constraint.
    node: Node<'s>,
    selector: Option<Node<'s>>,
}

impl<'s> Spread<'s> {
    /// Where to point if it selects nothing: the first value that the labels lack.
    fn place(&self, labels: Option<&Node<'s>>) -> Node<'s> {
        let lacks = |(key, value): &(Node<'s>, Node<'s>)| {
            let have = key.text().and_then(|key| labels?.get(&key)?.text());
            have != value.text()
        };
        let wanted = self.selector.as_ref().and_then(|s| s.get("matchLabels"));
        let value = wanted.and_then(|m| m.entries().find(lacks)).map(|(_, value)| value);
        value
            .or_else(|| self.node.entry("labelSelector").map(|(key, _)| key))
            .or_else(|| self.node.get("topologyKey"))
            .unwrap_or_else(|| self.node.clone())
    }
}

fn spreads<'s>(workload: &Workload<'s>) -> Vec<Spread<'s>> {
    let list = |node: Option<Node<'s>>| -> Vec<Node<'s>> { node.iter().flat_map(Node::items).collect() };
    let terms = |field: &str| list(workload.spec.path(&["affinity", "podAntiAffinity", field]));
    let preferred = terms(PREFERRED);
    let constraints = list(workload.get("topologySpreadConstraints"));
    terms(REQUIRED)
        .into_iter()
        .chain(preferred.iter().filter_map(|t| t.get("podAffinityTerm")))
        .chain(constraints)
        .map(|node| Spread { selector: node.get("labelSelector").filter(Node::is_map), node })
        .collect()
}

/// The patch that took out what kept the pods apart.
fn removed<'s>(workload: &Workload<'s>, labels: Option<&Node<'s>>) -> Option<Span<'s>> {
    let selects = |term: Node<'s>| term.get("labelSelector").is_some_and(|s| may_select(&s, labels));
    let terms = |list: &Node<'s>| list.items().any(selects);
    let weighted = |list: &Node<'s>| list.items().filter_map(|term| term.get("podAffinityTerm")).any(selects);
    let affinity = |field: &'static str| ["affinity", "podAntiAffinity", field];
    removal(&workload.spec, &["topologySpreadConstraints"], terms)
        .or_else(|| removal(&workload.spec, &affinity(REQUIRED), terms))
        .or_else(|| removal(&workload.spec, &affinity(PREFERRED), weighted))
}

/// True if where the pods go is decided: all to one node on purpose, or one to a node because they take its ports.
fn is_placed(workload: &Workload<'_>) -> bool {
    let by_name = workload.get("nodeName").is_some_and(|n| !n.is_null());
    let by_label = workload.spec.path(&["nodeSelector", "kubernetes.io/hostname"]).is_some();
    by_name || by_label || stays_together(workload) || takes_node_ports(workload)
}
