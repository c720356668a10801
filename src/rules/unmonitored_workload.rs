//! `unmonitored-workload`: see `rules/unmonitored-workload.md`.

use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::monitoring::{Monitor, is_monitored};
use super::reliability::{is_off, place};
use crate::k8s::Object;
use crate::rule::{BuildCx, Rule, Sink, Within};
use crate::yaml::Node;

/// Reports workloads behind a Service whose metrics nothing collects.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnmonitoredWorkload {
    /// Report them also where nothing else is monitored.
    pub(super) require: bool,
}

/// Kinds that name targets in ways that cannot be followed from here.
const OPAQUE: [&str; 3] = ["ScrapeConfig", "VMScrapeConfig", "VMStaticScrape"];

impl Rule for UnmonitoredWorkload {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let scope = cx.scope;
        if !scope.complete || cx.run.incomplete || OPAQUE.iter().any(|k| scope.kind_in_any_group(k).next().is_some()) {
            return;
        }
        let own: Vec<&Object<'s>> = scope.of_kind("", "Service").collect();
        let of_services = own.iter().copied().filter(|s| is_annotated(s.annotations().as_ref()));
        let of_pods = scope.workloads.iter().filter(|w| is_annotated(annotations(w).as_ref())).map(|w| &w.object);
        let signs: Vec<&Object<'s>> = Monitor::all(scope).map(|m| m.object).chain(of_services).chain(of_pods).collect();
        let places: FxHashSet<_> = signs.iter().map(|o| place(scope, o)).collect();
        if own.is_empty() || (signs.is_empty() && !self.require) {
            return;
        }
        for workload in scope.workloads.iter().filter(|w| w.traits.long_running && !is_off(&w.object)) {
            let services = cx.run.services_of(Within::Around(scope), workload);
            let Some(service) = services.first().copied().filter(|s| scope.owns(s)) else { continue };
            let annotated = is_annotated(annotations(workload).as_ref())
                || services.iter().any(|s| is_annotated(s.annotations().as_ref()));
            // A Service of its own for metrics is there for somebody, whose monitor is kept elsewhere.
            let set_up = services.iter().any(|s| s.name().is_some_and(|n| n.contains("metrics")));
            if annotated || set_up || is_monitored(cx, workload, &services) {
                continue;
            }
            if !self.require && !places.contains(&place(scope, &workload.object)) {
                continue;
            }
            sink.on(&workload.object, None);
            sink.at(&workload.object.anchor(), format!("nothing scrapes {}", workload.title()))
                .related(&service.anchor(), "leads to its pods")
                .help("add a ServiceMonitor or PodMonitor for it, or the annotation `prometheus.io/scrape: \"true\"`");
        }
    }
}

fn annotations<'s>(workload: &crate::k8s::Workload<'s>) -> Option<Node<'s>> {
    workload.metadata.as_ref()?.get("annotations")
}

/// True if annotations ask a scraper or an agent to collect metrics.
fn is_annotated(annotations: Option<&Node<'_>>) -> bool {
    annotations.iter().flat_map(|a| a.entries()).any(|(key, value)| {
        let Some(key) = key.text() else { return false };
        let (domain, name) = key.split_once('/').unwrap_or(("", &key));
        match domain {
            // Of agents: what to collect, or how to instrument the program.
            "ad.datadoghq.com" | "co.elastic.metrics" | "instrumentation.opentelemetry.io" => true,
            _ => name == "scrape" && value.has_text("true"),
        }
    })
}
