//! Network policies: which pods they select, which directions they limit.
//!
//! Of the policies of Cilium and Calico only that much is read. What cannot be evaluated counts as selecting, so that rules
//! about missing policies stay silent.

use super::object::Object;
use super::selector::{Pair, label_selector_matches, pairs};
use super::workload::Workload;
use crate::yaml::Node;

/// A direction of traffic, as the pod sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To the pod.
    Ingress,
    /// From the pod.
    Egress,
}

impl Direction {
    /// The field of a NetworkPolicy that holds its rules, and the word in messages.
    pub fn name(self) -> &'static str {
        match self {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        }
    }

    /// The field of a rule that holds the other side.
    pub fn peers(self) -> &'static str {
        match self {
            Direction::Ingress => "from",
            Direction::Egress => "to",
        }
    }

    /// The word in `policyTypes`.
    fn policy_type(self) -> &'static str {
        match self {
            Direction::Ingress => "Ingress",
            Direction::Egress => "Egress",
        }
    }
}

/// Whose policy an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Kubernetes' own.
    Kubernetes,
    /// Cilium's.
    Cilium,
    /// Calico's.
    Calico,
}

/// The kinds of network policies, whosoever.
pub const KINDS: [&str; 4] =
    ["NetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy"];

/// Whose network policy the object is, and whether it holds for all namespaces; none for any other object.
pub fn dialect(object: &Object<'_>) -> Option<(Dialect, bool)> {
    Some(match (object.group(), object.kind()) {
        ("networking.k8s.io" | "extensions", "NetworkPolicy") => (Dialect::Kubernetes, false),
        ("cilium.io", "CiliumNetworkPolicy") => (Dialect::Cilium, false),
        ("cilium.io", "CiliumClusterwideNetworkPolicy") => (Dialect::Cilium, true),
        ("projectcalico.org" | "crd.projectcalico.org", "NetworkPolicy") => (Dialect::Calico, false),
        ("projectcalico.org" | "crd.projectcalico.org", "GlobalNetworkPolicy") => (Dialect::Calico, true),
        _ => return None,
    })
}

/// True if a policy limits traffic in this direction. For a NetworkPolicy without `policyTypes`: ingress always, egress if it
/// has egress rules.
pub fn limits(policy: &Object<'_>, direction: Direction) -> bool {
    let Some((dialect, _)) = dialect(policy) else { return false };
    let set = |spec: &Node<'_>, field: &str| spec.get(field).is_some_and(|f| !f.is_null());
    let Some(spec) = policy.spec() else { return dialect == Dialect::Cilium && limits_in_specs(policy, direction) };
    match dialect {
        Dialect::Cilium => {
            set(&spec, direction.name())
                || set(&spec, &format!("{}Deny", direction.name()))
                || limits_in_specs(policy, direction)
        }
        Dialect::Kubernetes | Dialect::Calico => {
            let field = if dialect == Dialect::Calico { "types" } else { "policyTypes" };
            let types = spec.get(field).filter(|t| t.is_seq() && !t.is_empty());
            match types {
                Some(types) => types.items().any(|t| t.has_text(direction.policy_type())),
                None => match direction {
                    Direction::Egress => spec.get("egress").is_some_and(|e| !e.is_empty()),
                    // Calico takes a policy with egress rules alone for one of egress.
                    Direction::Ingress => {
                        dialect == Dialect::Kubernetes || set(&spec, "ingress") || !set(&spec, "egress")
                    }
                },
            }
        }
    }
}

fn limits_in_specs(policy: &Object<'_>, direction: Direction) -> bool {
    policy.node.get("specs").iter().flat_map(Node::items).any(|spec| spec.get(direction.name()).is_some())
}

/// True if a policy selects the pods of a workload, as far as can be told: a selector that is not evaluated counts as selecting.
pub fn selects(policy: &Object<'_>, workload: &Workload<'_>) -> bool {
    let Some((dialect, everywhere)) = dialect(policy) else { return false };
    if !everywhere && !policy.same_namespace(&workload.object) {
        return false;
    }
    let Some(spec) = policy.spec() else { return true };
    let labels = workload.labels();
    match dialect {
        // The selector is required; without one the API rejects the policy, and nothing is said here.
        Dialect::Kubernetes => {
            spec.get("podSelector").is_none_or(|s| s.is_null() || label_selector_matches(&s, labels.as_ref()))
        }
        Dialect::Cilium => match spec.get("endpointSelector") {
            Some(selector) => has_namespaced_keys(&selector) || label_selector_matches(&selector, labels.as_ref()),
            None => spec.get("nodeSelector").is_none(),
        },
        Dialect::Calico => spec.get("selector").and_then(|s| s.as_str()).is_none_or(|s| calico_selects(&s, workload)),
    }
}

/// Labels that pods must have for a policy to select them ([`selects`]); empty if that cannot be told, or it selects all. None for
/// any other object.
pub fn wanted_pairs<'s>(policy: &Object<'s>) -> Option<Vec<Pair<'s>>> {
    let (dialect, _) = dialect(policy)?;
    let Some(spec) = policy.spec() else { return Some(Vec::new()) };
    let selector = match dialect {
        Dialect::Kubernetes => spec.get("podSelector"),
        Dialect::Cilium => spec.get("endpointSelector").filter(|selector| !has_namespaced_keys(selector)),
        Dialect::Calico => None,
    };
    Some(pairs(selector.and_then(|s| s.get("matchLabels")).as_ref()).collect())
}

/// Cilium's keys may name where a label comes from (`k8s:app`) or the namespace.
fn has_namespaced_keys(selector: &Node<'_>) -> bool {
    let odd = |key: &str| key.contains(':') || key.starts_with("io.kubernetes.") || key.starts_with("io.cilium.");
    let labels = selector.get("matchLabels");
    let expressions = selector.get("matchExpressions");
    labels.iter().flat_map(|l| l.entries()).any(|(key, _)| key.text().is_some_and(|k| odd(&k)))
        || expressions
            .iter()
            .flat_map(Node::items)
            .any(|e| e.get("key").and_then(|k| k.text()).is_some_and(|k| odd(&k)))
}

/// Calico's selectors are expressions; only `key == 'value'` joined by `&&` is evaluated.
fn calico_selects(selector: &str, workload: &Workload<'_>) -> bool {
    selector.split("&&").all(|term| {
        let Some((key, value)) = term.split_once("==") else { return true };
        let (key, value) = (key.trim(), value.trim());
        let literal = value.len() >= 2 && (value.starts_with('\'') || value.starts_with('"'));
        let simple = literal && !key.contains(['(', '!', ' ', '|']) && !value.contains("||");
        let value = value.trim_matches(['\'', '"']);
        !simple || workload.label(key).is_some_and(|have| have == value)
    })
}

/// The rules of a direction of a NetworkPolicy.
pub fn rules<'s>(policy: &Object<'s>, direction: Direction) -> Vec<Node<'s>> {
    policy.spec().and_then(|s| s.get(direction.name())).map(|r| r.items().collect()).unwrap_or_default()
}

/// A list of a rule that says something; none if it is unset, null or empty, which all mean "any".
pub fn list<'s>(rule: &Node<'s>, field: &str) -> Option<Node<'s>> {
    rule.get(field).filter(|l| l.is_seq() && !l.is_empty())
}
