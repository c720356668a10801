//! When versions of kinds were deprecated and removed, and what replaces them.
//!
//! From the lifecycle markers of the upstream types and the deprecated API migration guide.

use super::object::Object;
use super::version::Version;

/// The end of one version of some kinds.
#[derive(Debug)]
pub struct Lifecycle {
    /// Group and version: `batch/v1beta1`.
    pub api_version: &'static str,
    /// The kinds.
    pub kinds: &'static [&'static str],
    /// The minor release that deprecated it.
    pub deprecated: u32,
    /// The first minor release without it.
    pub removed: Option<u32>,
    /// What to write instead, and the minor release that brought it.
    pub replacement: Option<(&'static str, u32)>,
    /// True if nothing but the version changes.
    pub same: bool,
}

impl Lifecycle {
    /// True if clusters of this version do not serve it.
    pub fn is_removed(&self, target: Version) -> bool {
        self.removed.is_some_and(|minor| Version::v1(minor) <= target)
    }

    /// True if clusters of this version serve it and warn.
    pub fn is_deprecated(&self, target: Version) -> bool {
        Version::v1(self.deprecated) <= target && !self.is_removed(target)
    }

    /// What to write instead on clusters of this version.
    pub fn replacement(&self, target: Version) -> Option<&'static str> {
        self.replacement.filter(|(_, since)| Version::v1(*since) <= target).map(|(to, _)| to)
    }
}

/// The end of the version that an object is written in; none for versions that stay.
pub fn lifecycle(object: &Object<'_>) -> Option<&'static Lifecycle> {
    TABLE.iter().find(|row| row.api_version == object.api_version() && row.kinds.contains(&object.kind()))
}

const fn row(
    api_version: &'static str,
    kinds: &'static [&'static str],
    deprecated: u32,
    removed: u32,
    replacement: (&'static str, u32),
    same: bool,
) -> Lifecycle {
    Lifecycle { api_version, kinds, deprecated, removed: Some(removed), replacement: Some(replacement), same }
}

const WEBHOOKS: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
const REVIEWS: &[&str] =
    &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"];
const ROLES: &[&str] = &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];
const FLOW: &[&str] = &["FlowSchema", "PriorityLevelConfiguration"];

#[rustfmt::skip]
static TABLE: &[Lifecycle] = &[
    row("extensions/v1beta1", &["DaemonSet", "Deployment", "ReplicaSet"], 9, 16, ("apps/v1", 9), false),
    row("extensions/v1beta1", &["NetworkPolicy"], 9, 16, ("networking.k8s.io/v1", 7), false),
    Lifecycle { api_version: "extensions/v1beta1", kinds: &["PodSecurityPolicy"], deprecated: 10, removed: Some(16), replacement: None, same: false },
    row("extensions/v1beta1", &["Ingress"], 14, 22, ("networking.k8s.io/v1", 19), false),
    row("apps/v1beta1", &["ControllerRevision", "Deployment", "StatefulSet"], 9, 16, ("apps/v1", 9), false),
    row("apps/v1beta2", &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"], 9, 16, ("apps/v1", 9), false),
    row("admissionregistration.k8s.io/v1beta1", WEBHOOKS, 19, 22, ("admissionregistration.k8s.io/v1", 16), false),
    row("apiextensions.k8s.io/v1beta1", &["CustomResourceDefinition"], 19, 22, ("apiextensions.k8s.io/v1", 16), false),
    row("apiregistration.k8s.io/v1beta1", &["APIService"], 19, 22, ("apiregistration.k8s.io/v1", 10), false),
    row("authentication.k8s.io/v1beta1", &["TokenReview"], 19, 22, ("authentication.k8s.io/v1", 6), false),
    row("authorization.k8s.io/v1beta1", REVIEWS, 19, 22, ("authorization.k8s.io/v1", 6), false),
    row("certificates.k8s.io/v1beta1", &["CertificateSigningRequest"], 19, 22, ("certificates.k8s.io/v1", 19), false),
    row("coordination.k8s.io/v1beta1", &["Lease"], 19, 22, ("coordination.k8s.io/v1", 14), false),
    row("rbac.authorization.k8s.io/v1beta1", ROLES, 17, 22, ("rbac.authorization.k8s.io/v1", 8), true),
    row("scheduling.k8s.io/v1beta1", &["PriorityClass"], 14, 22, ("scheduling.k8s.io/v1", 14), true),
    row("storage.k8s.io/v1beta1", &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"], 19, 22, ("storage.k8s.io/v1", 18), true),
    row("networking.k8s.io/v1beta1", &["Ingress", "IngressClass"], 19, 22, ("networking.k8s.io/v1", 19), false),
    row("batch/v2alpha1", &["CronJob"], 8, 21, ("batch/v1", 21), true),
    row("batch/v1beta1", &["CronJob"], 21, 25, ("batch/v1", 21), true),
    row("discovery.k8s.io/v1beta1", &["EndpointSlice"], 21, 25, ("discovery.k8s.io/v1", 21), false),
    row("events.k8s.io/v1beta1", &["Event"], 22, 25, ("events.k8s.io/v1", 19), false),
    row("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], 22, 25, ("autoscaling/v2", 23), false),
    row("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], 23, 26, ("autoscaling/v2", 23), true),
    row("policy/v1beta1", &["PodDisruptionBudget"], 21, 25, ("policy/v1", 21), true),
    Lifecycle { api_version: "policy/v1beta1", kinds: &["PodSecurityPolicy"], deprecated: 21, removed: Some(25), replacement: None, same: false },
    row("node.k8s.io/v1beta1", &["RuntimeClass"], 22, 25, ("node.k8s.io/v1", 20), false),
    row("flowcontrol.apiserver.k8s.io/v1beta1", FLOW, 23, 26, ("flowcontrol.apiserver.k8s.io/v1", 29), false),
    row("flowcontrol.apiserver.k8s.io/v1beta2", FLOW, 26, 29, ("flowcontrol.apiserver.k8s.io/v1", 29), false),
    row("flowcontrol.apiserver.k8s.io/v1beta3", FLOW, 29, 32, ("flowcontrol.apiserver.k8s.io/v1", 29), false),
    row("storage.k8s.io/v1beta1", &["CSIStorageCapacity"], 24, 27, ("storage.k8s.io/v1", 24), true),
    Lifecycle { api_version: "v1", kinds: &["ComponentStatus"], deprecated: 19, removed: None, replacement: None, same: false },
    Lifecycle { api_version: "v1", kinds: &["Endpoints"], deprecated: 33, removed: None, replacement: Some(("discovery.k8s.io/v1 EndpointSlice", 21)), same: false },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_makes_sense() {
        for row in TABLE {
            assert!(row.removed.is_none_or(|removed| removed > row.deprecated), "{row:?}");
            assert!(!row.same || row.replacement.is_some(), "{row:?}");
            let twice = TABLE.iter().filter(|r| r.api_version == row.api_version && r.kinds == row.kinds).count();
            assert_eq!(twice, 1, "{row:?}");
        }
    }
}
