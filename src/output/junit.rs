//! JUnit XML: one suite per file, one failed case per finding. A run without findings is one case that passes, since
//! readers take an empty report for a broken one.

use std::io;

use super::concise::{failure_line, finding_line};
use super::escape::{one_line, xml};
use super::view::View;
use crate::finding::{Failure, Finding};

pub(super) fn write(view: &View<'_, '_>, out: &mut dyn io::Write) -> io::Result<()> {
    let findings: Vec<_> = view.report.findings.iter().filter(|f| f.suppressed.is_none()).collect();
    let failures = view.report.unreported_failures();
    let clean = findings.is_empty() && failures.is_empty();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"manicheck\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        findings.len() + failures.len() + usize::from(clean),
        findings.len(),
        failures.len()
    )?;
    for suite in findings.chunk_by(|a, b| path(a) == path(b)) {
        let name = suite.first().map(|f| path(f)).unwrap_or_default();
        write_suite_start(out, name, suite.len(), suite.len(), 0)?;
        for finding in suite {
            write_finding(view, finding, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    if !failures.is_empty() {
        write_suite_start(out, "manicheck", failures.len(), 0, failures.len())?;
        for failure in &failures {
            write_failure(view, failure, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    if clean {
        write_suite_start(out, "manicheck", 1, 0, 0)?;
        writeln!(out, "    <testcase classname=\"manicheck\" name=\"no findings\" time=\"0\"/>")?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn path<'s>(finding: &Finding<'s>) -> &'s str {
    finding.primary.span.source.display()
}

fn write_suite_start(
    out: &mut dyn io::Write,
    name: &str,
    tests: usize,
    failures: usize,
    errors: usize,
) -> io::Result<()> {
    writeln!(
        out,
        "  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"0\" time=\"0\">",
        xml(name)
    )
}

fn write_finding(view: &View<'_, '_>, finding: &Finding<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let at = finding.primary.span.start_pos();
    let file = xml(&view.forge_path(path(finding)));
    let class = xml(path(finding));
    writeln!(
        out,
        "    <testcase classname=\"{class}\" name=\"{} ({}:{})\" file=\"{file}\" line=\"{}\" time=\"0\">",
        xml(finding.rule),
        at.line,
        at.column,
        at.line
    )?;
    let mut text = finding_line(view, finding);
    if let Some(help) = &finding.help {
        text.push_str(&format!("\nhelp: {}", one_line(help)));
    }
    writeln!(
        out,
        "      <failure type=\"{}\" message=\"{}\">{}</failure>",
        finding.severity.name(),
        xml(&one_line(&finding.message)),
        xml(&text)
    )?;
    writeln!(out, "    </testcase>")
}

fn write_failure(view: &View<'_, '_>, failure: &Failure<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let (path, file) = (xml(&failure.path), xml(&view.forge_path(&failure.path)));
    writeln!(out, "    <testcase classname=\"{path}\" name=\"{path}\" file=\"{file}\" time=\"0\">")?;
    writeln!(
        out,
        "      <error type=\"failure\" message=\"{}\">{}</error>",
        xml(&one_line(&failure.message)),
        xml(&failure_line(view, failure))
    )?;
    writeln!(out, "    </testcase>")
}
