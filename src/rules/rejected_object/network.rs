//! NetworkPolicies, Ingresses, Services.

use std::net::IpAddr;

use super::{Reject, items, set, set_keys, written};
use crate::k8s::network_policy::{self, Direction};
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{Object, Version, ingress};
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
    let Some(range) = cidr(&node, &text, reject) else { return };
    for except in items(&block, "except") {
        let Some(inner) = except.as_str().filter(|t| !is_placeholder(t)) else { continue };
        if cidr(&except, &inner, reject).is_some_and(|except_range| !range.holds(&except_range)) {
            reject.at(&except, format!("`{inner}` is not a part of `{text}`")).related(&node, "of this range");
        }
    }
}

/// Reads a CIDR and reports one that the API refuses: from version 1.36 on also one with leading zeros, which other programs take for
/// octal numbers, and one with bits beyond its prefix.
fn cidr<'s>(node: &Node<'s>, text: &str, reject: &mut Reject<'_, '_, 's>) -> Option<Cidr> {
    let Some(range) = Cidr::parse(text) else {
        reject
            .at(node, format!("`{text}` is no CIDR"))
            .help("write an address and the length of its prefix: `10.0.0.0/8`");
        return None;
    };
    let strict = reject.env.target >= Version::v1(36);
    if strict && range.leading_zeros {
        reject.at(node, format!("`{text}` has leading zeros")).help("write the numbers without them");
    } else if strict && let Some(start) = range.start_if_other() {
        reject.at(node, format!("`{text}` has bits beyond its prefix")).help(format!("write `{start}`"));
    }
    Some(range)
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
    /// Some part of an IPv4 address is written with a zero before other digits.
    leading_zeros: bool,
}

impl Cidr {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        // As the API reads it, leading zeros say nothing.
        let plain = |part: &str| part.trim_start_matches('0').to_owned();
        let or_zero = |part: String| if part.is_empty() { "0".to_owned() } else { part };
        let parts: Vec<&str> = address.split('.').collect();
        let dotted = !address.contains(':') && parts.iter().all(|p| !p.is_empty());
        let leading_zeros = dotted && parts.iter().any(|p| p.len() > 1 && p.starts_with('0'));
        let sloppy: Vec<String> = parts.iter().map(|p| or_zero(plain(p))).collect();
        let (v4, bits) = match if leading_zeros { sloppy.join(".") } else { address.to_owned() }.parse().ok()? {
            IpAddr::V4(a) => (true, u128::from(u32::from(a)) << 96),
            IpAddr::V6(a) => (false, u128::from(a)),
        };
        let digits = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
        let prefix = prefix.parse().ok().filter(|p| digits && *p <= if v4 { 32 } else { 128 })?;
        Some(Cidr { v4, bits, prefix, leading_zeros })
    }

    fn mask(&self) -> u128 {
        if self.prefix == 0 { 0 } else { u128::MAX << (128 - self.prefix) }
    }

    /// The range as it is meant, if the address is not its first.
    fn start_if_other(&self) -> Option<String> {
        let start = self.bits & self.mask();
        let address = if self.v4 {
            IpAddr::from(((start >> 96) as u32).to_be_bytes())
        } else {
            IpAddr::from(start.to_be_bytes())
        };
        (start != self.bits).then(|| format!("{address}/{}", self.prefix))
    }

    /// True for a smaller range within this one.
    fn holds(&self, other: &Cidr) -> bool {
        self.v4 == other.v4 && other.prefix > self.prefix && (self.bits ^ other.bits) & self.mask() == 0
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
        let start = |text: &str| Cidr::parse(text).unwrap().start_if_other();
        assert_eq!(start("10.1.2.3/8").as_deref(), Some("10.0.0.0/8"));
        assert_eq!(start("fd00::1/64").as_deref(), Some("fd00::/64"));
        assert!(start("10.0.0.0/8").is_none() && start("0.0.0.0/0").is_none() && start("10.1.2.3/32").is_none());
        let zeros = |text: &str| Cidr::parse(text).unwrap().leading_zeros;
        assert!(zeros("010.0.0.0/8") && zeros("10.00.0.0/8") && !zeros("10.0.0.0/8") && !zeros("::1/128"));
        for bad in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "::/129", "a/8", "10.0.0.0/+8", "10.0.0.0/"] {
            assert!(Cidr::parse(bad).is_none(), "{bad}");
        }
    }
}
