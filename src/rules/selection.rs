//! Selectors that select nothing: shared by the rules that report them.

use std::borrow::Cow;

use super::absence::{holds_scalar, is_chart, is_custom};
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::selector::{Pair, expression_matches, is_set_by_controller};
use crate::k8s::{Object, Workload};
use crate::near;
use crate::rule::{BuildCx, Run, Scope, Within};
use crate::yaml::Node;

/// What a selector asks for.
pub(super) struct Wanted<'s> {
    /// Key and value of the labels that must be there.
    pub(super) pairs: Vec<(Cow<'s, str>, Node<'s>)>,
    expressions: Vec<Node<'s>>,
}

impl<'s> Wanted<'s> {
    /// What a map of labels asks for, without the labels that controllers set.
    pub(super) fn of_map(map: &Node<'s>) -> Self {
        let pairs = map.entries().filter_map(|(key, value)| Some((key.text()?, value)));
        Wanted { pairs: pairs.filter(|(key, _)| !is_set_by_controller(key)).collect(), expressions: Vec::new() }
    }

    /// What a `LabelSelector` asks for.
    pub(super) fn of_selector(selector: &Node<'s>) -> Self {
        let map = selector.get("matchLabels");
        let pairs = map.map(|m| Wanted::of_map(&m).pairs).unwrap_or_default();
        let key = |e: &Node<'s>| e.get("key").and_then(|k| k.as_str()).unwrap_or_default();
        let expressions = selector.get("matchExpressions").iter().flat_map(Node::items).collect::<Vec<_>>();
        Wanted { pairs, expressions: expressions.into_iter().filter(|e| !is_set_by_controller(&key(e))).collect() }
    }

    /// True if all parts hold for the labels.
    pub(super) fn matches(&self, labels: Option<&Node<'_>>) -> bool {
        self.pairs.iter().all(|(key, value)| has(labels, key, value))
            && self.expressions.iter().all(|e| expression_matches(e, labels))
    }

    /// True if nothing can be said: nothing is asked for, only what must not be there, or a text that is meant to be replaced.
    pub(super) fn is_open(&self) -> bool {
        let asks = |e: &Node<'s>| e.get("operator").is_some_and(|o| o.has_text("In") || o.has_text("Exists"));
        let unfilled = |text: Option<Cow<'_, str>>| text.is_some_and(|t| is_placeholder(&t));
        (self.pairs.is_empty() && !self.expressions.iter().any(asks))
            || self.pairs.iter().any(|(key, value)| is_placeholder(key) || unfilled(value.text()))
            || self.expressions.iter().any(|e| e.get("values").iter().flat_map(Node::items).any(|v| unfilled(v.text())))
    }

    /// The labels that must be there, for an index.
    pub(super) fn texts(&self) -> Vec<Pair<'s>> {
        let text = |value: &Node<'s>| value.as_str().unwrap_or_default();
        self.pairs.iter().map(|(key, value)| (key.clone(), text(value))).collect()
    }

    /// How many of the labels are there.
    fn score(&self, labels: Option<&Node<'_>>) -> usize {
        self.pairs.iter().filter(|(key, value)| has(labels, key, value)).count()
    }
}

fn has(labels: Option<&Node<'_>>, key: &str, value: &Node<'_>) -> bool {
    let have = labels.and_then(|l| l.get(key)).and_then(|v| v.text());
    have.is_some_and(|have| value.text().is_some_and(|want| want == have))
}

/// The pods of a scope and of those beside it.
pub(super) struct Pods<'a, 's> {
    scope: &'a Scope<'s>,
    run: &'a Run<'s>,
}

/// A selector that selects nothing.
pub(super) struct Unselected<'s> {
    /// The value that no template has, or that the nearest lacks.
    pub(super) value: Option<Node<'s>>,
    /// The nearest template: its title, and its label of that key.
    pub(super) near: Option<(String, Node<'s>)>,
}

impl<'a, 's> Pods<'a, 's> {
    /// None if the own scope is incomplete.
    pub(super) fn new(cx: &BuildCx<'a, 's>) -> Option<Self> {
        cx.scope.complete.then_some(Pods { scope: cx.scope, run: cx.run })
    }

