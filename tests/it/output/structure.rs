//! What the readers of GitLab's, JUnit's and Markdown reports ask for: GitLab's `codeclimate.json` and the `junit-10.xsd` of Jenkins in
//! our words, as no package carries them.

use std::collections::BTreeSet;

use manicheck::finding::Report;
use manicheck::output::{Format, Options};
use serde_json::Value;

use super::report::with_report;
use super::{render_to_string, rendered};

#[test]
fn gitlab_issues_have_the_fields_that_gitlab_reads() {
    // Each finding twice, so that fingerprints collide.
    let text = with_report(|report| {
        let twice = report.findings.iter().chain(&report.findings).cloned().collect();
        let report = Report { findings: twice, ..report.clone() };
        render_to_string(Format::Gitlab, &report, &Options { prefix: "sub", ..Options::default() })
    });
    let issues: Value = serde_json::from_str(&text).unwrap();
    let issues = issues.as_array().unwrap();
    assert_eq!(issues.len(), 22);
    let mut fingerprints = BTreeSet::new();
    for issue in issues {
        assert!(!issue["description"].as_str().unwrap().is_empty());
        assert!(!issue["check_name"].as_str().unwrap().is_empty());
        assert!(fingerprints.insert(issue["fingerprint"].as_str().unwrap()), "{issue}");
        let severity = issue["severity"].as_str().unwrap();
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity), "{issue}");
        assert!(issue["location"]["path"].as_str().unwrap().starts_with("sub/"), "{issue}");
        assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() >= 1, "{issue}");
    }
}

#[test]
fn junit_is_well_formed_and_counts_right() {
    let empty = render_to_string(Format::Junit, &Report::default(), &Options::default());
    for text in [rendered(Format::Junit, &Options::default()), empty] {
        let document = roxmltree::Document::parse(&text).unwrap();
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "testsuites");
        let number = |node: &roxmltree::Node<'_, '_>, name| node.attribute(name).unwrap().parse::<usize>().unwrap();
        let elements =
            |node: &roxmltree::Node<'_, '_>, name: &str| node.descendants().filter(|n| n.has_tag_name(name)).count();
        let suites = root.children().filter(|n| n.has_tag_name("testsuite"));
        for node in suites.chain([root]) {
            assert_eq!(number(&node, "tests"), elements(&node, "testcase"));
            assert_eq!(number(&node, "failures"), elements(&node, "failure"));
            assert_eq!(number(&node, "errors"), elements(&node, "error"));
        }
    }
}

type Names = &'static [&'static str];

/// The elements with the attributes that they must have, those that they may have, and what they may hold. `file` and `line` of a case
/// are GitLab's.
const JUNIT: [(&str, Names, Names, Names); 5] = [
    ("testsuites", &[], &["name", "time", "tests", "failures", "errors"], &["testsuite"]),
    ("testsuite", &["name", "tests", "failures", "errors"], &["time", "skipped"], &["testcase"]),
    ("testcase", &["name"], &["time", "classname", "file", "line"], &["failure", "error"]),
    ("failure", &[], &["type", "message"], &[]),
    ("error", &[], &["type", "message"], &[]),
];

#[test]
fn junit_has_what_its_schema_knows() {
    let text = rendered(Format::Junit, &Options::default());
    let document = roxmltree::Document::parse(&text).unwrap();
    let mut seen = BTreeSet::new();
    for node in document.descendants().filter(|n| n.is_element()) {
        let name = node.tag_name().name();
        let (_, must, may, children) = JUNIT.into_iter().find(|(known, ..)| *known == name).unwrap();
        let attributes: Vec<&str> = node.attributes().map(|a| a.name()).collect();
        assert!(must.iter().all(|a| attributes.contains(a)), "{name}: {attributes:?}");
        assert!(attributes.iter().all(|a| must.contains(a) || may.contains(a)), "{name}: {attributes:?}");
        for child in node.children().filter(|n| n.is_element()) {
            assert!(children.contains(&child.tag_name().name()), "{} in {name}", child.tag_name().name());
        }
        if let Some(time) = node.attribute("time") {
            assert!(time.parse::<f64>().is_ok_and(|t| t >= 0.0), "{time}");
        }
        seen.insert(name);
    }
    assert_eq!(seen.len(), JUNIT.len(), "{seen:?}");
}

#[test]
fn junit_gives_text_back_unchanged() {
    let text = rendered(Format::Junit, &Options::default());
    let document = roxmltree::Document::parse(&text).unwrap();
    let case = document.descendants().find(|n| n.attribute("name") == Some("wide-text (6:12)")).unwrap();
    let failure = case.first_element_child().unwrap();
    assert_eq!(
        failure.attribute("message").unwrap(),
        "100% | <b>&amp;</b> \"quoted\" 'text' second line, `code|pipe`, *star* _under_ [x](y) @me #1 ]]> ::end"
    );
    assert_eq!(failure.attribute("type"), Some("warning"));
}

#[test]
fn markdown_tables_have_as_many_cells_as_their_heads() {
    let text = rendered(Format::Markdown, &Options { show_suppressed: true, ..Options::default() });
    let mut cells = 0;
    for line in text.lines() {
        match (line.starts_with('|'), cells) {
            (false, _) => cells = 0,
            (true, 0) => cells = line.matches('|').count(),
            (true, n) => assert_eq!(line.matches('|').count(), n, "{line}"),
        }
    }
    assert!(!text.contains("<b>&amp;"), "{text}");
}
