//! Which fields hold the name of another object. Upstream's omissions are kept: ReplicationController has no ConfigMaps and
//! Secrets, ephemeral containers have none, and the group of IngressClass has a version in it, so that it never matches.

use std::sync::Arc;

use super::NameReference;
use crate::kustomize::fieldspec::FieldSpec;

/// Version and kind of what has a pod, and the path to the pod.
type PodOwner = (&'static str, &'static str, &'static str);

const CONFIG_OWNERS: [PodOwner; 8] = [
    ("v1", "Pod", ""),
    ("", "PodTemplate", "template/"),
    ("", "Deployment", "spec/template/"),
    ("", "ReplicaSet", "spec/template/"),
    ("", "DaemonSet", "spec/template/"),
    ("", "StatefulSet", "spec/template/"),
    ("", "Job", "spec/template/"),
    ("", "CronJob", "spec/jobTemplate/spec/template/"),
];

const OTHER_OWNERS: [PodOwner; 7] = [
    ("", "Pod", ""),
    ("", "StatefulSet", "spec/template/"),
    ("", "Deployment", "spec/template/"),
    ("", "ReplicationController", "spec/template/"),
    ("", "CronJob", "spec/jobTemplate/spec/template/"),
    ("", "Job", "spec/template/"),
    ("", "DaemonSet", "spec/template/"),
];

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

pub(super) fn builtin() -> Vec<NameReference> {
    let mut references: Vec<NameReference> = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"]
        .map(|kind| {
            target(
                "",
                "",
                kind,
                vec![FieldSpec::of("", "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name", false)],
            )
        })
        .to_vec();
    references.extend([
        config_map(),
        secret(),
        service(),
        target(RBAC, "", "Role", vec![FieldSpec::of(RBAC, "", "RoleBinding", "roleRef/name", false)]),
        target(
            RBAC,
            "",
            "ClusterRole",
            vec![
                FieldSpec::of(RBAC, "", "RoleBinding", "roleRef/name", false),
                FieldSpec::of(RBAC, "", "ClusterRoleBinding", "roleRef/name", false),
            ],
        ),
        service_account(),
        target("", "v1", "PersistentVolumeClaim", in_pods(&OTHER_OWNERS, &["volumes/persistentVolumeClaim/claimName"])),
        target(
            "",
            "v1",
            "PersistentVolume",
            vec![of("PersistentVolumeClaim", "spec/volumeName"), of("ClusterRole", "rules/resourceNames")],
        ),
        target(
            "storage.k8s.io",
            "v1",
            "StorageClass",
            vec![
                of("PersistentVolume", "spec/storageClassName"),
                of("PersistentVolumeClaim", "spec/storageClassName"),
                of("StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
            ],
        ),
        target("scheduling.k8s.io", "v1", "PriorityClass", in_pods(&OTHER_OWNERS, &["priorityClassName"])),
        target("networking.k8s.io/v1", "v1", "IngressClass", vec![of("Ingress", "spec/ingressClassName")]),
        target(
            ADMISSION,
            "",
            "ValidatingAdmissionPolicy",
            vec![FieldSpec::of(ADMISSION, "", "ValidatingAdmissionPolicyBinding", "spec/policyName", false)],
        ),
    ]);
    references
}

fn config_map() -> NameReference {
    let mut referrers = in_pods(
        &CONFIG_OWNERS,
        &[
            "volumes/configMap/name",
            "containers/env/valueFrom/configMapKeyRef/name",
            "initContainers/env/valueFrom/configMapKeyRef/name",
            "containers/envFrom/configMapRef/name",
            "initContainers/envFrom/configMapRef/name",
            "volumes/projected/sources/configMap/name",
        ],
    );
    referrers.extend([
        of("Node", "spec/configSource/configMap"),
        of("Role", "rules/resourceNames"),
        of("ClusterRole", "rules/resourceNames"),
        of("Ingress", r"metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap"),
    ]);
    target("", "v1", "ConfigMap", referrers)
}

fn secret() -> NameReference {
    let mut referrers = in_pods(
        &CONFIG_OWNERS,
        &[
            "volumes/secret/secretName",
            "containers/env/valueFrom/secretKeyRef/name",
            "initContainers/env/valueFrom/secretKeyRef/name",
            "containers/envFrom/secretRef/name",
            "initContainers/envFrom/secretRef/name",
            "imagePullSecrets/name",
            "volumes/projected/sources/secret/name",
        ],
    );
    referrers.extend([
        of("Ingress", "spec/tls/secretName"),
        of("Ingress", r"metadata/annotations/ingress.kubernetes.io\/auth-secret"),
        of("Ingress", r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret"),
        of("Ingress", r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret"),
        of("ServiceAccount", "imagePullSecrets/name"),
        of("StorageClass", "parameters/secretName"),
        of("StorageClass", "parameters/adminSecretName"),
        of("StorageClass", "parameters/userSecretName"),
        of("StorageClass", "parameters/secretRef"),
        of("Role", "rules/resourceNames"),
        of("ClusterRole", "rules/resourceNames"),
        FieldSpec::of(
            "serving.knative.dev",
            "v1",
            "Service",
            "spec/template/spec/containers/env/valueFrom/secretKeyRef/name",
            false,
        ),
        of("PersistentVolume", "spec/azureFile/secretName"),
    ]);
    target("", "v1", "Secret", referrers)
}

fn service() -> NameReference {
    let referrers = vec![
        FieldSpec::of("apps", "", "StatefulSet", "spec/serviceName", false),
        of("Ingress", "spec/rules/http/paths/backend/serviceName"),
        of("Ingress", "spec/backend/serviceName"),
        of("Ingress", "spec/rules/http/paths/backend/service/name"),
        of("Ingress", "spec/defaultBackend/service/name"),
        FieldSpec::of("apiregistration.k8s.io", "", "APIService", "spec/service/name", false),
        FieldSpec::of(ADMISSION, "", "ValidatingWebhookConfiguration", "webhooks/clientConfig/service", false),
        FieldSpec::of(ADMISSION, "", "MutatingWebhookConfiguration", "webhooks/clientConfig/service", false),
    ];
    target("", "v1", "Service", referrers)
}

fn service_account() -> NameReference {
    let mut referrers = vec![
        FieldSpec::of(RBAC, "", "RoleBinding", "subjects", false),
        FieldSpec::of(RBAC, "", "ClusterRoleBinding", "subjects", false),
    ];
    referrers.extend(in_pods(&OTHER_OWNERS, &["serviceAccountName"]));
    target("", "v1", "ServiceAccount", referrers)
}

fn target(group: &'static str, version: &'static str, kind: &'static str, referrers: Vec<FieldSpec>) -> NameReference {
    NameReference { group: group.into(), version: version.into(), kind: kind.into(), referrers: Arc::new(referrers) }
}

fn of(kind: &'static str, path: &'static str) -> FieldSpec {
    FieldSpec::of("", "", kind, path, false)
}

/// Fields of a pod's spec, in all that have pods.
fn in_pods(owners: &[PodOwner], paths: &[&str]) -> Vec<FieldSpec> {
    let mut specs = Vec::with_capacity(owners.len() * paths.len());
    for &(version, kind, pod) in owners {
        for path in paths {
            let path = format!("{pod}spec/{path}").into();
            specs.push(FieldSpec { path, ..FieldSpec::of("", version, kind, "", false) });
        }
    }
    specs
}
