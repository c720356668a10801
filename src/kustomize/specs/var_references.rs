//! Where `$(VAR)` is replaced. Upstream's slips are kept: the NFS server of a CronJob lacks the `spec` of its pod, that of a
//! StatefulSet is sought in its claims.

use crate::kustomize::fieldspec::FieldSpec;

pub(super) fn builtin() -> Vec<FieldSpec> {
    const TEMPLATE: &str = "spec/template/spec/";
    const OWNERS: [(&str, &str, &str); 7] = [
        ("CronJob", "spec/jobTemplate/spec/template/spec/", "spec/jobTemplate/spec/template/volumes/nfs/server"),
        ("DaemonSet", TEMPLATE, "spec/template/spec/volumes/nfs/server"),
        ("Deployment", TEMPLATE, "spec/template/spec/volumes/nfs/server"),
        ("Job", TEMPLATE, "spec/template/spec/volumes/nfs/server"),
        ("Pod", "spec/", "spec/volumes/nfs/server"),
        ("ReplicaSet", TEMPLATE, "spec/template/spec/volumes/nfs/server"),
        ("StatefulSet", TEMPLATE, "spec/volumeClaimTemplates/spec/nfs/server"),
    ];
    let mut specs = Vec::new();
    for (kind, pod, nfs) in OWNERS {
        for containers in ["containers", "initContainers"] {
            for field in ["args", "command", "env/value", "volumeMounts/mountPath"] {
                let path = format!("{pod}{containers}/{field}").into();
                specs.push(FieldSpec { path, ..FieldSpec::of("", "", kind, "", false) });
            }
        }
        specs.push(FieldSpec::of("", "", kind, nfs, false));
    }
    specs.extend(
        [
            ("Deployment", "spec/template/metadata/annotations"),
            ("Ingress", "spec/rules/host"),
            ("Ingress", "spec/tls/hosts"),
            ("Ingress", "spec/tls/secretName"),
            ("Service", "spec/ports/port"),
            ("Service", "spec/ports/targetPort"),
            ("PersistentVolume", "spec/nfs/server"),
            ("", "metadata/labels"),
            ("", "metadata/annotations"),
        ]
        .map(|(kind, path)| FieldSpec::of("", "", kind, path, false)),
    );
    specs
}
