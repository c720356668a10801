//! The Pod Security Standards: every control at every version, against what the published standards say, and (where they are at
//! hand) the reference implementation's own fixtures.

#![allow(clippy::print_stderr)]

mod fixtures;
mod host;
mod pods;
mod privileges;
mod profiles;

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
use pods::{ADMITTED, Case, pods};

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::builtin);

/// The newest policy version that the standards define.
const NEWEST: u32 = 37;

fn cases() -> Vec<Case> {
    let mut cases = vec![Case { name: "nothing wrong", ..ADMITTED }];
    cases.extend(host::namespaces_and_volumes());
    cases.extend(host::container_fields());
    cases.extend(privileges::capabilities());
    cases.extend(privileges::users());
    cases.extend(profiles::profiles());
    cases.extend(host::sysctls());
    cases.extend(host::windows());
    cases
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
