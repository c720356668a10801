//! The Pod Security Standards: every control at every version, against what the published standards say, and (where they are at
//! hand) the reference implementation's own fixtures.

#![allow(clippy::print_stderr)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use manicheck::discover::Input;
use manicheck::files::{Context, MemoryFiles};
use manicheck::finding::Severity;
use manicheck::rule::{ActiveRule, Version};
use manicheck::rules::Registry;
use manicheck::rules::pss::{Level, profile_rules};
use manicheck::settings::Settings;
use manicheck::source::Sources;

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::builtin);

/// The newest policy version that the standards define.
const NEWEST: u32 = 37;

/// From which version on, and up to which (both included), a level denies a pod.
type Denied = Option<(u32, u32)>;
const NEVER: Denied = None;
const ALWAYS: Denied = Some((0, NEWEST));

const fn from(minor: u32) -> Denied {
    Some((minor, NEWEST))
}

const fn until(minor: u32) -> Denied {
    Some((0, minor))
}

/// A pod that differs from one that every level of every version admits.
struct Case {
    /// What it shows.
    name: &'static str,
    /// Annotations, in flow style.
    annotations: &'static str,
    /// Fields of the pod spec, one a line.
    pod: &'static str,
    /// The pod's `securityContext`, in flow style.
    pod_security: &'static str,
    /// Fields of the container under test, one a line.
    container: &'static str,
    /// Its `securityContext`, in flow style.
    security: &'static str,
    baseline: Denied,
    restricted: Denied,
}

const ADMITTED: Case = Case {
    name: "",
    annotations: "{}",
    pod: "",
    pod_security: "{runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
    container: "",
    security: "{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
    baseline: NEVER,
    restricted: NEVER,
};

fn cases() -> Vec<Case> {
    let mut cases = vec![Case { name: "nothing wrong", ..ADMITTED }];
    cases.extend(namespaces_and_volumes());
    cases.extend(container_fields());
    cases.extend(capabilities());
    cases.extend(users());
    cases.extend(profiles());
    cases.extend(sysctls());
    cases.extend(windows());
    cases
}

