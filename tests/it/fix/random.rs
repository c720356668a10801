//! Fixing what is broken at random: the examples of all rules, with bytes and lines changed.

use std::path::Path;

use manicheck::files::{Files, MemoryFiles};
use manicheck::rules::Registry;
use manicheck::settings::Settings;
use manicheck::source::Source;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{CWD, after, fixed};

/// The examples of all pages, as trees.
fn seeds() -> Vec<Vec<(String, String)>> {
    let registry = Registry::builtin();
    let pages = registry.rules.iter().filter(|r| r.page.fix == "safe" || r.page.fix == "unsafe");
    pages.flat_map(|rule| crate::rules::bad_examples(&rule.page)).collect()
}

/// Something that goes wrong in a text.
fn damage(text: &str, (kind, at, other): (u8, prop::sample::Index, prop::sample::Index)) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    if lines.is_empty() {
        return text.to_string();
    }
    let (i, j) = (at.index(lines.len()), other.index(lines.len()));
    let with = |i: usize, line: String| {
        lines.iter().enumerate().map(|(n, l)| if n == i { line.clone() } else { l.to_string() }).collect::<String>()
    };
    match kind % 9 {
        0 => with(i, String::new()),
        1 => with(i, format!("{}{}", lines[i], lines[j])),
        2 => with(i, format!(" {}", lines[i])),
        3 => with(i, lines[i].strip_prefix(' ').unwrap_or(lines[i]).to_string()),
        4 => text.replace('\n', "\r\n"),
        5 => with(i, format!("{} # {}", lines[i].trim_end_matches('\n'), lines[j])),
        6 => with(i, lines[i].replacen(": ", ": &x ", 1)),
        7 => with(i, lines[i].replacen(": ", ": |+\n  ", 1)),
        _ => text.trim_end().to_string(),
    }
}

fn errors(files: &MemoryFiles) -> usize {
    let count = |path: &Path| {
        let source = Source::new(path.into(), String::new(), files.read(path).unwrap());
        source.problems().len()
    };
    files.walk(Path::new(CWD)).iter().map(|p| count(p)).sum()
}

#[test]
fn fixing_never_panics_and_never_breaks_a_file() {
    let seeds = seeds();
    assert!(seeds.len() > 60, "{}", seeds.len());
    // By hand: MANICHECK_CASES=10000.
    let cases = std::env::var("MANICHECK_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(96);
    let mut runner = TestRunner::new(Config { cases, ..Config::default() });
    let mutations =
        prop::collection::vec((any::<u8>(), any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..4);
    let strategy = (any::<prop::sample::Index>(), mutations);
    let settings = Settings { profiles: vec!["all".into()], ..Settings::default() };
    let outcome = runner.run(&strategy, |(seed, mutations)| {
        let mut files = MemoryFiles::new();
        for (path, text) in &seeds[seed.index(seeds.len())] {
            let text = mutations.iter().fold(text.clone(), |text, m| damage(&text, *m));
            files.insert(Path::new(CWD).join(path), text);
        }
        let outcome = fixed(&files, &["."], &settings, true);
        prop_assert!(outcome.converged, "{outcome:?}");
        let mended = after(&files, &outcome);
        prop_assert!(errors(&mended) <= errors(&files), "{outcome:?}");
        let again = fixed(&mended, &["."], &settings, true);
        prop_assert!(again.files.is_empty(), "fixed twice: {:?}\nfirst {:?}", again.files, outcome);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
