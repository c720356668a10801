//! NetworkPolicies, Ingresses, Services.

use std::net::IpAddr;

use super::{Reject, items, set, set_keys, written};
use crate::k8s::network_policy::{self, Direction};
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{Object, ingress};
use crate::yaml::Node;

pub(super) fn check<'s>(object: &Object<'s>, reject: &mut Reject<'_, '_, 's>) {
    if network_policy::dialect(object) == Some((network_policy::Dialect::Kubernetes, false)) {
        for direction in [Direction::Ingress, Direction::Egress] {
            for rule in network_policy::rules(object, direction) {
                items(&rule, direction.peers()).iter().for_each(|p| peer(p, direction, reject));
                items(&rule, "ports").iter().for_each(|p| port(p, reject));
            }
        }
    } else if ingress::is_ingress(object) {
        of_ingress(object, reject);
    } else if let Some(spec) = object.spec().filter(|_| object.is("", "Service")) {
        let external = spec.get("type").filter(|t| t.has_text("ExternalName"));
        let named = spec.get("externalName").is_some_and(|n| n.as_str().is_some_and(|n| !n.is_empty()));
        if let Some(node) = external.filter(|_| !named) {
            reject.at(&node, "type ExternalName needs `externalName`");
        }
    }
}

fn peer<'s>(peer: &Node<'s>, direction: Direction, reject: &mut Reject<'_, '_, 's>) {
    let keys = set_keys(peer, &["ipBlock", "podSelector", "namespaceSelector"]);
    if keys.is_empty() && peer.entries().all(|(_, v)| v.is_null()) {
        let why = format!("a peer in `{}` of {} names nothing", direction.peers(), direction.name());
        reject.at(peer, why).help("an empty list is for everybody, and an empty `podSelector: {}` for the namespace");
    }
    let Some((block_key, block)) = peer.entry("ipBlock").filter(|(_, b)| !b.is_null()) else { return };
    if let Some(selector) = keys.iter().find(|k| !k.has_text("ipBlock")) {
        reject.both(&[block_key, selector.clone()], "a peer has `ipBlock` or selectors, not both");
    }
    let Some((node, text)) = written(&block, "cidr") else { return };
    let Some(range) = Cidr::parse(&text) else {
        reject
            .at(&node, format!("`{text}` is no CIDR"))
            .help("write an address and the length of its prefix: `10.0.0.0/8`");
        return;
    };
    for except in items(&block, "except") {
        let Some(inner) = except.as_str().filter(|t| !is_placeholder(t)) else { continue };
        match Cidr::parse(&inner) {
            None => _ = reject.at(&except, format!("`{inner}` is no CIDR")),
            Some(except_range) if !range.holds(&except_range) => {
                reject.at(&except, format!("`{inner}` is not a part of `{text}`")).related(&node, "of this range");
            }
            Some(_) => {}
        }
    }
}

fn port<'s>(port: &Node<'s>, reject: &mut Reject<'_, '_, 's>) {
    let Some((end, node)) = set(port, "endPort").and_then(|n| Some((n.as_i64()?, n))) else { return };
    match set(port, "port") {
        None => _ = reject.at(&node, "`endPort` needs `port`"),
        Some(first) => match first.as_i64() {
            None if first.text().is_some_and(|t| is_placeholder(&t)) => {}
            None => _ = reject.at(&node, "`endPort` cannot follow a port that is named"),
            Some(number) if end < number => {
                reject.at(&node, format!("`endPort` {end} is less than `port` {number}"));
            }
            Some(_) => {}
        },
    }
}

fn of_ingress<'s>(object: &Object<'s>, reject: &mut Reject<'_, '_, 's>) {
    let mut backends: Vec<(Node<'s>, Node<'s>)> = Vec::new();
    backends.extend(object.spec().and_then(|s| s.entry("defaultBackend")));
    for rule in ingress::rules(object) {
        backends.extend(ingress::paths(&rule).iter().filter_map(|path| path.entry("backend")));
        let Some((node, host)) = written(&rule, "host") else { continue };
        let wildcard = host.strip_prefix("*.").is_some_and(|rest| !rest.contains('*'));
        if host.parse::<IpAddr>().is_ok() {
            reject
                .at(&node, format!("host `{host}` is an address"))
                .help("leave `host` out, or give the address a name");
        } else if host.contains('*') && !wildcard {
            reject.at(&node, format!("host `{host}` has `*` elsewhere than as its first part"));
        }
    }
    if object.version() != "v1" {
        return;
    }
    for (key, backend) in backends.iter().filter(|(_, b)| b.is_map()) {
        let targets = set_keys(backend, &["service", "resource"]);
        match targets.len() {
            0 => {
                let old = set(backend, "serviceName").is_some();
                let mut draft = reject.at(key, "a backend needs `service` or `resource`");
                if old {
                    draft.help("`serviceName: x` is `service: {name: x}` in `networking.k8s.io/v1`");
                }
            }
            1 => {}
            _ => reject.both(&targets, "a backend has `service` or `resource`, not both"),
        }
    }
}

/// A range of addresses.
struct Cidr {
    v4: bool,
    bits: u128,
    prefix: u32,
}

impl Cidr {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let (v4, bits) = match address.parse().ok()? {
            IpAddr::V4(a) => (true, u128::from(u32::from(a)) << 96),
            IpAddr::V6(a) => (false, u128::from(a)),
        };
        let digits = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
        let prefix = prefix.parse().ok().filter(|p| digits && *p <= if v4 { 32 } else { 128 })?;
        Some(Cidr { v4, bits, prefix })
    }

    /// True for a smaller range within this one.
    fn holds(&self, other: &Cidr) -> bool {
        let mask = if self.prefix == 0 { 0 } else { u128::MAX << (128 - self.prefix) };
        self.v4 == other.v4 && other.prefix > self.prefix && (self.bits ^ other.bits) & mask == 0
    }
}

#[cfg(test)]
mod tests {
    use super::Cidr;

    #[test]
    fn ranges() {
        let holds = |a: &str, b: &str| Cidr::parse(a).unwrap().holds(&Cidr::parse(b).unwrap());
        assert!(
            holds("10.0.0.0/8", "10.1.0.0/16") && holds("0.0.0.0/0", "10.0.0.0/8") && holds("fd00::/8", "fd12::/16")
        );
        assert!(!holds("10.0.0.0/8", "11.0.0.0/16") && !holds("10.0.0.0/8", "10.0.0.0/8"));
        assert!(!holds("0.0.0.0/0", "fd00::/8") && !holds("10.1.0.0/16", "10.0.0.0/8"));
        for bad in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "::/129", "a/8", "10.0.0.0/+8", "10.0.0.0/"] {
            assert!(Cidr::parse(bad).is_none(), "{bad}");
        }
    }
}
