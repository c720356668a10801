//! Suppression: comments in any file of the chain, and annotations on objects.
//!
//! `# manicheck: ignore[rule-a, rule-b] reason` at the end of a line covers that line; alone on a line it covers the next one,
//! with the mapping or the value that begins there. The annotation `manicheck.dev/ignore: "rule-a: reason; rule-b: reason"`
//! covers its object, `manicheck.dev/ignore.<container>` one container of it.

mod annotations;
mod comments;
mod entries;
mod peers;

pub use entries::{Criteria, Date, Exemption, Exemptions};
pub use peers::{Tool, rules_of};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use entries::{Entry, Left};

use crate::files;
use crate::finding::Finding;
use crate::lint::{MergedSubject, SourceUnit};
use crate::rule::Scope;
use crate::rules::Registry;
use crate::settings::{did_you_mean, resolve};
use crate::source::Span;

/// One suppression as written.
pub(crate) struct Suppression<'s> {
    /// Where it is written.
    pub(crate) place: Span<'s>,
    /// What it covers.
    pub(crate) covers: Cover<'s>,
    /// The rules it names, as written and as ids; no ids for an unknown name.
    pub(crate) rules: Vec<(String, Vec<&'static str>)>,
    /// Why, in the author's words; may be empty.
    pub(crate) reason: String,
    /// Why it is not understood, if it is not.
    pub(crate) invalid: Option<String>,
    /// True if it was written for another tool: then it is nobody's mistake if it does nothing here.
    pub(crate) foreign: bool,
}

/// What a suppression covers.
pub(crate) enum Cover<'s> {
    /// Findings that point into this range of a file.
    Range(Span<'s>),
    /// Findings about these objects (the same annotation may reach several builds), or about one container of them.
    Objects(Vec<(usize, u32)>, Option<String>),
    /// Findings that an entry of the configuration describes.
    Entry(Box<Entry>),
}

impl<'s> Suppression<'s> {
    /// The text to take out so that all of it is gone; known for comments.
    pub(crate) fn removal(&self) -> Option<Span<'s>> {
        matches!(self.covers, Cover::Range(_)).then(|| comments::removal(self.place)).flatten()
    }
}

impl Cover<'_> {
    /// Where to write the reason.
    pub(crate) fn reason_help(&self) -> &'static str {
        match self {
            Cover::Entry(_) => "write it as `reason`",
            _ => "write why behind the list of rules",
        }
    }
}

/// What the suppressions say about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It counts.
    Counts,
    /// It counts for the subjects that are left.
    Narrowed,
    /// It does not count, for this reason.
    Suppressed(String),
}

/// Every suppression of a run, and which of them did something.
pub(crate) struct Suppressions<'s> {
    all: Vec<Suppression<'s>>,
    used: Vec<Vec<bool>>,
    by_file: FxHashMap<usize, Vec<usize>>,
    by_object: FxHashMap<(usize, u32), Vec<usize>>,
    entries: Vec<usize>,
}

