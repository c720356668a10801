//! SARIF 2.1.0 as GitHub code scanning reads it.
//!
//! Only what GitHub uses and what other readers commonly show is written. `primaryLocationLineHash` is left to GitHub's
//! upload action, which computes it from the checked-out file; our own fingerprint stands beside it.
//! Limits: <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

mod wire;

use std::io;

use rustc_hash::FxHashMap;

use super::escape::{clip, one_line, uri_path};
use super::json_lines;
use super::view::View;
use crate::finding::{Failure, Finding, Fix, Label, Safety, Severity, Skipped};
use crate::source::Span;
use wire::*;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// GitHub rejects a run with more results.
const MAX_RESULTS: usize = 25_000;
/// GitHub rejects a run with more rules.
const MAX_RULES: usize = 25_000;
/// GitHub rejects a result with more locations.
const MAX_LOCATIONS: usize = 1_000;
/// GitHub rejects a rule with more tags.
const MAX_TAGS: usize = 20;
/// GitHub takes 10 MB after gzip. Such JSON shrinks to a tenth and less; results end where a sixth would be too much.
const MAX_BYTES: usize = 60_000_000;
/// GitHub cuts the descriptions of a rule here, in characters.
const MAX_DESCRIPTION: usize = 1024;
/// How many failures, and how many skipped inputs, are notified one by one.
const MAX_NOTIFICATIONS: usize = 1_000;

pub(super) fn write(view: &View<'_, '_>, out: &mut dyn io::Write) -> io::Result<()> {
    let all = view.by_severity();
    let mut rules = Rules::default();
    let mut results = Vec::new();
    for finding in &all[..fitting(&all, MAX_BYTES)] {
        let Some(index) = rules.index(finding) else { break };
        results.push(result(view, finding, index));
    }
    let left_out = all.len() - results.len();
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: env!("CARGO_PKG_NAME"),
                semantic_version: view.options.version,
                rules: rules.list.iter().map(|occurring| rule(view, *occurring)).collect(),
            },
        },
        invocations: [Invocation {
            execution_successful: view.report.failures.is_empty(),
            tool_execution_notifications: notifications(view, left_out),
        }],
        column_kind: "unicodeCodePoints",
        results,
    };
    json_lines::write(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] }, 4, out)
}

/// The rules that occur, in the order of their first result, with the severity of that.
#[derive(Default)]
struct Rules<'a> {
    list: Vec<(&'a str, Severity)>,
    indices: FxHashMap<&'a str, usize>,
}

impl<'a> Rules<'a> {
    /// The index of a rule; none if there is no room for another.
    fn index(&mut self, finding: &Finding<'a>) -> Option<usize> {
        let next = self.list.len();
        if let Some(index) = self.indices.get(finding.rule) {
            return Some(*index);
        }
        if next == MAX_RULES {
            return None;
        }
        self.indices.insert(finding.rule, next);
        self.list.push((finding.rule, finding.severity));
        Some(next)
    }
}

/// How many findings, from the first, fit into a run of so many bytes.
fn fitting(findings: &[&Finding<'_>], mut bytes: usize) -> usize {
    let fits = |finding: &&Finding<'_>| match bytes.checked_sub(estimated_size(finding)) {
        Some(rest) => {
            bytes = rest;
            true
        }
        None => false,
    };
    findings.iter().copied().take(MAX_RESULTS).take_while(fits).count()
}

fn estimated_size(finding: &Finding<'_>) -> usize {
    let labels = finding.related.iter().take(MAX_LOCATIONS).map(|label| 250 + label.message.len()).sum::<usize>();
    let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|edit| 250 + edit.text.len()).sum::<usize>();
    600 + finding.message.len() + labels + edits
}

