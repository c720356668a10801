//! Suppression: comments in any file of the chain, and annotations on objects.
//!
//! `# manicheck: ignore[rule-a, rule-b] reason` at the end of a line covers that line; alone on a line it covers the next one,
//! with the mapping or the value that begins there. The annotation `manicheck.dev/ignore: "rule-a: reason; rule-b: reason"`
//! covers its object, `manicheck.dev/ignore.<container>` one container of it.

mod annotations;
mod comments;

use rustc_hash::FxHashMap;

use crate::finding::Finding;
use crate::lint::SourceUnit;
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
}

/// What a suppression covers.
pub(crate) enum Cover<'s> {
    /// Findings that point into this range of a file.
    Range(Span<'s>),
    /// Findings about these objects (the same annotation may reach several builds), or about one container of them.
    Objects(Vec<(usize, u32)>, Option<String>),
}

/// What a finding is about, for annotations: the object, and the name of the container, if it is about one.
pub(crate) struct About<'f> {
    /// Identity of the object.
    pub(crate) object: (usize, u32),
    /// Name of the container.
    pub(crate) container: Option<&'f str>,
}

/// Every suppression of a run, and which of them did something.
pub(crate) struct Suppressions<'s> {
    all: Vec<Suppression<'s>>,
    used: Vec<Vec<bool>>,
    by_file: FxHashMap<usize, Vec<usize>>,
    by_object: FxHashMap<(usize, u32), Vec<usize>>,
}

impl<'s> Suppressions<'s> {
    /// Collects them from the files and the objects of a run.
    pub(crate) fn collect(units: &[SourceUnit<'s>], scopes: &[Scope<'s>], registry: &Registry) -> Self {
        let mut all: Vec<Suppression<'s>> = Vec::new();
        for unit in units {
            comments::collect(unit.source, registry, &mut all);
        }
        annotations::collect(scopes, registry, &mut all);
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
            }
        }
        let used = all.iter().map(|s| vec![false; s.rules.len()]).collect();
        Suppressions { all, used, by_file, by_object }
    }

    /// The reason if the finding is suppressed. One about several objects is only if all of them say so, or a comment does.
    pub(crate) fn apply(&mut self, finding: &Finding<'s>, about: &[About<'_>]) -> Option<String> {
        if self.all.is_empty() || finding.rule.ends_with("-suppression") {
            return None;
        }
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
        if reason.is_some() || about.is_empty() {
            return reason;
        }
        for one in about {
            let mut covered = false;
            for &at in self.by_object.get(&one.object).map(Vec::as_slice).unwrap_or_default() {
                let Cover::Objects(_, container) = &self.all[at].covers else { continue };
                let reaches = container.is_none() || container.as_deref() == one.container;
                if reaches && mark(&self.all[at], &mut self.used[at], finding.rule) {
                    covered = true;
                    reason.get_or_insert_with(|| self.all[at].reason.clone());
                }
            }
            if !covered {
                return None;
            }
        }
        reason
    }

    /// The suppressions, each with a flag per rule that says whether it suppressed a finding.
    pub(crate) fn results(&self) -> impl Iterator<Item = (&Suppression<'s>, &[bool])> {
        self.all.iter().zip(self.used.iter().map(Vec::as_slice))
    }
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
