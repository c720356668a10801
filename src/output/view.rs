//! What all formats ask of a report: which findings to show, and how objects, overlays and counts are worded.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::escape::one_line;
use super::{Options, RuleInfo, Rules};
use crate::finding::{Finding, Report, ResourceRef, Safety, Severity, Summary};

/// A report with the texts and options to render it by.
pub(super) struct View<'a, 's> {
    pub(super) report: &'a Report<'s>,
    pub(super) options: &'a Options<'a>,
    rules: &'a Rules<'a>,
    builds: FxHashMap<&'a str, &'a str>,
}

impl<'a, 's> View<'a, 's> {
    pub(super) fn new(report: &'a Report<'s>, rules: &'a Rules<'a>, options: &'a Options<'a>) -> Self {
        let builds = short_names(report.findings.iter().flat_map(|f| &f.builds).map(String::as_str));
        Self { report, options, rules, builds }
    }

    pub(super) fn rule(&self, id: &str) -> Option<RuleInfo<'a>> {
        (self.rules)(id)
    }

    /// The page of a rule, if links are asked for.
    pub(super) fn rule_link(&self, id: &str) -> Option<Cow<'a, str>> {
        self.options.hyperlinks.then(|| self.rule(id)?.uri).flatten()
    }

    /// The findings to show, in the report's order; suppressed ones only if asked for.
    pub(super) fn shown(&self) -> impl Iterator<Item = &'a Finding<'s>> {
        let all = self.options.show_suppressed;
        self.report.findings.iter().filter(move |f| all || f.suppressed.is_none())
    }

    /// The findings that count, most severe first and else in the report's order: what a limit cuts off is the least.
    pub(super) fn by_severity(&self) -> Vec<&'a Finding<'s>> {
        let mut findings: Vec<_> = self.report.findings.iter().filter(|f| f.suppressed.is_none()).collect();
        findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
        findings
    }

    /// `Deployment shop/api` and `overlays dev, staging`, whichever there are.
    pub(super) fn place(&self, finding: &Finding<'_>, separator: &str) -> Option<String> {
        let resource = finding.resource.as_ref().map(resource_name);
        let parts: Vec<String> = resource.into_iter().chain(self.overlays(&finding.builds)).collect();
        (!parts.is_empty()).then(|| parts.join(separator))
    }

    /// `overlay dev`, `overlays a, b, c, d and 36 more`; none for plain manifests. An overlay is named by as many of its
    /// last path segments as tell it from the others of the report.
    pub(super) fn overlays(&self, builds: &[String]) -> Option<String> {
        const NAMED: usize = 4;
        let named: Vec<_> = builds.iter().take(NAMED).map(|b| one_line(self.build_name(b))).collect();
        let mut text = match builds.len() {
            0 => return None,
            1 => "overlay ".to_string(),
            _ => "overlays ".to_string(),
        };
        text.push_str(&named.join(", "));
        if builds.len() > NAMED {
            text.push_str(&format!(" and {} more", builds.len() - NAMED));
        }
        Some(text)
    }

    fn build_name<'b>(&'b self, build: &'b str) -> &'b str {
        self.builds.get(build).copied().unwrap_or(build)
    }

    /// A path as the forge sees it: from the root of the repository.
    pub(super) fn forge_path(&self, path: &str) -> String {
        let prefix = self.options.prefix.trim_matches('/');
        if prefix.is_empty() || path.starts_with('/') {
            return path.to_string();
        }
        let mut parts: Vec<&str> = prefix.split('/').collect();
        for part in path.split('/') {
            match part {
                "." => {}
                ".." if parts.last().is_some_and(|p| *p != "..") => {
                    parts.pop();
                }
                _ => parts.push(part),
            }
        }
        parts.join("/")
    }
}

/// `Deployment shop/api`, or `Namespace shop` for what has no namespace.
pub(super) fn resource_name(resource: &ResourceRef) -> String {
    let ResourceRef { kind, namespace, name, .. } = resource;
    let text = match namespace {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    };
    one_line(&text).into_owned()
}

/// `3 errors, 2 warnings, 1 note in 12 files, 5 builds (2 suppressed)`.
pub(super) fn summary_line(summary: &Summary, failures: usize) -> String {
    let Summary { files, builds, errors, warnings, notes, suppressed, .. } = *summary;
    let mut line = severity_counts(errors, warnings, notes).unwrap_or_else(|| "no findings".into());
    line.push_str(&format!(" in {}", count(files, "file")));
    if builds > 0 {
        line.push_str(&format!(", {}", count(builds, "build")));
    }
    if suppressed > 0 {
        line.push_str(&format!(" ({suppressed} suppressed)"));
    }
    if failures > 0 {
        line.push_str(&format!("; {}", count(failures, "failure")));
    }
    line
}

