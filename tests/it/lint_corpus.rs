//! Every rule over eight public repositories: nothing panics, every place lies in its file, every skip has a reason, and each
//! rule reports as often in each of them as is recorded.
//!
//! `MANICHECK_CORPUS=1 cargo test --test it lint_corpus`; with `INSTA_UPDATE=always` the counts are recorded anew. A count that
//! changes is read against the manifests before it is recorded.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use manicheck::discover::Input;
use manicheck::files::{Context, DiskFiles};
use manicheck::rules::Registry;
use manicheck::settings::Settings;
use manicheck::source::{Sources, Span};

use crate::corpus::corpus;

#[test]
fn every_rule_over_real_repositories() {
    if std::env::var_os("MANICHECK_CORPUS").is_none() {
        println!("skipped: MANICHECK_CORPUS is not set");
        return;
    }
    let Some(root) = corpus() else { return };
    let registry = Registry::builtin();
    let settings = Settings { profiles: vec!["all".into()], ..Settings::default() };
    let rules = settings.active(&registry).unwrap();
    let mut repos: Vec<_> = std::fs::read_dir(&root).unwrap().map(|e| e.unwrap().path()).collect();
    repos.sort();
    let names: Vec<String> = repos.iter().map(|r| r.file_name().unwrap().to_string_lossy().into_owned()).collect();
    let mut by_rule: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (nth, repo) in repos.iter().enumerate() {
        let sources = Sources::new();
        let ctx = Context { files: &DiskFiles, sources: &sources, cwd: repo };
        let report = manicheck::run::run(ctx, &[Input::Path(".".into())], &settings, &registry, &rules);
        for finding in &report.findings {
            inside(finding.primary.span);
            finding.related.iter().for_each(|l| inside(l.span));
            assert!(!finding.message.is_empty() && finding.fingerprint.len() == 16, "{finding:?}");
            by_rule.entry(finding.rule).or_insert_with(|| vec![0; names.len()])[nth] += 1;
        }
        report.failures.iter().filter_map(|f| f.span).for_each(inside);
        assert!(report.skipped.iter().all(|s| !s.path.is_empty() && !s.reason.is_empty()));
        let s = report.summary;
        println!(
            "{}: {} files, {} manifests, {} builds, {} findings, {} failures, {} skipped",
            names[nth],
            s.files,
            s.manifests,
            s.builds,
            report.findings.len(),
            report.failures.len(),
            report.skipped.len()
        );
    }
    insta::assert_snapshot!("findings_in_real_repositories", table(&names, &by_rule));
}

/// A line for each rule that reports: how often, in all and in each repository.
fn table(names: &[String], by_rule: &BTreeMap<&str, Vec<usize>>) -> String {
    let mut out = String::new();
    for (nth, name) in names.iter().enumerate() {
        _ = writeln!(out, "{}: {name}", nth + 1);
    }
    let row = |out: &mut String, title: &str, counts: &[usize]| {
        _ = write!(out, "{title:<34}{:>6} |", counts.iter().sum::<usize>());
        counts.iter().for_each(|n| _ = write!(out, "{n:>5}"));
        out.push('\n');
    };
    _ = writeln!(out, "{:<34}{:>6} |{}", "", "all", (1..=names.len()).map(|n| format!("{n:>5}")).collect::<String>());
    by_rule.iter().for_each(|(rule, counts)| row(&mut out, rule, counts));
    let sums: Vec<usize> = (0..names.len()).map(|nth| by_rule.values().map(|counts| counts[nth]).sum()).collect();
    row(&mut out, "all", &sums);
    out
}

fn inside(span: Span<'_>) {
    let text = span.source.text();
    assert!(span.start <= span.end && span.end as usize <= text.len(), "{span:?}");
    assert!(text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize), "{span:?}");
    assert!(span.start_pos().line <= span.source.line_count(), "{span:?}");
}
