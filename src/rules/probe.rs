//! What the rules about probes share.

use serde::Deserialize;

use super::storage;
use crate::k8s::selector::{declares_tcp_port, is_tcp, ports, serves, target_container};
use crate::k8s::{Class, Container, Object, ProbeKind, Workload};
use crate::rule::{BuildCx, Sink, Within, any, removal};
use crate::yaml::Node;

/// The handlers of a probe.
pub(super) const HANDLERS: [&str; 4] = ["exec", "httpGet", "tcpSocket", "grpc"];

/// Which containers are asked for a probe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scope {
    /// Those that serve traffic: they declare a TCP port, or a Service leads to them.
    #[default]
    Serving,
    /// All app containers.
    All,
}

/// True for workloads whose probes are judged: long-running, running, and not probed by their controller.
pub(super) fn is_judged(workload: &Workload<'_>) -> bool {
    workload.traits.long_running && !workload.traits.self_probed && !workload.is_off()
}

/// A number of a probe; unset or 0 means the default, as the API server fills it in.
pub(super) fn number(probe: &Node<'_>, field: &str) -> i64 {
    let default = match field {
        "periodSeconds" => 10,
        "failureThreshold" => 3,
        "timeoutSeconds" | "successThreshold" => 1,
        _ => 0,
    };
    probe.get(field).and_then(|n| n.as_i64()).filter(|n| *n != 0).unwrap_or(default)
}

/// Seconds of failing checks until a probe counts as failed.
pub(super) fn window(probe: &Node<'_>) -> i64 {
    number(probe, "failureThreshold").saturating_mul(number(probe, "periodSeconds"))
}

/// Reports app containers without the probe. `adjective` is `readiness` or `liveness`.
pub(super) fn missing<'a, 's>(
    cx: &BuildCx<'a, 's>,
    sink: &mut Sink<'a, 's>,
    kind: ProbeKind,
    adjective: &str,
    scope: Scope,
) {
    for workload in cx.scope.workloads.iter().filter(|w| is_judged(w)) {
        for container in workload.containers.iter().filter(|c| c.class == Class::App && c.probe(kind).is_none()) {
            let services = cx.run.services_of(Within::Own(cx.scope), workload);
            let serving = match kind {
                // A scraper asks again: that it is refused for a moment is no reason to hold a rollout.
                ProbeKind::Readiness => serves_requests(&services, workload, container),
                _ => declares_tcp_port(container) || serves(services, workload, container),
            };
            if !serving && scope == Scope::Serving {
                continue;
            }
            let name = container.name();
            let message = if serving {
                format!("container `{name}` serves traffic without a {adjective} probe")
            } else {
                format!("container `{name}` has no {adjective} probe")
            };
            sink.on(&workload.object, Some(container));
            sink.missing(&container.anchor(), removal(&container.node, &[kind.field()], any), message)
                .label(format!("no `{}`", kind.field()))
                .help(help(container, kind))
                .suggest(suggestion(container, kind));
        }
    }
}

fn help(container: &Container<'_>, kind: ProbeKind) -> &'static str {
    let database = storage::engine(container).is_some();
    match kind {
        ProbeKind::Liveness if database => {
            "add a `livenessProbe` whose `exec` or `tcpSocket` check fails only if the server hangs, not while it recovers"
        }
        ProbeKind::Liveness => {
            "add a `livenessProbe` that asks an endpoint of the process itself, without its database"
        }
        _ if database => {
            "add a `readinessProbe` with an `exec` check that the server takes queries, or with `tcpSocket`"
        }
        _ => "add a `readinessProbe` that asks an endpoint which answers once the container can take requests",
    }
}

/// True if the container serves more than metrics.
fn serves_requests<'s>(services: &[&Object<'s>], workload: &Workload<'s>, container: &Container<'s>) -> bool {
    let leads_here = |port: &Node<'s>| target_container(port, workload).is_some_and(|c| c.index == container.index);
    let mut to_metrics = Vec::new();
    for service in services {
        let of_metrics = service.name().is_some_and(|n| n.ends_with("-metrics") || n.ends_with("-metrics-service"));
        let all = service.spec().and_then(|s| s.get("ports"));
        for port in all.iter().flat_map(Node::items).filter(leads_here) {
            if !of_metrics && !is_metrics(&port) {
                return true;
            }
            to_metrics.extend(port.get("targetPort").or_else(|| port.get("port")).and_then(|n| n.as_str()));
        }
    }
    let env = container.get("env");
    let metrics_port =
        |e: &Node<'s>| e.get("name").and_then(|n| n.as_str()).is_some_and(|n| n.ends_with("METRICS_PORT"));
    to_metrics.extend(env.iter().flat_map(Node::items).filter(metrics_port).filter_map(|e| e.get("value")?.as_str()));
    let led_to = |port: &Node<'s>| {
        let is = |field: &str| port.get(field).and_then(|n| n.as_str()).is_some_and(|text| to_metrics.contains(&text));
        is("name") || is("containerPort")
    };
    ports(container).any(|port| is_tcp(&port) && !is_metrics(&port) && !led_to(&port))
}

/// True if a port is called `metrics`, `http-metrics` and the like.
fn is_metrics(port: &Node<'_>) -> bool {
    port.get("name").and_then(|n| n.as_str()).is_some_and(|n| n == "metrics" || n.ends_with("-metrics"))
}

fn suggestion(container: &Container<'_>, kind: ProbeKind) -> String {
    let port = ports(container).next().and_then(|p| {
        let name = p.get("name").and_then(|n| n.as_str());
        name.or_else(|| p.get("containerPort")?.as_str()).map(|t| t.into_owned())
    });
    match port {
        Some(port) => format!("add `{}` with `httpGet` or `tcpSocket` on port `{port}`", kind.field()),
        None => format!("add `{}`", kind.field()),
    }
}
