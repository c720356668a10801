//! Every page shows a defect that an overlay causes, since that is what this program finds and others do not.

use std::collections::BTreeSet;
use std::path::Path;

use manicheck::rules::Registry;

use super::page::{self, Example, Fence};
use super::{active, run};

/// What an overlay cannot cause: what is wrong with the text of a file, and comments that suppress.
const OF_A_FILE: [&str; 6] = [
    "duplicate-key",
    "hidden-character",
    "invalid-suppression",
    "invalid-yaml",
    "suppression-without-reason",
    "unused-suppression",
];

#[test]
fn pages_show_a_defect_that_an_overlay_causes() {
    let registry = Registry::builtin();
    let without: BTreeSet<&str> = registry
        .rules
        .iter()
        .filter(|rule| {
            let caused = |example: &Example| {
                let make = rule.make(example.options.clone()).unwrap();
                let base: Vec<Fence> = example.bad.iter().filter(|f| is_in_base(f)).cloned().collect();
                example.bad.iter().any(|f| is_kustomization(f) && !is_in_base(f))
                    && !run::lint(&base, &[active(&rule.page, make)]).findings.iter().any(|f| f.rule == rule.page.id)
            };
            !page::examples(&rule.page).unwrap_or_default().iter().any(caused)
        })
        .map(|rule| rule.page.id)
        .collect();
    assert_eq!(without, BTreeSet::from(OF_A_FILE), "left: pages without one; right: those that need none");
}

fn is_kustomization(fence: &Fence) -> bool {
    fence.path.ends_with("kustomization.yaml")
}

fn is_in_base(fence: &Fence) -> bool {
    Path::new(&fence.path).components().any(|part| part.as_os_str() == "base")
}
