//! `undeclared-port-number`: see `rules/undeclared-port-number.md`.

use serde::Deserialize;

use super::listening::is_told;
use crate::k8s::selector::ports;
use crate::k8s::{Container, Object, ProbeKind, Workload};
use crate::rule::{BuildCx, Draft, Rule, Sink, Within};
use crate::yaml::Node;

/// Reports port numbers that lead to containers which declare other ports.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UndeclaredPortNumber {}

impl Rule for UndeclaredPortNumber {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for workload in cx.scope.workloads.iter().filter(|w| !w.host_network()) {
            judge_probes(cx, workload, sink);
        }
        if !cx.scope.complete {
            return;
        }
        for service in cx.scope.of_kind("", "Service").filter(|s| !is_headless(s)) {
            let selected = cx.run.pods_of(Within::Own(cx.scope), service);
            for workload in selected.into_iter().filter(|w| !w.host_network()) {
                judge_service(cx, service, workload, sink);
            }
        }
    }
}

/// Probes of a container with the same number are one omission.
fn judge_probes<'a, 's>(cx: &BuildCx<'a, 's>, workload: &'a Workload<'s>, sink: &mut Sink<'a, 's>) {
    for container in &workload.containers {
        let declared = declared([container], "TCP");
        if declared.is_empty() {
            continue;
        }
        let mut asked: Vec<(i64, Vec<Node<'s>>)> = Vec::new();
        for probe in ProbeKind::ALL.into_iter().filter_map(|kind| container.probe(kind)) {
            let port = ["httpGet", "tcpSocket", "grpc"].into_iter().find_map(|handler| probe.path(&[handler, "port"]));
            let Some((port, number)) = port.and_then(|p| Some((p.clone(), p.as_i64()?))) else { continue };
            match asked.iter_mut().find(|(n, _)| *n == number) {
                Some((_, places)) => places.push(port),
                None => asked.push((number, vec![port])),
            }
        }
        sink.on(&workload.object, Some(container));
        for (number, places) in asked {
            let Some(first) = places.first().filter(|_| !declared.contains(&number)) else { continue };
            if is_told(cx, workload, [container].into_iter(), number) {
                continue;
            }
            let mut draft = report(first, number, &format!("container `{}`", container.name()), &declared, sink);
            for other in places.iter().skip(1) {
                draft.related(other, "asked here too");
            }
        }
    }
}

/// A number is judged for each template, if all of its containers say which ports they have.
fn judge_service<'a, 's>(
    cx: &BuildCx<'a, 's>,
    service: &'a Object<'s>,
    workload: &Workload<'s>,
    sink: &mut Sink<'a, 's>,
) {
    let running = || workload.containers.iter().filter(|c| c.class.runs_with_pod());
    if !running().all(|c| ports(c).next().is_some()) {
        return;
    }
    sink.on(service, None);
    let title = format!("{} `{}`", workload.object.kind(), workload.object.shown_name().unwrap_or_default());
    for entry in service.spec().and_then(|s| s.get("ports")).iter().flat_map(Node::items) {
        let target = entry.get("targetPort").filter(|t| !t.is_null()).or_else(|| entry.get("port"));
        let Some((target, number)) = target.and_then(|t| Some((t.clone(), t.as_i64()?))) else { continue };
        // 0 and -1 are ways to say nothing.
        if number <= 0 {
            continue;
        }
        let protocol = entry.get("protocol").and_then(|p| p.as_str()).unwrap_or("TCP".into());
        let declared = declared(running(), &protocol);
        if !declared.contains(&number) && !is_told(cx, workload, running(), number) {
            report(&target, number, &title, &declared, sink);
        }
    }
}

fn report<'d, 's>(
    port: &Node<'s>,
    number: i64,
    who: &str,
    declared: &[i64],
    sink: &'d mut Sink<'_, 's>,
) -> Draft<'d, 's> {
    let mut draft = sink.at(port, format!("port {number} is not among the ports {who} declares"));
    match declared.iter().find(|other| is_near(number, **other)) {
        Some(near) => draft
            .help(format!("declare this port in `ports` of the container, or write `{near}` if that is meant"))
            .suggest(format!("declare {number}, or write `{near}`")),
        None => draft
            .help("declare this port in `ports` of the container, if it listens there")
            .suggest(format!("declare {number}")),
    };
    draft
}

/// Numbers that are taken for each other: `80` and `8080`, `443` and `8443`, the same digits in another order.
fn is_near(a: i64, b: i64) -> bool {
    let digits = |n: i64| {
        let mut digits = n.to_string().into_bytes();
        digits.sort_unstable();
        digits
    };
    let moved = |low: i64, high: i64| low < 1024 && (high == low + 8000 || (low == 80 && high == 8000));
    moved(a, b) || moved(b, a) || digits(a) == digits(b)
}

/// Numbers of the ports that containers declare for a protocol.
fn declared<'c, 's: 'c>(containers: impl IntoIterator<Item = &'c Container<'s>>, protocol: &str) -> Vec<i64> {
    let of_protocol = |p: &Node<'s>| match p.get("protocol").filter(|p| !p.is_null()) {
        Some(written) => written.has_text(protocol),
        None => protocol == "TCP",
    };
    let all = containers.into_iter().flat_map(ports);
    all.filter(of_protocol).filter_map(|p| p.get("containerPort")?.as_i64()).collect()
}

/// DNS gives the addresses of the pods, whatever the ports.
fn is_headless(service: &Object<'_>) -> bool {
    service.spec().and_then(|s| s.get("clusterIP")).is_some_and(|ip| ip.has_text("None"))
}
