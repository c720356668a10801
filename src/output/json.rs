//! Our own JSON. `version` changes when a field is removed or changes its meaning; fields may be added.

use std::io;

use serde::Serialize;

use super::json_lines;
use super::view::View;
use crate::finding::{Failure, Finding, ResourceRef, Severity, Skipped, Summary};
use crate::source::Span;

const VERSION: u32 = 1;

pub(super) fn write(view: &View<'_, '_>, out: &mut dyn io::Write) -> io::Result<()> {
    let document = Document {
        version: VERSION,
        summary: view.report.summary,
        findings: view.shown().map(JsonFinding::new).collect(),
        failures: view.report.failures.iter().map(JsonFailure::new).collect(),
        skipped: &view.report.skipped,
    };
    json_lines::write(&document, 2, out)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    summary: Summary,
    findings: Vec<JsonFinding<'a>>,
    failures: Vec<JsonFailure<'a>>,
    skipped: &'a [Skipped],
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    severity: Severity,
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    resource: Option<&'a ResourceRef>,
    builds: &'a [String],
    related: Vec<Related<'a>>,
    help: Option<&'a str>,
    fingerprint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<&'a str>,
}

/// A range of a file: lines and columns from 1, columns in Unicode scalar values, the end behind the last character.
#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
}

#[derive(Serialize)]
struct JsonFailure<'a> {
    path: &'a str,
    line: Option<u32>,
    column: Option<u32>,
    message: &'a str,
}

impl<'a> JsonFinding<'a> {
    fn new(finding: &'a Finding<'_>) -> Self {
        Self {
            rule: finding.rule,
            severity: finding.severity,
            message: &finding.message,
            place: Place::new(finding.primary.span),
            resource: finding.resource.as_ref(),
            builds: &finding.builds,
            related: finding
                .related
                .iter()
                .map(|label| Related { place: Place::new(label.span), message: &label.message })
                .collect(),
            help: finding.help.as_deref(),
            fingerprint: &finding.fingerprint,
            suppressed: finding.suppressed.as_deref(),
        }
    }
}

impl<'a> Place<'a> {
    fn new(span: Span<'a>) -> Self {
        let (start, end) = (span.start_pos(), span.end_pos());
        Self {
            path: span.source.display(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}

impl<'a> JsonFailure<'a> {
    fn new(failure: &'a Failure<'_>) -> Self {
        let at = failure.span.map(|span| span.start_pos());
        Self { path: &failure.path, line: at.map(|p| p.line), column: at.map(|p| p.column), message: &failure.message }
    }
}
