//! `namespace-without-pod-security`: see `rules/namespace-without-pod-security.md`.

use serde::Deserialize;

use super::security::is_placeholder;
use crate::finding::Safety;
use crate::k8s::Object;
use crate::rule::{BuildCx, Rule, Scope, ScopeKind, Sink, edit};
use crate::yaml::Node;

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
    let marked = |map: Option<Node<'_>>| {
        map.iter().flat_map(Node::entries).any(|(key, _)| {
            let key = key.text().unwrap_or_default();
            let domain = key.split_once('/').map_or("", |(domain, _)| domain);
            domain == "openshift.io" || domain.ends_with(".openshift.io")
        })
    };
    let name = object.name().unwrap_or_default();
    name == "openshift" || name.starts_with("openshift-") || marked(object.labels()) || marked(object.annotations())
}

/// True for objects that only an OpenShift cluster takes: of its own groups, or from its catalogue of operators.
fn is_for_openshift(scope: &Scope<'_>) -> bool {
    let own = |o: &Object<'_>| o.group() == "openshift.io" || o.group().ends_with(".openshift.io");
    let mut subscriptions = scope.of_kind("operators.coreos.com", "Subscription");
    let from = |o: &Object<'_>| o.spec().and_then(|s| s.get("sourceNamespace")?.as_str().map(|n| n.into_owned()));
    subscriptions.any(|o| from(o).is_some_and(|n| n.starts_with("openshift-"))) || scope.objects.iter().any(own)
}

impl Rule for NamespaceWithoutPodSecurity {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let mut namespaces = cx.scope.of_kind("", "Namespace").peekable();
        // What stands beside it in a build is for the same cluster; that of all plain manifests together tells nothing.
        if namespaces.peek().is_none() || cx.scope.kind != ScopeKind::Plain && is_for_openshift(cx.scope) {
            return;
        }
        for object in namespaces {
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
        let help = format!("label it `{LABEL}: {minimum}`");
        let label = object.labels().and_then(|l| l.get(LABEL)).filter(|n| !n.is_null());
        let Some(label) = label else {
            sink.at(&object.anchor(), format!("Namespace `{name}` enforces no pod security level"))
                .label("any pod is admitted here")
                .help(help)
                .offer(
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
