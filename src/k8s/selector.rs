//! Label selectors, and which pods and containers a Service reaches.

use std::borrow::Cow;

use super::network_policy;
use super::object::Object;
use super::placeholder::is_placeholder;
use super::workload::{Class, Container, Workload};
use crate::yaml::Node;

/// True if every pair of the map is among the labels. An empty map holds for everything: whether it selects anything depends on
/// the field (see [`service_selects`] and [`label_selector_matches`]).
pub fn map_matches(map: &Node<'_>, labels: Option<&Node<'_>>) -> bool {
    map.entries().all(|(key, value)| {
        let want = value.as_str().unwrap_or_default();
        key.text().is_some_and(|key| label(labels, &key).is_some_and(|have| have == want))
    })
}

/// True if a `LabelSelector` (`matchLabels`, `matchExpressions`) holds for the labels. All parts must hold; an empty selector
/// holds for everything. A missing selector is the caller's: nil selects nothing. An unknown operator holds for nothing.
pub fn label_selector_matches(selector: &Node<'_>, labels: Option<&Node<'_>>) -> bool {
    let by_label = selector.get("matchLabels").is_none_or(|map| map_matches(&map, labels));
    by_label && selector.get("matchExpressions").iter().flat_map(Node::items).all(|e| expression_matches(&e, labels))
}

/// True if an entry of `matchExpressions` holds for the labels.
pub fn expression_matches(expression: &Node<'_>, labels: Option<&Node<'_>>) -> bool {
    let Some(key) = expression.get("key").and_then(|k| k.as_str()) else { return false };
    let have = label(labels, &key);
    let listed = |have: &str| expression.get("values").iter().flat_map(Node::items).any(|v| v.has_text(have));
    match expression.get("operator").and_then(|o| o.as_str()).as_deref() {
        Some("In") => have.is_some_and(|have| listed(&have)),
        Some("NotIn") => have.is_none_or(|have| !listed(&have)),
        Some("Exists") => have.is_some(),
        Some("DoesNotExist") => have.is_none(),
        _ => false,
    }
}

/// A label: key and value.
pub type Pair<'s> = (Cow<'s, str>, Cow<'s, str>);

/// The labels of a map, of an object or of a selector; a value that is none is empty.
pub fn pairs<'s>(map: Option<&Node<'s>>) -> impl Iterator<Item = Pair<'s>> {
    let entries = map.into_iter().flat_map(Node::entries);
    entries.filter_map(|(key, value)| Some((key.text()?, value.as_str().unwrap_or_default())))
}

/// Labels that pods, or of a monitor the Services before them, must have for an object to select them; empty if anything may do. None for an object that
/// selects no pods.
pub fn wanted_pairs<'s>(object: &Object<'s>) -> Option<Vec<Pair<'s>>> {
    let of_selector = |selector: &Node<'s>| -> Vec<Pair<'s>> { pairs(selector.get("matchLabels").as_ref()).collect() };
    if object.is("", "Service") {
        let selector = object.spec()?.get("selector").filter(|selector| !selector.is_empty());
        return selector.map(|map| pairs(Some(&map)).collect());
    }
    if object.is("policy", "PodDisruptionBudget") {
        return object.spec()?.get("selector").map(|selector| of_selector(&selector));
    }
    if MONITORS.contains(&object.kind()) {
        let pairs = object.spec()?.get("selector").map(|selector| of_selector(&selector)).unwrap_or_default();
        let unknown =
            |(key, value): &Pair<'s>| is_set_by_controller(key) || is_placeholder(key) || is_placeholder(value);
        return Some(if pairs.iter().any(unknown) { Vec::new() } else { pairs });
    }
    network_policy::wanted_pairs(object)
}

/// Kinds that say what a scraper collects: Prometheus', VictoriaMetrics' and Google's. The first two select Services.
pub const MONITORS: [&str; 6] =
    ["ServiceMonitor", "VMServiceScrape", "PodMonitor", "VMPodScrape", "PodMonitoring", "ClusterPodMonitoring"];

/// Labels that no template has: controllers put them on pods.
pub fn is_set_by_controller(key: &str) -> bool {
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    matches!(
        key,
        "statefulset.kubernetes.io/pod-name"
            | "apps.kubernetes.io/pod-index"
            | "rollouts-pod-template-hash"
            | "pod-template-hash"
            | "controller-revision-hash"
            | "job-name"
            | "controller-uid"
    ) || matches!(domain, "batch.kubernetes.io" | "jobset.sigs.k8s.io" | "leaderworkerset.sigs.k8s.io")
        || domain == "knative.dev"
        || domain.ends_with(".knative.dev")
}

fn label<'s>(labels: Option<&Node<'s>>, key: &str) -> Option<Cow<'s, str>> {
    let value = labels?.get(key)?;
    Some(if value.is_null() { Cow::Borrowed("") } else { value.text()? })
}

/// True if the object is a core Service that selects this pod: same namespace as far as is written, a non-empty selector, all of
/// it among the template's labels. A Service without selector, or of type ExternalName, selects nothing.
pub fn service_selects(service: &Object<'_>, workload: &Workload<'_>) -> bool {
    if !service.is("", "Service") || !service.same_namespace(&workload.object) {
        return false;
    }
    let Some(spec) = service.spec() else { return false };
    if spec.get("type").is_some_and(|t| t.has_text("ExternalName")) {
        return false;
    }
    spec.get("selector").is_some_and(|s| s.is_map() && !s.is_empty() && map_matches(&s, workload.labels().as_ref()))
}

