//! GitLab code quality: a list of issues in the subset of the Code Climate format that GitLab reads.

use std::io;

use rustc_hash::FxHashMap;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::escape::one_line;
use super::json_lines;
use super::view::View;
use crate::finding::{Failure, Finding, Severity};

pub(super) fn write(view: &View<'_, '_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut fingerprints = Fingerprints::default();
    let findings = view.report.findings.iter().filter(|f| f.suppressed.is_none());
    let mut issues: Vec<Issue<'_>> = findings.map(|f| finding_issue(view, f, &mut fingerprints)).collect();
    issues.extend(view.report.unreported_failures().into_iter().map(|f| failure_issue(view, f, &mut fingerprints)));
    json_lines::write(&issues, 1, out)
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

fn finding_issue<'a>(view: &View<'_, '_>, finding: &Finding<'a>, fingerprints: &mut Fingerprints) -> Issue<'a> {
    let span = finding.primary.span;
    let mut description = one_line(&finding.message).into_owned();
    if let Some(place) = view.place(finding, "; ") {
        description.push_str(&format!(" ({place})"));
    }
    let fingerprint = match finding.fingerprint.as_str() {
        "" => hash(&[finding.rule, span.source.display(), &finding.message]),
        own => own.to_string(),
    };
    Issue {
        description,
        check_name: finding.rule,
        fingerprint: fingerprints.unique(fingerprint),
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Note => "info",
        },
        location: location(view, span.source.display(), span.start_pos().line),
    }
}

fn failure_issue<'a>(view: &View<'_, '_>, failure: &Failure<'a>, fingerprints: &mut Fingerprints) -> Issue<'a> {
    let line = failure.span.map_or(1, |span| span.start_pos().line);
    Issue {
        description: one_line(&failure.message).into_owned(),
        check_name: "failure",
        fingerprint: fingerprints.unique(hash(&["failure", &failure.path, &failure.message])),
        severity: "blocker",
        location: location(view, &failure.path, line),
    }
}

fn location(view: &View<'_, '_>, path: &str, begin: u32) -> Location {
    Location { path: view.forge_path(path), lines: Lines { begin } }
}

/// GitLab drops all but one of the issues that share a fingerprint, so later ones get one derived from their count.
#[derive(Default)]
struct Fingerprints {
    seen: FxHashMap<String, usize>,
}

impl Fingerprints {
    fn unique(&mut self, fingerprint: String) -> String {
        let times = self.seen.entry(fingerprint.clone()).or_default();
        *times += 1;
        match *times {
            1 => fingerprint,
            n => hash(&[&fingerprint, &n.to_string()]),
        }
    }
}

/// 32 hex digits; the parts cannot run into one another.
fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
