//! `dangling-backend`: see `rules/dangling-backend.md`.

use serde::Deserialize;

use super::absence::{Absence, Presence, Target};
use crate::k8s::backends::{Backend, backends};
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{Object, ingress};
use crate::rule::{BuildCx, Rule, Sink, Within};
use crate::yaml::Node;

/// Reports routes to Services or ports that do not exist.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingBackend {}

impl Rule for DanglingBackend {
    fn compares(&self) -> bool {
        true
    }

    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(absence) = Absence::new(cx) else { return };
        for object in cx.scope.objects.iter().filter(|o| !ingress::is_acme_solver(o)) {
            let backends = backends(object);
            sink.on(object, None);
            for backend in &backends {
                judge(cx, &absence, object, backend, sink);
            }
        }
    }
}

fn judge<'a, 's>(
    cx: &BuildCx<'a, 's>,
    absence: &Absence<'a, 's>,
    object: &'a Object<'s>,
    backend: &Backend<'s>,
    sink: &mut Sink<'a, 's>,
) {
    let Some(name) = backend.name.as_str().filter(|n| !n.is_empty() && !is_placeholder(n)) else { return };
    // The AWS controller takes the action from an annotation; the Service is only a name.
    if backend.port.as_ref().is_some_and(|p| p.has_text("use-annotation")) {
        return;
    }
    let namespace = backend.namespace.clone().or_else(|| object.namespace().map(|n| n.into_owned()));
    let target = Target { groups: &[backend.group], kind: backend.kind, name: &name, namespace: namespace.as_deref() };
    let title =
        format!("{} `{}` routes to {} `{name}`", object.kind(), object.shown_name().unwrap_or_default(), backend.kind);
    if absence.find(&target).is_some() {
        judge_port(absence, &target, backend, &title, sink);
        return;
    }
    let elsewhere = |ns: &str| !cx.run.has_namespace(Within::Around(cx.scope), ns);
    if backend.namespace.as_deref().is_some_and(elsewhere) || is_service_entry(absence, &name) {
        return;
    }
    let owns = |kind: &str| cx.scope.of_kind(backend.group, kind).next().is_some();
    // Without any Service or pod in the build, the application is kept elsewhere.
    if !owns(backend.kind) && (backend.kind != "Service" || cx.scope.workloads.is_empty()) {
        return;
    }
    let Some(missing) = absence.missing(&target, Presence::Any, object) else { return };
    let mut draft = sink.at(&backend.name, format!("{title}, which does not exist"));
    missing.show(&mut draft, &format!("add the {}, or name one that exists", backend.kind));
}

/// Reports a port that no Service of the name has.
fn judge_port<'a, 's>(
    absence: &Absence<'a, 's>,
    target: &Target<'_>,
    backend: &Backend<'s>,
    title: &str,
    sink: &mut Sink<'a, 's>,
) {
    let Some(port) = backend.port.as_ref().filter(|p| p.is_scalar() && !p.is_null()) else { return };
    let Some(text) = port.text().filter(|t| !t.is_empty() && !is_placeholder(t)) else { return };
    let found: Vec<&Object<'s>> = absence.all(target).collect();
    let ports = |service: &Object<'s>| -> Vec<Node<'s>> {
        service.spec().and_then(|s| s.get("ports")).iter().flat_map(Node::items).collect()
    };
    // Without ports (an ExternalName, say) there is nothing to compare with.
    if found.iter().any(|s| ports(s).is_empty()) {
        return;
    }
    let number = port.as_i64();
    let is_it = |p: &Node<'s>| match number {
        Some(number) => p.get("port").and_then(|n| n.as_i64()) == Some(number),
        None => p.get("name").is_some_and(|n| n.has_text(&text)) || p.get("port").is_some_and(|n| n.has_text(&text)),
    };
    let all: Vec<Node<'s>> = found.iter().flat_map(|s| ports(s)).collect();
    if all.iter().any(is_it) {
        return;
    }
    let field = if number.is_some() { "port" } else { "name" };
    let known: Vec<String> =
        all.iter().filter_map(|p| Some(format!("`{}`", p.get(field).or_else(|| p.get("port"))?.text()?))).collect();
    let mut draft = sink.at(port, format!("{title}, which has no port `{text}`"));
    if let Some(first) = found.first().and_then(|s| ports(s).into_iter().next()) {
        draft.related(&first.get(field).unwrap_or(first), "the Service has this one");
    }
    draft.help(format!("the Service has {}", known.join(", ")));
    if let [one] = &known[..] {
        draft.suggest(format!("write {one}"));
    }
}

/// Istio resolves hosts that a ServiceEntry names.
fn is_service_entry(absence: &Absence<'_, '_>, host: &str) -> bool {
    absence
        .of_kind("networking.istio.io", "ServiceEntry")
        .any(|o| o.spec().and_then(|s| s.get("hosts")).iter().flat_map(Node::items).any(|h| h.has_text(host)))
}
