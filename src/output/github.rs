//! Workflow commands of GitHub Actions, which become annotations in the diff.
//!
//! A step may have ten annotations of each type; what is behind them is dropped without a word. So the most severe ten of
//! a type are annotated, the rest is listed in the log, and a notice says so.

use std::collections::BTreeMap;
use std::io;

use super::concise::{failure_line, finding_line};
use super::escape::visible;
use super::view::{View, count};
use crate::finding::{Failure, Finding, Severity};
use crate::source::Span;

/// How many annotations of a type a step may have.
const MAX_PER_TYPE: usize = 10;

pub(super) fn write(view: &View<'_, '_>, out: &mut dyn io::Write) -> io::Result<()> {
    let findings = view.by_severity();
    let failures = view.report.unreported_failures();
    let total = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let (errors, warnings, notes) =
        (total(Severity::Error) + failures.len(), total(Severity::Warning), total(Severity::Note));
    let overflow = [errors, warnings, notes].into_iter().any(|n| n > MAX_PER_TYPE);
    // The notice about the rest is itself one of the notices.
    let mut room = BTreeMap::from([
        (Severity::Error, MAX_PER_TYPE),
        (Severity::Warning, MAX_PER_TYPE),
        (Severity::Note, MAX_PER_TYPE - usize::from(overflow)),
    ]);
    let mut take = |severity| {
        let left = room.entry(severity).or_default();
        let fits = *left > 0;
        *left = left.saturating_sub(1);
        fits
    };
    let mut rest = Vec::new();
    for failure in &failures {
        match take(Severity::Error) {
            true => writeln!(out, "{}", failure_command(view, failure))?,
            false => rest.push((Severity::Error, failure_line(view, failure))),
        }
    }
    for finding in &findings {
        match take(finding.severity) {
            true => writeln!(out, "{}", finding_command(view, finding))?,
            false => rest.push((finding.severity, finding_line(view, finding))),
        }
    }
    write_rest(&rest, out)
}

fn write_rest(rest: &[(Severity, String)], out: &mut dyn io::Write) -> io::Result<()> {
    if rest.is_empty() {
        return Ok(());
    }
    let of = |severity| rest.iter().filter(|(s, _)| *s == severity).count();
    let counts = super::view::severity_counts(of(Severity::Error), of(Severity::Warning), of(Severity::Note));
    let text = format!(
        "{} more without an annotation: a step may have {MAX_PER_TYPE} of each type. The log of this step lists them.",
        counts.unwrap_or_default()
    );
    writeln!(out, "::notice title=manicheck::{}", data(&text))?;
    writeln!(out, "::group::{}", count(rest.len(), "more finding"))?;
    for (_, line) in rest {
        // A line of the log must not be taken for a command, in either of the two spellings that the runner knows.
        writeln!(out, "- {}", line.replace("##[", "## ["))?;
    }
    writeln!(out, "::endgroup::")
}

fn finding_command(view: &View<'_, '_>, finding: &Finding<'_>) -> String {
    let mut text = visible(&finding.message).into_owned();
    let place = view.place(finding, " · ");
    let related = finding.related.iter().take(4).map(|label| {
        let at = label.span.start_pos();
        format!("{}:{}:{}: {}", visible(label.span.source.display()), at.line, at.column, visible(&label.message))
    });
    let help = finding.help.iter().map(|help| format!("help: {}", visible(help)));
    for line in place.into_iter().chain(related).chain(help) {
        text.push('\n');
        text.push_str(&line);
    }
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    format!("::{command} {},title={}::{}", properties(view, finding.primary.span), property(finding.rule), data(&text))
}

fn failure_command(view: &View<'_, '_>, failure: &Failure<'_>) -> String {
    let place = match failure.span {
        Some(span) => properties(view, span),
        None => format!("file={}", property(&view.forge_path(&failure.path))),
    };
    format!("::error {place},title=manicheck failed::{}", data(&failure.message))
}

/// File, line and columns. Columns only mean something within one line.
fn properties(view: &View<'_, '_>, span: Span<'_>) -> String {
    let span = span.first_line();
    let (start, end) = (span.start_pos(), span.end_pos());
    format!(
        "file={},line={},col={},endLine={},endColumn={}",
        property(&view.forge_path(span.source.display())),
        start.line,
        start.column,
        end.line,
        end.column
    )
}

/// The text of a command, escaped as the runner reads it.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value of a property, escaped as the runner reads it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
