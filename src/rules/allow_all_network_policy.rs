//! `allow-all-network-policy`: see `rules/allow-all-network-policy.md`.

use serde::Deserialize;

use crate::k8s::network_policy::{self, Dialect, Direction};
use crate::rule::{ObjectCx, Rule, Sink};
use crate::yaml::Node;

/// Reports network policies with a rule that lets everything pass.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct AllowAllNetworkPolicy {
    /// The directions to judge: `ingress`, `egress`.
    pub directions: Vec<Direction>,
}

impl Default for AllowAllNetworkPolicy {
    fn default() -> Self {
        AllowAllNetworkPolicy { directions: vec![Direction::Ingress] }
    }
}

impl Rule for AllowAllNetworkPolicy {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let policy = cx.object;
        if network_policy::dialect(policy) != Some((Dialect::Kubernetes, false)) {
            return;
        }
        for direction in &self.directions {
            if !network_policy::limits(policy, *direction) {
                continue;
            }
            for rule in network_policy::rules(policy, *direction) {
                let Some(place) = opening(&rule, *direction) else { continue };
                let name = policy.name().unwrap_or_default();
                sink.at(&place, format!("policy `{name}` allows all {}", direction.name()))
                    .entry(&rule)
                    .help(format!("list the peers under `{}`, or the `ports`", direction.peers()));
            }
        }
    }
}

/// Where a rule is open to everybody on every port.
fn opening<'s>(rule: &Node<'s>, direction: Direction) -> Option<Node<'s>> {
    if network_policy::list(rule, "ports").is_some() {
        return None;
    }
    let Some(peers) = network_policy::list(rule, direction.peers()) else {
        let key = rule.entries().next().map(|(key, _)| key);
        return Some(key.unwrap_or_else(|| rule.clone()));
    };
    peers.items().find_map(|peer| {
        let block = peer.get("ipBlock")?;
        let cidr = block.get("cidr")?;
        let all = matches!(cidr.as_str().as_deref(), Some("0.0.0.0/0" | "::/0"));
        (all && network_policy::list(&block, "except").is_none()).then_some(cidr)
    })
}
