//! `invalid-ingress-path`: see `rules/invalid-ingress-path.md`.

use serde::Deserialize;

use super::network::Network;
use crate::finding::Safety;
use crate::k8s::controller::Controller;
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{Object, body_size, ingress};
use crate::rule::{BuildCx, Rule, Sink, edit};
use crate::yaml::Node;

/// Reports paths of an Ingress that the API or the controller rejects, or that never match.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct InvalidIngressPath {}

const REWRITE: &str = "nginx.ingress.kubernetes.io/rewrite-target";
const USE_REGEX: &str = "nginx.ingress.kubernetes.io/use-regex";

impl Rule for InvalidIngressPath {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let network = Network::new(cx);
        for object in network.ingresses() {
            sink.on(object, None);
            let nginx = network.controller(object).is_some_and(|k| k.controller == Controller::IngressNginx);
            for rule in ingress::rules(object) {
                for entry in ingress::paths(&rule) {
                    let kind = entry.get("pathType").and_then(|t| t.as_str()).unwrap_or_default();
                    let node = entry.get("path").filter(|p| !p.is_null());
                    let path = node.as_ref().and_then(Node::text).unwrap_or_default();
                    let Some(place) = node.or_else(|| entry.get("pathType")) else { continue };
                    if is_placeholder(&path) {
                        continue;
                    }
                    let why = rejected(&path, &kind).map(|why| (why, false)).or_else(|| {
                        let host = ingress::host(&rule);
                        nginx.then(|| unworkable(&network, object, host.as_deref(), &path, &kind)).flatten()
                    });
                    let Some((why, regex)) = why else { continue };
                    let mut draft = sink.at(&place, format!("path `{path}` cannot work with pathType {kind}: {why}"));
                    draft.entry(&entry);
                    if !regex {
                        draft.help("write an absolute path as it stands in the URL");
                        continue;
                    }
                    let order = "set `pathType: ImplementationSpecific`";
                    draft.help(order);
                    match edit::set(&entry, &["pathType"], "ImplementationSpecific") {
                        Some(edit) => draft.fix(Safety::Unsafe, order, vec![edit]),
                        None => draft.suggest(order),
                    };
                }
            }
        }
    }
}

/// Why the API server rejects the path.
fn rejected(path: &str, kind: &str) -> Option<String> {
    match kind {
        "ImplementationSpecific" if path.is_empty() || path.starts_with('/') => None,
        "Exact" | "Prefix" | "ImplementationSpecific" if !path.starts_with('/') => {
            Some("the API server wants a path that starts with `/`".into())
        }
        "Exact" | "Prefix" => {
            let within = ["//", "/./", "/../", "%2f", "%2F"].into_iter().find(|part| path.contains(part));
            let part = within.or_else(|| ["/..", "/."].into_iter().find(|end| path.ends_with(end)));
            part.map(|part| format!("the API server rejects `{part}`"))
        }
        _ => None,
    }
}

/// Why ingress-nginx rejects the path or never matches it, and whether another path type mends it.
fn unworkable<'s>(
    network: &Network<'_, 's>,
    object: &Object<'s>,
    host: Option<&str>,
    path: &str,
    kind: &str,
) -> Option<(String, bool)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    if matches!(kind, "Exact" | "Prefix") && !path.chars().all(plain) && is_strict(network) {
        let odd = path.chars().find(|c| !plain(*c)).unwrap_or_default();
        let regex = looks_like_regex(path);
        return Some((format!("ingress-nginx rejects `{odd}`, which is for ImplementationSpecific only"), regex));
    }
    let rewrite = ingress::annotation(object, REWRITE).unwrap_or_default();
    let (wanted, groups) = (last_group(&rewrite), groups(path));
    if wanted > groups {
        let has = if groups == 0 { "no group".into() } else { format!("{groups} only") };
        return Some((format!("`rewrite-target` uses `${wanted}`, and the path has {has}"), false));
    }
    let specific = kind == "ImplementationSpecific" && looks_like_regex(path);
    (specific && rewrite.is_empty() && !host_uses_regex(network, object, host))
        .then(|| ("without `use-regex: \"true\"` ingress-nginx takes it as plain text".into(), false))
}

/// ingress-nginx checks path types unless its ConfigMap says otherwise.
fn is_strict(network: &Network<'_, '_>) -> bool {
    !network.configs().iter().any(|o| {
        body_size::configured_by(o) == Some(Controller::IngressNginx)
            && o.node
                .path(&["data", "strict-validate-path-type"])
                .is_some_and(|n| n.text().is_some_and(|t| ingress::parse_bool(t.trim()) == Some(false)))
    })
}

/// True if the Ingress, or another one for the host, makes ingress-nginx take all paths of the host as regular expressions.
fn host_uses_regex<'s>(network: &Network<'_, 's>, object: &Object<'s>, host: Option<&str>) -> bool {
    let uses = |o: &Object<'s>| ingress::flag(o, USE_REGEX) == Some(true) || ingress::annotation(o, REWRITE).is_some();
    uses(object)
        || network
            .of_kind("Ingress")
            .filter(|o| ingress::is_ingress(o) && uses(o))
            .any(|o| ingress::hosts(o).iter().any(|h| h.as_deref() == host))
}

fn looks_like_regex(path: &str) -> bool {
    path.contains(['(', ')', '[', ']', '*', '+', '?', '|', '^', '$', '\\'])
}

/// The highest `$n` of a rewrite target.
fn last_group(target: &str) -> usize {
    let digits = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count().min(2);
    target.split('$').skip(1).filter_map(|part| part.get(..digits(part))?.parse().ok()).max().unwrap_or(0)
}

/// How many capture groups a regular expression has.
fn groups(path: &str) -> usize {
    let mut count = 0;
    let mut chars = path.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => _ = chars.next(),
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => {
                let mut ahead = chars.clone();
                // `(?:`, `(?=`, `(?!` capture nothing; `(?<name>` does.
                let special = ahead.next() == Some('?');
                let named =
                    special && matches!(ahead.next(), Some('<' | 'P')) && !matches!(ahead.next(), Some('=' | '!'));
                if !special || named {
                    count += 1;
                }
            }
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_paths_and_targets() {
        for (path, count) in
            [("/", 0), ("/api(/|$)(.*)", 2), ("/(?:a|b)/(.*)", 1), (r"/\(a\)", 0), ("/[(]", 0), ("/(?<x>a)", 1)]
        {
            assert_eq!(groups(path), count, "{path}");
        }
        for (target, last) in [("/", 0), ("/$1", 1), ("/a/$2/$1", 2), ("/$", 0), ("/$http_host", 0)] {
            assert_eq!(last_group(target), last, "{target}");
        }
    }
}
