//! What the rules about probes share.

use serde::Deserialize;

use crate::k8s::selector::{declares_tcp_port, ports, serves};
use crate::k8s::{Class, Container, ProbeKind, Workload};
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
            let services = || cx.run.services_of(Within::Own(cx.scope), workload);
            let serving = declares_tcp_port(container) || serves(services(), workload, container);
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
                .help(match kind {
                    ProbeKind::Liveness => {
                        "let it ask an endpoint that tells whether the process itself works, without its database"
                    }
                    _ => "let it ask an endpoint that answers once the container can take requests",
                })
                .suggest(suggestion(container, kind));
        }
    }
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