/// The container that a Service's port leads to, if the pod says so: the one that declares the target port, by name or number;
/// for a number that none declares, the only app container. `targetPort` unset means `port`.
pub fn target_container<'w, 's>(port: &Node<'s>, workload: &'w Workload<'s>) -> Option<&'w Container<'s>> {
    let target = port.get("targetPort").filter(|t| !t.is_null()).or_else(|| port.get("port"))?;
    let running = || workload.containers.iter().filter(|c| c.class.runs_with_pod());
    let declared = match target.as_i64() {
        Some(number) => {
            running().find(|c| ports(c).any(|p| p.get("containerPort").and_then(|n| n.as_i64()) == Some(number)))
        }
        None => {
            let name = target.as_str()?;
            running().find(|c| ports(c).any(|p| p.get("name").is_some_and(|n| n.has_text(&name))))
        }
    };
    if declared.is_some() || target.as_i64().is_none() {
        return declared;
    }
    only_app_container(workload)
}

/// The entries of a container's `ports`.
pub fn ports<'s>(container: &Container<'s>) -> impl Iterator<Item = Node<'s>> {
    let ports: Vec<Node<'s>> = container.get("ports").iter().flat_map(Node::items).collect();
    ports.into_iter()
}

/// True if the container declares a TCP port (the protocol's default).
pub fn declares_tcp_port(container: &Container<'_>) -> bool {
    ports(container).any(|port| is_tcp(&port))
}

/// True if an entry of a container's `ports` is a TCP port.
pub fn is_tcp(port: &Node<'_>) -> bool {
    port.get("containerPort").is_some() && port.get("protocol").is_none_or(|p| p.is_null() || p.has_text("TCP"))
}

/// True if the container serves traffic: it declares a TCP port, or one of the Services selects the pod and a port of it leads to
/// this container.
pub fn serves<'a, 's: 'a>(
    services: impl IntoIterator<Item = &'a Object<'s>>,
    workload: &Workload<'s>,
    container: &Container<'s>,
) -> bool {
    declares_tcp_port(container)
        || services.into_iter().filter(|s| service_selects(s, workload)).any(|service| {
            let ports = service.spec().and_then(|s| s.get("ports"));
            let mut ports = ports.iter().flat_map(Node::items);
            ports.any(|port| target_container(&port, workload).is_some_and(|c| c.index == container.index))
        })
}

fn only_app_container<'w, 's>(workload: &'w Workload<'s>) -> Option<&'w Container<'s>> {
    let mut apps = workload.containers.iter().filter(|c| c.class == Class::App);
    let first = apps.next()?;
    apps.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::yaml::SrcNode;

    fn with(text: &str, check: impl Fn(&Node<'_>)) {
        let source = Source::new("a.yaml".into(), "a.yaml".into(), text.as_bytes().to_vec());
        let id = source.tree().documents[0].root.unwrap();
        check(&Node::Source(SrcNode { source: &source, id }, None));
    }

    #[test]
    fn all_parts_of_a_selector_hold() {
        with("app: api\ntier: web\n", |labels| {
            for (selector, holds) in [
                ("{}", true),
                ("{matchLabels: {app: api}}", true),
                ("{matchLabels: {app: api, tier: db}}", false),
                ("{matchExpressions: [{key: app, operator: In, values: [api, b]}]}", true),
                ("{matchExpressions: [{key: app, operator: NotIn, values: [api]}]}", false),
                ("{matchExpressions: [{key: zone, operator: NotIn, values: [a]}]}", true),
                ("{matchExpressions: [{key: zone, operator: DoesNotExist}]}", true),
                ("{matchExpressions: [{key: tier, operator: Exists}], matchLabels: {app: x}}", false),
                ("{matchExpressions: [{key: tier, operator: Near}]}", false),
            ] {
                with(selector, |s| assert_eq!(label_selector_matches(s, Some(labels)), holds, "{selector}"));
            }
        });
    }

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: api}}\nspec:\n  containers:\n    \
        - {name: api, ports: [{name: http, containerPort: 8080}]}\n    - {name: log}\n";

    #[test]
    fn a_service_reaches_a_container() {
        with(POD, |pod| {
            let object = Object::new(pod.clone()).unwrap();
            let workload = &Workload::of(&object)[0];
            for (spec, selects, reaches) in [
                ("{selector: {app: api}, ports: [{port: 80, targetPort: http}]}", true, Some("api")),
                ("{selector: {app: api}, ports: [{port: 8080}]}", true, Some("api")),
                ("{selector: {app: api}, ports: [{port: 80}]}", true, None),
                ("{selector: {app: api}, ports: [{port: 80, targetPort: web}]}", true, None),
                ("{selector: {}, ports: [{port: 8080}]}", false, Some("api")),
                ("{type: ExternalName, selector: {app: api}, ports: [{port: 8080}]}", false, Some("api")),
                ("{selector: {app: api, v: x}, ports: [{port: 8080}]}", false, Some("api")),
            ] {
                with(&format!("{{apiVersion: v1, kind: Service, metadata: {{name: s}}, spec: {spec}}}"), |service| {
                    let service = Object::new(service.clone()).unwrap();
                    assert_eq!(service_selects(&service, workload), selects, "{spec}");
                    let port = service.spec().unwrap().get("ports").unwrap().items().next().unwrap();
                    let name = workload_port(&port, pod);
                    assert_eq!(name.as_deref(), reaches, "{spec}");
                });
            }
        });
    }

    fn workload_port(port: &Node<'_>, pod: &Node<'_>) -> Option<String> {
        let port = port.clone();
        let object = Object::new(pod.clone())?;
        Workload::of(&object).first().and_then(|w| target_container(&port, w).map(|c| c.name().into_owned()))
    }
}
