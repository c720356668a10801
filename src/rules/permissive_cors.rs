//! `permissive-cors`: see `rules/permissive-cors.md`.

use serde::Deserialize;

use crate::k8s::{Object, ingress};
use crate::rule::{ObjectCx, Rule, Sink};
use crate::yaml::Node;

/// Reports settings that let scripts of any site call an application.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct PermissiveCors {}

/// Names of settings that hold the allowed origins.
const NAMES: [&str; 4] = ["CORS_ORIGIN", "CORS_ORIGINS", "CORS_ALLOWED_ORIGINS", "ALLOWED_ORIGINS"];

impl Rule for PermissiveCors {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        if ingress::is_ingress(object) {
            annotations(object, sink);
        } else if object.kind() == "Middleware" && object.group().starts_with("traefik.") {
            let list = object.spec().and_then(|s| s.path(&["headers", "accessControlAllowOriginList"]));
            for item in list.iter().flat_map(Node::items).filter(|i| i.has_text("*")) {
                any_site(object, &item, sink);
            }
        } else if object.is("", "ConfigMap") {
            for (key, value) in object.node.get("data").iter().flat_map(|d| d.entries()) {
                setting(object, &key, &value, sink);
            }
        }
        for workload in cx.workloads {
            for container in &workload.containers {
                for env in container.get("env").iter().flat_map(Node::items) {
                    if let (Some(name), Some(value)) = (env.get("name"), env.get("value")) {
                        setting(object, &name, &value, sink);
                    }
                }
            }
        }
    }
}

/// ingress-nginx: `*`, or no origin at all, means any, and sends credentials unless told otherwise.
fn annotations<'a, 's>(object: &Object<'s>, sink: &mut Sink<'a, 's>) {
    const ENABLE: &str = "nginx.ingress.kubernetes.io/enable-cors";
    const ORIGIN: &str = "nginx.ingress.kubernetes.io/cors-allow-origin";
    if ingress::flag(object, ENABLE) != Some(true) {
        return;
    }
    let origin = object.annotation_node(ORIGIN).filter(|o| o.as_str().is_some_and(|o| !o.trim().is_empty()));
    match origin {
        Some(origin) => {
            if origin.text().is_some_and(|o| o.split(',').any(|o| o.trim() == "*")) {
                any_site(object, &origin, sink);
            }
        }
        None => {
            if let Some(node) = object.annotation_node(ENABLE) {
                any_site(object, &node, sink);
            }
        }
    }
}

fn setting<'a, 's>(object: &Object<'s>, name: &Node<'s>, value: &Node<'s>, sink: &mut Sink<'a, 's>) {
    if !name.text().is_some_and(|n| NAMES.iter().any(|known| n.eq_ignore_ascii_case(known))) {
        return;
    }
    let Some(text) = value.as_str() else { return };
    let mut origins = text.split([',', ' ', ';', '[', ']', '"', '\'']).filter(|o| !o.is_empty());
    if text.trim() == "*" {
        any_site(object, value, sink);
    } else if let Some(local) = origins.find(|o| is_local(o)) {
        sink.at(
            value,
            format!("{} `{}` lets pages of `{local}` call it", object.kind(), object.shown_name().unwrap_or_default()),
        )
        .help("leave origins of developers' machines to the overlays of development");
    }
}

/// True for an origin on the machine of whoever opens the page.
fn is_local(origin: &str) -> bool {
    let host = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    matches!(host, "localhost" | "127.0.0.1") || host.ends_with(".localhost")
}

fn any_site<'a, 's>(object: &Object<'s>, node: &Node<'s>, sink: &mut Sink<'a, 's>) {
    sink.at(node, format!("{} `{}` lets any site call it", object.kind(), object.shown_name().unwrap_or_default()))
        .help("list the origins that call it, such as `https://shop.example.com`");
}
