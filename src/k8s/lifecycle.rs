//! When versions of kinds were deprecated and removed, and what replaces them.
//!
//! Of Kubernetes itself, from the lifecycle markers of the upstream types (the API server stops serving by them) and, where a
//! version had none or went earlier, from the release whose types lack it. Of other components, from their release notes.

use super::object::Object;
use super::version::Version;

/// The end of one version of some kinds.
#[derive(Debug)]
pub struct Lifecycle {
    /// What serves it: Kubernetes, if none is named.
    pub component: Option<&'static str>,
    /// Group and version: `batch/v1beta1`.
    pub api_version: &'static str,
    /// The kinds; none for all.
    pub kinds: &'static [&'static str],
    /// The release that deprecated it; none for an experiment that was dropped without notice.
    pub deprecated: Option<Version>,
    /// The first release without it.
    pub removed: Option<Version>,
    /// What to write instead, newest first, and the release that brought it.
    pub replacements: &'static [(&'static str, Version)],
    /// True if nothing but the version changes.
    pub same: bool,
}

impl Lifecycle {
    /// True if this version of what serves it does not serve it.
    pub fn is_removed(&self, at: Version) -> bool {
        self.removed.is_some_and(|removed| removed <= at)
    }

    /// True if this version of what serves it still does, and warns.
    pub fn is_deprecated(&self, at: Version) -> bool {
        self.deprecated.is_some_and(|deprecated| deprecated <= at) && !self.is_removed(at)
    }

    /// The newest that can be written instead at this version: one that is there, and not gone itself.
    pub fn replacement(&self, at: Version) -> Option<&'static str> {
        let gone = |to: &str| {
            let of_kind = |row: &&Lifecycle| row.kinds.iter().any(|kind| self.kinds.contains(kind));
            TABLE.iter().filter(of_kind).any(|row| row.api_version == to && row.is_removed(at))
        };
        self.replacements.iter().find(|(to, since)| *since <= at && !gone(to)).map(|(to, _)| *to)
    }

    /// What serves it, as in messages.
    pub fn server(&self) -> &'static str {
        self.component.unwrap_or("Kubernetes")
    }

    fn covers(&self, object: &Object<'_>) -> bool {
        self.api_version == object.api_version() && (self.kinds.is_empty() || self.kinds.contains(&object.kind()))
    }
}

/// The end of the version that an object is written in; none for versions that stay.
pub fn lifecycle(object: &Object<'_>) -> Option<&'static Lifecycle> {
    TABLE.iter().chain(COMPONENTS).find(|row| row.covers(object))
}

type Replacements = &'static [(&'static str, Version)];
type Kinds = &'static [&'static str];

const fn v(minor: u32) -> Version {
    Version::v1(minor)
}

const fn row(
    api_version: &'static str,
    kinds: Kinds,
    (deprecated, removed): (u32, u32),
    replacements: Replacements,
) -> Lifecycle {
    let (deprecated, removed) = (Some(v(deprecated)), Some(v(removed)));
    Lifecycle { component: None, api_version, kinds, deprecated, removed, replacements, same: false }
}

/// As [`row`], where nothing but the version changes.
const fn same(api_version: &'static str, kinds: Kinds, versions: (u32, u32), replacements: Replacements) -> Lifecycle {
    Lifecycle { same: true, ..row(api_version, kinds, versions, replacements) }
}

/// An alpha version that went without a deprecation.
const fn dropped(api_version: &'static str, kinds: Kinds, removed: u32, replacements: Replacements) -> Lifecycle {
    let removed = Some(v(removed));
    Lifecycle { component: None, api_version, kinds, deprecated: None, removed, replacements, same: false }
}

/// A version that is deprecated and stays.
const fn kept(api_version: &'static str, kinds: Kinds, deprecated: u32, replacements: Replacements) -> Lifecycle {
    let deprecated = Some(v(deprecated));
    Lifecycle { component: None, api_version, kinds, deprecated, removed: None, replacements, same: false }
}

const fn of_component(
    component: &'static str,
    api_version: &'static str,
    (deprecated, removed): (Version, Version),
    replacements: Replacements,
    same: bool,
) -> Lifecycle {
    let (deprecated, removed) = (Some(deprecated), Some(removed));
    Lifecycle { component: Some(component), api_version, kinds: &[], deprecated, removed, replacements, same }
}

const WEBHOOKS: Kinds = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
const VALIDATING: Kinds = &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
const MUTATING: Kinds = &["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"];
const REVIEWS: Kinds =
    &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"];
