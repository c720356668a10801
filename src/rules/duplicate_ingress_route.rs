//! `duplicate-ingress-route`: see `rules/duplicate-ingress-route.md`.

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::network::{Network, directory};
use crate::k8s::controller::class_of;
use crate::k8s::{Object, ingress};
use crate::rule::{BuildCx, Rule, ScopeKind, Sink, latest};
use crate::yaml::Node;

/// Reports routes that two rules of Ingresses give the same host and path.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DuplicateIngressRoute {}

/// What makes two routes one.
#[derive(PartialEq, Eq, Hash)]
struct Route {
    directory: String,
    class: Option<String>,
    host: String,
    path: String,
    path_type: String,
}

impl Rule for DuplicateIngressRoute {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if !cx.scope.complete {
            return;
        }
        let network = Network::new(cx);
        let mut seen: FxHashMap<Route, (&'a Object<'s>, Node<'s>)> = FxHashMap::default();
        for object in network.ingresses().filter(|o| !shares_routes(o)) {
            let directory = if cx.scope.kind == ScopeKind::Plain { directory(object) } else { String::new() };
            for rule in ingress::rules(object) {
                for path in ingress::paths(&rule) {
                    let Some(place) = path.get("path").or_else(|| Some(path.entries().next()?.0)) else { continue };
                    let text = |key: &str| path.get(key).and_then(|n| n.as_str()).unwrap_or_default().into_owned();
                    let written = text("path");
                    let route = Route {
                        directory: directory.clone(),
                        class: class_of(object),
                        host: ingress::host(&rule).unwrap_or_default().to_ascii_lowercase(),
                        path: if written.is_empty() { "/".into() } else { written },
                        path_type: text("pathType"),
                    };
                    let Some((other, first)) = seen.get(&route) else {
                        seen.insert(route, (object, place));
                        continue;
                    };
                    // Two objects of one name are one object in the cluster: another rule's matter.
                    let twice = std::ptr::eq(*other, object);
                    if !twice && other.name() == object.name() && other.same_namespace(object) {
                        continue;
                    }
                    sink.on(object, None);
                    let by = if twice {
                        "a rule above".into()
                    } else {
                        format!("Ingress `{}`", other.name().unwrap_or_default())
                    };
                    sink.at(
                        &latest(&place, rule.get("host")),
                        format!("`{}{}` is also routed by {by}", route.host, route.path),
                    )
                    .label("this route or the other is never used")
                    .related(first, "the same host and path")
                    .help("remove one of the two, or give it another host or path");
                }
            }
        }
    }
}

/// True for Ingresses that are meant to share a host and path with another: canaries, mergeable types, conditions of an ALB.
fn shares_routes(object: &Object<'_>) -> bool {
    ingress::is_canary(object)
        || object.annotation_node("nginx.org/mergeable-ingress-type").is_some()
        || object
            .annotations()
            .iter()
            .flat_map(|a| a.entries())
            .any(|(key, _)| key.text().is_some_and(|k| k.starts_with("alb.ingress.kubernetes.io/conditions.")))
}