/// `3 fixable with `--fix`, 1 more with `--fix --unsafe-fixes``; none if there is no fix to apply.
pub(super) fn fixable_line<'f, 's: 'f>(findings: impl IntoIterator<Item = &'f Finding<'s>>) -> Option<String> {
    let counting = findings.into_iter().filter(|f| f.suppressed.is_none());
    let fixes = counting.filter_map(|f| f.fix.as_ref()).filter(|fix| fix.is_applicable());
    let (safe, all) = fixes.fold((0, 0), |(safe, all), fix| (safe + usize::from(fix.safety == Safety::Safe), all + 1));
    match (safe, all - safe) {
        (0, 0) => None,
        (safe, 0) => Some(format!("{safe} fixable with `--fix`")),
        (0, more) => Some(format!("{more} fixable with `--fix --unsafe-fixes`")),
        (safe, more) => Some(format!("{safe} fixable with `--fix`, {more} more with `--fix --unsafe-fixes`")),
    }
}

/// `3 errors, 1 note`, without the zeros; none if all are zero.
pub(super) fn severity_counts(errors: usize, warnings: usize, notes: usize) -> Option<String> {
    let counts: Vec<String> = [(errors, "error"), (warnings, "warning"), (notes, "note")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| count(n, word))
        .collect();
    (!counts.is_empty()).then(|| counts.join(", "))
}

/// Counts findings that are not suppressed: errors, warnings, notes.
pub(super) fn tally<'f, 's: 'f>(findings: impl IntoIterator<Item = &'f Finding<'s>>) -> (usize, usize, usize) {
    findings.into_iter().filter(|f| f.suppressed.is_none()).fold((0, 0, 0), |(e, w, n), f| match f.severity {
        Severity::Error => (e + 1, w, n),
        Severity::Warning => (e, w + 1, n),
        Severity::Note => (e, w, n + 1),
    })
}

/// `1 file`, `2 files`.
pub(super) fn count(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}

/// For each path the shortest tail of whole segments that no other path ends with; the whole path if there is none.
fn short_names<'a>(paths: impl Iterator<Item = &'a str>) -> FxHashMap<&'a str, &'a str> {
    let mut names: FxHashMap<&str, &str> = paths.map(|p| (p, p)).collect();
    let mut uses: FxHashMap<&str, usize> = FxHashMap::default();
    for path in names.keys() {
        for tail in tails(path) {
            *uses.entry(tail).or_default() += 1;
        }
    }
    for (path, name) in &mut names {
        *name = tails(path).find(|tail| uses.get(tail) == Some(&1)).unwrap_or(path);
    }
    names
}

/// `c`, `b/c`, `a/b/c` of `a/b/c`.
fn tails(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(i, _)| &path[i + 1..]).chain([path]).filter(|tail| !tail.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlays_are_named_by_the_shortest_telling_tail() {
        let names = short_names(["a/overlays/dev", "b/overlays/dev", "a/overlays/prod", "."].into_iter());
        assert_eq!(names["a/overlays/dev"], "a/overlays/dev");
        assert_eq!(names["b/overlays/dev"], "b/overlays/dev");
        assert_eq!(names["a/overlays/prod"], "prod");
        assert_eq!(names["."], ".");
        let names = short_names(["dev", "x/dev"].into_iter());
        assert_eq!((names["dev"], names["x/dev"]), ("dev", "x/dev"));
    }

    #[test]
    fn summaries_leave_out_zeros() {
        let some =
            Summary { files: 12, builds: 5, errors: 3, warnings: 2, notes: 1, suppressed: 2, ..Summary::default() };
        assert_eq!(summary_line(&some, 0), "3 errors, 2 warnings, 1 note in 12 files, 5 builds (2 suppressed)");
        let none = Summary { files: 1, ..Summary::default() };
        assert_eq!(summary_line(&none, 1), "no findings in 1 file; 1 failure");
    }

    #[test]
    fn forge_paths_start_at_the_repository_root() {
        let report = Report::default();
        let options = Options { prefix: "services/shop", ..Options::default() };
        let view = View::new(&report, &|_| None, &options);
        assert_eq!(view.forge_path("k8s/a.yaml"), "services/shop/k8s/a.yaml");
        assert_eq!(view.forge_path("../b.yaml"), "services/b.yaml");
        assert_eq!(view.forge_path("../../../c.yaml"), "../c.yaml");
    }
}
