//! `dangling-service-monitor`: see `rules/dangling-service-monitor.md`.

use serde::Deserialize;

use super::absence::Absence;
use super::monitoring::Reach;
use super::selection::{Pods, Wanted};
use crate::k8s::Object;
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::selector::ports;
use crate::rule::{BuildCx, Rule, Sink, Within};
use crate::yaml::Node;

/// Reports monitors that match no Service, no pod, or no port of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingServiceMonitor {}

impl Rule for DanglingServiceMonitor {
    fn compares(&self) -> bool {
        true
    }

    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let (Some(absence), Some(pods)) = (Absence::new(cx), Pods::new(cx)) else { return };
        for object in cx.scope.objects.iter().filter(|o| o.group() == "monitoring.coreos.com") {
            let (of_pods, endpoints) = match object.kind() {
                "ServiceMonitor" => (false, "endpoints"),
                "PodMonitor" => (true, "podMetricsEndpoints"),
                _ => continue,
            };
            let Some(spec) = object.spec() else { continue };
            let Some((key, selector)) = spec.entry("selector").filter(|(_, s)| s.is_map()) else { continue };
            let wanted = Wanted::of_selector(&selector);
            if wanted.is_open() {
                continue;
            }
            let reach = Reach::of(object, &spec);
            sink.on(object, None);
            let title = format!("{} `{}`", object.kind(), object.shown_name().unwrap_or_default());
            let what = if of_pods { "pod" } else { "Service" };
            // Names of the ports of what is matched; none if nothing is.
            let names = if of_pods { pod_ports(cx, &reach, &wanted) } else { service_ports(cx, &reach, &wanted) };
            let Some(names) = names else {
                if reach.is_known(&absence) && !may_come(cx, &absence, &pods, object, &wanted, of_pods) {
                    let place = wanted.pairs.first().map_or(&key, |(_, value)| value);
                    sink.at(place, format!("{title} matches no {what}")).help(if of_pods {
                        "select labels that a pod template has"
                    } else {
                        "select labels in the metadata of a Service; the labels that the Service selects do not count"
                    });
                }
                continue;
            };
            for endpoint in spec.get(endpoints).iter().flat_map(Node::items) {
                let Some(port) = endpoint.get("port").filter(|p| p.is_scalar() && !p.is_null()) else { continue };
                let Some(text) = port.text().filter(|t| !t.is_empty() && !is_placeholder(t)) else { continue };
                if !names.contains(&text.to_string()) {
                    let known: Vec<String> = names.iter().filter(|n| !n.is_empty()).map(|n| format!("`{n}`")).collect();
                    let help = match &known[..] {
                        [] => format!("name the port of the {what}; `port` here is a name"),
                        _ => format!("the {what} has {}", known.join(", ")),
                    };
                    sink.at(&port, format!("{title} matches no port `{text}`")).help(help);
                }
            }
        }
    }
}

fn service_ports<'s>(cx: &BuildCx<'_, 's>, reach: &Reach, wanted: &Wanted<'s>) -> Option<Vec<String>> {
    let mut found = cx.run.services_with(Within::Around(cx.scope), &wanted.texts());
    found.retain(|s| reach.holds(s) && wanted.matches(s.labels().as_ref()));
    let name = |p: Node<'s>| p.get("name").and_then(|n| n.text()).unwrap_or_default().into_owned();
    let ports =
        found.iter().filter_map(|s| s.spec()?.get("ports")).flat_map(|l| l.items().map(name).collect::<Vec<_>>());
    (!found.is_empty()).then(|| ports.collect())
}

fn pod_ports<'s>(cx: &BuildCx<'_, 's>, reach: &Reach, wanted: &Wanted<'s>) -> Option<Vec<String>> {
    let mut found = cx.run.pods_with(Within::Around(cx.scope), &wanted.texts());
    found.retain(|w| reach.holds(&w.object) && wanted.matches(w.labels().as_ref()));
    let ports = found.iter().flat_map(|w| &w.containers).flat_map(ports);
    let names = ports.map(|p| p.get("name").and_then(|n| n.text()).unwrap_or_default().into_owned());
    (!found.is_empty()).then(|| names.collect())
}

/// True if what is looked for may be made by something in the run, or be kept elsewhere.
fn may_come<'s>(
    cx: &BuildCx<'_, 's>,
    absence: &Absence<'_, 's>,
    pods: &Pods<'_, 's>,
    object: &Object<'s>,
    wanted: &Wanted<'s>,
    of_pods: bool,
) -> bool {
    if of_pods {
        return pods.unselected(object, wanted).is_none();
    }
    let has_services = cx.scope.of_kind("", "Service").any(|s| s.same_namespace(object));
    cx.run.incomplete || !has_services || absence.has_chart(object) || pods.may_be_made(object, wanted)
}
