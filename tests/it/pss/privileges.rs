//! As whom a container runs, and what that user may do.

use super::pods::{ADMITTED, ALWAYS, Case, NEVER, from, until};

pub(super) fn capabilities() -> Vec<Case> {
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

pub(super) fn users() -> Vec<Case> {
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
