//! The reference implementation's own fixtures, where they are at hand.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use manicheck::rule::Version;
use manicheck::rules::pss::Level;
use manicheck::source::Sources;

use super::{NEWEST, denied};

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
