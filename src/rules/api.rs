//! What the rules of the category api share.

use crate::finding::Safety;
use crate::k8s::lifecycle::{Lifecycle, lifecycle};
use crate::k8s::{Object, Workload};
use crate::rule::{Draft, Env, Version, edit};
use crate::yaml::Node;

/// The end of the version that an object is written in, and the version of what serves it: the target, or that of a component
/// whose version the configuration gives.
pub(super) fn end_of_version(object: &Object<'_>, env: &Env) -> Option<(&'static Lifecycle, Version)> {
    let row = lifecycle(object)?;
    let at = match row.component {
        None => env.target,
        Some(name) => *env.components.get(name)?,
    };
    Some((row, at))
}

/// Adds what to write instead of a version that goes away.
pub(super) fn replace_version<'s>(draft: &mut Draft<'_, 's>, object: &Object<'s>, row: &Lifecycle, at: Version) {
    let Some(to) = row.replacement(at) else {
        draft.help("nothing replaces it: remove the object");
        return;
    };
    // With an empty selector, a v1beta1 budget is for no pods, and a v1 one for all.
    let all_pods = object.kind() == "PodDisruptionBudget"
        && object.spec().and_then(|s| s.get("selector")).is_none_or(|selector| selector.is_empty());
    let node = object.node.get("apiVersion").filter(|_| row.same && !all_pods);
    match node {
        Some(node) => {
            draft.offer(Safety::Safe, format!("write `{to}`"), edit::replace(&node, to));
        }
        None => {
            draft
                .help(format!("more than the version may have to change: see {}", guide(row)))
                .suggest(format!("convert it to `{to}`"));
        }
    }
}

/// Where the ways from one version to the next are written down.
fn guide(row: &Lifecycle) -> String {
    match row.component {
        None => "https://kubernetes.io/docs/reference/using-api/deprecation-guide/".into(),
        Some("cert-manager") => "https://cert-manager.io/docs/releases/upgrading/remove-deprecated-apis/".into(),
        Some(other) => format!("the release notes of {other}"),
    }
}

/// Whether a kind must have a selector, and whether that is a plain map.
pub(super) fn selector_shape(object: &Object<'_>) -> Option<(bool, bool)> {
    match (object.group(), object.kind()) {
        ("apps" | "apps.kruise.io", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "CloneSet")
        | ("argoproj.io", "Rollout") => Some((!object.version().ends_with("beta1") || object.group() != "apps", false)),
        ("", "ReplicationController") => Some((false, true)),
        ("batch", "Job") => {
            let manual = object.spec().and_then(|s| s.get("manualSelector")?.as_bool()) == Some(true);
            manual.then_some((true, false))
        }
        _ => None,
    }
}

/// The selector of a workload that selects its pods, as a map of labels.
pub(super) fn labels_of_selector<'s>(workload: &Workload<'s>) -> Option<Node<'s>> {
    let (_, plain) = selector_shape(&workload.object)?;
    let own = workload.object.spec()?.get("selector")?;
    if plain { Some(own) } else { own.get("matchLabels") }
}
