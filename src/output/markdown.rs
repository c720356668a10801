//! GitHub-flavoured Markdown for job summaries and comments: counts per rule, then the findings, folded per overlay.

use std::collections::BTreeMap;
use std::io;

use super::escape::{clip, markdown, markdown_code};
use super::view::{View, severity_counts, summary_line, tally};
use crate::finding::{Failure, Finding, Severity};

/// A comment on GitHub holds 65,536 characters. Rows that would go beyond this many bytes are counted instead.
const MAX_BYTES: usize = 60_000;
/// A message in a table is cut here, in characters.
const MAX_MESSAGE: usize = 500;

pub(super) fn write(view: &View<'_, '_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page { text: String::new(), left_out: 0 };
    let report = view.report;
    let findings: Vec<_> = view.shown().collect();
    let summary = &report.summary;
    let counts = severity_counts(summary.errors, summary.warnings, summary.notes);
    let counts = counts.unwrap_or_else(|| "no findings".into());
    page.line(&format!("### manicheck: {counts}"));
    page.line("");
    page.line(&format!("{}.", summary_line(summary, report.failures.len())));
    failures(view, &report.unreported_failures(), &mut page);
    rules(view, &findings, &mut page);
    for (builds, findings) in groups(&findings) {
        group(view, builds, findings, &mut page);
    }
    if page.left_out > 0 {
        page.line("");
        page.line(&format!("{} more rows are left out to keep this short.", page.left_out));
    }
    out.write_all(page.text.as_bytes())
}

/// The text so far, and how many rows had no room in it.
struct Page {
    text: String,
    left_out: usize,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn row(&mut self, row: &str) {
        if self.text.len() + row.len() > MAX_BYTES {
            self.left_out += 1;
        } else {
            self.line(row);
        }
    }
}

fn failures(view: &View<'_, '_>, failures: &[&Failure<'_>], page: &mut Page) {
    if failures.is_empty() {
        return;
    }
    page.line("\n**Not everything could be judged.**\n\n| Where | Why |\n| --- | --- |");
    for failure in failures {
        let line = failure.span.map(|span| span.start_pos().line);
        let place = place(&view.forge_path(&failure.path), line);
        page.row(&format!("| {place} | {} |", markdown(&clip(&failure.message, MAX_MESSAGE))));
    }
}

/// How often each rule reports, most severe and most frequent first.
fn rules(view: &View<'_, '_>, findings: &[&Finding<'_>], page: &mut Page) {
    let mut counts: BTreeMap<&str, (Severity, usize)> = BTreeMap::new();
    for finding in findings {
        let entry = counts.entry(finding.rule).or_insert((finding.severity, 0));
        *entry = (entry.0.max(finding.severity), entry.1 + 1);
    }
    if counts.is_empty() {
        return;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    page.line("\n| Severity | Rule | Findings |\n| --- | --- | ---: |");
    for (rule, (severity, count)) in rows {
        page.row(&format!("| {} | {} | {count} |", severity.name(), rule_link(view, rule)));
    }
}

/// Findings that the same overlays show, plain manifests first; within a group the most severe first.
fn groups<'f, 's>(findings: &[&'f Finding<'s>]) -> BTreeMap<&'f [String], Vec<&'f Finding<'s>>> {
    let mut groups: BTreeMap<&[String], Vec<&Finding<'s>>> = BTreeMap::new();
    for finding in findings {
        groups.entry(&finding.builds).or_default().push(finding);
    }
    for group in groups.values_mut() {
        group.sort_by_key(|f| std::cmp::Reverse(f.severity));
    }
    groups
}

fn group(view: &View<'_, '_>, builds: &[String], findings: Vec<&Finding<'_>>, page: &mut Page) {
    if page.text.len() > MAX_BYTES {
        page.left_out += findings.len();
        return;
    }
    let (errors, warnings, notes) = tally(findings.iter().copied());
    let title = view.overlays(builds).unwrap_or_else(|| "plain manifests".into());
    let counts = severity_counts(errors, warnings, notes).unwrap_or_else(|| "all suppressed".into());
    page.line(&format!("\n<details>\n<summary><b>{}</b>: {counts}</summary>\n", markdown(&title)));
    page.line("| Severity | Where | Rule | Message | Object |\n| --- | --- | --- | --- | --- |");
    for finding in findings {
        let at = finding.primary.span.start_pos();
        let place = place(&view.forge_path(finding.primary.span.source.display()), Some(at.line));
        let object = finding.resource.as_ref().map(|r| markdown(&super::view::resource_name(r))).unwrap_or_default();
        let mut message = markdown(&clip(&finding.message, MAX_MESSAGE));
        if let Some(reason) = &finding.suppressed {
            message.push_str(&format!(" (suppressed: {})", markdown(&clip(reason, MAX_MESSAGE))));
        }
        page.row(&format!(
            "| {} | {place} | {} | {message} | {object} |",
            finding.severity.name(),
            rule_link(view, finding.rule)
        ));
    }
    page.line("\n</details>");
}

fn place(path: &str, line: Option<u32>) -> String {
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("<code>{}{line}</code>", markdown_code(path))
}

fn rule_link(view: &View<'_, '_>, id: &str) -> String {
    match view.rule(id).and_then(|rule| rule.uri) {
        Some(uri) => format!("[{}](<{}>)", markdown(id), link_target(&uri)),
        None => markdown(id),
    }
}

/// A link's target that cannot end the brackets or the cell around it.
fn link_target(uri: &str) -> String {
    let keep = |b: u8| b.is_ascii_graphic() && !b"<>|\\`".contains(&b);
    uri.bytes().map(|b| if keep(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}