fn namespaces_and_volumes() -> Vec<Case> {
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

fn container_fields() -> Vec<Case> {
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

fn capabilities() -> Vec<Case> {
    let case = |name, security, baseline, restricted| Case { name, security, baseline, restricted, ..ADMITTED };
    let mut cases = vec![
        case("drops nothing", "{allowPrivilegeEscalation: false}", NEVER, from(22)),
        case("drops an empty list", "{allowPrivilegeEscalation: false, capabilities: {drop: []}}", NEVER, from(22)),
        case(
            "drops some",
            "{allowPrivilegeEscalation: false, capabilities: {drop: [NET_RAW, SYS_CHROOT]}}",
            NEVER,
            from(22),
        ),
        case(
            "drops all in lower case",
            "{allowPrivilegeEscalation: false, capabilities: {drop: [all]}}",
            NEVER,
            from(22),
        ),
        case(
            "drops ALL among others",
            "{allowPrivilegeEscalation: false, capabilities: {drop: [KILL, ALL]}}",
            NEVER,
            NEVER,
        ),
        case(
            "adds NET_BIND_SERVICE",
            "{allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}",
            NEVER,
            NEVER,
        ),
        case(
            "adds CAP_NET_BIND_SERVICE",
            "{allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [CAP_NET_BIND_SERVICE]}}",
            ALWAYS,
            ALWAYS,
        ),
        case(
            "adds net_bind_service",
            "{allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [net_bind_service]}}",
            ALWAYS,
            ALWAYS,
        ),
    ];
    let harmless = [
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    ];
    let dangerous = ["ALL", "SYS_ADMIN", "NET_ADMIN", "NET_RAW", "SYS_PTRACE", "BPF"];
    let add = |name: &'static str, baseline, restricted| {
        let text = format!("{{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL], add: [{name}]}}}}");
        case(name, &*text.leak(), baseline, restricted)
    };
    cases.extend(harmless.map(|name| add(name, NEVER, from(22))));
    cases.extend(dangerous.map(|name| add(name, ALWAYS, ALWAYS)));
    cases
}

fn users() -> Vec<Case> {
    const DROPPED: &str = "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}";
    const NO_ROOT: &str = "{seccompProfile: {type: RuntimeDefault}}";
    assert!(ADMITTED.security.contains(DROPPED));
    let case = |name, pod, pod_security, security, restricted| Case {
        name,
        pod,
        pod_security,
        security,
        restricted,
        ..ADMITTED
    };
    vec![
        case("non-root nowhere", "", NO_ROOT, ADMITTED.security, ALWAYS),
        case(
            "non-root null for the pod",
            "",
            "{runAsNonRoot: null, seccompProfile: {type: RuntimeDefault}}",
            ADMITTED.security,
            ALWAYS,
        ),
        case(
            "non-root false for the pod",
            "",
            "{runAsNonRoot: false, seccompProfile: {type: RuntimeDefault}}",
            ADMITTED.security,
            ALWAYS,
        ),
        case(
            "non-root false in the container",
            "",
            ADMITTED.pod_security,
            "{runAsNonRoot: false, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            ALWAYS,
        ),
        case(
            "non-root false for the pod, overridden in one container",
            "",
            "{runAsNonRoot: false, seccompProfile: {type: RuntimeDefault}}",
            "{runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            ALWAYS,
        ),
        case(
            "a user above 0 proves nothing",
            "",
            "{runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}",
            ADMITTED.security,
            ALWAYS,
        ),
        case("non-root nowhere, user namespace", "hostUsers: false", NO_ROOT, ADMITTED.security, until(34)),
        case(
            "non-root false, user namespace",
            "hostUsers: false",
            "{runAsNonRoot: false, seccompProfile: {type: RuntimeDefault}}",
            ADMITTED.security,
            until(34),
        ),
        case(
            "user 0 for the pod",
            "",
            "{runAsUser: 0, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
            ADMITTED.security,
            from(23),
        ),
        case(
            "user 0 in the container",
            "",
            ADMITTED.pod_security,
            "{runAsUser: 0, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            from(23),
        ),
        case(
            "user 0 for the pod, overridden",
            "",
            "{runAsUser: 0, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
            "{runAsUser: 1, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            from(23),
        ),
        case(
            "user 1",
            "",
            "{runAsUser: 1, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
            ADMITTED.security,
            NEVER,
        ),
        case(
            "user 0, user namespace",
            "hostUsers: false",
            "{runAsUser: 0, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
            ADMITTED.security,
            Some((23, 34)),
        ),
    ]
}

fn profiles() -> Vec<Case> {
    const NON_ROOT: &str = "{runAsNonRoot: true}";
    let annotations =
        |name, annotations, baseline, restricted| Case { name, annotations, baseline, restricted, ..ADMITTED };
    let pod = |name, pod_security, baseline, restricted| Case { name, pod_security, baseline, restricted, ..ADMITTED };
    let security = |name, pod_security, security, baseline, restricted| Case {
        name,
        pod_security,
        security,
        baseline,
        restricted,
        ..ADMITTED
    };
    vec![
        pod("no seccomp profile", NON_ROOT, NEVER, from(19)),
        pod(
            "seccomp Localhost for the pod",
            "{runAsNonRoot: true, seccompProfile: {type: Localhost, localhostProfile: x.json}}",
            NEVER,
            NEVER,
        ),
        pod(
            "seccomp Unconfined for the pod",
            "{runAsNonRoot: true, seccompProfile: {type: Unconfined}}",
            from(19),
            from(19),
        ),
        security(
            "seccomp Unconfined in the container",
            ADMITTED.pod_security,
            "{seccompProfile: {type: Unconfined}, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            from(19),
            from(19),
        ),
        security(
            "seccomp Unconfined for the pod, overridden in one container",
            "{runAsNonRoot: true, seccompProfile: {type: Unconfined}}",
            "{seccompProfile: {type: RuntimeDefault}, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            from(19),
            from(19),
        ),
        security(
            "seccomp in one container only",
            NON_ROOT,
            "{seccompProfile: {type: RuntimeDefault}, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            NEVER,
            from(19),
        ),
        annotations(
            "seccomp annotation of the pod",
            "{seccomp.security.alpha.kubernetes.io/pod: unconfined}",
            until(18),
            until(18),
        ),
        annotations(
            "empty seccomp annotation",
            "{seccomp.security.alpha.kubernetes.io/pod: \"\"}",
            until(18),
            until(18),
        ),
        annotations(
            "seccomp annotation of a container",
            "{container.seccomp.security.alpha.kubernetes.io/tested: unconfined}",
            until(18),
            until(18),
        ),
        annotations(
            "seccomp annotation of no container",
            "{container.seccomp.security.alpha.kubernetes.io/other: unconfined}",
            NEVER,
            NEVER,
        ),
        annotations(
            "good seccomp annotations",
            "{seccomp.security.alpha.kubernetes.io/pod: docker/default, container.seccomp.security.alpha.kubernetes.io/tested: localhost/x}",
            NEVER,
            NEVER,
        ),
        annotations(
            "AppArmor annotation",
            "{container.apparmor.security.beta.kubernetes.io/tested: unconfined}",
            ALWAYS,
            ALWAYS,
        ),
        annotations(
            "AppArmor annotation of no container",
            "{container.apparmor.security.beta.kubernetes.io/other: unconfined}",
            ALWAYS,
            ALWAYS,
        ),
        annotations(
            "good AppArmor annotations",
            "{container.apparmor.security.beta.kubernetes.io/a: \"\", container.apparmor.security.beta.kubernetes.io/b: runtime/default, container.apparmor.security.beta.kubernetes.io/c: localhost/x}",
            NEVER,
            NEVER,
        ),
        pod(
            "AppArmor Unconfined for the pod",
            "{appArmorProfile: {type: Unconfined}, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
            ALWAYS,
            ALWAYS,
        ),
        pod(
            "AppArmor RuntimeDefault for the pod",
            "{appArmorProfile: {type: RuntimeDefault}, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
            NEVER,
            NEVER,
        ),
        security(
            "AppArmor Unconfined in the container",
            ADMITTED.pod_security,
            "{appArmorProfile: {type: Unconfined}, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            ALWAYS,
            ALWAYS,
        ),
        security(
            "AppArmor Localhost in the container",
            ADMITTED.pod_security,
            "{appArmorProfile: {type: Localhost, localhostProfile: x}, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
            NEVER,
            NEVER,
        ),
        selinux("SELinux level", "{level: \"s0:c1\", type: \"\", user: \"\", role: \"\"}", NEVER),
        selinux("SELinux container_t", "{type: container_t}", NEVER),
        selinux("SELinux container_init_t", "{type: container_init_t}", NEVER),
        selinux("SELinux container_kvm_t", "{type: container_kvm_t}", NEVER),
        selinux("SELinux container_engine_t", "{type: container_engine_t}", until(30)),
        selinux("SELinux spc_t", "{type: spc_t}", ALWAYS),
        selinux("SELinux user", "{user: system_u}", ALWAYS),
        selinux("SELinux role", "{role: system_r}", ALWAYS),
        pod(
            "SELinux type for the pod",
            "{seLinuxOptions: {type: spc_t}, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
            ALWAYS,
            ALWAYS,
        ),
        pod(
            "SELinux user for the pod",
            "{seLinuxOptions: {user: x, type: container_t}, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
            ALWAYS,
            ALWAYS,
        ),
    ]
}

fn selinux(name: &'static str, options: &'static str, denied: Denied) -> Case {
    let text = format!("{{seLinuxOptions: {options}, allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}");
    Case { name, security: text.leak(), baseline: denied, restricted: denied, ..ADMITTED }
}

fn sysctls() -> Vec<Case> {
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

fn windows() -> Vec<Case> {
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

/// The case as pods: the container under test as init, app and ephemeral container, beside others that are admitted.
fn pods(case: &Case, index: usize) -> String {
    let mut out = String::new();
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        let mut pod = format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {}-{index}\n  annotations: {}\nspec:\n",
            list.to_lowercase(),
            case.annotations
        );
        for line in
            case.pod.trim_start_matches('{').trim_end_matches('}').split(", ").filter(|_| case.pod.starts_with('{'))
        {
            writeln!(pod, "  {line}").unwrap();
        }
        if !case.pod.is_empty() && !case.pod.starts_with('{') {
            writeln!(pod, "  {}", case.pod).unwrap();
        }
        writeln!(pod, "  securityContext: {}", case.pod_security).unwrap();
        for other in ["initContainers", "containers", "ephemeralContainers"] {
            let tested = other == list;
            if !tested && case.security == "null" {
                // A pod-level exemption must be seen alone.
                continue;
            }
            let (name, container, security) = match tested {
                true => ("tested".to_string(), case.container, case.security),
                false => (other.to_lowercase(), "", ADMITTED.security),
            };
            write!(pod, "  {other}:\n  - name: {name}\n    image: x\n    securityContext: {security}\n").unwrap();
            if !container.is_empty() {
                writeln!(pod, "    {container}").unwrap();
            }
        }
        out.push_str(&pod);
    }
    out
}

#[test]
fn every_control_at_every_version() {
    let cases = cases();
    let text: String = cases.iter().enumerate().map(|(i, case)| pods(case, i)).collect();
    // Parsed once for all versions.
    let sources = Sources::new();
    let mut problems = String::new();
    for minor in 0..=NEWEST {
        for level in [Level::Baseline, Level::Restricted] {
            let denied = denied(&sources, &text, level, Version::v1(minor));
            for (index, case) in cases.iter().enumerate() {
                let range = if level == Level::Baseline { case.baseline } else { case.restricted };
                let expected = range.is_some_and(|(from, to)| (from..=to).contains(&minor));
                for list in ["initcontainers", "containers", "ephemeralcontainers"] {
                    let rules = denied.get(&format!("{list}-{index}"));
                    if rules.is_some() != expected {
                        writeln!(
                            problems,
                            "{level:?} 1.{minor}: {} ({list}): expected {expected}: {rules:?}",
                            case.name
                        )
                        .unwrap();
                    }
                }
            }
        }
    }
    let lines: Vec<&str> = problems.lines().take(40).collect();
    assert!(problems.is_empty(), "{} wrong:\n{}", problems.lines().count(), lines.join("\n"));
}

#[test]
fn a_newer_version_counts_as_the_newest() {
    let text: String = cases().iter().enumerate().map(|(i, case)| pods(case, i)).collect();
    let sources = Sources::new();
    for level in [Level::Baseline, Level::Restricted] {
        let of = |minor| denied(&sources, &text, level, Version::v1(minor));
        assert_eq!(of(99), of(NEWEST));
    }
}

#[test]
fn the_profiles_hold_the_rules_whose_pages_say_so() {
    for (level, name, count) in [(Level::Baseline, "pss-baseline", 12), (Level::Restricted, "pss-restricted", 18)] {
        let mut used: BTreeSet<&str> = BTreeSet::new();
        for minor in 0..=NEWEST {
            used.extend(profile_rules(level, Version::v1(minor)).iter().map(|r| r.id));
        }
        let listed = |r: &&manicheck::rules::Registered| r.page.profiles.iter().any(|(p, _)| p.name() == name);
        let listed: BTreeSet<&str> = REGISTRY.rules.iter().filter(listed).map(|r| r.page.id).collect();
        assert_eq!(used, listed, "{name}: left: profile_rules; right: the pages");
        assert_eq!(used.len(), count);
    }
}

/// The fixtures that Kubernetes publishes with its implementation: `<level>/v1.<minor>/{pass,fail}/*.yaml`.
#[test]
fn fixtures_of_the_reference_implementation() {
    let Some(root) = std::env::var_os("MANICHECK_PSA_FIXTURES") else {
        eprintln!("skipped: MANICHECK_PSA_FIXTURES is not set");
        return;
    };
    let mut problems = String::new();
    let mut count = 0;
    for (level, directory) in [(Level::Baseline, "baseline"), (Level::Restricted, "restricted")] {
        for minor in 0..=NEWEST {
            for (verdict, expected) in [("pass", false), ("fail", true)] {
                let directory = Path::new(&root).join(directory).join(format!("v1.{minor}")).join(verdict);
                let files = std::fs::read_dir(&directory).into_iter().flatten();
                for path in files.map(|f| f.unwrap().path()).collect::<BTreeSet<_>>() {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let found = denied(&Sources::new(), &text, level, Version::v1(minor));
                    count += 1;
                    if found.is_empty() == expected {
                        writeln!(problems, "{}: {found:?}", path.display()).unwrap();
                    }
                }
            }
        }
    }
    assert!(problems.is_empty(), "of {count}:\n{problems}");
    assert!(count > 0, "no fixtures found");
    eprintln!("{count} fixtures agree");
}

/// Names of the pods that the level denies, with the rules that say so. The store may be shared by calls with the same text.
fn denied(sources: &Sources, text: &str, level: Level, version: Version) -> BTreeMap<String, BTreeSet<&'static str>> {
    let registry = &*REGISTRY;
    let rules: Vec<ActiveRule<'_>> = profile_rules(level, version)
        .into_iter()
        .map(|r| {
            let registered = registry.get(r.id).unwrap();
            let rule = registered.make(r.options).unwrap();
            ActiveRule { rule, page: &registered.page, severity: Severity::Error }
        })
        .collect();
    let cwd = Path::new("/pss");
    let mut files = MemoryFiles::new();
    files.insert(cwd.join("pods.yaml"), text);
    let context = Context { files: &files, sources, cwd };
    let report = manicheck::run::run(context, &[Input::Path(".".into())], &Settings::default(), registry, &rules);
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    let mut out: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for finding in report.findings {
        out.entry(finding.resource.unwrap().name).or_default().insert(finding.rule);
    }
    out
}
