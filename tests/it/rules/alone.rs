//! Rules on what is absent or leads nowhere, where part of the manifests is missing: what they lack may be in a file that was not named.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use manicheck::rule::Page;
use manicheck::rules::Registry;

use super::page::{self, Example, Fence};
use super::{active, run};

/// Rules on absence and references that report files named alone all the same, and why that is sound.
const DECIDED_ON_LESS: [(&str, &str); 5] = [
    ("dangling-port-name", "a probe names a port of its own container"),
    ("dangling-volume-mount", "a container mounts volumes of its own pod"),
    (
        "pdb-blocks-eviction",
        "the budget and its workload are in the file, or `maxUnavailable: 0` refuses whatever it selects",
    ),
    ("rollout-takes-all-down", "no autoscaler sets the number of pods of a DaemonSet"),
    ("undeclared-port-number", "a probe asks a port of its own container"),
];

/// True if the page says under `When it is silent` that the rule is where part of the manifests is missing.
fn claims(page: &Page) -> bool {
    let silent = page.body.split("## When it is silent").nth(1).unwrap_or_default();
    let silent = silent.split("\n## ").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    ["named alone", "of the manifests is missing"].iter().any(|words| silent.contains(words))
}

/// The files of an example with its manifests named, each alone, and not the kustomizations, which say what belongs together.
fn alone(example: &Example) -> Vec<Fence> {
    let is_manifest = |f: &Fence| !f.path.ends_with("kustomization.yaml");
    example.bad.iter().map(|f| Fence { partial: is_manifest(f), ..f.clone() }).collect()
}

#[test]
fn what_needs_the_whole_is_silent_on_files_named_alone() {
    let mut said: BTreeMap<&str, String> = BTreeMap::new();
    let mut judged = BTreeSet::new();
    for rule in &Registry::builtin().rules {
        let page = &rule.page;
        if !claims(page) && page.category != "reference" {
            continue;
        }
        judged.insert(page.id);
        for example in page::examples(page).unwrap_or_default().iter().filter(|e| !e.bad.is_empty()) {
            let rules = [active(page, rule.make(example.options.clone()).unwrap())];
            for found in run::lint(&alone(example), &rules).findings.iter().filter(|f| !f.suppressed) {
                let text = said.entry(page.id).or_default();
                writeln!(text, "  {}: {}:{}: {}", example.heading, found.path, found.line, found.message).unwrap();
            }
        }
    }
    let expected: BTreeMap<&str, &str> = BTreeMap::from(DECIDED_ON_LESS);
    let loud: String =
        said.iter().filter(|(id, _)| !expected.contains_key(*id)).map(|(id, t)| format!("{id}:\n{t}")).collect();
    assert!(loud.is_empty(), "reported where part is missing:\n{loud}");
    let quiet: Vec<&&str> = expected.keys().filter(|id| !said.contains_key(*id)).collect();
    assert!(quiet.is_empty(), "on the list, and silent: {quiet:?}");
    assert!(judged.len() >= 30, "few pages claim it: {judged:?}");
}
