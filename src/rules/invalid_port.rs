//! `invalid-port`: see `rules/invalid-port.md`.

use serde::Deserialize;

use crate::finding::Safety;
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::syntax::Syntax;
use crate::k8s::{ProbeKind, Workload, ingress, selector};
use crate::rule::{Draft, ObjectCx, Rule, Sink, edit};
use crate::yaml::Node;

/// Reports ports that the API refuses.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct InvalidPort {}

impl Rule for InvalidPort {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        if object.is("", "Service") {
            if let Some(spec) = object.spec() {
                service(&spec, sink);
            }
        } else if ingress::is_ingress(object) {
            for rule in ingress::rules(object) {
                for path in ingress::paths(&rule) {
                    if let Some(port) = path.path(&["backend", "service", "port", "number"]) {
                        number(&port, false, sink);
                    }
                }
            }
        }
        for workload in cx.workloads {
            pod(workload, sink);
        }
    }
}

fn service<'s>(spec: &Node<'s>, sink: &mut Sink<'_, 's>) {
    let ports: Vec<Node<'s>> = spec.get("ports").iter().flat_map(Node::items).collect();
    let kind = spec.get("type").and_then(|t| t.as_str());
    let cluster_ip = kind.as_deref().is_none_or(|k| k == "ClusterIP");
    for port in &ports {
        let name = port.get("name").filter(|n| n.as_str().is_some_and(|n| !n.is_empty()));
        match name {
            Some(node) => {
                let Some(text) = node.as_str().filter(|t| !is_placeholder(t)) else { continue };
                if !is_label(&text) {
                    let why = "the name of a Service's port is made of `a-z`, `0-9` and `-`, 63 at most";
                    sink.at(&node, format!("port `{text}` is rejected: {why}"));
                }
            }
            None if ports.len() > 1 => {
                let place = port.get("port").unwrap_or_else(|| port.clone());
                let text = place.text().unwrap_or_default();
                sink.at(&place, format!("port {text} is rejected: each of several ports has a name"))
                    .suggest("add a `name`");
            }
            None => {}
        }
        if let Some(node) = port.get("port") {
            number(&node, false, sink);
        }
        if let Some(node) = port.get("targetPort").filter(|n| !n.is_null()) {
            either(&node, sink);
        }
        if let Some(node) = port.get("nodePort").filter(|n| cluster_ip && n.as_i64().is_some_and(|n| n != 0)) {
            let text = node.text().unwrap_or_default();
            sink.at(&node, format!("port {text} is rejected: a Service of type ClusterIP has no `nodePort`"))
                .suggest("remove it, or set `type: NodePort`");
        }
        protocol(port, sink);
    }
}

fn pod<'s>(workload: &Workload<'s>, sink: &mut Sink<'_, 's>) {
    for container in &workload.containers {
        for port in selector::ports(container) {
            if let Some(node) = port.get("containerPort") {
                number(&node, false, sink);
            }
            if let Some(node) = port.get("hostPort") {
                number(&node, true, sink);
            }
            if let Some(node) = port.get("name") {
                name(&node, sink);
            }
            protocol(&port, sink);
        }
        for kind in ProbeKind::ALL {
            let Some(probe) = container.probe(kind) else { continue };
            for handler in ["httpGet", "tcpSocket"] {
                // Numbers are the matter of invalid-probe.
                if let Some(node) = probe.path(&[handler, "port"]).filter(|n| n.as_i64().is_none()) {
                    either(&node, sink);
                }
            }
        }
    }
}

fn number<'s>(node: &Node<'s>, zero: bool, sink: &mut Sink<'_, 's>) {
    let Some(value) = node.as_i64() else { return };
    let least = i64::from(!zero);
    if !(least..=65_535).contains(&value) {
        sink.at(node, format!("port {value} is rejected: ports go from 1 to 65535"));
    }
}

/// A number or a name.
fn either<'s>(node: &Node<'s>, sink: &mut Sink<'_, 's>) {
    if node.as_i64().is_some() {
        number(node, false, sink);
    } else if let Some(mut draft) = name(node, sink)
        && let Some(text) = node.as_str().filter(|t| is_digits(t))
    {
        draft.offer(Safety::Safe, format!("write `{text}`"), edit::replace(node, &text));
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn name<'d, 's>(node: &Node<'s>, sink: &'d mut Sink<'_, 's>) -> Option<Draft<'d, 's>> {
    let text = node.as_str().filter(|t| !is_placeholder(t))?;
    let letter = text.bytes().any(|b| b.is_ascii_lowercase());
    let why = if is_digits(&text) {
        "in quotes it is a name, and names have a letter"
    } else if text.len() > 15 {
        "names of ports have 15 characters at most"
    } else if !is_label(&text) || !letter || text.contains("--") {
        "names of ports are made of `a-z`, `0-9` and single `-` between them, with a letter"
    } else {
        return None;
    };
    Some(sink.at(node, format!("port `{text}` is rejected: {why}")))
}

fn protocol<'s>(port: &Node<'s>, sink: &mut Sink<'_, 's>) {
    let Some(node) = port.get("protocol") else { return };
    let Some(text) = node.as_str().filter(|t| !is_placeholder(t)) else { return };
    if !matches!(&*text, "TCP" | "UDP" | "SCTP") {
        sink.at(&node, format!("protocol `{text}` is rejected: it is TCP, UDP or SCTP"));
    }
}

fn is_label(text: &str) -> bool {
    Syntax::Label.check(text).is_none()
}
