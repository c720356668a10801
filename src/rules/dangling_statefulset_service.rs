//! `dangling-statefulset-service`: see `rules/dangling-statefulset-service.md`.

use serde::Deserialize;

use super::absence::{Absence, Presence, Target};
use super::network::directory;
use crate::k8s::placeholder::is_placeholder;
use crate::rule::{BuildCx, Rule, ScopeKind, Sink, removal};

/// Reports StatefulSets whose `serviceName` names no headless Service.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingStatefulsetService {}

impl Rule for DanglingStatefulsetService {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(absence) = Absence::new(cx) else { return };
        for object in cx.scope.of_kind("apps", "StatefulSet") {
            let Some(node) = object.spec().and_then(|s| s.get("serviceName")) else { continue };
            let Some(service) = node.as_str().filter(|s| !s.is_empty() && !is_placeholder(s)) else { continue };
            let namespace = object.namespace();
            let target = Target { groups: &[""], kind: "Service", name: &service, namespace: namespace.as_deref() };
            sink.on(object, None);
            let title = object.name().unwrap_or_default();
            let message = |what| format!("StatefulSet `{title}` gets no stable names: Service `{service}` {what}");
            if let Some(found) = absence.find(&target) {
                let ip = found.spec().and_then(|s| s.get("clusterIP"));
                // A Service of another build or directory need not be the one that is meant.
                let beside = cx.scope.owns(found)
                    && (cx.scope.kind != ScopeKind::Plain || directory(found) == directory(object));
                if !beside || ip.as_ref().is_some_and(|ip| ip.has_text("None")) {
                    continue;
                }
                let removed = removal(&found.node, &["spec", "clusterIP"], |ip| ip.has_text("None"));
                if let Some(patch) = removed {
                    sink.at_span(patch, message("is not headless"))
                        .label("this patch removes `clusterIP: None`")
                        .related(&node, "needs it")
                        .help("leave it headless, and add another Service with an address for the clients");
                    continue;
                }
                let place = ip.unwrap_or_else(|| found.anchor());
                sink.at(&node, message("is not headless"))
                    .related(&place, "no `clusterIP: None`")
                    .help("add a Service with `clusterIP: None` and name it here");
            } else if let Some(missing) = absence.missing(&target, Presence::Any, object) {
                let mut draft = sink.at(&node, message("is missing"));
                missing.show(&mut draft, "add a Service of this name with `clusterIP: None`");
            }
        }
    }
}
