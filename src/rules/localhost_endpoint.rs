//! `localhost-endpoint`: see `rules/localhost-endpoint.md`.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::config::{Setting, Wanted, endpoint, settings_of_pod, variables, words};
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{ImageRef, Workload, selector};
use crate::rule::{BuildCx, Rule, Sink};

/// Reports addresses of other services that point into the pod itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct LocalhostEndpoint {}

/// Ports of databases, queues and the like: services that have a pod of their own.
const SERVICES: [u16; 14] = [1025, 1433, 1521, 3306, 4222, 5432, 5672, 6379, 8086, 9042, 9092, 9200, 11211, 27017];

/// Parts of names of images that listen for others.
const PROXIES: [&str; 10] =
    ["cloud-sql-proxy", "cloudsql", "pgbouncer", "envoy", "proxy", "dapr", "otel", "vault", "socat", "haproxy"];

/// Words of names of settings that mean the pod itself.
const OWN: [&str; 10] = ["bind", "listen", "probe", "health", "healthcheck", "admin", "debug", "allowed", "cors", "no"];

impl Rule for LocalhostEndpoint {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let exposed = cx.run.service_ports();
        let wanted = Wanted { file: &may_be_local, pair: &|_, text| may_be_local(text) };
        for workload in &cx.scope.workloads {
            if workload.host_network() || has_proxy(workload) || is_injected(workload) {
                continue;
            }
            let mut all = variables(workload, &wanted);
            all.extend(settings_of_pod(cx, workload, &wanted));
            for setting in &all {
                judge(workload, setting, exposed, sink);
            }
        }
    }
}

fn judge<'a, 's>(workload: &'a Workload<'s>, setting: &Setting<'s>, exposed: &BTreeSet<u16>, sink: &mut Sink<'a, 's>) {
    if is_placeholder(&setting.text) || words(&setting.name).iter().any(|w| OWN.contains(&w.as_str())) {
        return;
    }
    let mut found = endpoint::urls(&setting.text);
    found.extend(setting.text.split([',', ';', ' ', '(', ')']).filter_map(endpoint::host_and_port));
    let inside = found.iter().find_map(|e| {
        let port = e.port.filter(|port| {
            is_local(e.host) && (exposed.contains(port) || SERVICES.contains(port)) && !listens(workload, *port)
        })?;
        Some((e.host, port))
    });
    let Some((host, port)) = inside else { return };
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_string() };
    let container = setting.container.and_then(|i| workload.containers.iter().find(|c| c.index == i));
    sink.on(&workload.object, container);
    let key = &setting.name;
    setting
        .report(sink, format!("`{key}` points to {host}:{port} inside the pod, where nothing listens"))
        .help("name the Service: inside a pod, localhost is the pod itself");
}

/// False for a text that names no host of its own machine.
fn may_be_local(text: &str) -> bool {
    let bytes = text.as_bytes();
    let named = || memchr::memchr2_iter(b'l', b'L', bytes).any(|at| is_at(bytes, at, b"localhost"));
    text.contains("127.") || text.contains("::1") || named()
}

fn is_at(bytes: &[u8], at: usize, word: &[u8]) -> bool {
    bytes.get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
}

fn is_local(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let loopback = host.strip_prefix("127.").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    host == "localhost" || host == "::1" || loopback
}

fn listens(workload: &Workload<'_>, port: u16) -> bool {
    let running = workload.containers.iter().filter(|c| c.class.runs_with_pod());
    running.flat_map(selector::ports).any(|p| p.get("containerPort").and_then(|n| n.as_i64()) == Some(i64::from(port)))
}

fn has_proxy(workload: &Workload<'_>) -> bool {
    workload.containers.iter().filter(|c| c.class.runs_with_pod()).any(|container| {
        let image = container.get("image").and_then(|i| i.as_str()).unwrap_or_default();
        let path = ImageRef::split(&image).path.to_ascii_lowercase();
        PROXIES.iter().any(|proxy| path.contains(proxy))
    })
}

/// True if something puts a sidecar in when the pod is made.
fn is_injected(workload: &Workload<'_>) -> bool {
    let metadata = workload.metadata.as_ref();
    let maps = ["annotations", "labels"].into_iter().filter_map(|f| metadata?.get(f));
    maps.flat_map(|m| m.entries().collect::<Vec<_>>()).any(|(key, value)| {
        let key = key.text().unwrap_or_default();
        let off = value.has_text("false") || value.has_text("disabled");
        let domains = ["istio.io", "linkerd.io", "dapr.io", "vault.hashicorp.com", "opentelemetry.io"];
        !off && domains.iter().any(|d| key.split('/').next().is_some_and(|k| k.ends_with(d)))
    })
}
