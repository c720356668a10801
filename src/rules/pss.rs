//! The Pod Security Standards as profiles: which rules judge a level of a version, with which options.
//!
//! The contract: for a pod that the API accepts, at least one of these rules finds something exactly if PodSecurity admission at
//! that level and version denies it. Where the standards let a restricted control replace a baseline one, only the
//! restricted one is listed.

use serde_json::{Value, json};

use crate::rule::Version;

/// A level of the standards that forbids something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Keeps known ways out of a container shut.
    Baseline,
    /// Also asks for the hardening that is good practice.
    Restricted,
}

/// A rule of a level, with its options there.
#[derive(Clone, Debug, PartialEq)]
pub struct PssRule {
    /// The rule's id.
    pub id: &'static str,
    /// Its options: a JSON object; empty for a rule that has none to set.
    pub options: Value,
}

/// The rules that make up a level of the standards at a version, in the order of their ids. All run as errors. A version newer
/// than the rules know counts as the newest known.
pub fn profile_rules(level: Level, version: Version) -> Vec<PssRule> {
    let text = version.to_string();
    let strict = || json!({ "strict": true });
    let versioned = || json!({ "strict": true, "version": text });
    let restricted = level == Level::Restricted;
    let since = |minor: u32| version >= Version::v1(minor);

    let mut rules = vec![
        ("apparmor-disabled", json!({})),
        ("host-namespace", strict()),
        ("host-port", strict()),
        ("privileged-container", json!({})),
        ("selinux-options", json!({ "version": text })),
        ("unmasked-proc-mount", json!({ "version": text, "accept_user_namespace": !restricted })),
        ("unsafe-sysctl", versioned()),
        ("windows-host-process", json!({})),
    ];
    if since(34) {
        rules.push(("host-in-probe", versioned()));
    }
    if !(restricted && since(22)) {
        rules.push(("dangerous-capability", json!({})));
    }
    if !restricted {
        rules.push(("host-path-volume", json!({})));
    }
    if !(restricted && since(19)) {
        rules.push(("seccomp-disabled", versioned()));
    }
    if restricted {
        rules.push(("missing-run-as-non-root", versioned()));
        rules.push(("non-core-volume", json!({})));
        let by_version = [
            ("privilege-escalation", 8),
            ("missing-seccomp-profile", 19),
            ("added-capability", 22),
            ("capabilities-not-dropped", 22),
            ("run-as-root-user", 23),
        ];
        rules.extend(by_version.into_iter().filter(|(_, minor)| since(*minor)).map(|(id, _)| (id, versioned())));
    }
    rules.sort_by_key(|(id, _)| *id);
    rules.into_iter().map(|(id, options)| PssRule { id, options }).collect()
}
