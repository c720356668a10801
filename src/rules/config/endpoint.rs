//! Hosts that values and objects name.

use std::ops::Range;

use super::{Wanted, settings, variables};
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{Object, Workload};
use crate::rule::{Draft, Sink};
use crate::source::Source;
use crate::yaml::Node;

/// A host in a text.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::rules) struct Endpoint<'t> {
    /// The host, without brackets.
    pub(in crate::rules) host: &'t str,
    /// The port that is written, or that of the scheme.
    pub(in crate::rules) port: Option<u16>,
    /// Where the host stands.
    pub(in crate::rules) range: Range<usize>,
}

/// The hosts of the URLs in a text.
pub(in crate::rules) fn urls(text: &str) -> Vec<Endpoint<'_>> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("://") {
        let colon = from + at;
        from = colon + 3;
        let scheme_start = text[..colon]
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .map_or(0, |n| n + text[n..].chars().next().map_or(1, char::len_utf8));
        let scheme = &text[scheme_start..colon];
        if scheme.is_empty() {
            continue;
        }
        let end = from + authority_len(&text[from..]);
        let start = text[from..end].rfind('@').map_or(from, |n| from + n + 1);
        out.extend(authority(text, start..end, default_port(scheme)));
    }
    out
}

/// How far user, host and port reach. A `$(NAME)` may stand among them; other brackets end them.
fn authority_len(text: &str) -> usize {
    let mut in_reference = false;
    for (at, c) in text.char_indices() {
        match c {
            '(' if text[..at].ends_with('$') => in_reference = true,
            ')' if in_reference => in_reference = false,
            _ if c.is_whitespace() || "/?#\"'`<>,;()|\\".contains(c) => return at,
            _ => {}
        }
    }
    text.len()
}

/// The host of a text that is `host:port`.
pub(in crate::rules) fn host_and_port(text: &str) -> Option<Endpoint<'_>> {
    let endpoint = authority(text, 0..text.len(), None)?;
    endpoint.port.is_some().then_some(endpoint)
}

fn authority(text: &str, range: Range<usize>, default: Option<u16>) -> Option<Endpoint<'_>> {
    let part = text.get(range.clone())?;
    let (start, host, rest) = match part.strip_prefix('[') {
        Some(inner) => {
            let (host, rest) = inner.split_once(']')?;
            (range.start + 1, host, rest)
        }
        None => {
            let end = part.find(':').unwrap_or(part.len());
            (range.start, &part[..end], &part[end..])
        }
    };
    let port = match rest.strip_prefix(':') {
        Some(port) => Some(port.parse().ok()?),
        None if rest.is_empty() => default,
        None => return None,
    };
    let named = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'*'));
    (!host.is_empty() && named).then(|| Endpoint { host, port, range: start..start + host.len() })
}

fn default_port(scheme: &str) -> Option<u16> {
    Some(match scheme.rsplit('+').next().unwrap_or(scheme) {
        "http" | "ws" => 80,
        "https" | "wss" => 443,
        "postgres" | "postgresql" => 5432,
        "mysql" | "mariadb" => 3306,
        "redis" | "rediss" => 6379,
        "amqp" => 5672,
        "mongodb" => 27017,
        "nats" => 4222,
        "kafka" => 9092,
        "sqlserver" => 1433,
        "memcached" => 11211,
        "smtp" => 25,
        _ if scheme.starts_with("postgresql") => 5432,
        _ => return None,
    })
}

/// A host that an object names for others, or that a value of it names.
pub(in crate::rules) struct Named<'s> {
    /// The name of the field or setting.
    pub(in crate::rules) key: String,
    /// The host, in lower case.
    pub(in crate::rules) host: String,
    place: Place<'s>,
    /// Index of the container that it is a variable of.
    pub(in crate::rules) container: Option<usize>,
}

enum Place<'s> {
    Part(Node<'s>, Range<usize>),
    Setting(super::Setting<'s>),
}

impl<'s> Named<'s> {
    /// The file that the host stands in.
    pub(in crate::rules) fn source(&self) -> Option<&'s Source> {
        let node = match &self.place {
            Place::Part(node, _) => node,
            Place::Setting(setting) => &setting.node,
        };
        node.span().map(|span| span.source)
    }

    /// Reports at the host.
    pub(in crate::rules) fn report<'d>(&self, sink: &'d mut Sink<'_, 's>, message: String) -> Draft<'d, 's> {
        match &self.place {
            Place::Part(node, range) => sink.at_part(node, range.clone(), message),
            Place::Setting(setting) => setting.report(sink, message),
        }
    }
}

