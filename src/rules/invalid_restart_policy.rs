//! `invalid-restart-policy`: see `rules/invalid-restart-policy.md`.

use serde::Deserialize;

use crate::finding::Safety;
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{Class, Object};
use crate::rule::{PodCx, Rule, Sink, Version, edit};

/// Reports restart policies that a kind cannot have.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct InvalidRestartPolicy {}

/// Since when init containers may have rules of their own.
const CONTAINER_POLICIES: Version = Version::v1(35);

impl Rule for InvalidRestartPolicy {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let workload = cx.workload;
        let node = workload.get("restartPolicy").filter(|n| !n.is_null());
        let text = node.as_ref().and_then(|n| n.as_str());
        let title = workload.title();
        let skip = text.as_ref().is_some_and(|t| is_placeholder(t));
        match policies(&workload.object).filter(|_| !skip) {
            Some(Policies::Always) => {
                if let (Some(node), Some(text)) = (&node, text.filter(|t| t != "Always")) {
                    sink.at(node, format!("{title} cannot have restartPolicy {text}"))
                        .help("its pods run until they are stopped: only `Always` is allowed, which is the default")
                        .offer(Safety::Safe, "remove it", edit::remove(&workload.spec, &["restartPolicy"]));
                }
            }
            // KEDA itself writes `OnFailure` where a ScaledJob has none.
            Some(Policies::OfJob) if text.is_none() && workload.object.kind() == "ScaledJob" => {}
            Some(Policies::OfJob) if text.as_deref().is_none_or(|t| t == "Always") => {
                let job = workload.object.spec();
                let job = job.and_then(|s| s.path(&["jobTemplate", "spec"]).or(Some(s)));
                // A failure policy needs pods that are not restarted in place.
                let never = job.is_some_and(|j| j.get("podFailurePolicy").is_some_and(|p| !p.is_null()));
                let policy = if never { "Never" } else { "OnFailure" };
                let place = node.clone().unwrap_or_else(|| workload.spec_key.clone());
                let message = match node {
                    Some(_) => format!("{title} cannot have restartPolicy Always"),
                    None => format!("{title} cannot have restartPolicy Always, which is the default"),
                };
                sink.at(&place, message)
                    .help("`OnFailure` restarts the container in its pod, `Never` makes a new pod")
                    .offer(
                        Safety::Unsafe,
                        format!("set `restartPolicy: {policy}`"),
                        edit::set(&workload.spec, &["restartPolicy"], policy),
                    );
            }
            _ => {}
        }
        if cx.env.target >= CONTAINER_POLICIES {
            return;
        }
        for container in workload.containers.iter().filter(|c| c.class == Class::Init) {
            let Some(node) = container.get("restartPolicy").filter(|n| !n.is_null()) else { continue };
            let Some(text) = node.as_str().filter(|t| !is_placeholder(t)) else { continue };
            let (name, target) = (container.name(), cx.env.target);
            sink.at(&node, format!("init container `{name}` cannot have restartPolicy {text} in Kubernetes {target}"))
                .help("`Always` makes it a sidecar; other policies came with 1.35");
        }
    }
}

enum Policies {
    Always,
    OfJob,
}

fn policies(object: &Object<'_>) -> Option<Policies> {
    match (object.group(), object.kind()) {
        (
            "apps" | "extensions" | "apps.kruise.io",
            "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "CloneSet",
        )
        | ("", "ReplicationController")
        | ("argoproj.io", "Rollout")
        | ("apps.openshift.io", "DeploymentConfig") => Some(Policies::Always),
        ("batch", "Job" | "CronJob") | ("keda.sh", "ScaledJob") => Some(Policies::OfJob),
        _ => None,
    }
}
