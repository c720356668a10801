//! The output formats over one report made by hand, which holds what is hard to print: several files, wide and combining
//! characters, tabs, CRLF, a minified line, zero-width spans, no and forty overlays, and text that is markup in some format.

mod junit;
mod limits;
mod properties;
mod report;
mod sarif_schema;
mod speed;
mod structure;

use manicheck::finding::Report;
use manicheck::output::{Format, Options, render};
use report::{rule, with_report};

fn render_to_string(format: Format, report: &Report<'_>, options: &Options<'_>) -> String {
    let mut out = Vec::new();
    render(format, report, &|id| rule(id), options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The report with each finding twice.
fn rendered_twice(format: Format) -> String {
    with_report(|report| {
        let twice = report.findings.iter().chain(&report.findings).cloned().collect();
        let report = Report { findings: twice, ..report.clone() };
        render_to_string(format, &report, &Options { prefix: "sub", ..Options::default() })
    })
}

fn rendered(format: Format, options: &Options<'_>) -> String {
    with_report(|report| render_to_string(format, report, options))
}

#[test]
fn text() {
    insta::assert_snapshot!(rendered(Format::Text, &Options::default()));
}

#[test]
fn text_in_ascii_with_everything() {
    let options = Options { ascii: true, show_suppressed: true, verbose: true, width: 80, ..Options::default() };
    insta::assert_snapshot!(rendered(Format::Text, &options));
}

#[test]
fn text_with_colors_and_links() {
    let options = Options { color: true, hyperlinks: true, ..Options::default() };
    insta::assert_snapshot!(rendered(Format::Text, &options).replace('\u{1b}', "ESC"));
}

#[test]
fn text_of_an_empty_report() {
    insta::assert_snapshot!(render_to_string(Format::Text, &Report::default(), &Options::default()), @"no findings in 0 files");
}

#[test]
fn concise() {
    insta::assert_snapshot!(rendered(Format::Concise, &Options { show_suppressed: true, ..Options::default() }));
}

#[test]
fn json() {
    let text = rendered(Format::Json, &Options { show_suppressed: true, ..Options::default() });
    serde_json::from_str::<serde_json::Value>(&text).unwrap();
    insta::assert_snapshot!(text);
}

#[test]
fn suppressed_findings_are_left_out_unless_asked_for() {
    for format in Format::ALL {
        let text = rendered(format, &Options::default());
        assert!(!text.contains("kept on purpose"), "{format}: {text}");
    }
}

#[test]
fn no_format_lets_input_text_act_on_a_terminal() {
    for format in Format::ALL {
        let text = rendered(format, &Options { show_suppressed: true, verbose: true, ..Options::default() });
        let bad: Vec<char> = text
            .chars()
            .filter(|c| {
                (c.is_control() && *c != '\n') || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            })
            .collect();
        // Source excerpts may hold tabs only as spaces.
        assert!(bad.is_empty(), "{format}: {bad:?} in\n{text}");
    }
}

#[test]
fn names_of_formats_are_read_back() {
    for format in Format::ALL {
        assert_eq!(format.name().parse(), Ok(format));
    }
    assert!("xml".parse::<Format>().unwrap_err().contains("there are text, concise"));
}

#[test]
fn sarif() {
    let text = rendered(Format::Sarif, &Options { version: "1.2.3", prefix: "services/shop", ..Options::default() });
    insta::assert_snapshot!(text);
}

#[test]
fn github() {
    insta::assert_snapshot!(rendered(Format::Github, &Options::default()));
}

#[test]
fn junit() {
    insta::assert_snapshot!(rendered(Format::Junit, &Options::default()));
}

#[test]
fn junit_without_findings_has_a_case_that_passes() {
    insta::assert_snapshot!(render_to_string(Format::Junit, &Report::default(), &Options::default()));
}

#[test]
fn gitlab() {
    insta::assert_snapshot!(rendered(Format::Gitlab, &Options::default()));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(rendered(Format::Markdown, &Options { show_suppressed: true, ..Options::default() }));
}
