//! Whatever the text and wherever the spans: no format panics, and each stays what its reader expects.

use std::path::PathBuf;

use manicheck::finding::{Edit, Failure, Finding, Fix, Label, Report, ResourceRef, Safety, Severity, Skipped};
use manicheck::output::{Format, Options};
use manicheck::source::Source;
use proptest::prelude::*;
use serde_json::Value;

use super::render_to_string;

/// Text rich in what some format or terminal reads as markup.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\r\n"),
        Just("\n"),
        Just("\r"),
        Just("\t"),
        Just("%"),
        Just("::"),
        Just(","),
        Just("`"),
        Just("|"),
        Just("<"),
        Just("&"),
        Just("]]>"),
        Just("]("),
        Just("\u{1b}["),
        Just("\u{9b}"),
        Just("\u{202e}"),
        Just("\u{feff}"),
        Just("\0"),
        Just("数"),
        Just("👩‍💻"),
        Just("e\u{301}"),
        Just("##[error]"),
        Just("word"),
        Just("  "),
        Just("\u{2028}"),
        Just("\u{ffff}"),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

#[derive(Debug)]
struct Case {
    path: String,
    file: String,
    message: String,
    spans: Vec<(u32, u32)>,
    severity: usize,
}

fn case() -> impl Strategy<Value = Case> {
    let file = (prop::collection::vec(nasty(), 0..6), 0..3usize)
        .prop_map(|(pieces, long)| pieces.join(&"x".repeat(long * 500)));
    let spans = prop::collection::vec((0..4000u32, 0..4000u32), 1..6);
    (nasty(), file, nasty(), spans, 0..3usize).prop_map(|(path, file, message, spans, severity)| Case {
        path,
        file,
        message,
        spans,
        severity,
    })
}

/// The report of a case: every span is within the file, but starts and ends anywhere, also within a character.
fn with_case<T>(case: &Case, f: impl FnOnce(&Report<'_>) -> T) -> T {
    let source = Source::new(PathBuf::from("/f"), case.path.clone(), case.file.clone().into_bytes());
    let len = source.text().len() as u32 + 1;
    let mut labels = case.spans.iter().map(|(a, b)| {
        let (a, b) = ((a % len).min(b % len), (a % len).max(b % len));
        Label { span: source.span(a..b), message: case.message.clone() }
    });
    let primary = labels.next().unwrap();
    let span = primary.span;
    let text = || case.message.clone();
    let severity = [Severity::Note, Severity::Warning, Severity::Error][case.severity];
    let finding = Finding {
        rule: "a-rule",
        severity,
        message: text(),
        primary,
        related: labels.collect(),
        resource: Some(ResourceRef { api_version: text(), kind: text(), namespace: Some(text()), name: text() }),
        builds: vec![text(), case.path.clone()],
        help: Some(text()),
        fix: Some(Fix { safety: Safety::Safe, message: text(), edits: vec![Edit { span, text: text() }] }),
        suppressed: None,
        fingerprint: String::new(),
    };
    f(&Report {
        findings: vec![finding; 12],
        failures: vec![
            Failure { path: text(), span: Some(span), message: text(), related: Vec::new() },
            Failure { path: text(), span: None, message: text(), related: Vec::new() },
        ],
        skipped: vec![Skipped { path: text(), reason: text() }],
        ..Report::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_format_renders_any_report(case in case()) {
        with_case(&case, |report| {
            for ascii in [false, true] {
                let options = Options { ascii, verbose: true, width: 20, ..Options::default() };
                for format in Format::ALL {
                    let text = render_to_string(format, report, &options);
                    check(format, &text);
                }
            }
        });
    }
}

fn check(format: Format, text: &str) {
    let acting = text
        .chars()
        .find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    assert_eq!(acting, None, "{format}:\n{text}");
    match format {
        Format::Json | Format::Sarif | Format::Gitlab => {
            serde_json::from_str::<Value>(text).unwrap();
        }
        Format::Junit => {
            roxmltree::Document::parse(text).unwrap();
        }
        Format::Concise => assert_eq!(text.lines().count(), 14, "{text}"),
        Format::Github => {
            for line in text.lines() {
                assert!(line.starts_with("::") || line.starts_with("- "), "{line}");
                assert!(line.starts_with("::") || !line.contains("##["), "{line}");
                let properties = line.split("::").nth(1).unwrap_or_default();
                assert!(!line.starts_with("::error") || properties.contains("title="), "{line}");
            }
        }
        Format::Markdown => {
            let rows: Vec<_> =
                text.lines().filter(|line| line.starts_with("| ") && line.matches('|').count() == 6).collect();
            assert_eq!(rows.len(), 14, "{text}");
        }
        Format::Text => {}
    }
}
