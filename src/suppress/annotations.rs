//! Suppressing annotations.

use rustc_hash::FxHashMap;

use super::{Cover, Suppression, resolve_names};
use crate::k8s::Object;
use crate::rule::Scope;
use crate::rules::Registry;
use crate::source::Span;
use crate::yaml::Node;

const KEY: &str = "manicheck.dev/ignore";

/// The suppressing annotations of all objects and pod templates. One that reaches several builds is one suppression.
pub(super) fn collect<'s>(scopes: &[Scope<'s>], registry: &Registry, out: &mut Vec<Suppression<'s>>) {
    let mut seen: FxHashMap<Span<'s>, usize> = FxHashMap::default();
    for scope in scopes {
        for object in &scope.objects {
            let names = |name: &str| {
                scope
                    .workloads
                    .iter()
                    .filter(|w| w.object.node.identity() == object.node.identity())
                    .any(|w| w.containers.iter().any(|c| c.name() == name))
            };
            object.annotations().iter().for_each(|a| take(object, a, &names, registry, &mut seen, out));
        }
        for workload in &scope.workloads {
            let names = |name: &str| workload.containers.iter().any(|c| c.name() == name);
            let template = workload.metadata.as_ref().and_then(|m| m.get("annotations"));
            template.iter().for_each(|a| take(&workload.object, a, &names, registry, &mut seen, out));
        }
    }
}

fn take<'s>(
    object: &Object<'s>,
    annotations: &Node<'s>,
    is_container: &dyn Fn(&str) -> bool,
    registry: &Registry,
    seen: &mut FxHashMap<Span<'s>, usize>,
    out: &mut Vec<Suppression<'s>>,
) {
    for (key, value) in annotations.entries() {
        let Some(key) = key.text() else { continue };
        let Some(rest) = key.strip_prefix(KEY) else { continue };
        let Some(place) = value.span() else { continue };
        if let Some(&at) = seen.get(&place) {
            if let Cover::Objects(objects, _) = &mut out[at].covers {
                objects.push(object.node.identity());
            }
            continue;
        }
        let container = rest.strip_prefix('.').map(str::to_string);
        let (names, reason) = parse(&value.text().unwrap_or_default());
        let (rules, mut invalid) = resolve_names(names, registry);
        match &container {
            None if !rest.is_empty() => {
                invalid = Some(format!("unknown annotation `{key}`; write `{KEY}.<container>`"))
            }
            Some(name) if !is_container(name) => invalid = Some(format!("no container is called `{name}`")),
            _ => {}
        }
        seen.insert(place, out.len());
        let covers = Cover::Objects(vec![object.node.identity()], container);
        out.push(Suppression { place, covers, rules, reason, invalid, foreign: false });
    }
}

/// `rule-a: reason; rule-b: reason`: the rules, and the reasons joined.
fn parse(text: &str) -> (Vec<String>, String) {
    let mut names = Vec::new();
    let mut reasons = Vec::new();
    for part in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
        let (list, reason) = part.split_once(':').unwrap_or((part, ""));
        names.extend(list.split(',').map(|n| n.trim().to_string()).filter(|n| !n.is_empty()));
        if !reason.trim().is_empty() {
            reasons.push(reason.trim());
        }
    }
    (names, reasons.join("; "))
}
