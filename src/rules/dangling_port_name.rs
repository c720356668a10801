//! `dangling-port-name`: see `rules/dangling-port-name.md`.

use serde::Deserialize;

use crate::k8s::placeholder::is_placeholder;
use crate::k8s::selector::ports;
use crate::k8s::{Container, Object, ProbeKind, Workload};
use crate::rule::{BuildCx, Rule, Sink, Within};
use crate::yaml::Node;

/// Reports names of ports that no container declares.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingPortName {}

impl Rule for DanglingPortName {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for workload in &cx.scope.workloads {
            for container in &workload.containers {
                sink.on(&workload.object, Some(container));
                let declared = names([container].into_iter());
                for port in used_by(container) {
                    report(&port, &declared, sink);
                }
            }
        }
        if cx.scope.complete {
            for service in cx.scope.of_kind("", "Service") {
                judge_service(service, &cx.run.pods_of(Within::Own(cx.scope), service), sink);
            }
        }
    }
}

/// A target port is good if one of the selected templates has it.
fn judge_service<'a, 's>(service: &'a Object<'s>, selected: &[&Workload<'s>], sink: &mut Sink<'a, 's>) {
    if selected.is_empty() {
        return;
    }
    sink.on(service, None);
    let running = selected.iter().flat_map(|w| &w.containers).filter(|c| c.class.runs_with_pod());
    let declared = names(running);
    for port in service.spec().and_then(|s| s.get("ports")).iter().flat_map(Node::items) {
        if let Some(target) = port.get("targetPort") {
            report(&target, &declared, sink);
        }
    }
}

/// The ports that probes and hooks of a container connect to.
fn used_by<'s>(container: &Container<'s>) -> Vec<Node<'s>> {
    let probes = ProbeKind::ALL.into_iter().filter_map(|kind| container.probe(kind));
    let lifecycle = container.get("lifecycle");
    let hooks = ["preStop", "postStart"].into_iter().filter_map(|hook| lifecycle.as_ref()?.get(hook));
    probes
        .chain(hooks)
        .flat_map(|handler| ["httpGet", "tcpSocket"].map(|field| handler.path(&[field, "port"])))
        .flatten()
        .collect()
}

fn names<'c, 's: 'c>(containers: impl Iterator<Item = &'c Container<'s>>) -> Vec<Node<'s>> {
    containers.flat_map(ports).filter_map(|p| p.get("name")).collect()
}

/// True if a patch put the name in the place of another one.
fn was(declared: &Node<'_>, name: &str) -> bool {
    let is_it = |text: &str| text.trim_matches(['"', '\'']) == name;
    declared.origin().links().any(|l| l.replaced.as_ref().and_then(|r| r.span).is_some_and(|s| is_it(s.text())))
}

fn report<'a, 's>(port: &Node<'s>, declared: &[Node<'s>], sink: &mut Sink<'a, 's>) {
    let Some(name) = port.as_str().filter(|_| port.as_i64().is_none()) else { return };
    // A number in quotes is a name that no port can have; the API says so better.
    if name.is_empty()
        || is_placeholder(&name)
        || name.bytes().all(|b| b.is_ascii_digit())
        || declared.iter().any(|d| d.has_text(&name))
    {
        return;
    }
    let message = format!("port name `{name}` is declared by no container");
    if let Some(renamed) = declared.iter().find(|d| was(d, &name)) {
        sink.at(renamed, message)
            .label("the port was called so before")
            .related(port, "still asks for the old name")
            .help(format!("keep the name `{name}`, or change what asks for it in the same overlay"));
        return;
    }
    let mut draft = sink.at(port, message);
    let known: Vec<_> = declared.iter().filter_map(|d| d.as_str()).collect();
    match crate::near::nearest(&name, known.iter().map(|d| &**d)) {
        Some(near) => draft.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`")),
        None => draft.help("name a port in `ports` of the container so, or use its number"),
    };
}
