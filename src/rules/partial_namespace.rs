//! `partial-namespace`: see `rules/partial-namespace.md`.

use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::access::Binding;
use super::namespaces::is_deployed_into;
use crate::k8s::{Object, Workload, autoscale, backends, issuers, network_policy, selector};
use crate::rule::{BuildCx, Rule, ScopeKind, Sink, Within};

/// Reports objects without a namespace that belong to objects with one.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct PartialNamespace {}

impl Rule for PartialNamespace {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let scope = cx.scope;
        if scope.kind != ScopeKind::Root || scope.objects.iter().all(|o| o.namespace().is_none()) {
            return;
        }
        let lives_in_one = |o: &Object<'s>| cx.run.is_namespaced(o) != Some(false);
        if !scope.objects.iter().any(|o| o.namespace().is_none() && lives_in_one(o))
            || is_deployed_into(cx.run, &scope.name)
        {
            return;
        }
        let mut told = FxHashSet::default();
        for (needer, candidates) in needs(cx) {
            // One that is where the needer is serves it.
            if candidates.iter().any(|c| c.namespace() == needer.namespace()) {
                continue;
            }
            let Some(needed) = candidates.into_iter().find(|c| lives_in_one(c) && lives_in_one(needer)) else {
                continue;
            };
            let (with, without, which) = match needer.namespace() {
                Some(_) => (needer, needed, "which it needs"),
                None => (needed, needer, "which needs it"),
            };
            let Some(namespace) = with.namespace().filter(|_| told.insert(without.node.identity())) else { continue };
            sink.on(without, None);
            let message = format!("{} has namespace `{namespace}`, {}, {which}, has none", title(with), title(without));
            let mut draft = sink.at(&without.anchor(), message);
            if let Some(node) = with.metadata().and_then(|m| m.get("namespace")) {
                draft.related(&node, "the other one's");
            }
            draft
                .help("both have to be in one namespace; `namespace:` in the kustomization sets it for all")
                .suggest(format!("write `namespace: {namespace}`"));
        }
    }
}

fn title(object: &Object<'_>) -> String {
    format!("{} `{}`", object.kind(), object.name_before_hash().unwrap_or_default())
}

/// The objects of a scope that need others of it, each with those that may be meant.
fn needs<'a, 's>(cx: &BuildCx<'a, 's>) -> Vec<(&'a Object<'s>, Vec<&'a Object<'s>>)> {
    let scope = cx.scope;
    let own = Within::Own(scope);
    let mut out: Vec<(&'a Object<'s>, Vec<&'a Object<'s>>)> = Vec::new();
    let named = |needer: &Object<'s>, group: &str, kind: &str, name: &str| -> Vec<&'a Object<'s>> {
        let is =
            |o: &&'a Object<'s>| o.group() == group && o.same_namespace(needer) && o.name().is_some_and(|n| n == name);
        cx.run.named(own, kind, name).into_iter().filter(is).collect()
    };
    for workload in &scope.workloads {
        for reference in workload.references() {
            if let Some(name) = reference.name.as_str() {
                out.push((&workload.object, named(&workload.object, "", reference.kind, &name)));
            }
        }
    }
    for object in &scope.objects {
        for backend in backends::backends(object).iter().filter(|b| b.namespace.is_none()) {
            if let Some(name) = backend.name.as_str() {
                out.push((object, named(object, backend.group, backend.kind, &name)));
            }
        }
        for (node, kind) in issuers::issuer_references(object).iter().filter(|(_, kind)| *kind == "Issuer") {
            if let Some(name) = node.as_str() {
                out.push((object, named(object, issuers::GROUP, kind, &name)));
            }
        }
        if let Some(binding) = Binding::of(object).filter(|b| b.role_kind == "Role") {
            out.push((object, named(object, object.group(), "Role", &binding.role_name)));
        }
        if let Some(service) =
            object.spec().filter(|_| object.is("apps", "StatefulSet")).and_then(|s| s.get("serviceName"))
            && let Some(name) = service.as_str()
        {
            out.push((object, named(object, "", "Service", &name)));
        }
        let candidates = match (selector::wanted_pairs(object), autoscale::target(object)) {
            (Some(pairs), _) => cx.run.pods_with(own, &pairs),
            (None, Some(target)) => {
                let text = |key: &str| target.get(key).and_then(|n| n.as_str());
                let kind = text("kind").unwrap_or("Deployment".into());
                cx.run.workloads_named(own, &kind, &text("name").unwrap_or_default())
            }
            (None, None) => Vec::new(),
        };
        let workloads = candidates.into_iter().filter(|w| concerns(object, w)).map(|w| &w.object).collect();
        out.push((object, workloads));
    }
    out.retain(|(_, candidates)| !candidates.is_empty());
    out
}

/// True if an object selects or scales a workload: a Service, a budget, a policy, an autoscaler.
fn concerns(object: &Object<'_>, workload: &Workload<'_>) -> bool {
    let spec = || object.spec().filter(|_| object.same_namespace(&workload.object));
    let selects = |field: &str| {
        let selector = spec().and_then(|s| s.get(field)).filter(|s| !s.is_empty());
        selector.is_some_and(|s| selector::label_selector_matches(&s, workload.labels().as_ref()))
    };
    match (object.group(), object.kind()) {
        ("", "Service") => selector::service_selects(object, workload),
        ("policy", "PodDisruptionBudget") => selects("selector"),
        _ if network_policy::dialect(object) == Some((network_policy::Dialect::Kubernetes, false)) => {
            selects("podSelector")
        }
        ("autoscaling", "HorizontalPodAutoscaler") | ("keda.sh", "ScaledObject") => {
            let default = if object.group() == "keda.sh" { "Deployment" } else { "" };
            let target = spec().and_then(|s| s.get("scaleTargetRef"));
            target.is_some_and(|t| autoscale::refers_to(&t, object, &workload.object, default))
        }
        _ => false,
    }
}
