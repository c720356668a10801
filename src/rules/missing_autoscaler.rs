//! `missing-autoscaler`: see `rules/missing-autoscaler.md`.

use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::absence::is_custom;
use super::reliability::{Scalers, is_off, may_be_tied_to_node};
use super::storage::engine;
use crate::k8s::{Class, ImageRef, Object, Workload, autoscale};
use crate::rule::{BuildCx, Rule, Sink, Within};
use crate::yaml::Node;

/// Reports workloads behind a Service that no autoscaler follows the load of.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingAutoscaler {}

impl Rule for MissingAutoscaler {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if !cx.scope.complete {
            return;
        }
        let by_api_server = called_by_api_server(cx);
        let scalers = Scalers::new(cx);
        for workload in cx.scope.workloads.iter().filter(|w| w.traits.long_running && !is_off(&w.object)) {
            let object = &workload.object;
            if !object.is("apps", "Deployment") && !object.is("argoproj.io", "Rollout") {
                continue;
            }
            let mut services = cx.run.services_of(Within::Own(cx.scope), workload);
            services.retain(|s| takes_load(s, &by_api_server));
            let Some(service) = object.nearest(services.iter().copied()) else { continue };
            if is_scaled(cx, object)
                || works_alone(workload)
                || scalers.is_run_by_rollout(object)
                || may_be_tied_to_node(workload, cx)
            {
                continue;
            }
            sink.on(object, None);
            sink.at(&object.anchor(), format!("no autoscaler drives {}", workload.title()))
                .related(&service.anchor(), "leads to its pods")
                .help("add a HorizontalPodAutoscaler, or suppress this if the load never changes");
        }
    }
}

/// Parts of names of Services and ports that carry no load: a scraper, the kubelet or the API server connects to them.
const HOUSEKEEPING: [&str; 5] = ["metrics", "monitor", "health", "prometheus", "webhook"];

/// Images of programs that keep data in memory or between them, as databases do: more pods are more work to configure than a
/// number.
const STORES: [&str; 6] = ["memcached", "nats", "prometheus", "redis", "valkey", "zookeeper"];

/// Names of Services that only the API server calls: of admission webhooks, conversions and aggregated APIs.
fn called_by_api_server<'s>(cx: &BuildCx<'_, 's>) -> FxHashSet<String> {
    let name = |holder: Option<Node<'s>>| Some(holder?.path(&["service", "name"])?.as_str()?.into_owned());
    let kinds = |kind: &'static str| cx.scope.kind_in_any_group(kind);
    let admission = kinds("ValidatingWebhookConfiguration")
        .chain(kinds("MutatingWebhookConfiguration"))
        .filter_map(|o| o.node.get("webhooks"))
        .flat_map(|list| list.items().collect::<Vec<_>>())
        .filter_map(|hook| name(hook.get("clientConfig")));
    let conversions = kinds("CustomResourceDefinition")
        .filter_map(|o| name(o.spec()?.path(&["conversion", "webhook", "clientConfig"])));
    let aggregated = kinds("APIService").filter_map(|o| name(o.spec()));
    admission.chain(conversions).chain(aggregated).collect()
}

/// False for a Service that nobody's load comes through.
fn takes_load(service: &Object<'_>, by_api_server: &FxHashSet<String>) -> bool {
    let housekeeping = |text: &str| HOUSEKEEPING.iter().any(|word| text.contains(word));
    let name = service.name().unwrap_or_default();
    if by_api_server.contains(&*name) || name.contains("metrics") {
        return false;
    }
    let ports = service.spec().and_then(|s| s.get("ports"));
    let idle = |port: Node<'_>| {
        let texts = ["name", "targetPort"].iter().filter_map(|field| port.get(field)?.text().map(|t| t.into_owned()));
        texts.into_iter().any(|t| housekeeping(&t))
    };
    let mut ports = ports.iter().flat_map(Node::items).peekable();
    ports.peek().is_none() || !ports.all(idle)
}

/// True for programs that more pods do not help: of those that elect a leader one works, and stores divide their data.
fn works_alone(workload: &Workload<'_>) -> bool {
    workload.containers.iter().filter(|c| c.class == Class::App).any(|container| {
        let store = engine(container).is_some()
            || container.get("image").and_then(|i| i.as_str()).is_some_and(|image| {
                let image = ImageRef::split(&image);
                STORES.contains(&image.base_name())
            });
        let arguments = ["command", "args"].iter().filter_map(|f| container.get(f));
        let elects = arguments.flat_map(|list| list.items().collect::<Vec<_>>()).any(|argument| {
            argument.text().is_some_and(|t| {
                ["leader-elect", "leader_elect"].iter().any(|w| t.contains(w)) && !t.ends_with("=false")
            })
        });
        store || elects
    })
}

/// True if something scales the workload. Custom objects count where they are written beside it.
fn is_scaled<'s>(cx: &BuildCx<'_, 's>, workload: &Object<'s>) -> bool {
    let name = workload.name().unwrap_or_default();
    let refers = |scaler: &Object<'s>, target: &Node<'s>| autoscale::refers_to(target, scaler, workload, "Deployment");
    let custom = |o: &Object<'s>| {
        let spec = o.spec().filter(|_| is_custom(o) && cx.scope.owns(o));
        spec.and_then(|spec| spec.get("scaleTargetRef").or_else(|| spec.get("targetRef")))
    };
    let mut candidates = cx.run.targeting(Within::Around(cx.scope), &name).into_iter();
    candidates.any(|o| autoscale::target(o).or_else(|| custom(o)).is_some_and(|target| refers(o, &target)))
}
