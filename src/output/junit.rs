//! JUnit XML: one suite per file, one failed case per finding. A run without findings is one case that passes, since
//! readers take an empty report for a broken one.
//!
//! There is no official schema. This is what the strictest in use accepts, the `junit-10.xsd` of Jenkins' xUnit plugin: a case has a
//! class and a name there, but no `file` or `line`. So the suite has the file, and the text of each case ends in `at path:line:column`,
//! where reporters look for the line as they do in a stack trace.

use std::io;

use rustc_hash::FxHashMap;

use super::escape::{one_line, xml};
use super::view::View;
use crate::finding::{Failure, Finding};
use crate::source::Span;

pub(super) fn write(view: &View<'_, '_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut suites = Suites::default();
    for finding in view.report.findings.iter().filter(|f| f.suppressed.is_none()) {
        suites.add(view.forge_path(finding.primary.span.source.display()), finding_case(view, finding));
    }
    for failure in view.report.unreported_failures() {
        suites.add(view.forge_path(&failure.path), failure_case(view, failure));
    }
    let (mut tests, errors) = suites.list.iter().fold((0, 0), |(t, e), s| (t + s.cases.len(), e + s.errors()));
    let failures = tests - errors;
    tests = tests.max(1);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"manicheck\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">")?;
    for suite in &suites.list {
        write_suite(suite, out)?;
    }
    if suites.list.is_empty() {
        writeln!(
            out,
            "  <testsuite name=\"manicheck\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"0\">"
        )?;
        writeln!(out, "    <testcase classname=\"manicheck\" name=\"no findings\" time=\"0\"/>")?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// In the order of their first cases.
#[derive(Default)]
struct Suites {
    list: Vec<Suite>,
    by_path: FxHashMap<String, usize>,
}

struct Suite {
    path: String,
    cases: Vec<Case>,
    names: FxHashMap<String, usize>,
}

struct Case {
    name: String,
    /// `failure` for a finding, `error` for what could not be checked.
    element: &'static str,
    kind: &'static str,
    message: String,
    text: String,
}

impl Suites {
    fn add(&mut self, path: String, mut case: Case) {
        let at = *self.by_path.entry(path.clone()).or_insert(self.list.len());
        if at == self.list.len() {
            self.list.push(Suite { path, cases: Vec::new(), names: FxHashMap::default() });
        }
        let Some(suite) = self.list.get_mut(at) else { return };
        // GitLab drops all but one of the cases that share class and name.
        let times = suite.names.entry(case.name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            case.name.push_str(&format!(" #{times}"));
        }
        suite.cases.push(case);
    }
}

impl Suite {
    fn errors(&self) -> usize {
        self.cases.iter().filter(|case| case.element == "error").count()
    }
}

fn finding_case(view: &View<'_, '_>, finding: &Finding<'_>) -> Case {
    let span = finding.primary.span;
    let message = one_line(&finding.message).into_owned();
    let mut text = format!("{}[{}] {message}", finding.severity.name(), finding.rule);
    if let Some(place) = view.place(finding, "; ") {
        text.push_str(&format!(" ({place})"));
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("\nhelp: {}", one_line(help)));
    }
    text.push_str(&format!("\nat {}", place(view, span.source.display(), Some(span))));
    let at = span.start_pos();
    Case {
        name: format!("{} ({}:{})", finding.rule, at.line, at.column),
        element: "failure",
        kind: finding.severity.name(),
        message,
        text,
    }
}

fn failure_case(view: &View<'_, '_>, failure: &Failure<'_>) -> Case {
    let message = one_line(&failure.message).into_owned();
    let name = match failure.span {
        Some(span) => format!("failure ({}:{})", span.start_pos().line, span.start_pos().column),
        None => "failure".to_string(),
    };
    let text = format!("failure: {message}\nat {}", place(view, &failure.path, failure.span));
    Case { name, element: "error", kind: "failure", message, text }
}

/// `path:line:column` from the root of the repository.
fn place(view: &View<'_, '_>, path: &str, span: Option<Span<'_>>) -> String {
    let path = view.forge_path(path);
    let at = span.map(|span| span.start_pos());
    at.map_or_else(|| path.clone(), |at| format!("{path}:{}:{}", at.line, at.column))
}

fn write_suite(suite: &Suite, out: &mut dyn io::Write) -> io::Result<()> {
    let (path, tests, errors) = (xml(&suite.path), suite.cases.len(), suite.errors());
    writeln!(
        out,
        "  <testsuite name=\"{path}\" file=\"{path}\" tests=\"{tests}\" failures=\"{}\" errors=\"{errors}\" skipped=\"0\" time=\"0\">",
        tests - errors
    )?;
    for Case { name, element, kind, message, text } in &suite.cases {
        let (name, message, text) = (xml(name), xml(message), xml(text));
        writeln!(out, "    <testcase classname=\"{path}\" name=\"{name}\" time=\"0\">")?;
        writeln!(out, "      <{element} type=\"{kind}\" message=\"{message}\">{text}</{element}>")?;
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}
