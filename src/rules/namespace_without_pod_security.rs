//! `namespace-without-pod-security`: see `rules/namespace-without-pod-security.md`.

use std::path::Path;

use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::security::is_placeholder;
use crate::finding::Safety;
use crate::k8s::Object;
use crate::rule::{BuildCx, Rule, ScopeKind, Sink, edit};
use crate::source::Span;
use crate::yaml::{Node, Origin};

const LABEL: &str = "pod-security.kubernetes.io/enforce";

/// A level of the Pod Security Standards, from the weakest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Privileged,
    Baseline,
    Restricted,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Level::Privileged => "privileged",
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        }
    }
}

/// Reports namespaces that admit any pod.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct NamespaceWithoutPodSecurity {
    /// The weakest level that is enough: `privileged`, `baseline` or `restricted`.
    pub minimum: Level,
}

impl Default for NamespaceWithoutPodSecurity {
    fn default() -> Self {
        Self { minimum: Level::Baseline }
    }
}

/// True for a namespace of an OpenShift cluster, which admits pods by security context constraints and labels namespaces itself.
fn is_of_openshift(object: &Object<'_>) -> bool {
    let name = object.name().unwrap_or_default();
    name == "openshift"
        || name.starts_with("openshift-")
        || is_marked(object.labels())
        || is_marked(object.annotations())
}

/// True if a key of the mapping is one of OpenShift.
fn is_marked(map: Option<Node<'_>>) -> bool {
    map.iter().flat_map(Node::entries).any(|(key, _)| {
        let key = key.text().unwrap_or_default();
        is_domain(key.split_once('/').map_or("", |(domain, _)| domain))
    })
}

fn is_domain(name: &str) -> bool {
    name == "openshift.io" || name.ends_with(".openshift.io")
}

/// True for an object that is only meant for an OpenShift cluster: of its own groups or its service mesh, with an annotation that it
/// reads, bound to a role that it brings, or from its catalogue of operators.
fn is_for_openshift(object: &Object<'_>) -> bool {
    let group = object.group();
    let text = |path: &[&str]| object.node.path(path).and_then(|n| n.text()).unwrap_or_default();
    is_domain(group)
        || group == "maistra.io"
        || is_marked(object.annotations())
        || object.kind().ends_with("RoleBinding") && text(&["roleRef", "name"]).starts_with("system:openshift:")
        || object.is("operators.coreos.com", "Subscription")
            && text(&["spec", "sourceNamespace"]).starts_with("openshift-")
}

/// The file that an object stands in.
fn file<'s>(object: &Object<'s>) -> Option<&'s Path> {
    let kind = object.node.get("kind").unwrap_or_else(|| object.anchor());
    Some(kind.span()?.source.path())
}

/// Where the object itself is named, in its own file: a kustomization that puts its `namespace` there is no place for a label.
fn own_place<'s>(object: &Object<'s>) -> Option<Span<'s>> {
    let own = file(object)?;
    let name = object.anchor();
    let mut spans: Vec<Span<'s>> = name.pieces().iter().filter_map(|piece| piece.span).collect();
    written(&name.origin(), &mut spans);
    spans.into_iter().find(|span| span.source.path() == own).or_else(|| object.node.get("kind")?.span())
}

/// Where a value is written, then where those are that it replaced, one after the other.
fn written<'s>(origin: &Origin<'s>, spans: &mut Vec<Span<'s>>) {
    spans.extend(origin.span);
    for link in origin.links() {
        if let Some(replaced) = &link.replaced {
            written(replaced, spans);
        }
    }
}

impl Rule for NamespaceWithoutPodSecurity {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let mut namespaces = cx.scope.of_kind("", "Namespace").peekable();
        if namespaces.peek().is_none() {
            return;
        }
        // What stands beside it in a build is for the same cluster; of plain manifests, what stands in the same file.
        let for_openshift = cx.scope.objects.iter().filter(|o| is_for_openshift(o)).map(file);
        let files: FxHashSet<Option<&Path>> = for_openshift.collect();
        if cx.scope.kind != ScopeKind::Plain && !files.is_empty() {
            return;
        }
        for object in namespaces.filter(|o| !files.contains(&file(o))) {
            sink.on(object, None);
            self.judge(object, sink);
        }
    }
}

impl NamespaceWithoutPodSecurity {
    fn judge<'s>(&self, object: &Object<'s>, sink: &mut Sink<'_, 's>) {
        let name = object.name().unwrap_or_default();
        if name.starts_with("kube-") || is_of_openshift(object) {
            return;
        }
        let minimum = self.minimum.name();
        let help = format!(
            "label it `{LABEL}: {minimum}`; if node agents or storage drivers run in it, suppress this with that reason"
        );
        let label = object.labels().and_then(|l| l.get(LABEL)).filter(|n| !n.is_null());
        let Some(label) = label else {
            let anchor = object.anchor();
            let message = format!("Namespace `{name}` enforces no pod security level");
            let mut draft = match own_place(object).filter(|place| anchor.span() != Some(*place)) {
                Some(place) => sink.at_span(place, message),
                None => sink.at(&anchor, message),
            };
            draft.related(&anchor, "named here").label("any pod is admitted here").help(help).offer(
                Safety::Unsafe,
                format!("label it `{LABEL}: {minimum}`"),
                edit::set(&object.node, &["metadata", "labels", LABEL], minimum),
            );
            return;
        };
        if is_placeholder(&label) {
            return;
        }
        let text = label.as_str().unwrap_or_default();
        let known = [Level::Privileged, Level::Baseline, Level::Restricted].into_iter().find(|l| l.name() == text);
        let message = match known {
            Some(level) if level >= self.minimum => return,
            Some(level) => format!("Namespace `{name}` enforces only the pod security level `{}`", level.name()),
            None => format!("Namespace `{name}` names `{text}`, which is no pod security level"),
        };
        // No fix: a level that is written was chosen.
        sink.at(&label, message).help(help);
    }
}
