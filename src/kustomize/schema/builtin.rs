//! The part of Kubernetes v1.21.2's type graph that leads to a list with a patch strategy of `merge`. Lists without one are
//! replaced as a whole, so nothing below them is needed.

use super::kinds::{KINDS, Scope};

/// A type with what merges in it. Kinds of the same shape share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// Nothing in it merges.
    Opaque,
    /// Any kind: only its metadata has lists that merge.
    Object,
    ObjectMeta,
    /// Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job.
    Workload,
    WorkloadSpec,
    CronJob,
    CronJobSpec,
    JobTemplate,
    PodTemplate,
    PodTemplateObject,
    Pod,
    PodSpec,
    PodStatus,
    Container,
    EphemeralContainer,
    Volume,
    EphemeralVolume,
    Node,
    NodeSpec,
    NodeStatus,
    /// A kind with `status.conditions`.
    WithConditions,
    /// A status with `conditions`.
    Conditions,
    Service,
    ServiceSpec,
    ServiceAccount,
    Webhooks,
    ComponentStatus,
    CsiNode,
    CsiNodeSpec,
    ControllerRevision,
    Kustomization,
}

/// A place in the type graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Type(Type),
    /// A list that is merged by these keys, and the type of its items.
    List(&'static [&'static str], Type),
}

/// The type of the objects of a kind.
pub(super) fn object(api_version: &str, kind: &str) -> Option<At> {
    find(api_version, kind).map(|(_, ty)| At::Type(ty))
}

/// Whether a kind is cluster-scoped, if the schema says.
pub(super) fn is_cluster_scoped(api_version: &str, kind: &str) -> Option<bool> {
    match find(api_version, kind)?.0 {
        Scope::Cluster => Some(true),
        Scope::Namespaced => Some(false),
        Scope::Unknown => None,
    }
}

fn find(api_version: &str, kind: &str) -> Option<(Scope, Type)> {
    let group = KINDS.binary_search_by(|(key, _)| (*key).cmp(api_version)).ok()?;
    let (_, kinds) = KINDS.get(group)?;
    let at = kinds.binary_search_by(|(key, ..)| (*key).cmp(kind)).ok()?;
    kinds.get(at).map(|&(_, scope, ty)| (scope, ty))
}

/// The definitions that documents share with the built-in schema, by their names in OpenAPI v2.
const DEFINITIONS: &[(&str, Type)] = &[
    ("io.k8s.api.apps.v1.DaemonSetSpec", Type::WorkloadSpec),
    ("io.k8s.api.apps.v1.DeploymentSpec", Type::WorkloadSpec),
    ("io.k8s.api.apps.v1.ReplicaSetSpec", Type::WorkloadSpec),
    ("io.k8s.api.apps.v1.StatefulSetSpec", Type::WorkloadSpec),
    ("io.k8s.api.batch.v1.CronJobSpec", Type::CronJobSpec),
    ("io.k8s.api.batch.v1.JobSpec", Type::WorkloadSpec),
    ("io.k8s.api.batch.v1.JobTemplateSpec", Type::JobTemplate),
    ("io.k8s.api.core.v1.Container", Type::Container),
    ("io.k8s.api.core.v1.EphemeralContainer", Type::EphemeralContainer),
    ("io.k8s.api.core.v1.EphemeralVolumeSource", Type::EphemeralVolume),
    ("io.k8s.api.core.v1.PersistentVolumeClaimTemplate", Type::Object),
    ("io.k8s.api.core.v1.PodSpec", Type::PodSpec),
    ("io.k8s.api.core.v1.PodStatus", Type::PodStatus),
    ("io.k8s.api.core.v1.PodTemplateSpec", Type::PodTemplate),
    ("io.k8s.api.core.v1.ServiceSpec", Type::ServiceSpec),
    ("io.k8s.api.core.v1.Volume", Type::Volume),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", Type::ObjectMeta),
];

/// The type that a definition has in the built-in schema. Of those in which nothing merges only kinds are known: a document's own
/// definition of such a name holds.
pub(super) fn definition(name: &str) -> Option<At> {
    if let Some((_, ty)) = DEFINITIONS.iter().find(|(known, _)| *known == name) {
        return Some(At::Type(*ty));
    }
    let (group, rest) = name.strip_prefix("io.k8s.api.")?.split_once('.')?;
    let (version, kind) = rest.split_once('.')?;
    let in_package = |api_version: &str| match api_version.split_once('/') {
        Some((g, v)) => v == version && g.split('.').next() == Some(group),
        None => group == "core" && api_version == version,
    };
    let (api_version, _) = KINDS.iter().find(|(api_version, _)| in_package(api_version))?;
    object(api_version, kind)
}

