//! The rule pages: their metadata, and every example in them run with the rule it is about.

mod alone;
mod causes;
mod check;
mod generated;
mod helps;
mod overlays;
mod page;
mod profiles;
mod run;
mod shown;
mod yields;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use manicheck::rule::ActiveRule;
use manicheck::rules::Registry;

use page::Fence;

/// The categories of the catalogue.
const CATEGORIES: [&str; 17] = [
    "image",
    "probe",
    "resource",
    "security",
    "access",
    "network",
    "secret",
    "reliability",
    "reference",
    "api",
    "metadata",
    "storage",
    "job",
    "config",
    "kustomize",
    "yaml",
    "suppression",
];

/// Tools whose check ids a page may name.
const PEERS: [&str; 15] = [
    "kube-linter",
    "kube-score",
    "polaris",
    "checkov",
    "trivy",
    "kubescape",
    "kics",
    "datree",
    "kyverno",
    "semgrep",
    "kubeaudit",
    "kubesec",
    "kubevious",
    "popeye",
    "pod-security-admission",
];

#[test]
fn every_page_is_in_the_table() {
    let files: BTreeSet<String> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let table: BTreeSet<String> = Registry::builtin().rules.iter().map(|r| r.page.id.to_string()).collect();
    assert_eq!(files, table, "left: pages in rules/; right: the table in src/rules.rs");
}

#[test]
fn pages_are_complete() {
    let mut problems = String::new();
    let mut summaries: BTreeMap<String, &str> = BTreeMap::new();
    for rule in &Registry::builtin().rules {
        let page = &rule.page;
        let mut problem = |what: &str| writeln!(problems, "rules/{}.md: {what}", page.id).unwrap();
        if !CATEGORIES.contains(&page.category.as_str()) {
            problem("unknown category");
        }
        if page.since.is_empty() {
            problem("no `since`");
        }
        if !["none", "suggestion", "unsafe", "safe"].contains(&page.fix.as_str()) {
            problem("`fix` is none, suggestion, unsafe or safe");
        }
        if page.opt_in && !page.profiles.is_empty() {
            problem("an opt-in rule is in no profile");
        }
        for tool in page.peers.keys() {
            if !PEERS.contains(&tool.as_str()) {
                problem(&format!("unknown tool `{tool}` in `peers`"));
            }
        }
        for address in &page.references {
            if !address.starts_with("https://") {
                problem(&format!("`{address}` is no address"));
            }
        }
        if let Some(other) = summaries.insert(page.summary.clone(), page.id) {
            problem(&format!("same summary as {other}"));
        }
        if !page.body.starts_with("# ") {
            problem("the text starts with a `# ` heading");
        }
        for heading in ["## Why", "## How to fix", "## Examples"] {
            if !page.body.lines().any(|l| l == heading) {
                problem(&format!("no `{heading}`"));
            }
        }
        match page::examples(page) {
            Err(what) => problem(&what),
            Ok(examples) => {
                if !examples.iter().any(|e| !e.bad.is_empty()) {
                    problem("no bad example");
                }
                if !examples.iter().any(|e| !e.good.is_empty()) {
                    problem("no good example");
                }
                let fixable = page.fix == "safe" || page.fix == "unsafe";
                if fixable != examples.iter().any(|e| !e.fixed.is_empty()) {
                    problem("`fixed` examples belong to rules with a safe or unsafe fix, and only to those");
                }
            }
        }
    }
    assert!(problems.is_empty(), "\n{problems}");
}

#[test]
fn examples_say_what_is_reported() {
    let mut problems = String::new();
    for rule in &Registry::builtin().rules {
        for example in page::examples(&rule.page).unwrap_or_default() {
            let make = || rule.make(example.options.clone()).map(|r| vec![active(&rule.page, r)]);
            for (files, kind) in [(&example.bad, "bad"), (&example.good, "good")] {
                if files.is_empty() {
                    continue;
                }
                let outcome = make().and_then(|rules| check::markers(files, kind == "good", &rules));
                if let Err(what) = outcome {
                    writeln!(problems, "rules/{}.md: {} ({kind}):\n{what}", rule.page.id, example.heading).unwrap();
                }
            }
            if !example.fixed.is_empty() {
                let outcome = make().and_then(|rules| check::fixed(&example.bad, &example.fixed, &rules));
                if let Err(what) = outcome {
                    writeln!(problems, "rules/{}.md: {} (fixed):\n{what}", rule.page.id, example.heading).unwrap();
                }
            }
        }
    }
    assert!(problems.is_empty(), "\n{problems}");
}