    /// Why the selector of an object selects no pod; none if it selects some, or may: pods are not known at all, a custom object
    /// may make them, or a root did not render and nothing is near.
    pub(super) fn unselected(&self, owner: &Object<'s>, wanted: &Wanted<'s>) -> Option<Unselected<'s>> {
        if wanted.is_open() {
            return None;
        }
        let here = |w: &&Workload<'s>| w.object.same_namespace(owner);
        let mut own = self.scope.workloads.iter().filter(here).peekable();
        if own.peek().is_none() && !self.were_deleted(owner, wanted) {
            return None;
        }
        let selected = |within| {
            let candidates = self.run.pods_with(within, &wanted.texts());
            candidates.iter().any(|w| w.object.same_namespace(owner) && wanted.matches(w.labels().as_ref()))
        };
        if selected(Within::Around(self.scope)) || self.may_be_made(owner, wanted) {
            return None;
        }
        let candidates: Vec<&Workload<'s>> = own.collect();
        let found = explain(wanted, &candidates);
        let close = found.value.as_ref().zip(found.near.as_ref()).is_some_and(|(value, (_, label))| {
            let (a, b) = (value.text().unwrap_or_default(), label.text().unwrap_or_default());
            a.chars().count() >= 6 && near::distance(&a, &b) <= 2
        });
        (!self.run.incomplete || close).then_some(found)
    }

    /// True if a patch deleted pods that are selected.
    fn were_deleted(&self, owner: &Object<'s>, wanted: &Wanted<'s>) -> bool {
        self.scope.deleted.iter().filter(|gone| gone.object.same_namespace(owner)).any(|gone| {
            let pods = Workload::with(&gone.object, &self.run.env.pod_templates);
            pods.iter().any(|w| wanted.matches(w.labels().as_ref()))
        })
    }

    /// True if a custom object may own the pods, or Services, with these labels.
    pub(super) fn may_be_made(&self, owner: &Object<'s>, wanted: &Wanted<'s>) -> bool {
        let known = |o: &Object<'s>| !Workload::with(o, &self.run.env.pod_templates).is_empty();
        let owns = |o: &Object<'s>| {
            let by_key = |key: &str| {
                let domain = key.split_once('/').map_or("", |(domain, _)| domain);
                let base = domain.strip_suffix(o.group());
                base.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            };
            let by_value = |value: &Node<'s>| {
                let text = value.text().unwrap_or_default();
                o.name().is_some_and(|n| n == text) || is_chart(o) && holds_scalar(&o.node, &text)
            };
            wanted.pairs.iter().any(|(key, value)| by_key(key) || by_value(value)) || holds_labels(&o.node, wanted)
        };
        self.scope
            .objects
            .iter()
            .chain(self.run.elsewhere(self.scope))
            .any(|o| is_custom(o) && !is_routing(o) && o.same_namespace(owner) && owns(o) && !known(o))
    }
}

/// Custom objects that refer to pods, and make none.
fn is_routing(object: &Object<'_>) -> bool {
    let group = object.group();
    group.ends_with(".istio.io")
        || matches!(group, "traefik.io" | "traefik.containo.us" | "projectcontour.io" | "route.openshift.io")
        || matches!(
            object.kind(),
            "ServiceMonitor"
                | "PodMonitor"
                | "PrometheusRule"
                | "Probe"
                | "ExternalSecret"
                | "SealedSecret"
                | "CiliumNetworkPolicy"
                | "Kustomization"
                | "AppProject"
        )
}

/// True if labels that hold for the selector stand somewhere in the object, other than in a selector or its own metadata.
fn holds_labels(object: &Node<'_>, wanted: &Wanted<'_>) -> bool {
    fn any(node: &Node<'_>, wanted: &Wanted<'_>) -> bool {
        (node.is_map() && wanted.matches(Some(node)))
            || node.items().any(|item| any(&item, wanted))
            || node.entries().any(|(key, value)| {
                let selects =
                    key.text().is_some_and(|k| k.to_ascii_lowercase().contains("selector") || k == "matchLabels");
                !selects && any(&value, wanted)
            })
    }
    object.entries().any(|(key, value)| !key.has_text("metadata") && any(&value, wanted))
}

/// The first value that none of the templates has; else the first that the nearest one lacks.
fn explain<'s>(wanted: &Wanted<'s>, candidates: &[&Workload<'s>]) -> Unselected<'s> {
    let labels: Vec<Option<Node<'s>>> = candidates.iter().map(|w| w.labels()).collect();
    let best = (0..candidates.len()).rev().max_by_key(|&at| labels.get(at).map(|l| wanted.score(l.as_ref())));
    let best_labels = best.and_then(|at| labels.get(at)).and_then(Option::as_ref);
    let nowhere = |(key, value): &&(Cow<'s, str>, Node<'s>)| labels.iter().all(|l| !has(l.as_ref(), key, value));
    let pair = wanted
        .pairs
        .iter()
        .find(nowhere)
        .or_else(|| wanted.pairs.iter().find(|(key, value)| !has(best_labels, key, value)));
    let Some((key, value)) = pair else { return Unselected { value: None, near: None } };
    // Among templates with the key, the one whose value is most alike.
    let text = value.text().unwrap_or_default();
    let score = |l: &Option<Node<'s>>| wanted.score(l.as_ref());
    let near = candidates
        .iter()
        .zip(&labels)
        .filter_map(|(w, l)| Some((w, l, l.as_ref()?.get(key)?)))
        .min_by_key(|(_, l, label)| {
            (std::cmp::Reverse(score(l)), near::distance(&label.text().unwrap_or_default(), &text))
        })
        .map(|(w, _, label)| (format!("{} `{}`", w.object.kind(), w.object.shown_name().unwrap_or_default()), label));
    Unselected { value: Some(value.clone()), near }
}

impl<'s> Unselected<'s> {
    /// Adds the nearest template to a finding.
    pub(super) fn show(&self, draft: &mut crate::rule::Draft<'_, 's>, help: &str) {
        match &self.near {
            Some((title, label)) => {
                let text = label.text().unwrap_or_default();
                draft
                    .related(label, format!("the pods of {title} have this one"))
                    .help(format!("write `{text}` if the pods of {title} are meant"));
            }
            None => _ = draft.help(help),
        }
    }
}
