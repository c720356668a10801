//! `dns-blocked-by-network-policy`: see `rules/dns-blocked-by-network-policy.md`.

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::network::policies_of;
use crate::k8s::network_policy::{self, Dialect, Direction};
use crate::k8s::{Object, Workload};
use crate::rule::{BuildCx, Rule, Sink, Within};
use crate::source::Span;
use crate::yaml::Node;

/// Reports egress policies that allow connections by name, and no way to look names up.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DnsBlockedByNetworkPolicy {}

impl Rule for DnsBlockedByNetworkPolicy {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if !cx.scope.complete || cx.scope.workloads.is_empty() {
            return;
        }
        let limits = |o: &&Object<'s>| network_policy::limits(o, Direction::Egress);
        // Policy of the own scope → the workloads that it cuts off, in order.
        let mut cut_off: Vec<(&'a Object<'s>, Vec<&'a Workload<'s>>)> =
            cx.scope.objects.iter().filter(limits).map(|p| (p, Vec::new())).collect();
        if cut_off.is_empty() {
            return;
        }
        let places: FxHashMap<*const Object<'s>, usize> =
            cut_off.iter().enumerate().map(|(at, (policy, _))| (std::ptr::from_ref(*policy), at)).collect();
        for workload in &cx.scope.workloads {
            if workload.host_network() || workload.get("dnsPolicy").is_some_and(|p| p.has_text("None")) {
                continue;
            }
            let mut policies = policies_of(cx.run, Within::Around(cx.scope), workload);
            policies.retain(|p| network_policy::limits(p, Direction::Egress));
            if !is_cut_off(&policies) {
                continue;
            }
            let first = policies.iter().find_map(|policy| places.get(&std::ptr::from_ref(*policy)));
            if let Some((_, workloads)) = first.and_then(|at| cut_off.get_mut(*at)) {
                workloads.push(workload);
            }
        }
        for (policy, workloads) in &cut_off {
            report(policy, workloads, sink);
        }
    }
}

fn report<'a, 's>(policy: &'a Object<'s>, workloads: &[&Workload<'s>], sink: &mut Sink<'a, 's>) {
    let Some(first) = workloads.first() else { return };
    let more = if workloads.len() > 1 { format!(" and {} more", workloads.len() - 1) } else { String::new() };
    let (kind, name) = (first.object.kind(), first.object.name().unwrap_or_default());
    let place = policy.spec().and_then(|s| s.entry("egress")).map_or_else(|| policy.anchor(), |(key, _)| key);
    let message = format!("egress rules of {kind} `{name}`{more} leave no way to DNS");
    sink.on(policy, None);
    sink.missing(&place, removed(policy), message)
        .help("allow UDP and TCP port 53 to the namespace kube-system")
        .suggest("add a rule that allows port 53 to the namespace kube-system");
}

/// The patch that took a rule with DNS's port out of the list, or put another list in its place.
fn removed<'s>(policy: &Object<'s>) -> Option<Span<'s>> {
    let spec = policy.spec()?;
    let mut lists = spec.earlier_lists("egress");
    lists.find(|list| list.value.items().any(|rule| opens_dns_port(&rule))).map(|list| list.at)
}

/// True if the policies together allow some connection that needs a name, and none to DNS.
fn is_cut_off(policies: &[&Object<'_>]) -> bool {
    let mut needs_names = false;
    for policy in policies {
        // What others than NetworkPolicies allow is not evaluated.
        if network_policy::dialect(policy) != Some((Dialect::Kubernetes, false)) {
            return false;
        }
        for rule in network_policy::rules(policy, Direction::Egress) {
            let Some(peers) = network_policy::list(&rule, "to") else {
                if opens_dns_port(&rule) {
                    return false;
                }
                needs_names = true;
                continue;
            };
            for peer in peers.items() {
                let by_block = peer.get("ipBlock").is_some();
                needs_names |= !by_block;
                let leads_there =
                    by_block || peer.get("namespaceSelector").is_some_and(|n| !n.is_null()) || is_home_of_dns(policy);
                if leads_there && opens_dns_port(&rule) {
                    return false;
                }
            }
        }
    }
    needs_names
}

/// True if the ports of a rule may include that of DNS: there are none, a named one, or 53.
fn opens_dns_port(rule: &Node<'_>) -> bool {
    let Some(ports) = network_policy::list(rule, "ports") else { return true };
    ports.items().any(|entry| {
        let Some(port) = entry.get("port").filter(|p| !p.is_null()) else { return true };
        let Some(from) = port.as_i64() else { return true };
        let to = entry.get("endPort").and_then(|e| e.as_i64()).unwrap_or(from);
        // CoreDNS of OpenShift listens on 5353, which policies name since they see the pod's port.
        from <= 53 && 53 <= to || from <= 5353 && 5353 <= to
    })
}

/// True for a policy in the namespace of the cluster's DNS: a podSelector alone reaches it.
fn is_home_of_dns(policy: &Object<'_>) -> bool {
    policy.namespace().is_some_and(|n| n == "kube-system" || n == "openshift-dns")
}
