//! What is tried: a pod that differs in one thing from one that every level of every version admits.

use std::fmt::Write as _;

use super::NEWEST;

/// From which version on, and up to which (both included), a level denies a pod.
pub(super) type Denied = Option<(u32, u32)>;
pub(super) const NEVER: Denied = None;
pub(super) const ALWAYS: Denied = Some((0, NEWEST));

pub(super) const fn from(minor: u32) -> Denied {
    Some((minor, NEWEST))
}

pub(super) const fn until(minor: u32) -> Denied {
    Some((0, minor))
}

/// A pod that differs from one that every level of every version admits.
pub(super) struct Case {
    /// What it shows.
    pub(super) name: &'static str,
    /// Annotations, in flow style.
    pub(super) annotations: &'static str,
    /// Fields of the pod spec, one a line.
    pub(super) pod: &'static str,
    /// The pod's `securityContext`, in flow style.
    pub(super) pod_security: &'static str,
    /// Fields of the container under test, one a line.
    pub(super) container: &'static str,
    /// Its `securityContext`, in flow style.
    pub(super) security: &'static str,
    pub(super) baseline: Denied,
    pub(super) restricted: Denied,
}

pub(super) const ADMITTED: Case = Case {
    name: "",
    annotations: "{}",
    pod: "",
    pod_security: "{runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
    container: "",
    security: "{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
    baseline: NEVER,
    restricted: NEVER,
};

/// The case as pods: the container under test as init, app and ephemeral container, beside others that are admitted.
pub(super) fn pods(case: &Case, index: usize) -> String {
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
