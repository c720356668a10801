//! `rbac-sensitive-grant`: see `rules/rbac-sensitive-grant.md`.

use serde::Deserialize;

use super::access::Item;
use crate::k8s::Object;
use crate::rule::{ObjectCx, Rule, Sink};
use crate::yaml::Node;

/// A grant that gives more than it seems to.
struct Grant {
    name: Name,
    verbs: &'static [&'static str],
    group: &'static str,
    resources: &'static [&'static str],
    why: &'static str,
}

/// The names of the grants, as in `ignore`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Name {
    Exec,
    Portforward,
    Debug,
    Workloads,
    NodeProxy,
    Webhooks,
    Csr,
    Volumes,
    ServiceStatus,
    Namespaces,
    Events,
    Networking,
}

const WRITE: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];
const MAKE: &[&str] = &["create", "update", "patch"];
const RUN: &str = "what runs as any account there, runs for it";

#[rustfmt::skip]
const GRANTS: [Grant; 17] = [
    Grant { name: Name::Exec, verbs: &["create", "get"], group: "", resources: &["pods/exec", "pods/attach"], why: "it can run commands in every pod in its reach" },
    Grant { name: Name::Portforward, verbs: &["create", "get"], group: "", resources: &["pods/portforward"], why: "it reaches ports that no Service or policy opens" },
    Grant { name: Name::Debug, verbs: MAKE, group: "", resources: &["pods/ephemeralcontainers"], why: "it can put a container into every pod in its reach" },
    Grant { name: Name::Workloads, verbs: MAKE, group: "", resources: &["pods", "replicationcontrollers"], why: RUN },
    Grant { name: Name::Workloads, verbs: MAKE, group: "apps", resources: &["deployments", "statefulsets", "daemonsets", "replicasets"], why: RUN },
    Grant { name: Name::Workloads, verbs: MAKE, group: "batch", resources: &["jobs", "cronjobs"], why: RUN },
    Grant { name: Name::NodeProxy, verbs: &["create", "get"], group: "", resources: &["nodes/proxy"], why: "it can run commands in every pod of the node, past admission and audit" },
    Grant { name: Name::Webhooks, verbs: WRITE, group: "admissionregistration.k8s.io", resources: &["validatingwebhookconfigurations", "mutatingwebhookconfigurations"], why: "it can read and change whatever is sent to the API" },
    Grant { name: Name::Csr, verbs: &["update", "patch"], group: "certificates.k8s.io", resources: &["certificatesigningrequests/approval"], why: "it can approve certificates for any user" },
    Grant { name: Name::Volumes, verbs: &["create"], group: "", resources: &["persistentvolumes"], why: "it can make volumes of any path of a node" },
    Grant { name: Name::ServiceStatus, verbs: &["update", "patch"], group: "", resources: &["services/status"], why: "it can take over the traffic to an address" },
    Grant { name: Name::Namespaces, verbs: &["update", "patch"], group: "", resources: &["namespaces"], why: "it can lift the pod security level of a namespace" },
    Grant { name: Name::Events, verbs: &["delete", "deletecollection"], group: "", resources: &["events"], why: "it can remove traces" },
    Grant { name: Name::Events, verbs: &["delete", "deletecollection"], group: "events.k8s.io", resources: &["events"], why: "it can remove traces" },
    Grant { name: Name::Networking, verbs: WRITE, group: "networking.k8s.io", resources: &["networkpolicies"], why: "it can open what policies close" },
    Grant { name: Name::Networking, verbs: WRITE, group: "", resources: &["endpoints"], why: "it can redirect the traffic of Services" },
    Grant { name: Name::Networking, verbs: WRITE, group: "discovery.k8s.io", resources: &["endpointslices"], why: "it can redirect the traffic of Services" },
];

/// Reports grants that give more than they seem to.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RbacSensitiveGrant {
    /// Grants that are not reported, by name.
    pub ignore: Vec<Name>,
}

impl Rule for RbacSensitiveGrant {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for item in cx.object.role_items().iter().filter(|i| !i.named) {
            for grant in GRANTS.iter().filter(|g| !self.ignore.contains(&g.name)) {
                let granted = if item.has_group(grant.group) { grant.resources_of(item) } else { continue };
                if granted.is_empty() {
                    continue;
                }
                let verbs: Vec<&str> = grant.verbs.iter().copied().filter(|v| item.verb(v).is_some()).collect();
                for (resource, node) in granted.into_iter().filter(|_| !verbs.is_empty()) {
                    sink.at(node, format!("role grants {} on {resource}", verbs.join(", ")))
                        .label(grant.why)
                        .help(help(cx.object, grant, resource, &verbs))
                        .entry(&item.node);
                }
            }
        }
    }
}

/// Kinds that stand in no namespace, so that no Role can limit them to one.
const OF_CLUSTER: [&str; 6] = [
    "persistentvolumes",
    "namespaces",
    "nodes/proxy",
    "validatingwebhookconfigurations",
    "mutatingwebhookconfigurations",
    "certificatesigningrequests/approval",
];

/// How to limit a grant. The name of what is to be created is not known when the verb is judged, so `resourceNames` does not limit `create`, but
/// for subresources, whose object is there already.
fn help(role: &Object<'_>, grant: &Grant, resource: &str, verbs: &[&str]) -> String {
    let by_name = resource.contains('/') || verbs.iter().any(|v| !matches!(*v, "create" | "deletecollection"));
    let in_one = role.kind() == "ClusterRole" && !OF_CLUSTER.contains(&resource);
    match (by_name, in_one) {
        (true, _) => "remove it, or limit it to named objects with `resourceNames`".into(),
        (false, true) => {
            "remove it, or grant it by a Role in each namespace that needs it: `resourceNames` cannot limit it".into()
        }
        (false, false) => format!(
            "remove it if nothing needs it: `resourceNames` cannot limit it; if it is meant, list `{}` under `ignore` or suppress \
             this with the reason",
            grant.name.text()
        ),
    }
}

impl Name {
    /// As it is written under `ignore`.
    fn text(self) -> &'static str {
        match self {
            Name::Exec => "exec",
            Name::Portforward => "portforward",
            Name::Debug => "debug",
            Name::Workloads => "workloads",
            Name::NodeProxy => "node-proxy",
            Name::Webhooks => "webhooks",
            Name::Csr => "csr",
            Name::Volumes => "volumes",
            Name::ServiceStatus => "service-status",
            Name::Namespaces => "namespaces",
            Name::Events => "events",
            Name::Networking => "networking",
        }
    }
}

impl Grant {
    fn resources_of<'i, 's>(&self, item: &'i Item<'s>) -> Vec<(&'static str, &'i Node<'s>)> {
        self.resources.iter().filter_map(|r| Some((*r, item.resource(r)?))).collect()
    }
}
