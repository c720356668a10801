//! What confines a container: seccomp, AppArmor, SELinux.

use super::pods::{ADMITTED, ALWAYS, Case, Denied, NEVER, from, until};

pub(super) fn profiles() -> Vec<Case> {
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
