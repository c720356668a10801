//! The built-in specs of labels, annotations, namespaces, images and replicas.

use crate::kustomize::fieldspec::FieldSpec;

pub(super) fn namespace() -> Vec<FieldSpec> {
    vec![
        FieldSpec::of("", "", "Namespace", "metadata/name", true),
        FieldSpec::of("apiregistration.k8s.io", "", "APIService", "spec/service/namespace", true),
        FieldSpec::of(
            "apiextensions.k8s.io",
            "",
            "CustomResourceDefinition",
            "spec/conversion/webhook/clientConfig/service/namespace",
            false,
        ),
    ]
}

/// Labels of the object and of what it makes. v5.8.1 includes volume claim templates.
pub(super) fn metadata_labels() -> Vec<FieldSpec> {
    let mut specs = metadata("labels", "apps");
    specs.push(FieldSpec::of("apps", "", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", true));
    specs
}

pub(super) fn common_annotations() -> Vec<FieldSpec> {
    metadata("annotations", "")
}

/// `metadata.<field>` of every object and of its pod template.
fn metadata(field: &str, stateful_set_group: &'static str) -> Vec<FieldSpec> {
    let spec = |group, version, kind, path: &str| FieldSpec {
        path: format!("{path}metadata/{field}").into(),
        ..FieldSpec::of(group, version, kind, "", true)
    };
    vec![
        spec("", "", "", ""),
        spec("", "v1", "ReplicationController", "spec/template/"),
        spec("", "", "Deployment", "spec/template/"),
        spec("", "", "ReplicaSet", "spec/template/"),
        spec("", "", "DaemonSet", "spec/template/"),
        spec(stateful_set_group, "", "StatefulSet", "spec/template/"),
        spec("batch", "", "Job", "spec/template/"),
        spec("batch", "", "CronJob", "spec/jobTemplate/"),
        spec("batch", "", "CronJob", "spec/jobTemplate/spec/template/"),
    ]
}

/// Selectors, and all that [`metadata_labels`] names.
pub(super) fn common_labels() -> Vec<FieldSpec> {
    let mut specs = vec![
        FieldSpec::of("", "v1", "Service", "spec/selector", true),
        FieldSpec::of("", "v1", "ReplicationController", "spec/selector", true),
        FieldSpec::of("", "", "Deployment", "spec/selector/matchLabels", true),
        FieldSpec::of("", "", "ReplicaSet", "spec/selector/matchLabels", true),
        FieldSpec::of("", "", "DaemonSet", "spec/selector/matchLabels", true),
        FieldSpec::of("apps", "", "StatefulSet", "spec/selector/matchLabels", true),
        FieldSpec::of("batch", "", "Job", "spec/selector/matchLabels", false),
        FieldSpec::of("batch", "", "CronJob", "spec/jobTemplate/spec/selector/matchLabels", false),
        FieldSpec::of("policy", "", "PodDisruptionBudget", "spec/selector/matchLabels", false),
        FieldSpec::of("networking.k8s.io", "", "NetworkPolicy", "spec/podSelector/matchLabels", false),
        FieldSpec::of("networking.k8s.io", "", "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels", false),
        FieldSpec::of("networking.k8s.io", "", "NetworkPolicy", "spec/egress/to/podSelector/matchLabels", false),
    ];
    for kind in ["Deployment", "StatefulSet"] {
        for place in [
            "affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm",
            "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution",
            "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm",
            "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution",
            "topologySpreadConstraints",
        ] {
            specs.push(FieldSpec {
                path: format!("spec/template/spec/{place}/labelSelector/matchLabels").into(),
                ..FieldSpec::of("apps", "", kind, "", false)
            });
        }
    }
    specs.extend(metadata_labels());
    specs
}

pub(super) fn images() -> Vec<FieldSpec> {
    [
        "spec/containers[]/image",
        "spec/initContainers[]/image",
        "spec/volumes[]/image/reference",
        "spec/template/spec/containers[]/image",
        "spec/template/spec/initContainers[]/image",
        "spec/template/spec/volumes[]/image/reference",
    ]
    .map(|path| FieldSpec::any(path, true))
    .to_vec()
}

pub(super) fn replicas() -> Vec<FieldSpec> {
    ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"]
        .map(|kind| FieldSpec::of("", "", kind, "spec/replicas", true))
        .to_vec()
}
