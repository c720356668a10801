//! `liveness-checks-readiness`: see `rules/liveness-checks-readiness.md`.

use serde::Deserialize;

use super::probe::{is_judged, window};
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::selector::ports;
use crate::k8s::{Container, ProbeKind};
use crate::rule::{ContainerCx, Rule, Sink};
use crate::yaml::Node;

/// Reports liveness probes that ask what the readiness probe asks.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct LivenessChecksReadiness {}

const HELP: &str = "let liveness ask whether the process itself works, or give it more time than readiness";

impl Rule for LivenessChecksReadiness {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let container = cx.container;
        if !container.class.runs_with_pod() || !is_judged(cx.workload) {
            return;
        }
        let Some(liveness) = container.probe(ProbeKind::Liveness) else { return };
        let name = container.name();
        let readiness = container.probe(ProbeKind::Readiness);
        if let Some(readiness) = &readiness
            && let Some((asked, asked_too)) = same_handler(container, &liveness, readiness)
        {
            if window(&liveness) > window(readiness) {
                return;
            }
            sink.at(&asked, format!("liveness of `{name}` fails whenever readiness does"))
                .label("asks the same, and is not more patient")
                .related(&asked_too, "readiness asks this")
                .help(HELP)
                .suggest("raise `failureThreshold` of the liveness probe, or let it ask another endpoint");
            return;
        }
        let path = liveness.get("httpGet").and_then(|h| h.get("path"));
        let Some((node, text)) = path.and_then(|p| Some((p.clone(), p.as_str()?.into_owned()))) else { return };
        let asked = readiness.as_ref().and_then(|r| r.get("httpGet")?.get("path")?.as_str());
        let other = asked.filter(|asked| route(asked) != route(&text));
        let names_readiness = match &other {
            // Below a path of that name there may be more questions than one; that readiness asks another says so.
            Some(_) => route(&text).rsplit('/').next().is_some_and(is_readiness),
            None => route(&text).split('/').any(is_readiness),
        };
        if is_placeholder(&text) || !names_readiness {
            return;
        }
        let message = match other {
            Some(_) => format!("liveness of `{name}` asks whether it is ready: `{text}`"),
            None => format!("liveness of `{name}` fails whenever readiness does: it asks `{text}`"),
        };
        sink.at(&node, message).help(HELP).suggest("let it ask the liveness endpoint");
    }
}

/// A path without what is behind it, and without a final `/`.
fn route(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/')
}

fn is_readiness(segment: &str) -> bool {
    matches!(segment, "ready" | "readyz" | "readiness")
}

/// The keys of the two handlers, if they ask the same.
fn same_handler<'s>(container: &Container<'s>, a: &Node<'s>, b: &Node<'s>) -> Option<(Node<'s>, Node<'s>)> {
    ["httpGet", "exec", "grpc"].into_iter().find_map(|field| {
        let (key_a, a) = a.entry(field).filter(|(_, h)| h.is_map())?;
        let (key_b, b) = b.entry(field).filter(|(_, h)| h.is_map())?;
        let same_text = |key: &str, default: &str| text(&a, key, default) == text(&b, key, default);
        let same_port = || {
            let port = port(container, &a);
            port.is_some() && port == self::port(container, &b)
        };
        let same = match field {
            "httpGet" => {
                let same_place = same_text("path", "/") && same_text("scheme", "HTTP") && same_text("host", "");
                same_place && host_header(&a) == host_header(&b) && same_port()
            }
            "grpc" => same_text("service", "") && same_port(),
            _ => {
                let command = |h: &Node<'s>| -> Option<Vec<String>> {
                    let command = h.get("command").filter(|c| !c.is_empty())?;
                    command.items().map(|c| Some(c.text()?.into_owned())).collect()
                };
                command(&a).is_some_and(|a| command(&b) == Some(a))
            }
        };
        same.then_some((key_a, key_b))
    })
}

fn text(handler: &Node<'_>, key: &str, default: &str) -> String {
    let text = handler.get(key).and_then(|n| n.as_str()).filter(|t| !t.is_empty());
    text.map_or_else(|| default.to_string(), |t| t.into_owned())
}

/// The `Host` header of a handler: it chooses which site of a server is asked. Other headers name the asker.
fn host_header(handler: &Node<'_>) -> Option<String> {
    let headers = handler.get("httpHeaders");
    let is_host = |h: &Node<'_>| h.get("name").and_then(|n| n.text()).is_some_and(|n| n.eq_ignore_ascii_case("host"));
    Some(headers.iter().flat_map(Node::items).find(is_host)?.get("value")?.text()?.into_owned())
}

/// The port of a handler, a name resolved through the container's ports where they have it.
fn port(container: &Container<'_>, handler: &Node<'_>) -> Option<String> {
    let port = handler.get("port")?.as_str()?.into_owned();
    let declared = ports(container).find(|p| p.get("name").is_some_and(|n| n.has_text(&port)));
    let number = declared.and_then(|p| p.get("containerPort")?.as_str().map(|n| n.into_owned()));
    Some(number.unwrap_or(port))
}
