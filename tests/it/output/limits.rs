//! What the readers of a format cannot take is cut off, least severe first, and the output says so.

use std::path::PathBuf;

use manicheck::finding::{Finding, Label, Report, Severity, Summary};
use manicheck::output::{Format, Options};
use manicheck::source::Source;
use serde_json::Value;

use super::render_to_string;

/// A report of so many errors, warnings and notes, interleaved.
fn with_many<T>(errors: usize, warnings: usize, notes: usize, related: usize, f: impl FnOnce(&Report<'_>) -> T) -> T {
    let source = Source::new(PathBuf::from("/a.yaml"), "a.yaml".into(), b"a: b\n".repeat(100));
    let mut left = [(Severity::Note, notes), (Severity::Warning, warnings), (Severity::Error, errors)];
    let mut findings = Vec::new();
    while findings.len() < errors + warnings + notes {
        for (severity, n) in &mut left {
            if *n == 0 {
                continue;
            }
            *n -= 1;
            let line = source.line_range((findings.len() % 100) as u32 + 1);
            let label = Label { span: source.span(line), message: String::new() };
            findings.push(Finding {
                rule: "a-rule",
                severity: *severity,
                message: format!("{} {n}", severity.name()),
                primary: label.clone(),
                related: vec![label; related],
                resource: None,
                builds: Vec::new(),
                help: None,
                fix: None,
                suppressed: None,
                fingerprint: "0123456789abcdef".into(),
            });
        }
    }
    let summary = Summary { files: 1, errors, warnings, notes, ..Summary::default() };
    f(&Report { findings, summary, ..Report::default() })
}

fn render(format: Format, errors: usize, warnings: usize, notes: usize) -> String {
    with_many(errors, warnings, notes, 0, |report| render_to_string(format, report, &Options::default()))
}

#[test]
fn github_annotates_ten_of_a_type_and_lists_the_rest() {
    let text = render(Format::Github, 12, 10, 10);
    let starting = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(starting("::error "), 10);
    assert_eq!(starting("::warning "), 10);
    // Nine notes and the notice about the rest.
    assert_eq!(starting("::notice "), 10);
    assert!(text.contains("::notice title=manicheck::2 errors, 1 note more without an annotation"), "{text}");
    assert_eq!(starting("- a.yaml:"), 3);
    assert_eq!(starting("::group::"), starting("::endgroup::"));
    let exact = render(Format::Github, 10, 10, 10);
    assert_eq!(exact.lines().count(), 30);
    assert!(exact.lines().all(|line| line.starts_with("::")));
}

#[test]
fn sarif_keeps_the_25000_most_severe_results() {
    // One result is one line; parsing all of it is slow without optimisation.
    let text = render(Format::Sarif, 10, 24_995, 20);
    let of = |level: &str| text.matches(&format!("\"ruleIndex\":0,\"level\":\"{level}\"")).count();
    assert_eq!((of("error"), of("warning"), of("note")), (10, 24_990, 0));
    assert!(text.contains("\"text\":\"25 results, the least severe, are left out"));
    assert!(text.contains("\"executionSuccessful\":true"));
}

#[test]
fn sarif_is_bounded_in_locations() {
    let text = with_many(1, 0, 0, 1_200, |report| render_to_string(Format::Sarif, report, &Options::default()));
    let log: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["relatedLocations"].as_array().unwrap().len(), 999);
}

#[test]
fn markdown_fits_a_comment() {
    let text = render(Format::Markdown, 600, 600, 600);
    assert!(text.chars().count() < 65_536, "{}", text.len());
    assert!(text.contains("more rows are left out"));
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
}

#[test]
fn text_counts_what_it_does_not_show() {
    let text = with_many(1, 0, 0, 20, |report| render_to_string(Format::Text, report, &Options::default()));
    assert!(text.contains("and 12 more places"), "{text}");
}
