//! Every rule over eight public repositories: nothing panics, every place lies in its file, every skip has a reason. Prints how
//! often each rule reports.
//!
//! `MANICHECK_CORPUS=1 cargo test --release --test it lint_corpus -- --nocapture`

use std::collections::BTreeMap;

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
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for repo in repos {
        let sources = Sources::new();
        let ctx = Context { files: &DiskFiles, sources: &sources, cwd: &repo };
        let report = manicheck::run::run(ctx, &[Input::Path(".".into())], &settings, &registry, &rules);
        for finding in &report.findings {
            inside(finding.primary.span);
            finding.related.iter().for_each(|l| inside(l.span));
            assert!(!finding.message.is_empty() && finding.fingerprint.len() == 16, "{finding:?}");
            *by_rule.entry(finding.rule).or_default() += 1;
        }
        report.failures.iter().filter_map(|f| f.span).for_each(inside);
        assert!(report.skipped.iter().all(|s| !s.path.is_empty() && !s.reason.is_empty()));
        let s = report.summary;
        println!(
            "{}: {} files, {} manifests, {} builds, {} findings, {} failures, {} skipped",
            repo.file_name().unwrap().to_string_lossy(),
            s.files,
            s.manifests,
            s.builds,
            report.findings.len(),
            report.failures.len(),
            report.skipped.len()
        );
    }
    by_rule.iter().for_each(|(rule, count)| println!("{count:>6}  {rule}"));
}

fn inside(span: Span<'_>) {
    let text = span.source.text();
    assert!(span.start <= span.end && span.end as usize <= text.len(), "{span:?}");
    assert!(text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize), "{span:?}");
    assert!(span.start_pos().line <= span.source.line_count(), "{span:?}");
}