const ROLES: Kinds = &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];
const FLOW: Kinds = &["FlowSchema", "PriorityLevelConfiguration"];
const DEVICES: Kinds = &["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"];
const OLD_DEVICES: Kinds = &[
    "PodScheduling",
    "PodSchedulingContext",
    "ResourceClaim",
    "ResourceClaimParameters",
    "ResourceClaimTemplate",
    "ResourceClass",
    "ResourceClassParameters",
    "ResourceSlice",
];
const APPS: Replacements = &[("apps/v1", v(9)), ("apps/v1beta2", v(8))];
const NETWORKING: Replacements = &[("networking.k8s.io/v1", v(33)), ("networking.k8s.io/v1beta1", v(31))];

#[rustfmt::skip]
static TABLE: &[Lifecycle] = &[
    row("extensions/v1beta1", &["DaemonSet", "Deployment", "ReplicaSet"], (8, 16), APPS),
    row("extensions/v1beta1", &["NetworkPolicy"], (9, 16), &[("networking.k8s.io/v1", v(7))]),
    row("extensions/v1beta1", &["PodSecurityPolicy"], (11, 16), &[("policy/v1beta1", v(10))]),
    row("extensions/v1beta1", &["Ingress"], (14, 22), &[("networking.k8s.io/v1", v(19)), ("networking.k8s.io/v1beta1", v(14))]),
    row("apps/v1beta1", &["ControllerRevision", "Deployment", "StatefulSet"], (8, 16), APPS),
    row("apps/v1beta2", &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"], (9, 16), &[("apps/v1", v(9))]),
    row("admissionregistration.k8s.io/v1beta1", WEBHOOKS, (16, 22), &[("admissionregistration.k8s.io/v1", v(16))]),
    row("admissionregistration.k8s.io/v1alpha1", VALIDATING, (29, 32), &[("admissionregistration.k8s.io/v1", v(30)), ("admissionregistration.k8s.io/v1beta1", v(28))]),
    row("admissionregistration.k8s.io/v1beta1", VALIDATING, (31, 34), &[("admissionregistration.k8s.io/v1", v(30))]),
    row("admissionregistration.k8s.io/v1alpha1", MUTATING, (35, 38), &[("admissionregistration.k8s.io/v1", v(36)), ("admissionregistration.k8s.io/v1beta1", v(34))]),
    row("admissionregistration.k8s.io/v1beta1", MUTATING, (37, 40), &[("admissionregistration.k8s.io/v1", v(36))]),
    row("apiextensions.k8s.io/v1beta1", &["CustomResourceDefinition"], (16, 22), &[("apiextensions.k8s.io/v1", v(16))]),
    row("apiregistration.k8s.io/v1beta1", &["APIService"], (19, 22), &[("apiregistration.k8s.io/v1", v(10))]),
    row("authentication.k8s.io/v1beta1", &["TokenReview"], (19, 22), &[("authentication.k8s.io/v1", v(6))]),
    row("authentication.k8s.io/v1alpha1", &["SelfSubjectReview"], (29, 32), &[("authentication.k8s.io/v1", v(28)), ("authentication.k8s.io/v1beta1", v(27))]),
    row("authentication.k8s.io/v1beta1", &["SelfSubjectReview"], (30, 33), &[("authentication.k8s.io/v1", v(28))]),
    row("authorization.k8s.io/v1beta1", REVIEWS, (19, 22), &[("authorization.k8s.io/v1", v(6))]),
    row("certificates.k8s.io/v1beta1", &["CertificateSigningRequest"], (19, 22), &[("certificates.k8s.io/v1", v(19))]),
    row("certificates.k8s.io/v1alpha1", &["ClusterTrustBundle"], (34, 37), &[("certificates.k8s.io/v1", v(37)), ("certificates.k8s.io/v1beta1", v(33))]),
    row("certificates.k8s.io/v1beta1", &["ClusterTrustBundle", "PodCertificateRequest"], (37, 40), &[("certificates.k8s.io/v1", v(37))]),
    dropped("certificates.k8s.io/v1alpha1", &["PodCertificateRequest"], 35, &[("certificates.k8s.io/v1", v(37)), ("certificates.k8s.io/v1beta1", v(35))]),
    row("coordination.k8s.io/v1beta1", &["Lease"], (19, 22), &[("coordination.k8s.io/v1", v(14))]),
    dropped("coordination.k8s.io/v1alpha1", &["LeaseCandidate"], 32, &[("coordination.k8s.io/v1beta1", v(33)), ("coordination.k8s.io/v1alpha2", v(32))]),
    row("coordination.k8s.io/v1alpha2", &["LeaseCandidate"], (35, 38), &[("coordination.k8s.io/v1beta1", v(33))]),
    same("rbac.authorization.k8s.io/v1beta1", ROLES, (17, 22), &[("rbac.authorization.k8s.io/v1", v(8))]),
    row("rbac.authorization.k8s.io/v1alpha1", ROLES, (17, 22), &[("rbac.authorization.k8s.io/v1", v(8))]),
    same("scheduling.k8s.io/v1beta1", &["PriorityClass"], (14, 22), &[("scheduling.k8s.io/v1", v(14))]),
    same("storage.k8s.io/v1beta1", &["CSIDriver"], (19, 22), &[("storage.k8s.io/v1", v(18))]),
    same("storage.k8s.io/v1beta1", &["CSINode"], (17, 22), &[("storage.k8s.io/v1", v(17))]),
    same("storage.k8s.io/v1beta1", &["StorageClass"], (19, 22), &[("storage.k8s.io/v1", v(6))]),
    same("storage.k8s.io/v1beta1", &["VolumeAttachment"], (19, 22), &[("storage.k8s.io/v1", v(13))]),
    same("storage.k8s.io/v1alpha1", &["VolumeAttachment"], (21, 24), &[("storage.k8s.io/v1", v(13))]),
    same("storage.k8s.io/v1alpha1", &["CSIStorageCapacity"], (21, 24), &[("storage.k8s.io/v1", v(24)), ("storage.k8s.io/v1beta1", v(21))]),
    same("storage.k8s.io/v1beta1", &["CSIStorageCapacity"], (24, 27), &[("storage.k8s.io/v1", v(24))]),
    same("storage.k8s.io/v1alpha1", &["VolumeAttributesClass"], (32, 35), &[("storage.k8s.io/v1", v(34)), ("storage.k8s.io/v1beta1", v(31))]),
    same("storage.k8s.io/v1beta1", &["VolumeAttributesClass"], (34, 37), &[("storage.k8s.io/v1", v(34))]),
    row("storagemigration.k8s.io/v1alpha1", &["StorageVersionMigration"], (33, 35), &[("storagemigration.k8s.io/v1", v(37)), ("storagemigration.k8s.io/v1beta1", v(35))]),
    row("storagemigration.k8s.io/v1beta1", &["StorageVersionMigration"], (37, 40), &[("storagemigration.k8s.io/v1", v(37))]),
    row("networking.k8s.io/v1beta1", &["Ingress", "IngressClass"], (19, 22), &[("networking.k8s.io/v1", v(19))]),
    dropped("networking.k8s.io/v1alpha1", &["ClusterCIDR"], 29, &[]),
    row("networking.k8s.io/v1alpha1", &["IPAddress", "ServiceCIDR"], (30, 33), NETWORKING),
    row("networking.k8s.io/v1beta1", &["IPAddress", "ServiceCIDR"], (34, 37), &[("networking.k8s.io/v1", v(33))]),
    dropped("batch/v2alpha1", &["CronJob"], 21, &[("batch/v1", v(21)), ("batch/v1beta1", v(8))]),
    same("batch/v1beta1", &["CronJob"], (21, 25), &[("batch/v1", v(21))]),
    row("discovery.k8s.io/v1beta1", &["EndpointSlice"], (21, 25), &[("discovery.k8s.io/v1", v(21))]),
    row("events.k8s.io/v1beta1", &["Event"], (22, 25), &[("events.k8s.io/v1", v(19))]),
    row("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], (22, 25), &[("autoscaling/v2", v(23)), ("autoscaling/v2beta2", v(12))]),
    same("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], (23, 26), &[("autoscaling/v2", v(23))]),
    same("policy/v1beta1", &["PodDisruptionBudget"], (21, 25), &[("policy/v1", v(21))]),
    row("policy/v1beta1", &["PodSecurityPolicy"], (21, 25), &[]),
    row("node.k8s.io/v1beta1", &["RuntimeClass"], (22, 25), &[("node.k8s.io/v1", v(20))]),
    row("flowcontrol.apiserver.k8s.io/v1alpha1", FLOW, (20, 21), &[
        ("flowcontrol.apiserver.k8s.io/v1", v(29)), ("flowcontrol.apiserver.k8s.io/v1beta3", v(26)),
        ("flowcontrol.apiserver.k8s.io/v1beta2", v(23)), ("flowcontrol.apiserver.k8s.io/v1beta1", v(20)),
    ]),
    row("flowcontrol.apiserver.k8s.io/v1beta1", FLOW, (23, 26), &[
        ("flowcontrol.apiserver.k8s.io/v1", v(29)), ("flowcontrol.apiserver.k8s.io/v1beta3", v(26)),
        ("flowcontrol.apiserver.k8s.io/v1beta2", v(23)),
    ]),
    row("flowcontrol.apiserver.k8s.io/v1beta2", FLOW, (26, 29), &[("flowcontrol.apiserver.k8s.io/v1", v(29)), ("flowcontrol.apiserver.k8s.io/v1beta3", v(26))]),
    row("flowcontrol.apiserver.k8s.io/v1beta3", FLOW, (29, 32), &[("flowcontrol.apiserver.k8s.io/v1", v(29))]),
    dropped("resource.k8s.io/v1alpha1", OLD_DEVICES, 27, &[("resource.k8s.io/v1", v(34))]),
    dropped("resource.k8s.io/v1alpha2", OLD_DEVICES, 31, &[("resource.k8s.io/v1", v(34))]),
    dropped("resource.k8s.io/v1alpha3", DEVICES, 34, &[("resource.k8s.io/v1", v(34))]),
    row("resource.k8s.io/v1alpha3", &["DeviceTaintRule"], (36, 39), &[("resource.k8s.io/v1", v(37)), ("resource.k8s.io/v1beta2", v(36))]),
    row("resource.k8s.io/v1beta1", DEVICES, (35, 38), &[("resource.k8s.io/v1", v(34))]),
    row("resource.k8s.io/v1beta2", DEVICES, (36, 39), &[("resource.k8s.io/v1", v(34))]),
    row("resource.k8s.io/v1beta2", &["DeviceTaintRule"], (39, 42), &[("resource.k8s.io/v1", v(37))]),
    kept("v1", &["ComponentStatus"], 19, &[]),
    kept("v1", &["Endpoints"], 33, &[("discovery.k8s.io/v1 EndpointSlice", v(21))]),
];

const CERT_MANAGER: &str = "cert-manager";
const CERTIFICATES: Replacements = &[("cert-manager.io/v1", v(0))];
const ACME: Replacements = &[("acme.cert-manager.io/v1", v(0))];

/// Versions that something else than Kubernetes serves. They count where the configuration says which version of it runs.
#[rustfmt::skip]
static COMPONENTS: &[Lifecycle] = &[
    of_component(CERT_MANAGER, "cert-manager.io/v1alpha2", (v(4), v(6)), CERTIFICATES, false),
    of_component(CERT_MANAGER, "cert-manager.io/v1alpha3", (v(4), v(6)), CERTIFICATES, false),
    of_component(CERT_MANAGER, "cert-manager.io/v1beta1", (v(4), v(6)), CERTIFICATES, false),
    of_component(CERT_MANAGER, "acme.cert-manager.io/v1alpha2", (v(4), v(6)), ACME, false),
    of_component(CERT_MANAGER, "acme.cert-manager.io/v1alpha3", (v(4), v(6)), ACME, false),
    of_component(CERT_MANAGER, "acme.cert-manager.io/v1beta1", (v(4), v(6)), ACME, false),
    of_component("external-secrets", "external-secrets.io/v1beta1", (ver(0, 16), ver(0, 17)), &[("external-secrets.io/v1", ver(0, 16))], true),
    of_component("traefik", "traefik.containo.us/v1alpha1", (ver(2, 10), ver(3, 0)), &[("traefik.io/v1alpha1", ver(2, 10))], false),
];

const fn ver(major: u32, minor: u32) -> Version {
    Version { major, minor }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_makes_sense() {
        for row in TABLE.iter().chain(COMPONENTS) {
            assert!(row.deprecated.is_none_or(|deprecated| row.removed.is_none_or(|r| r > deprecated)), "{row:?}");
            assert!(!row.same || !row.replacements.is_empty(), "{row:?}");
            let newest_first = row.replacements.is_sorted_by(|(_, a), (_, b)| a > b);
            assert!(newest_first, "{row:?}");
            for kind in row.kinds {
                let twice = TABLE.iter().filter(|r| r.api_version == row.api_version && r.kinds.contains(kind)).count();
                assert_eq!(twice, 1, "{kind} {row:?}");
            }
        }
    }

    #[test]
    fn a_replacement_is_served_itself() {
        let find = |api_version: &str, kind: &str| {
            TABLE.iter().find(|r| r.api_version == api_version && r.kinds.contains(&kind)).unwrap()
        };
        let flow = find("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema");
        assert_eq!(flow.replacement(v(24)), Some("flowcontrol.apiserver.k8s.io/v1beta2"));
        assert_eq!(flow.replacement(v(27)), Some("flowcontrol.apiserver.k8s.io/v1beta3"));
        assert_eq!(flow.replacement(v(33)), Some("flowcontrol.apiserver.k8s.io/v1"));
        let policy = find("extensions/v1beta1", "PodSecurityPolicy");
        assert_eq!((policy.replacement(v(20)), policy.replacement(v(25))), (Some("policy/v1beta1"), None));
    }
}