/// Rules that pages yield to and that are not written yet.
const TO_COME: [&str; 0] = [];

#[test]
fn yields_name_rules() {
    let registry = Registry::builtin();
    let unknown: BTreeSet<&str> = registry
        .rules
        .iter()
        .flat_map(|rule| &rule.page.yields_to)
        .map(|target| &**target)
        .filter(|target| registry.get(target).is_none())
        .collect();
    assert_eq!(unknown, BTreeSet::from(TO_COME), "left: yielded to and not in the table; right: known to be missing");
}

/// Rules that ask for something to be there. An example of one thing leaves out the others, so what these say about the examples
/// of other rules says nothing.
const ASKING: [&str; 26] = [
    "capabilities-not-dropped",
    "example-host",
    "image-without-digest",
    "implicit-rollout-settings",
    "ingress-without-tls",
    "missing-autoscaler",
    "missing-body-size",
    "missing-cpu-limit",
    "missing-job-deadline",
    "missing-liveness-probe",
    "missing-memory-limit",
    "missing-network-policy",
    "missing-pdb",
    "missing-pod-spread",
    "missing-rate-limit",
    "missing-readiness-probe",
    "missing-resource-requests",
    "missing-run-as-non-root",
    "missing-seccomp-profile",
    "naked-pod",
    "overlapping-job-runs",
    "privilege-escalation",
    "service-account-token-mounted",
    "too-few-replicas",
    "unconfigured-container",
    "writable-root-filesystem",
];

/// What the rules say about the good examples of the others. An example is sound for all rules, or the finding is meant and recorded:
/// traps that one rule leaves to another, and what the run does not see.
#[test]
fn rules_over_the_good_examples_of_others() {
    let registry = Registry::builtin();
    let mut lines = BTreeSet::new();
    let mut asked = BTreeSet::new();
    for rule in &registry.rules {
        let rules: Vec<ActiveRule<'_>> = registry
            .rules
            .iter()
            .filter(|r| r.page.id != rule.page.id && !r.page.opt_in)
            .map(|r| active(&r.page, r.make(serde_json::Value::Null).unwrap()))
            .collect();
        for example in page::examples(&rule.page).unwrap_or_default() {
            if example.good.is_empty() {
                continue;
            }
            for found in run::lint(&example.good, &rules).findings.into_iter().filter(|f| !f.suppressed) {
                if ASKING.contains(&found.rule) {
                    asked.insert(found.rule);
                } else {
                    lines.insert(format!("{}: {}: {}: {}", rule.page.id, example.heading, found.rule, found.message));
                }
            }
        }
    }
    assert_eq!(asked, BTreeSet::from(ASKING), "left: those that ask; right: those listed");
    let text: String = lines.into_iter().map(|l| l + "\n").collect();
    insta::assert_snapshot!("good_examples", text);
}

fn active(page: &manicheck::rule::Page, rule: Box<dyn manicheck::rule::Rule>) -> ActiveRule<'_> {
    ActiveRule { rule, page, severity: page.severity }
}

/// The text of a fence without the markers.
fn stripped(fence: &Fence) -> String {
    fence.text.lines().map(|l| format!("{}\n", check::split_markers(l).0)).collect()
}

/// The files of the bad examples of a page, without markers.
pub(crate) fn bad_examples(page: &manicheck::rule::Page) -> Vec<Vec<(String, String)>> {
    let examples = page::examples(page).unwrap_or_default();
    let files = |fences: &[Fence]| fences.iter().map(|f| (f.path.clone(), stripped(f))).collect();
    examples.iter().filter(|e| !e.bad.is_empty()).map(|e| files(&e.bad)).collect()
}
