//! `dangling-policy-selector`: see `rules/dangling-policy-selector.md`.

use serde::Deserialize;

use super::selection::{Pods, Wanted};
use crate::k8s::Object;
use crate::rule::{BuildCx, Rule, Sink};
use crate::yaml::Node;

/// Reports disruption budgets and network policies that select no pod.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingPolicySelector {
    /// Also judge the `podSelector` of peers that have no `namespaceSelector`.
    pub peers: bool,
}

impl Rule for DanglingPolicySelector {
    fn compares(&self) -> bool {
        true
    }

    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(pods) = Pods::new(cx) else { return };
        for object in &cx.scope.objects {
            let field = match (object.group(), object.kind()) {
                ("policy", "PodDisruptionBudget") => "selector",
                ("networking.k8s.io" | "extensions", "NetworkPolicy") => "podSelector",
                _ => continue,
            };
            sink.on(object, None);
            let title = format!("{} `{}`", object.kind(), object.shown_name().unwrap_or_default());
            if let Some((key, selector)) = object.spec().and_then(|s| s.entry(field)) {
                judge(&pods, object, (key, selector), &format!("{title} selects no pod"), sink);
            }
            if self.peers && field == "podSelector" {
                for selector in peers(object) {
                    judge(&pods, object, selector, &format!("a peer of {title} selects no pod"), sink);
                }
            }
        }
    }
}

fn judge<'a, 's>(
    pods: &Pods<'a, 's>,
    object: &Object<'s>,
    (key, selector): (Node<'s>, Node<'s>),
    message: &str,
    sink: &mut Sink<'a, 's>,
) {
    let Some(found) = pods.unselected(object, &Wanted::of_selector(&selector)) else { return };
    let mut draft = sink.at(found.value.as_ref().unwrap_or(&key), message);
    found.show(&mut draft, "select labels that a pod template has");
}

/// The pod selectors of peers in the policy's own namespace, each with its key.
fn peers<'s>(policy: &Object<'s>) -> Vec<(Node<'s>, Node<'s>)> {
    let spec = policy.spec();
    let sides = [("ingress", "from"), ("egress", "to")];
    let rules = sides.into_iter().flat_map(|(side, field)| {
        let rules: Vec<Node<'s>> = spec.as_ref().and_then(|s| s.get(side)).iter().flat_map(Node::items).collect();
        rules.into_iter().filter_map(move |rule| rule.get(field))
    });
    let peers = rules.flat_map(|list| list.items().collect::<Vec<_>>());
    peers.filter(|p| p.get("namespaceSelector").is_none()).filter_map(|p| p.entry("podSelector")).collect()
}
