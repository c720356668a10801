//! Which kinds live in a namespace.

use super::object::Object;
use super::workload::Workload;

/// Whether objects of the kind live in a namespace, where Kubernetes says so; none for custom kinds other than workloads.
pub fn is_namespaced(object: &Object<'_>) -> Option<bool> {
    let kind = object.kind();
    let namespaced = match object.group() {
        "" => match kind {
            "ComponentStatus" | "Namespace" | "Node" | "PersistentVolume" => false,
            _ if CORE.contains(&kind) => true,
            _ => return None,
        },
        "apps" | "autoscaling" | "batch" | "coordination.k8s.io" | "discovery.k8s.io" | "events.k8s.io" => true,
        "extensions" | "policy" => kind != "PodSecurityPolicy",
        "networking.k8s.io" => matches!(kind, "Ingress" | "NetworkPolicy"),
        "rbac.authorization.k8s.io" => matches!(kind, "Role" | "RoleBinding"),
        "certificates.k8s.io" => kind == "PodCertificateRequest",
        "resource.k8s.io" => matches!(kind, "ResourceClaim" | "ResourceClaimTemplate" | "PodSchedulingContext"),
        "storage.k8s.io" => kind == "CSIStorageCapacity",
        "scheduling.k8s.io" => kind != "PriorityClass",
        "admissionregistration.k8s.io"
        | "apiextensions.k8s.io"
        | "apiregistration.k8s.io"
        | "authentication.k8s.io"
        | "authorization.k8s.io"
        | "flowcontrol.apiserver.k8s.io"
        | "node.k8s.io"
        | "storagemigration.k8s.io" => false,
        _ if !Workload::of(object).is_empty() => true,
        _ => return None,
    };
    Some(namespaced)
}

const CORE: [&str; 13] = [
    "ConfigMap",
    "Endpoints",
    "Event",
    "LimitRange",
    "PersistentVolumeClaim",
    "Pod",
    "PodTemplate",
    "ReplicationController",
    "ResourceQuota",
    "Secret",
    "Service",
    "ServiceAccount",
    "Binding",
];