impl<'s> Suppressions<'s> {
    /// Collects them from the files and the objects of a run, and from the configuration.
    pub(crate) fn collect(
        units: &[SourceUnit<'s>],
        scopes: &[Scope<'s>],
        registry: &Registry,
        exemptions: Exemptions<'_, 's>,
    ) -> Self {
        let of_files = units.par_iter().with_max_len(files::AT_A_TIME).map(|unit| comments::collect(unit, registry));
        let mut all: Vec<Suppression<'s>> = of_files.collect::<Vec<_>>().into_iter().flatten().collect();
        annotations::collect(scopes, registry, &mut all);
        peers::collect(units, scopes, registry, exemptions.compat, &mut all);
        entries::collect(exemptions, &mut all);
        let mut entries = Vec::new();
        let mut by_file: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
        let mut by_object: FxHashMap<(usize, u32), Vec<usize>> = FxHashMap::default();
        for (at, suppression) in all.iter().enumerate() {
            match &suppression.covers {
                Cover::Range(span) => by_file.entry(std::ptr::from_ref(span.source) as usize).or_default().push(at),
                Cover::Objects(objects, _) => {
                    for object in objects {
                        by_object.entry(*object).or_default().push(at);
                    }
                }
                Cover::Entry(_) => entries.push(at),
            }
        }
        let used = all.iter().map(|s| vec![false; s.rules.len()]).collect();
        Suppressions { all, used, by_file, by_object, entries }
    }

    /// What becomes of a finding about these subjects. Subjects that an annotation or an entry of the configuration covers are taken
    /// out; it is suppressed if none is left. A comment suppresses all of it.
    pub(crate) fn apply(&mut self, finding: &Finding<'s>, subjects: &mut Vec<MergedSubject<'s>>) -> Verdict {
        if self.all.is_empty() || finding.rule.ends_with("-suppression") {
            return Verdict::Counts;
        }
        if let Some(reason) = self.comment(finding) {
            return Verdict::Suppressed(reason);
        }
        let (before, mut reason) = (builds(subjects), None);
        let mut left = Vec::new();
        for subject in subjects.iter() {
            if self.annotation(finding, subject, &mut reason) {
                continue;
            }
            match self.exempt(finding, subject, &mut reason) {
                Left::All => left.push(subject.clone()),
                Left::Builds(builds) => left.push(MergedSubject { builds, ..subject.clone() }),
                Left::Nothing => {}
            }
        }
        if left.is_empty() && !subjects.is_empty() {
            return Verdict::Suppressed(reason.unwrap_or_default());
        }
        if left.len() == subjects.len() && builds(&left) == before {
            return Verdict::Counts;
        }
        *subjects = left;
        Verdict::Narrowed
    }

    fn comment(&mut self, finding: &Finding<'s>) -> Option<String> {
        let spans = std::iter::once(finding.primary.span).chain(finding.related.iter().map(|l| l.span));
        let mut reason = None;
        for span in spans {
            let file = std::ptr::from_ref(span.source) as usize;
            for &at in self.by_file.get(&file).map(Vec::as_slice).unwrap_or_default() {
                let Cover::Range(range) = &self.all[at].covers else { continue };
                if (range.start..range.end).contains(&span.start)
                    && mark(&self.all[at], &mut self.used[at], finding.rule)
                {
                    reason.get_or_insert_with(|| self.all[at].reason.clone());
                }
            }
        }
        reason
    }

    /// True if the subject's object has an annotation for it; each that has is marked as used.
    fn annotation(&mut self, finding: &Finding<'s>, subject: &MergedSubject<'s>, reason: &mut Option<String>) -> bool {
        let Some(object) = subject.object else { return false };
        let mut covered = false;
        for &at in self.by_object.get(&object).map(Vec::as_slice).unwrap_or_default() {
            let Cover::Objects(_, container) = &self.all[at].covers else { continue };
            let reaches = container.is_none() || *container == subject.container_name;
            if reaches && mark(&self.all[at], &mut self.used[at], finding.rule) {
                covered = true;
                reason.get_or_insert_with(|| self.all[at].reason.clone());
            }
        }
        covered
    }

    /// What the entries of the configuration leave of a subject; each that takes something is marked as used.
    fn exempt(&mut self, finding: &Finding<'s>, subject: &MergedSubject<'s>, reason: &mut Option<String>) -> Left {
        let mut subject = subject.clone();
        let mut outcome = Left::All;
        for &at in &self.entries {
            let Cover::Entry(entry) = &self.all[at].covers else { continue };
            let names = self.all[at].rules.iter().any(|(_, ids)| ids.contains(&finding.rule));
            if !names || !entry.is_about(finding) {
                continue;
            }
            match entry.leaves(&subject) {
                Left::All => continue,
                Left::Builds(builds) => {
                    subject.builds.clone_from(&builds);
                    outcome = Left::Builds(builds);
                }
                Left::Nothing => outcome = Left::Nothing,
            }
            mark(&self.all[at], &mut self.used[at], finding.rule);
            reason.get_or_insert_with(|| self.all[at].reason.clone());
            if matches!(outcome, Left::Nothing) {
                break;
            }
        }
        outcome
    }

    /// True if a suppression that did nothing is proven to be useless by a complete run.
    pub(crate) fn is_provable(&self, suppression: &Suppression<'s>) -> bool {
        match &suppression.covers {
            Cover::Entry(entry) => entry.provable,
            _ => true,
        }
    }

    /// The suppressions, each with a flag per rule that says whether it suppressed a finding.
    pub(crate) fn results(&self) -> impl Iterator<Item = (&Suppression<'s>, &[bool])> {
        self.all.iter().zip(self.used.iter().map(Vec::as_slice))
    }
}

fn builds(subjects: &[MergedSubject<'_>]) -> usize {
    subjects.iter().map(|s| s.builds.len()).sum()
}

/// Marks the entry for a rule as used, if there is one.
fn mark(suppression: &Suppression<'_>, used: &mut [bool], rule: &str) -> bool {
    let mut hit = false;
    for ((_, ids), used) in suppression.rules.iter().zip(used) {
        if ids.contains(&rule) {
            *used = true;
            hit = true;
        }
    }
    hit
}

/// Ids for the names of a suppression, and what is wrong with them, if something is.
fn resolve_names(
    names: impl IntoIterator<Item = String>,
    registry: &Registry,
) -> (Vec<(String, Vec<&'static str>)>, Option<String>) {
    let mut rules = Vec::new();
    let mut invalid = None;
    for name in names {
        let ids: Vec<&'static str> =
            resolve(&name, registry).iter().filter_map(|id| registry.get(id)).map(|r| r.page.id).collect();
        if ids.is_empty() {
            let hint = did_you_mean(&name, registry.rules.iter().map(|r| r.page.id));
            invalid.get_or_insert(format!("unknown rule `{name}`{hint}"));
        }
        rules.push((name, ids));
    }
    if rules.is_empty() {
        invalid = Some("it names no rule; write `ignore[rule-id] reason`".into());
    }
    (rules, invalid)
}
