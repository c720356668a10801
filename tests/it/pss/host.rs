//! What a pod gets of its node: namespaces, volumes, ports, probes, kernel parameters, host processes.

use super::pods::{ADMITTED, ALWAYS, Case, Denied, NEVER, from, until};

pub(super) fn namespaces_and_volumes() -> Vec<Case> {
    let pod = |name, pod, baseline, restricted| Case { name, pod, baseline, restricted, ..ADMITTED };
    vec![
        pod("hostNetwork", "hostNetwork: true", ALWAYS, ALWAYS),
        pod("hostPID", "hostPID: true", ALWAYS, ALWAYS),
        pod("hostIPC", "hostIPC: true", ALWAYS, ALWAYS),
        pod("host namespaces false", "{hostNetwork: false, hostPID: false, hostIPC: false}", NEVER, NEVER),
        pod("hostPath", "volumes: [{name: v, hostPath: {path: /data}}]", ALWAYS, ALWAYS),
        pod("hostPath null", "volumes: [{name: v, hostPath: null, emptyDir: {}}]", NEVER, NEVER),
        pod("configMap", "volumes: [{name: v, configMap: {name: x}}]", NEVER, NEVER),
        pod("csi", "volumes: [{name: v, csi: {driver: x}}]", NEVER, NEVER),
        pod("downwardAPI", "volumes: [{name: v, downwardAPI: {items: []}}]", NEVER, NEVER),
        pod("emptyDir", "volumes: [{name: v, emptyDir: {}}]", NEVER, NEVER),
        pod("ephemeral", "volumes: [{name: v, ephemeral: {volumeClaimTemplate: {}}}]", NEVER, NEVER),
        pod("image", "volumes: [{name: v, image: {reference: x}}]", NEVER, NEVER),
        pod("persistentVolumeClaim", "volumes: [{name: v, persistentVolumeClaim: {claimName: x}}]", NEVER, NEVER),
        pod("projected", "volumes: [{name: v, projected: {sources: []}}]", NEVER, NEVER),
        pod("secret", "volumes: [{name: v, secret: {secretName: x}}]", NEVER, NEVER),
        pod("no source is emptyDir", "volumes: [{name: v}]", NEVER, NEVER),
        pod("gcePersistentDisk", "volumes: [{name: v, gcePersistentDisk: {pdName: x}}]", NEVER, ALWAYS),
        pod("awsElasticBlockStore", "volumes: [{name: v, awsElasticBlockStore: {volumeID: x}}]", NEVER, ALWAYS),
        pod("gitRepo", "volumes: [{name: v, gitRepo: {repository: x}}]", NEVER, ALWAYS),
        pod("nfs", "volumes: [{name: v, nfs: {server: x, path: /}}]", NEVER, ALWAYS),
        pod("iscsi", "volumes: [{name: v, iscsi: {iqn: x}}]", NEVER, ALWAYS),
        pod("glusterfs", "volumes: [{name: v, glusterfs: {path: x}}]", NEVER, ALWAYS),
        pod("rbd", "volumes: [{name: v, rbd: {image: x}}]", NEVER, ALWAYS),
        pod("flexVolume", "volumes: [{name: v, flexVolume: {driver: x}}]", NEVER, ALWAYS),
        pod("cinder", "volumes: [{name: v, cinder: {volumeID: x}}]", NEVER, ALWAYS),
        pod("cephfs", "volumes: [{name: v, cephfs: {monitors: [x]}}]", NEVER, ALWAYS),
        pod("flocker", "volumes: [{name: v, flocker: {datasetName: x}}]", NEVER, ALWAYS),
        pod("fc", "volumes: [{name: v, fc: {lun: 1}}]", NEVER, ALWAYS),
        pod("azureFile", "volumes: [{name: v, azureFile: {shareName: x}}]", NEVER, ALWAYS),
        pod("azureDisk", "volumes: [{name: v, azureDisk: {diskName: x}}]", NEVER, ALWAYS),
        pod("vsphereVolume", "volumes: [{name: v, vsphereVolume: {volumePath: x}}]", NEVER, ALWAYS),
        pod("quobyte", "volumes: [{name: v, quobyte: {volume: x}}]", NEVER, ALWAYS),
        pod("portworxVolume", "volumes: [{name: v, portworxVolume: {volumeID: x}}]", NEVER, ALWAYS),
        pod("photonPersistentDisk", "volumes: [{name: v, photonPersistentDisk: {pdID: x}}]", NEVER, ALWAYS),
        pod("scaleIO", "volumes: [{name: v, scaleIO: {system: x}}]", NEVER, ALWAYS),
        pod("storageos", "volumes: [{name: v, storageos: {volumeName: x}}]", NEVER, ALWAYS),
    ]
}

