//! Ingresses: hosts, paths, TLS entries, and what controllers make of annotations.

use std::borrow::Cow;

use super::object::Object;
use crate::yaml::Node;

pub mod annotations;

/// True for an Ingress of any version.
pub fn is_ingress(object: &Object<'_>) -> bool {
    object.kind() == "Ingress" && matches!(object.group(), "networking.k8s.io" | "extensions")
}

/// True for an Ingress that cert-manager makes for the time of an ACME challenge.
pub fn is_acme_solver(object: &Object<'_>) -> bool {
    object.label("acme.cert-manager.io/http01-solver").is_some_and(|v| v == "true")
}

/// True for a canary of ingress-nginx: TLS, limits and all other annotations come from the Ingress beside it.
pub fn is_canary(object: &Object<'_>) -> bool {
    flag(object, "nginx.ingress.kubernetes.io/canary") == Some(true)
}

/// The `rules[]` of an Ingress.
pub fn rules<'s>(ingress: &Object<'s>) -> Vec<Node<'s>> {
    list(ingress, "rules")
}

/// The `tls[]` of an Ingress.
pub fn tls<'s>(ingress: &Object<'s>) -> Vec<Node<'s>> {
    list(ingress, "tls")
}

fn list<'s>(ingress: &Object<'s>, field: &str) -> Vec<Node<'s>> {
    ingress.spec().and_then(|s| s.get(field)).map(|l| l.items().collect()).unwrap_or_default()
}

/// The `host` of a rule of an Ingress; none if it is unset or empty.
pub fn host<'s>(rule: &Node<'s>) -> Option<Cow<'s, str>> {
    rule.get("host")?.as_str().filter(|h| !h.is_empty())
}

/// The `http.paths[]` of a rule of an Ingress.
pub fn paths<'s>(rule: &Node<'s>) -> Vec<Node<'s>> {
    rule.path(&["http", "paths"]).map(|l| l.items().collect()).unwrap_or_default()
}

/// The hosts that the rules of an Ingress name; none among them for a rule without host.
pub fn hosts<'s>(ingress: &Object<'s>) -> Vec<Option<Cow<'s, str>>> {
    rules(ingress).iter().map(host).collect()
}

/// The trimmed value of an annotation, as controllers read it.
pub fn annotation<'s>(object: &Object<'s>, key: &str) -> Option<String> {
    object.annotation(key).map(|v| v.trim().to_owned())
}

/// A boolean annotation as Go's `strconv.ParseBool` reads it.
pub fn flag(object: &Object<'_>, key: &str) -> Option<bool> {
    parse_bool(object.annotation(key)?.trim())
}

/// A boolean as Go's `strconv.ParseBool` reads it.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// True if cert-manager is asked to issue the certificates that the TLS entries name.
pub fn asks_cert_manager(object: &Object<'_>) -> bool {
    object.annotation("cert-manager.io/issuer").is_some()
        || object.annotation("cert-manager.io/cluster-issuer").is_some()
        || flag(object, "kubernetes.io/tls-acme") == Some(true)
}

/// True if a host name of a certificate or TLS entry covers a host: equal, or a wildcard for its first label.
pub fn covers(pattern: &str, host: &str) -> bool {
    if pattern.eq_ignore_ascii_case(host) {
        return true;
    }
    match (pattern.strip_prefix("*."), host.split_once('.')) {
        (Some(domain), Some((label, rest))) => label != "*" && !label.is_empty() && rest.eq_ignore_ascii_case(domain),
        _ => false,
    }
}

/// True for a host that no public certificate exists for: names of one machine, one network or one cluster.
pub fn is_internal_host(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost"
        || [".local", ".localhost", ".test", ".svc", ".cluster.local"].iter().any(|suffix| host.ends_with(suffix))
}

/// Hosts in words: `` `a.example.com` ``, `` `a`, `b` and `c` ``, at most three by name; `every host` if there is none.
pub fn in_words<H: AsRef<str>>(hosts: &[H]) -> String {
    let mut names: Vec<String> = Vec::new();
    for host in hosts {
        let name = format!("`{}`", host.as_ref());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(3);
    if more > 0 {
        names.truncate(3);
        return format!("{} and {more} more", names.join(", "));
    }
    match names.split_last() {
        None => "every host".into(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
