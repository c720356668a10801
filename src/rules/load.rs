//! What carries load: Services that lead somebody's requests to pods, and programs that more pods do not help.

use rustc_hash::FxHashSet;

use super::storage::engine;
use crate::k8s::{Class, ImageRef, Object, Workload};
use crate::rule::{BuildCx, Run, Scope, Within};
use crate::yaml::Node;

/// Parts of names of Services and ports that carry no load: a scraper, the kubelet or the API server connects to them.
const HOUSEKEEPING: [&str; 5] = ["metrics", "monitor", "health", "prometheus", "webhook"];

/// Images of programs that keep data in memory or between them, as databases do: more pods are more work to configure than a
/// number.
const STORES: [&str; 6] = ["memcached", "nats", "prometheus", "redis", "valkey", "zookeeper"];

/// The Services of a scope that load comes through.
pub(super) struct Load<'a, 's> {
    scope: &'a Scope<'s>,
    run: &'a Run<'s>,
    by_api_server: FxHashSet<String>,
}

impl<'a, 's> Load<'a, 's> {
    /// Those of this scope.
    pub(super) fn new(cx: &BuildCx<'a, 's>) -> Self {
        Load { scope: cx.scope, run: cx.run, by_api_server: called_by_api_server(cx.scope) }
    }

    /// Those that lead to the pods of a workload.
    pub(super) fn services_of(&self, workload: &Workload<'s>) -> Vec<&'a Object<'s>> {
        let mut services = self.run.services_of(Within::Own(self.scope), workload);
        services.retain(|service| self.takes_load(service));
        services
    }

    /// False for a Service that nobody's load comes through.
    fn takes_load(&self, service: &Object<'_>) -> bool {
        let housekeeping = |text: &str| HOUSEKEEPING.iter().any(|word| text.contains(word));
        let name = service.name().unwrap_or_default();
        if self.by_api_server.contains(&*name) || name.contains("metrics") {
            return false;
        }
        let ports = service.spec().and_then(|s| s.get("ports"));
        let idle = |port: Node<'_>| {
            let texts =
                ["name", "targetPort"].iter().filter_map(|field| port.get(field)?.text().map(|t| t.into_owned()));
            texts.into_iter().any(|t| housekeeping(&t))
        };
        let mut ports = ports.iter().flat_map(Node::items).peekable();
        ports.peek().is_none() || !ports.all(idle)
    }
}

/// Names of Services that only the API server calls: of admission webhooks, conversions and aggregated APIs.
fn called_by_api_server<'s>(scope: &Scope<'s>) -> FxHashSet<String> {
    let name = |holder: Option<Node<'s>>| Some(holder?.path(&["service", "name"])?.as_str()?.into_owned());
    let kinds = |kind: &'static str| scope.kind_in_any_group(kind);
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

/// True for programs that more pods do not help: of those that elect a leader one works, and stores divide their data.
pub(super) fn works_alone(workload: &Workload<'_>) -> bool {
    elects_leader(workload) || is_store(workload)
}

/// True if an argument tells the program to elect a leader: then several may run side by side, and one works.
pub(super) fn elects_leader(workload: &Workload<'_>) -> bool {
    workload.containers.iter().filter(|c| c.class == Class::App).any(|container| {
        let arguments = ["command", "args"].iter().filter_map(|f| container.get(f));
        arguments.flat_map(|list| list.items().collect::<Vec<_>>()).any(|argument| {
            argument.text().is_some_and(|t| {
                ["leader-elect", "leader_elect"].iter().any(|w| t.contains(w)) && !t.ends_with("=false")
            })
        })
    })
}

/// True for a database, a cache or a broker, by its image: a second one does not share the data of the first by itself.
pub(super) fn is_store(workload: &Workload<'_>) -> bool {
    workload.containers.iter().filter(|c| c.class == Class::App).any(|container| {
        engine(container).is_some()
            || container.get("image").and_then(|i| i.as_str()).is_some_and(|image| {
                let image = ImageRef::split(&image);
                STORES.contains(&image.base_name())
            })
    })
}