/// All hosts that an object names: of routes, certificates and DNS annotations, and of the URLs in its variables or settings.
pub(in crate::rules) fn named<'s>(object: &Object<'s>, workloads: &[Workload<'s>]) -> Vec<Named<'s>> {
    let mut out = Vec::new();
    for (key, node) in fields(object) {
        let Some(text) = node.as_str().filter(|t| !is_placeholder(t)) else { continue };
        let mut from = 0;
        for part in text.split(',') {
            let host = part.trim();
            let start = from + (part.len() - part.trim_start().len());
            from += part.len() + 1;
            let at = host.rfind('@').map_or(0, |n| n + 1);
            let place = Place::Part(node.clone(), start + at..start + host.len());
            let host = host[at..].to_ascii_lowercase();
            out.push(Named { key: key.to_string(), host, place, container: None });
        }
    }
    let wanted = Wanted { file: &has_url, pair: &|_, text| has_url(text) && !is_placeholder(text) };
    let mut values: Vec<super::Setting<'s>> = workloads.iter().flat_map(|w| variables(w, &wanted)).collect();
    if object.is("", "ConfigMap") {
        values.extend(settings(object, &[], &wanted));
    }
    for setting in values {
        let Some(host) = urls(&setting.text).first().map(|e| e.host.to_ascii_lowercase()) else { continue };
        let (key, container) = (setting.name.to_string(), setting.container);
        out.push(Named { key, host, place: Place::Setting(setting), container });
    }
    out
}

fn has_url(text: &str) -> bool {
    text.contains("://")
}

/// The scalars of an object that are hosts.
fn fields<'s>(object: &Object<'s>) -> Vec<(&'static str, Node<'s>)> {
    let mut out = Vec::new();
    let spec = object.spec();
    let at = |path: &[&str]| spec.as_ref().and_then(|s| s.path(path));
    let list = |node: Option<Node<'s>>| -> Vec<Node<'s>> { node.iter().flat_map(Node::items).collect() };
    match object.kind() {
        "Ingress" => {
            out.extend(list(at(&["rules"])).iter().filter_map(|r| Some(("host", r.get("host")?))));
            for tls in list(at(&["tls"])) {
                out.extend(list(tls.get("hosts")).into_iter().map(|h| ("hosts", h)));
            }
        }
        "Route" => out.extend(at(&["host"]).map(|h| ("host", h))),
        "Gateway" => {
            out.extend(list(at(&["listeners"])).iter().filter_map(|l| Some(("hostname", l.get("hostname")?))));
        }
        "HTTPRoute" | "GRPCRoute" | "TLSRoute" => {
            out.extend(list(at(&["hostnames"])).into_iter().map(|h| ("hostnames", h)));
        }
        "Certificate" if object.group() == "cert-manager.io" => {
            out.extend(list(at(&["dnsNames"])).into_iter().map(|h| ("dnsNames", h)));
            out.extend(at(&["commonName"]).map(|h| ("commonName", h)));
        }
        "Issuer" | "ClusterIssuer" => out.extend(at(&["acme", "email"]).map(|h| ("email", h))),
        _ => {}
    }
    out.extend(object.annotation_node("external-dns.alpha.kubernetes.io/hostname").map(|h| ("hostname", h)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_texts() {
        let found = |text| urls(text).first().map(|e| (e.host, e.port));
        assert_eq!(found("http://localhost:8080/x"), Some(("localhost", Some(8080))));
        assert_eq!(found("jdbc:postgresql://db/shop"), Some(("db", Some(5432))));
        assert_eq!(found("redis://:pw@[::1]:6379/0"), Some(("::1", Some(6379))));
        assert_eq!(found("postgres://$(USER)@db"), Some(("db", Some(5432))));
        assert_eq!(found("http://$(HOST):80"), None);
        assert_eq!(found("ä://x ö://"), None);
        assert_eq!(host_and_port("127.0.0.1:80").map(|e| e.port), Some(Some(80)));
        assert_eq!(host_and_port("localhost"), None);
        assert_eq!(host_and_port("a:b"), None);
    }
}