impl At {
    /// The name of its definition, if only one has its shape.
    pub(super) fn definition(self) -> Option<&'static str> {
        let At::Type(ty) = self else { return None };
        let mut same = DEFINITIONS.iter().filter(|(_, known)| *known == ty && ty != Type::Object);
        let (name, _) = same.next()?;
        same.next().is_none().then_some(*name)
    }

    pub(super) fn field(self, key: &str) -> Option<At> {
        match self {
            At::Type(ty) => ty.field(key),
            At::List(..) => None,
        }
    }

    pub(super) fn element(self) -> Option<At> {
        match self {
            At::Type(_) => None,
            At::List(_, item) => Some(At::Type(item)),
        }
    }

    pub(super) fn merge_keys(self) -> Option<&'static [&'static str]> {
        match self {
            At::Type(_) => None,
            At::List(keys, _) => Some(keys),
        }
    }
}

impl Type {
    fn field(self, key: &str) -> Option<At> {
        use At::List;
        const fn is(ty: Type) -> At {
            At::Type(ty)
        }
        const BY_NAME: &[&str] = &["name"];
        const BY_TYPE: &[&str] = &["type"];
        const BY_PORT: &[&str] = &["port", "protocol"];
        const BY_CONTAINER_PORT: &[&str] = &["containerPort", "protocol"];
        const BY_TOPOLOGY: &[&str] = &["topologyKey", "whenUnsatisfiable"];

        let at = match (self, key) {
            (
                Type::Object
                | Type::Workload
                | Type::CronJob
                | Type::JobTemplate
                | Type::PodTemplate
                | Type::PodTemplateObject
                | Type::Pod
                | Type::Node
                | Type::WithConditions
                | Type::Service
                | Type::ServiceAccount
                | Type::Webhooks
                | Type::ComponentStatus
                | Type::CsiNode
                | Type::ControllerRevision,
                "metadata",
            ) => is(Type::ObjectMeta),
            (Type::ObjectMeta, "finalizers") => List(&[], Type::Opaque),
            (Type::ObjectMeta, "ownerReferences") => List(&["uid"], Type::Opaque),

            (Type::Workload, "spec") => is(Type::WorkloadSpec),
            (Type::WorkloadSpec, "template") => is(Type::PodTemplate),
            (Type::CronJob, "spec") => is(Type::CronJobSpec),
            (Type::CronJobSpec, "jobTemplate") => is(Type::JobTemplate),
            (Type::JobTemplate, "spec") => is(Type::WorkloadSpec),
            (Type::PodTemplateObject, "template") => is(Type::PodTemplate),
            (Type::PodTemplate | Type::Pod, "spec") => is(Type::PodSpec),
            (Type::Pod, "status") => is(Type::PodStatus),
            (Type::PodStatus, "podIPs") => List(&["ip"], Type::Opaque),

            (Type::PodSpec, "containers" | "initContainers") => List(BY_NAME, Type::Container),
            (Type::PodSpec, "ephemeralContainers") => List(BY_NAME, Type::EphemeralContainer),
            (Type::PodSpec, "volumes") => List(BY_NAME, Type::Volume),
            (Type::PodSpec, "imagePullSecrets") => List(BY_NAME, Type::Opaque),
            (Type::PodSpec, "hostAliases") => List(&["ip"], Type::Opaque),
            (Type::PodSpec, "topologySpreadConstraints") => List(BY_TOPOLOGY, Type::Opaque),
            (Type::Container | Type::EphemeralContainer, "env") => List(BY_NAME, Type::Opaque),
            (Type::Container | Type::EphemeralContainer, "volumeMounts") => List(&["mountPath"], Type::Opaque),
            (Type::Container | Type::EphemeralContainer, "volumeDevices") => List(&["devicePath"], Type::Opaque),
            (Type::Container, "ports") => List(BY_CONTAINER_PORT, Type::Opaque),
            (Type::Volume, "ephemeral") => is(Type::EphemeralVolume),
            (Type::EphemeralVolume, "volumeClaimTemplate") => is(Type::Object),

            (Type::Workload | Type::WithConditions | Type::Service, "status") => is(Type::Conditions),
            (Type::Conditions | Type::PodStatus | Type::ComponentStatus | Type::NodeStatus, "conditions") => {
                List(BY_TYPE, Type::Opaque)
            }

            (Type::Service, "spec") => is(Type::ServiceSpec),
            (Type::ServiceSpec, "ports") => List(BY_PORT, Type::Opaque),
            (Type::ServiceAccount, "secrets") => List(BY_NAME, Type::Opaque),
            (Type::Webhooks, "webhooks") => List(BY_NAME, Type::Opaque),
            (Type::Node, "spec") => is(Type::NodeSpec),
            (Type::NodeSpec, "podCIDRs") => List(&[], Type::Opaque),
            (Type::Node, "status") => is(Type::NodeStatus),
            (Type::NodeStatus, "addresses") => List(BY_TYPE, Type::Opaque),
            (Type::CsiNode, "spec") => is(Type::CsiNodeSpec),
            (Type::CsiNodeSpec, "drivers") => List(BY_NAME, Type::Opaque),
            (Type::ControllerRevision, "data") => is(Type::Opaque),
            (Type::Kustomization, "configMapGenerator" | "secretGenerator") => List(BY_NAME, Type::Opaque),
            _ => return None,
        };
        Some(at)
    }
}