pub(super) fn container_fields() -> Vec<Case> {
    let field = |name, container, baseline, restricted| Case { name, container, baseline, restricted, ..ADMITTED };
    let security = |name, security, baseline, restricted| Case { name, security, baseline, restricted, ..ADMITTED };
    let mut cases = vec![
        field("host port", "ports: [{containerPort: 80, hostPort: 80}]", ALWAYS, ALWAYS),
        field("host port 0", "ports: [{containerPort: 80, hostPort: 0}, {containerPort: 81}]", NEVER, NEVER),
        field("probe without a host", "livenessProbe: {httpGet: {port: 80, host: \"\"}}", NEVER, NEVER),
        field("exec probe", "livenessProbe: {exec: {command: [x]}}", NEVER, NEVER),
        security(
            "privileged",
            "{privileged: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            ALWAYS,
            ALWAYS,
        ),
        security(
            "not privileged",
            "{privileged: false, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            NEVER,
            NEVER,
        ),
        security("may escalate", "{allowPrivilegeEscalation: true, capabilities: {drop: [ALL]}}", NEVER, from(8)),
        security("escalation unset", "{capabilities: {drop: [ALL]}}", NEVER, from(8)),
        security("no security context", "null", NEVER, from(8)),
        security(
            "proc unmasked",
            "{procMount: Unmasked, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            ALWAYS,
            ALWAYS,
        ),
        security(
            "proc default",
            "{procMount: Default, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            NEVER,
            NEVER,
        ),
        Case {
            name: "proc unmasked in a user namespace",
            pod: "hostUsers: false",
            security: "{procMount: Unmasked, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            baseline: until(34),
            restricted: ALWAYS,
            ..ADMITTED
        },
        Case {
            name: "proc unmasked, user namespace of the node",
            pod: "hostUsers: true",
            security: "{procMount: Unmasked, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            baseline: ALWAYS,
            restricted: ALWAYS,
            ..ADMITTED
        },
    ];
    for container in [
        "livenessProbe: {httpGet: {port: 80, host: 10.0.0.1}}",
        "readinessProbe: {httpGet: {port: 80, host: 10.0.0.1}}",
        "startupProbe: {httpGet: {port: 80, host: 10.0.0.1}}",
        "livenessProbe: {tcpSocket: {port: 80, host: localhost}}",
        "readinessProbe: {tcpSocket: {port: 80, host: localhost}}",
        "startupProbe: {tcpSocket: {port: 80, host: localhost}}",
        "lifecycle: {postStart: {httpGet: {port: 80, host: example.com}}}",
        "lifecycle: {preStop: {httpGet: {port: 80, host: example.com}}}",
        "lifecycle: {postStart: {tcpSocket: {port: 80, host: example.com}}}",
        "lifecycle: {preStop: {tcpSocket: {port: 80, host: example.com}}}",
    ] {
        cases.push(field(container, container, from(34), from(34)));
    }
    cases
}

pub(super) fn sysctls() -> Vec<Case> {
    let case = |(name, denied): (&'static str, Denied)| {
        let text = format!(
            "{{sysctls: [{{name: kernel.shm_rmid_forced, value: \"1\"}}, {{name: {name}, value: \"1\"}}], runAsNonRoot: true, seccompProfile: {{type: RuntimeDefault}}}}"
        );
        Case { name, pod_security: text.leak(), baseline: denied, restricted: denied, ..ADMITTED }
    };
    [
        ("kernel.shm_rmid_forced", NEVER),
        ("net.ipv4.ip_local_port_range", NEVER),
        ("net.ipv4.tcp_syncookies", NEVER),
        ("net.ipv4.ping_group_range", NEVER),
        ("net.ipv4.ip_unprivileged_port_start", NEVER),
        ("net.ipv4.ip_local_reserved_ports", until(26)),
        ("net.ipv4.tcp_keepalive_time", until(28)),
        ("net.ipv4.tcp_fin_timeout", until(28)),
        ("net.ipv4.tcp_keepalive_intvl", until(28)),
        ("net.ipv4.tcp_keepalive_probes", until(28)),
        ("net.ipv4.tcp_rmem", until(31)),
        ("net.ipv4.tcp_wmem", until(31)),
        ("net.ipv4.tcp_slow_start_after_idle", until(36)),
        ("net.ipv4.tcp_notsent_lowat", until(36)),
        ("net/ipv4/tcp_syncookies", ALWAYS),
        ("net.core.somaxconn", ALWAYS),
        ("kernel.msgmax", ALWAYS),
        ("fs.mqueue.msg_max", ALWAYS),
    ]
    .map(case)
    .into()
}

pub(super) fn windows() -> Vec<Case> {
    let bare = |name, pod, restricted| Case {
        name,
        pod,
        pod_security: "{runAsNonRoot: true}",
        security: "null",
        restricted,
        ..ADMITTED
    };
    vec![
        Case {
            name: "host process for the pod",
            pod_security: "{windowsOptions: {hostProcess: true}, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
            baseline: ALWAYS,
            restricted: ALWAYS,
            ..ADMITTED
        },
        Case {
            name: "host process in the container",
            security: "{windowsOptions: {hostProcess: true}, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            baseline: ALWAYS,
            restricted: ALWAYS,
            ..ADMITTED
        },
        Case {
            name: "no host process",
            security: "{windowsOptions: {hostProcess: false}, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            ..ADMITTED
        },
        // Exempt from escalation, capabilities and seccomp since 1.25, if the pod says so in `os`.
        bare("Windows pod", "os: {name: windows}", Some((8, 24))),
        bare("Linux pod", "os: {name: linux}", from(8)),
        bare("Windows by node selector", "nodeSelector: {kubernetes.io/os: windows}", from(8)),
        Case {
            name: "Windows pod is not exempt from runAsNonRoot",
            pod: "os: {name: windows}",
            pod_security: "{}",
            restricted: ALWAYS,
            ..ADMITTED
        },
    ]
}
