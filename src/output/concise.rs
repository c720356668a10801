//! One line per finding: `path:line:column: error[rule] message (object; overlays)`.

use std::io;

use super::escape::one_line;
use super::text::style;
use super::view::View;
use crate::finding::{Failure, Finding};

pub(super) fn write(view: &View<'_, '_>, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in view.shown() {
        writeln!(out, "{}", finding_line(view, finding))?;
    }
    for failure in view.report.unreported_failures() {
        writeln!(out, "{}", failure_line(view, failure))?;
    }
    Ok(())
}

/// The line of a finding, without its line break.
pub(super) fn finding_line(view: &View<'_, '_>, finding: &Finding<'_>) -> String {
    let at = finding.primary.span.start_pos();
    let path = one_line(finding.primary.span.source.display());
    let color = style::severity(finding.severity, view.options.color);
    let rule = style::link(finding.rule, view.rule_link(finding.rule).as_deref());
    let message = one_line(&finding.message);
    let mut line =
        format!("{path}:{}:{}: {color}{}[{rule}]{color:#} {message}", at.line, at.column, finding.severity.name());
    if let Some(place) = view.place(finding, "; ") {
        line.push_str(&format!(" ({place})"));
    }
    if let Some(reason) = &finding.suppressed {
        line.push_str(&format!(" (suppressed: {})", one_line(reason)));
    }
    line
}

/// The line of a failure, without its line break.
pub(super) fn failure_line(view: &View<'_, '_>, failure: &Failure<'_>) -> String {
    let path = match failure.span {
        Some(span) => {
            let at = span.start_pos();
            format!("{}:{}:{}", one_line(span.source.display()), at.line, at.column)
        }
        None => one_line(&failure.path).into_owned(),
    };
    let color = style::failure(view.options.color);
    format!("{path}: {color}failure{color:#}: {}", one_line(&failure.message))
}