fn rule(view: &View<'_, '_>, (id, severity): (&str, Severity)) -> Rule {
    let info = view.rule(id);
    let description = |text: &str| Text { text: clip(&one_line(text), MAX_DESCRIPTION).into_owned() };
    let mut tags = Vec::new();
    let mut security_severity = None;
    if let Some(rule) = &info {
        if matches!(&*rule.category, "security" | "secret" | "access") {
            // GitHub takes the severity for a security alert's only with this tag.
            tags.push("security".to_string());
            security_severity = Some(security_score(rule.severity));
        }
        for tag in std::iter::once(&rule.category).chain(&rule.tags) {
            if !tags.iter().any(|t| t == tag) && tags.len() < MAX_TAGS {
                tags.push(tag.to_string());
            }
        }
    }
    Rule {
        id: id.to_string(),
        name: pascal_case(id),
        short_description: description(info.as_ref().map_or(id, |rule| &rule.title)),
        full_description: description(info.as_ref().map_or(id, |rule| &rule.summary)),
        help: Help {
            text: info.as_ref().map_or(id, |rule| &rule.help).trim().to_string(),
            markdown: info.as_ref().map_or(id, |rule| &rule.help).trim().to_string(),
        },
        help_uri: info.as_ref().and_then(|rule| rule.uri.as_ref()).map(|uri| uri.to_string()),
        default_configuration: Configuration { level: info.as_ref().map_or(severity, |rule| rule.severity).name() },
        properties: RuleProperties { tags, precision: "high", security_severity },
    }
}

/// GitHub shows 7.0 to 8.9 as high, 4.0 to 6.9 as medium, less as low.
fn security_score(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "8.0",
        Severity::Warning => "5.5",
        Severity::Note => "2.0",
    }
}

fn pascal_case(id: &str) -> String {
    let words = id.split(|c: char| !c.is_alphanumeric());
    words.flat_map(|word| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1))).collect()
}

fn result(view: &View<'_, '_>, finding: &Finding<'_>, rule_index: usize) -> ResultObject {
    let related = &finding.related[..finding.related.len().min(MAX_LOCATIONS - 1)];
    let fingerprint = (!finding.fingerprint.is_empty())
        .then(|| std::collections::BTreeMap::from([("manicheck/v1", finding.fingerprint.clone())]));
    ResultObject {
        rule_id: finding.rule.to_string(),
        rule_index,
        level: finding.severity.name(),
        message: Text { text: message(view, finding, related) },
        locations: vec![Location {
            id: None,
            physical_location: physical(view, finding.primary.span),
            logical_locations: finding.resource.iter().map(logical).collect(),
            message: label_text(&finding.primary),
        }],
        related_locations: related
            .iter()
            .enumerate()
            .map(|(i, label)| Location {
                id: Some(i + 1),
                physical_location: physical(view, label.span),
                logical_locations: Vec::new(),
                message: label_text(label),
            })
            .collect(),
        partial_fingerprints: fingerprint,
        fixes: finding.fix.iter().filter(|fix| !fix.edits.is_empty()).map(|fix| fix_object(view, fix)).collect(),
        properties: (!finding.builds.is_empty()).then(|| ResultProperties { builds: finding.builds.clone() }),
    }
}

/// The message: its first sentence is what lists show. Related places are linked by their ids.
fn message(view: &View<'_, '_>, finding: &Finding<'_>, related: &[Label<'_>]) -> String {
    /// More links than this are no help in a message; the places are listed anyway.
    const LINKED: usize = 8;
    let mut text = format!("{}.", unlinked(&finding.message));
    if let Some(place) = view.place(finding, ", ") {
        text.push_str(&format!("\n{}.", unlinked(&place)));
    }
    for (i, label) in related.iter().enumerate().take(LINKED) {
        let at = label.span.start_pos();
        let place = format!("{}:{}", label.span.source.display(), at.line);
        let words = if label.message.is_empty() { "see" } else { &label.message };
        text.push_str(&format!("\n{}: [{}]({}).", unlinked(words), link_text(&place), i + 1));
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("\nHelp: {}.", unlinked(help)));
    }
    text
}

/// Text that holds no embedded link (SARIF §3.11.6), on one line.
fn unlinked(text: &str) -> String {
    one_line(text).replace("](", "] (")
}

