//! What the readers of GitLab's and Markdown reports ask for: GitLab's `codeclimate.json` in our words, as no package carries it.

use std::collections::BTreeSet;

use manicheck::output::{Format, Options};
use serde_json::{Value, json};

use super::{rendered, rendered_twice};

/// An issue without these is dropped, and all behind it.
fn codeclimate() -> Value {
    let object = |fields: Value| json!({ "type": "object", "properties": fields });
    let (text, number) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    let lines = object(json!({ "begin": number }));
    let positions = object(json!({ "begin": object(json!({ "line": number })) }));
    let location = object(json!({ "path": text, "lines": lines, "positions": positions }));
    let mut issue = object(json!({ "description": text, "fingerprint": text, "severity": text, "location": location }));
    issue["required"] = json!(["description", "fingerprint", "severity", "location"]);
    issue
}

#[test]
fn gitlab_issues_have_the_fields_that_gitlab_reads() {
    // Each finding twice, so that fingerprints collide.
    let text = rendered_twice(Format::Gitlab);
    let issues: Value = serde_json::from_str(&text).unwrap();
    let schema = jsonschema::validator_for(&codeclimate()).unwrap();
    let issues = issues.as_array().unwrap();
    assert_eq!(issues.len(), 22);
    let mut fingerprints = BTreeSet::new();
    for issue in issues {
        assert!(schema.is_valid(issue), "{issue}");
        // GitLab's documentation asks for more than its schema.
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
