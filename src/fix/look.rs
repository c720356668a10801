//! What a lint shows, as far as fixing needs it: owned, as the sources of a pass do not outlive it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

use rustc_hash::FxHashMap;

use super::shape::stays_json;
use super::{Reach, Texts, Withheld};
use crate::files::Context;
use crate::finding::{Finding, Fix, Report, Safety};
use crate::run::Output;

/// What a finding is, apart from where in the file it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Id of the rule.
    pub rule: &'static str,
    /// Display path of the file.
    pub path: String,
    /// The message.
    pub message: String,
}

impl Key {
    fn of(finding: &Finding<'_>) -> Self {
        let path = finding.primary.span.source.display().to_string();
        Key { rule: finding.rule, path, message: finding.message.clone() }
    }
}

/// A fix that may be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The findings that it mends, with their lines.
    pub(super) findings: Vec<(Key, u32)>,
    /// What it changes.
    pub(super) changes: Vec<Change>,
    /// The roots whose output it may change.
    pub(super) changing: BTreeSet<String>,
    /// The roots that take the files, and must stay as they are: they do not show the finding.
    pub(super) kept: BTreeSet<String>,
}

/// A replacement in a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Change {
    /// The file, symbolic links resolved.
    pub(super) file: PathBuf,
    /// What is replaced, in bytes.
    pub(super) range: Range<usize>,
    /// By what.
    pub(super) text: String,
}

/// What a lint shows.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub(super) candidates: Vec<Candidate>,
    /// How many findings there are of each.
    pub(super) counts: BTreeMap<Key, usize>,
    /// Those that do not count.
    pub(super) known: BTreeSet<Key>,
    /// Path and message of each.
    pub(super) failures: BTreeSet<(String, String)>,
    /// Digests of what the roots build.
    pub(super) outputs: BTreeMap<String, u64>,
    /// Display path and text of the files that candidates change.
    pub(super) files: BTreeMap<PathBuf, (String, String)>,
    pub(super) withheld: Vec<Withheld>,
    pub(super) unsafe_left: usize,
}

impl Look {
    /// What a report shows. `unsafe_fixes`: take those too.
    pub fn of(
        ctx: Context<'_>,
        report: &Report<'_>,
        outputs: &BTreeMap<String, Output>,
        reach: &Reach,
        unsafe_fixes: bool,
    ) -> Self {
        let mut look =
            Look { outputs: outputs.iter().map(|(r, o)| (r.clone(), o.digest)).collect(), ..Look::default() };
        look.failures = report.failures.iter().map(|f| (f.path.clone(), f.message.clone())).collect();
        let mut offers: Vec<Offer> = Vec::new();
        let mut by_changes: FxHashMap<Vec<Change>, usize> = FxHashMap::default();
        for finding in &report.findings {
            let key = Key::of(finding);
            *look.counts.entry(key.clone()).or_default() += 1;
            if finding.suppressed.is_some() {
                look.known.insert(key);
                continue;
            }
            let Some(fix) = finding.fix.as_ref().filter(|f| f.is_applicable()) else { continue };
            if fix.safety == Safety::Unsafe && !unsafe_fixes {
                look.unsafe_left += 1;
                continue;
            }
            match look.changes(ctx, fix, reach) {
                Ok(changes) => {
                    let at = *by_changes.entry(changes.clone()).or_insert(offers.len());
                    if at == offers.len() {
                        offers.push(Offer { findings: Vec::new(), changes, builds: Some(BTreeSet::new()) });
                    }
                    if let Some(offer) = offers.get_mut(at) {
                        offer.add(finding, fix.safety, key);
                    }
                }
                Err((file, why)) => look.withheld.push(Withheld { key, file, why }),
            }
        }
        let takers = takers(&offers, outputs);
        look.candidates = offers.into_iter().map(|offer| offer.candidate(&takers)).collect();
        look
    }

    /// The changes of a fix, or the file that keeps it from being applied and why.
    fn changes(
        &mut self,
        ctx: Context<'_>,
        fix: &Fix<'_>,
        reach: &Reach,
    ) -> Result<Vec<Change>, (String, &'static str)> {
        let mut changes = Vec::with_capacity(fix.edits.len());
        for edit in &fix.edits {
            let source = edit.span.source;
            let file = reach.place(ctx, edit.span).map_err(|why| (source.display().to_string(), why))?;
            let range = edit.span.start as usize..edit.span.end as usize;
            let (_, text) = self
                .files
                .entry(file.clone())
                .or_insert_with(|| (source.display().to_string(), source.text().to_string()));
            if text.len() != source.text().len() {
                return Err((source.display().to_string(), "the file was read twice, with different texts"));
            }
            changes.push(Change { file, range, text: edit.text.clone() });
        }
        for (change, edit) in changes.iter().zip(&fix.edits) {
            let own = changes.iter().filter(|c| c.file == change.file).collect();
            if !stays_json(edit.span.source, own) {
                let file = edit.span.source.display().to_string();
                return Err((file, "the file is JSON, and the fix is written in YAML"));
            }
        }
        Ok(changes)
    }

    /// The text of a file that a candidate changes.
    pub(super) fn text<'t>(&'t self, texts: &'t Texts, file: &PathBuf) -> Option<&'t str> {
        let read = || self.files.get(file).map(|(_, text)| text);
        texts.get(file).or_else(read).map(String::as_str)
    }
}

/// A fix that one or more findings ask for.
struct Offer {
    findings: Vec<(Key, u32)>,
    changes: Vec<Change>,
    /// The roots that show one of the findings. None: whatever roots take the files.
    builds: Option<BTreeSet<String>>,
}

impl Offer {
    fn add(&mut self, finding: &Finding<'_>, safety: Safety, key: Key) {
        self.findings.push((key, finding.primary.span.start_pos().line));
        // A rule on files does not know the roots. If its fix is safe, none of them may change.
        if finding.builds.is_empty() && safety != Safety::Safe {
            self.builds = None;
        }
        if let Some(builds) = &mut self.builds {
            builds.extend(finding.builds.iter().cloned());
        }
    }

    fn candidate(self, takers: &Takers<'_>) -> Candidate {
        let takers = self.changes.iter().filter_map(|c| takers.get(&c.file)).flatten().map(|root| root.to_string());
        let (changing, kept) = match &self.builds {
            None => (takers.collect(), BTreeSet::new()),
            Some(builds) => takers.partition(|root| builds.contains(root)),
        };
        Candidate { findings: self.findings, changes: self.changes, changing, kept }
    }
}

/// The roots that take each file.
type Takers<'o> = FxHashMap<PathBuf, Vec<&'o str>>;

/// Of the files that the offers change.
fn takers<'o>(offers: &[Offer], outputs: &'o BTreeMap<String, Output>) -> Takers<'o> {
    let mut takers: Takers<'o> = offers.iter().flat_map(|o| &o.changes).map(|c| (c.file.clone(), Vec::new())).collect();
    if takers.is_empty() {
        return takers;
    }
    for (root, output) in outputs {
        for file in &output.files {
            if let Some(roots) = takers.get_mut(file) {
                roots.push(root);
            }
        }
    }
    takers
}
