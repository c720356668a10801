//! `invalid-probe`: see `rules/invalid-probe.md`.

use serde::Deserialize;

use super::probe::HANDLERS;
use crate::finding::Safety;
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{Class, Container, ProbeKind};
use crate::rule::{ContainerCx, Rule, Sink, edit};
use crate::yaml::Node;

/// Reports probes that the API server rejects.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct InvalidProbe {}

impl Rule for InvalidProbe {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let container = cx.container;
        if !container.class.runs_with_pod() {
            out_of_place(container, sink);
            return;
        }
        for kind in ProbeKind::ALL {
            if let Some((key, probe)) = container.node.entry(kind.field()).filter(|(_, p)| p.is_map()) {
                let mut judge = Judge { container, kind, sink };
                judge.handlers(&key, &probe);
                judge.numbers(&probe);
                judge.ports(&probe);
            }
        }
    }
}

/// Init and ephemeral containers have no probes and no lifecycle.
fn out_of_place<'s>(container: &Container<'s>, sink: &mut Sink<'_, 's>) {
    let class = if container.class == Class::Init { "init" } else { "ephemeral" };
    let name = container.name();
    for field in ["readinessProbe", "livenessProbe", "startupProbe", "lifecycle"] {
        let Some((key, _)) = container.node.entry(field).filter(|(_, p)| !p.is_null()) else { continue };
        let mut draft = sink.at(&key, format!("`{field}` of `{name}` is rejected: {class} containers cannot have one"));
        if container.class == Class::Init {
            draft.help("a container that runs beside the others is a sidecar: `restartPolicy: Always`");
        }
        let fix = edit::remove(&container.node, &[field]);
        draft.offer(Safety::Safe, format!("remove `{field}`"), fix);
    }
}

struct Judge<'j, 'a, 's> {
    container: &'j Container<'s>,
    kind: ProbeKind,
    sink: &'j mut Sink<'a, 's>,
}

impl<'s> Judge<'_, '_, 's> {
    fn message(&self, why: &str) -> String {
        format!("`{}` of `{}` is rejected: {why}", self.kind.field(), self.container.name())
    }

    /// Exactly one. A patch that adds another one leaves two: then its own is the one to point to.
    fn handlers(&mut self, key: &Node<'s>, probe: &Node<'s>) {
        let found: Vec<(Node<'s>, &str)> = HANDLERS
            .into_iter()
            .filter_map(|field| Some((probe.entry(field).filter(|(_, h)| !h.is_null())?.0, field)))
            .collect();
        match found.as_slice() {
            [] => {
                let message = self.message("it says nothing to ask");
                self.sink.at(key, message).help("write one of `httpGet`, `tcpSocket`, `grpc`, `exec`");
            }
            [_] => {}
            [first, .., last] => {
                let patched = found.iter().find(|(key, _)| key.origin().via.is_some());
                let (place, _) = patched.unwrap_or(last);
                let names: Vec<String> = found.iter().map(|(_, field)| format!("`{field}`")).collect();
                let message = self.message(&format!("it has {} and may have one", names.join(" and ")));
                let other = if place.span() == first.0.span() { &last.0 } else { &first.0 };
                self.sink
                    .at(place, message)
                    .related(other, "the other one")
                    .help("keep one; in a patch, write `httpGet: null` to take the old one out");
            }
        }
    }

    fn numbers(&mut self, probe: &Node<'s>) {
        for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
        {
            if let Some((node, value)) = number(probe, field).filter(|(_, n)| *n < 0) {
                let message = self.message(&format!("`{field}` is {value}"));
                self.sink.at(&node, message).help("write a number that is not negative");
            }
        }
        if self.kind != ProbeKind::Readiness
            && let Some((node, value)) = number(probe, "successThreshold").filter(|(_, n)| *n > 1)
        {
            let message = self.message(&format!("`successThreshold` is {value} and must be 1"));
            let fix = edit::remove(&self.container.node, &[self.kind.field(), "successThreshold"]);
            self.sink.at(&node, message).offer(Safety::Safe, "remove `successThreshold`", fix);
        }
        let Some((node, seconds)) = number(probe, "terminationGracePeriodSeconds") else { return };
        if self.kind == ProbeKind::Readiness {
            let message = self.message("`terminationGracePeriodSeconds` is for liveness and startup");
            self.sink.at(&node, message).help("remove it: a failing readiness probe ends nothing");
        } else if seconds < 1 {
            let message = self.message(&format!("`terminationGracePeriodSeconds` is {seconds} and must be at least 1"));
            self.sink.at(&node, message);
        }
    }

    fn ports(&mut self, probe: &Node<'s>) {
        for field in ["httpGet", "tcpSocket", "grpc"] {
            let Some(port) = probe.get(field).and_then(|h| h.get("port")).filter(|p| p.is_scalar() && !p.is_null())
            else {
                continue;
            };
            let text = port.text().unwrap_or_default();
            if is_placeholder(&text) {
                continue;
            }
            match port.as_i64() {
                Some(number) if !(1..=65535).contains(&number) => {
                    let message = self.message(&format!("port {number} is not between 1 and 65535"));
                    self.sink.at(&port, message);
                }
                None if field == "grpc" => {
                    let message = self.message(&format!("port `{text}` of `grpc` is a name and must be a number"));
                    self.sink.at(&port, message).help("write the number of the port");
                }
                _ => {}
            }
        }
    }
}

fn number<'s>(probe: &Node<'s>, field: &str) -> Option<(Node<'s>, i64)> {
    let node = probe.get(field)?;
    let value = node.as_i64()?;
    Some((node, value))
}