/// Text between the brackets of a link (SARIF §3.11.6).
fn link_text(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

fn label_text(label: &Label<'_>) -> Option<Text> {
    (!label.message.is_empty()).then(|| Text { text: unlinked(&label.message) })
}

fn logical(resource: &crate::finding::ResourceRef) -> LogicalLocation {
    LogicalLocation { fully_qualified_name: super::view::resource_name(resource), kind: "resource" }
}

/// The first line of a span: GitHub shows an alert in a pull request only if all lines of its region are in the diff.
fn physical(view: &View<'_, '_>, span: Span<'_>) -> PhysicalLocation {
    PhysicalLocation {
        artifact_location: artifact(view, span.source.display()),
        region: Some(region(span.first_line())),
    }
}

fn region(span: Span<'_>) -> Region {
    let (start, end) = (span.start_pos(), span.end_pos());
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

/// Below the repository's root where the path allows it; `file:` for an absolute path.
fn artifact(view: &View<'_, '_>, path: &str) -> ArtifactLocation {
    let path = view.forge_path(path);
    if let Some(absolute) = path.strip_prefix('/') {
        return ArtifactLocation { uri: format!("file:///{}", uri_path(absolute)), uri_base_id: None };
    }
    let below_root = path != ".." && !path.starts_with("../");
    ArtifactLocation { uri: uri_path(&path), uri_base_id: below_root.then_some("%SRCROOT%") }
}

fn fix_object(view: &View<'_, '_>, fix: &Fix<'_>) -> FixObject {
    let mut changes: Vec<(&crate::source::Source, ArtifactChange)> = Vec::new();
    for edit in &fix.edits {
        let replacement =
            Replacement { deleted_region: region(edit.span), inserted_content: Text { text: edit.text.clone() } };
        match changes.iter_mut().find(|(source, _)| std::ptr::eq(*source, edit.span.source)) {
            Some((_, change)) => change.replacements.push(replacement),
            None => {
                let artifact_location = artifact(view, edit.span.source.display());
                changes.push((edit.span.source, ArtifactChange { artifact_location, replacements: vec![replacement] }));
            }
        }
    }
    let trust = match fix.safety {
        Safety::Safe => "",
        Safety::Unsafe => " (unsafe: behaviour changes)",
        Safety::Suggestion => " (a suggestion)",
    };
    FixObject {
        description: Text { text: format!("{}{trust}", unlinked(&fix.message)) },
        artifact_changes: changes.into_iter().map(|(_, change)| change).collect(),
    }
}

/// What could not be done, what was left out here, and what was skipped on purpose.
fn notifications(view: &View<'_, '_>, left_out: usize) -> Vec<Notification> {
    let report = view.report;
    let mut list: Vec<Notification> =
        report.failures.iter().take(MAX_NOTIFICATIONS).map(|failure| failed(view, failure)).collect();
    if report.failures.len() > MAX_NOTIFICATIONS {
        let more = report.failures.len() - MAX_NOTIFICATIONS;
        list.push(Notification::new("error", format!("{more} more failures are not listed here.")));
    }
    if left_out > 0 {
        list.push(Notification::new(
            "warning",
            format!(
                "{left_out} results, the least severe, are left out: code scanning takes at most {MAX_RESULTS} per run, \
                 and 10 MB. The other output formats hold all."
            ),
        ));
    }
    list.extend(report.skipped.iter().take(MAX_NOTIFICATIONS).map(|skipped| passed_over(view, skipped)));
    if report.skipped.len() > MAX_NOTIFICATIONS {
        let more = report.skipped.len() - MAX_NOTIFICATIONS;
        list.push(Notification::new("note", format!("{more} more skipped inputs are not listed here.")));
    }
    list
}

fn failed(view: &View<'_, '_>, failure: &Failure<'_>) -> Notification {
    let location = match failure.span {
        Some(span) => physical(view, span),
        None => PhysicalLocation { artifact_location: artifact(view, &failure.path), region: None },
    };
    Notification::new("error", unlinked(&failure.message)).at(location)
}

fn passed_over(view: &View<'_, '_>, skipped: &Skipped) -> Notification {
    let location = PhysicalLocation { artifact_location: artifact(view, &skipped.path), region: None };
    Notification::new("note", format!("Skipped: {}", unlinked(&skipped.reason))).at(location)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Edit;
    use crate::source::Source;

    #[test]
    fn results_end_where_the_bytes_do() {
        let source = Source::new("a".into(), "a".into(), b"a: b".to_vec());
        let span = source.span(0..1);
        let edit = Edit { span, text: "x".repeat(10_000) };
        let finding = Finding {
            rule: "a-rule",
            severity: Severity::Error,
            message: String::new(),
            primary: Label { span, message: String::new() },
            related: Vec::new(),
            resource: None,
            builds: Vec::new(),
            help: None,
            fix: Some(Fix { safety: Safety::Safe, message: String::new(), edits: vec![edit] }),
            suppressed: None,
            fingerprint: String::new(),
        };
        let findings = vec![&finding; 100];
        assert_eq!(fitting(&findings, 200_000), 18);
        assert_eq!(fitting(&findings, MAX_BYTES), 100);
        assert_eq!(fitting(&findings, 0), 0);
        assert_eq!(pascal_case("mutable-image-tag"), "MutableImageTag");
    }
}
