//! "Yields to": a finding is dropped if a rule that its page yields to found something on the same subject.

use rustc_hash::{FxHashMap, FxHashSet};

use super::merge::Merged;
use crate::rule::ActiveRule;
use crate::source::Span;

/// Drops findings all of whose subjects are covered by a rule they yield to. A pod-level finding stands for every container of
/// the pod; findings on list entries cover the same entry; findings without an object cover the same span.
pub(super) fn drop_yielding<'s>(merged: Vec<Merged<'s>>, rules: &[ActiveRule<'_>]) -> Vec<Merged<'s>> {
    let yields_to: FxHashMap<&str, &[String]> =
        rules.iter().map(|a| (a.page.id, a.page.yields_to.as_slice())).filter(|(_, y)| !y.is_empty()).collect();
    let found = Found::new(&merged);
    let covered: Vec<bool> = merged
        .iter()
        .map(|m| match yields_to.get(m.raw.finding.rule) {
            Some(targets) => m.subjects.iter().all(|subject| {
                targets.iter().any(|target| match (subject.entry, subject.object) {
                    (Some(entry), _) => found.at(target, entry),
                    (None, Some(object)) => found.on(target, object, subject.container),
                    (None, None) => found.at(target, m.raw.finding.primary.span),
                })
            }),
            None => false,
        })
        .collect();
    merged.into_iter().zip(covered).filter(|(_, covered)| !covered).map(|(m, _)| m).collect()
}

/// What each rule found something on.
#[derive(Default)]
struct Found {
    subjects: FxHashSet<(&'static str, (usize, u32), Option<usize>)>,
    places: FxHashSet<(&'static str, usize, u32)>,
}

impl Found {
    fn new(merged: &[Merged<'_>]) -> Self {
        let mut found = Found::default();
        for m in merged {
            let rule = m.raw.finding.rule;
            for subject in &m.subjects {
                match (subject.entry, subject.object) {
                    (Some(entry), _) => _ = found.places.insert(place(rule, entry)),
                    (None, Some(object)) => _ = found.subjects.insert((rule, object, subject.container)),
                    (None, None) => {}
                }
            }
            found.places.insert(place(rule, m.raw.finding.primary.span));
        }
        found
    }

    fn at(&self, rule: &str, span: Span<'_>) -> bool {
        let (_, file, start) = place("", span);
        self.places.contains(&(rule, file, start))
    }

    fn on(&self, rule: &str, object: (usize, u32), container: Option<usize>) -> bool {
        self.subjects.contains(&(rule, object, container)) || self.subjects.contains(&(rule, object, None))
    }
}

fn place(rule: &'static str, span: Span<'_>) -> (&'static str, usize, u32) {
    (rule, std::ptr::from_ref(span.source) as usize, span.start)
}
