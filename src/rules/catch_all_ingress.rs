//! `catch-all-ingress`: see `rules/catch-all-ingress.md`.

use serde::Deserialize;

use crate::k8s::{Object, ingress};
use crate::rule::{Draft, ObjectCx, Rule, Sink, removal};
use crate::yaml::Node;

/// Reports Ingresses that take requests for hosts that nobody named.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct CatchAllIngress {
    /// Report wildcards (`*.example.com`), too.
    pub wildcards: bool,
}

impl Rule for CatchAllIngress {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        // Ingresses that share an ALB route by what the others leave.
        let shared = object.annotation_node("alb.ingress.kubernetes.io/group.name").is_some();
        if !ingress::is_ingress(object) || ingress::is_acme_solver(object) || shared {
            return;
        }
        let rules = ingress::rules(object);
        for rule in &rules {
            match ingress::host(rule) {
                None => {
                    let place = rule.get("host").or_else(|| rule.entries().next().map(|(key, _)| key));
                    let host = removal(rule, &["host"], |h| h.as_str().is_some_and(|h| !h.is_empty() && h != "*"));
                    help(sink.missing(&place.unwrap_or_else(|| rule.clone()), host, message(object, "every host")));
                }
                Some(host) if host == "*" => {
                    if let Some(node) = rule.get("host") {
                        report(object, &node, "every host", sink);
                    }
                }
                Some(host) if self.wildcards && host.starts_with("*.") => {
                    if let Some(node) = rule.get("host") {
                        report(object, &node, &format!("every host in `{}`", host.trim_start_matches("*.")), sink);
                    }
                }
                Some(_) => {}
            }
        }
        let backend = object.spec().and_then(|s| s.entry("defaultBackend").or_else(|| s.entry("backend")));
        if let Some((key, value)) = backend
            && rules.is_empty()
            && !value.is_null()
        {
            report(object, &key, "every host", sink);
        }
    }
}

fn report<'a, 's>(object: &Object<'s>, place: &Node<'s>, what: &str, sink: &mut Sink<'a, 's>) {
    help(sink.at(place, message(object, what)));
}

fn message(object: &Object<'_>, what: &str) -> String {
    format!("Ingress `{}` takes requests for {what}", object.name().unwrap_or_default())
}

fn help(mut draft: Draft<'_, '_>) {
    draft.help("name the hosts that the application is meant for");
}
