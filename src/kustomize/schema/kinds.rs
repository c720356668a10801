//! The kinds that upstream's built-in schema (Kubernetes v1.21.2) knows, with their scope and the shape of what merges in them.

use super::builtin::Type;

/// Where objects of a kind live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// In no namespace.
    Cluster,
    /// In a namespace.
    Namespaced,
    /// The schema does not say.
    Unknown,
}

/// The kinds of one `apiVersion`, sorted.
type Kinds = &'static [(&'static str, Scope, Type)];

/// Kinds by `apiVersion`, sorted.
pub(super) const KINDS: &[(&str, Kinds)] = &[
    (
        "admissionregistration.k8s.io/v1",
        &[
            ("MutatingWebhookConfiguration", Scope::Cluster, Type::Webhooks),
            ("ValidatingWebhookConfiguration", Scope::Cluster, Type::Webhooks),
        ],
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        &[
            ("MutatingWebhookConfiguration", Scope::Cluster, Type::Webhooks),
            ("ValidatingWebhookConfiguration", Scope::Cluster, Type::Webhooks),
        ],
    ),
    ("apiextensions.k8s.io/v1", &[("CustomResourceDefinition", Scope::Cluster, Type::Object)]),
    ("apiextensions.k8s.io/v1beta1", &[("CustomResourceDefinition", Scope::Cluster, Type::Object)]),
    ("apiregistration.k8s.io/v1", &[("APIService", Scope::Cluster, Type::WithConditions)]),
    ("apiregistration.k8s.io/v1beta1", &[("APIService", Scope::Cluster, Type::WithConditions)]),
    (
        "apps/v1",
        &[
            ("ControllerRevision", Scope::Namespaced, Type::ControllerRevision),
            ("DaemonSet", Scope::Namespaced, Type::Workload),
            ("Deployment", Scope::Namespaced, Type::Workload),
            ("ReplicaSet", Scope::Namespaced, Type::Workload),
            ("StatefulSet", Scope::Namespaced, Type::Workload),
        ],
    ),
    (
        "authentication.k8s.io/v1",
        &[("TokenRequest", Scope::Unknown, Type::Object), ("TokenReview", Scope::Unknown, Type::Object)],
    ),
    ("authentication.k8s.io/v1beta1", &[("TokenReview", Scope::Unknown, Type::Object)]),
    (
        "authorization.k8s.io/v1",
        &[
            ("LocalSubjectAccessReview", Scope::Unknown, Type::Object),
            ("SelfSubjectAccessReview", Scope::Unknown, Type::Object),
            ("SelfSubjectRulesReview", Scope::Unknown, Type::Object),
            ("SubjectAccessReview", Scope::Unknown, Type::Object),
        ],
    ),
    (
        "authorization.k8s.io/v1beta1",
        &[
            ("LocalSubjectAccessReview", Scope::Unknown, Type::Object),
            ("SelfSubjectAccessReview", Scope::Unknown, Type::Object),
            ("SelfSubjectRulesReview", Scope::Unknown, Type::Object),
            ("SubjectAccessReview", Scope::Unknown, Type::Object),
        ],
    ),
    (
        "autoscaling/v1",
        &[("HorizontalPodAutoscaler", Scope::Namespaced, Type::Object), ("Scale", Scope::Namespaced, Type::Object)],
    ),
    ("autoscaling/v2beta1", &[("HorizontalPodAutoscaler", Scope::Namespaced, Type::Object)]),
    ("autoscaling/v2beta2", &[("HorizontalPodAutoscaler", Scope::Namespaced, Type::Object)]),
    ("batch/v1", &[("CronJob", Scope::Namespaced, Type::CronJob), ("Job", Scope::Namespaced, Type::Workload)]),
    ("batch/v1beta1", &[("CronJob", Scope::Namespaced, Type::CronJob)]),
    ("certificates.k8s.io/v1", &[("CertificateSigningRequest", Scope::Cluster, Type::Object)]),
    ("certificates.k8s.io/v1beta1", &[("CertificateSigningRequest", Scope::Cluster, Type::Object)]),
    ("coordination.k8s.io/v1", &[("Lease", Scope::Namespaced, Type::Object)]),
    ("coordination.k8s.io/v1beta1", &[("Lease", Scope::Namespaced, Type::Object)]),
    ("discovery.k8s.io/v1", &[("EndpointSlice", Scope::Namespaced, Type::Object)]),
    ("discovery.k8s.io/v1beta1", &[("EndpointSlice", Scope::Namespaced, Type::Object)]),
    ("events.k8s.io/v1", &[("Event", Scope::Namespaced, Type::Object)]),
    ("events.k8s.io/v1beta1", &[("Event", Scope::Namespaced, Type::Object)]),
    ("extensions/v1beta1", &[("Ingress", Scope::Namespaced, Type::Object)]),
    (
        "flowcontrol.apiserver.k8s.io/v1beta1",
        &[("FlowSchema", Scope::Cluster, Type::Object), ("PriorityLevelConfiguration", Scope::Cluster, Type::Object)],
    ),
    ("kustomize.config.k8s.io/v1beta1", &[("Kustomization", Scope::Unknown, Type::Kustomization)]),
    (
        "networking.k8s.io/v1",
        &[
            ("Ingress", Scope::Namespaced, Type::Object),
            ("IngressClass", Scope::Cluster, Type::Object),
            ("NetworkPolicy", Scope::Namespaced, Type::Object),
        ],
    ),
    (
        "networking.k8s.io/v1beta1",
        &[("Ingress", Scope::Namespaced, Type::Object), ("IngressClass", Scope::Cluster, Type::Object)],
    ),
    ("node.k8s.io/v1", &[("RuntimeClass", Scope::Cluster, Type::Object)]),
    ("node.k8s.io/v1beta1", &[("RuntimeClass", Scope::Cluster, Type::Object)]),
    ("policy/v1", &[("PodDisruptionBudget", Scope::Namespaced, Type::WithConditions)]),
    (
        "policy/v1beta1",
        &[
            ("Eviction", Scope::Unknown, Type::Object),
            ("PodDisruptionBudget", Scope::Namespaced, Type::WithConditions),
            ("PodSecurityPolicy", Scope::Cluster, Type::Object),
        ],
    ),
    (
        "rbac.authorization.k8s.io/v1",
        &[
            ("ClusterRole", Scope::Cluster, Type::Object),
            ("ClusterRoleBinding", Scope::Cluster, Type::Object),
            ("Role", Scope::Namespaced, Type::Object),
            ("RoleBinding", Scope::Namespaced, Type::Object),
        ],
    ),
    (
        "rbac.authorization.k8s.io/v1beta1",
        &[
            ("ClusterRole", Scope::Cluster, Type::Object),
            ("ClusterRoleBinding", Scope::Cluster, Type::Object),
            ("Role", Scope::Namespaced, Type::Object),
            ("RoleBinding", Scope::Namespaced, Type::Object),
        ],
    ),
    ("scheduling.k8s.io/v1", &[("PriorityClass", Scope::Cluster, Type::Object)]),
    ("scheduling.k8s.io/v1beta1", &[("PriorityClass", Scope::Cluster, Type::Object)]),
    (
        "storage.k8s.io/v1",
        &[
            ("CSIDriver", Scope::Cluster, Type::Object),
            ("CSINode", Scope::Cluster, Type::CsiNode),
            ("StorageClass", Scope::Cluster, Type::Object),
            ("VolumeAttachment", Scope::Cluster, Type::Object),
        ],
    ),
    (
        "storage.k8s.io/v1beta1",
        &[
            ("CSIDriver", Scope::Cluster, Type::Object),
            ("CSINode", Scope::Cluster, Type::CsiNode),
            ("CSIStorageCapacity", Scope::Namespaced, Type::Object),
            ("StorageClass", Scope::Cluster, Type::Object),
            ("VolumeAttachment", Scope::Cluster, Type::Object),
        ],
    ),
    (
        "v1",
        &[
            ("Binding", Scope::Unknown, Type::Object),
            ("ComponentStatus", Scope::Cluster, Type::ComponentStatus),
            ("ConfigMap", Scope::Namespaced, Type::Object),
            ("Endpoints", Scope::Namespaced, Type::Object),
            ("Event", Scope::Namespaced, Type::Object),
            ("LimitRange", Scope::Namespaced, Type::Object),
            ("Namespace", Scope::Cluster, Type::WithConditions),
            ("Node", Scope::Cluster, Type::Node),
            ("NodeProxyOptions", Scope::Cluster, Type::Opaque),
            ("PersistentVolume", Scope::Cluster, Type::Object),
            ("PersistentVolumeClaim", Scope::Namespaced, Type::WithConditions),
            ("Pod", Scope::Namespaced, Type::Pod),
            ("PodAttachOptions", Scope::Namespaced, Type::Opaque),
            ("PodExecOptions", Scope::Namespaced, Type::Opaque),
            ("PodPortForwardOptions", Scope::Namespaced, Type::Opaque),
            ("PodProxyOptions", Scope::Namespaced, Type::Opaque),
            ("PodTemplate", Scope::Namespaced, Type::PodTemplateObject),
            ("ReplicationController", Scope::Namespaced, Type::Workload),
            ("ResourceQuota", Scope::Namespaced, Type::Object),
            ("Secret", Scope::Namespaced, Type::Object),
            ("Service", Scope::Namespaced, Type::Service),
            ("ServiceAccount", Scope::Namespaced, Type::ServiceAccount),
            ("ServiceProxyOptions", Scope::Namespaced, Type::Opaque),
        ],
    ),
];
