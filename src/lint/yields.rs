//! "Yields to": a finding is dropped if a rule that its page yields to found something on the same subject.

use rustc_hash::{FxHashMap, FxHashSet};

use super::merge::{Merged, Subject};
use crate::rule::ActiveRule;
use crate::source::Span;

/// Drops findings all of whose subjects are covered by a rule they yield to, and what they say about those that are. A pod-level
/// finding stands for every container of the pod; findings on list entries cover the same entry; findings without an object
/// cover the same span.
pub(super) fn drop_yielding<'s>(mut merged: Vec<Merged<'s>>, rules: &[&ActiveRule<'_>]) -> Vec<Merged<'s>> {
    let yields_to: FxHashMap<&str, &[String]> =
        rules.iter().map(|a| (a.page.id, a.page.yields_to.as_slice())).filter(|(_, y)| !y.is_empty()).collect();
    let found = Found::new(&merged);
    merged.retain_mut(|m| {
        let Some(targets) = yields_to.get(m.finding.rule) else { return true };
        let place = m.finding.primary.span;
        let before = m.subjects.len();
        m.subjects.retain(|subject| !targets.iter().any(|target| found.covers(target, subject, place)));
        if !m.subjects.is_empty() && m.subjects.len() < before {
            m.follow_subjects();
        }
        !m.subjects.is_empty()
    });
    merged
}

/// Rule, rule set, identity of the object, index of the container.
type OnSubject = (&'static str, usize, (usize, u32), Option<usize>);

/// What each rule found something on, by the rule set that judged it.
#[derive(Default)]
struct Found {
    subjects: FxHashSet<OnSubject>,
    places: FxHashSet<(&'static str, usize, u32)>,
}

impl Found {
    fn new(merged: &[Merged<'_>]) -> Self {
        let mut found = Found::default();
        for m in merged {
            let rule = m.finding.rule;
            for subject in &m.subjects {
                match (subject.entry, subject.object) {
                    (Some(entry), _) => _ = found.places.insert(place(rule, entry)),
                    (None, Some(object)) => {
                        _ = found.subjects.insert((rule, subject.set, object, subject.container));
                    }
                    (None, None) => {}
                }
            }
            found.places.insert(place(rule, m.finding.primary.span));
        }
        found
    }

    fn covers(&self, rule: &str, subject: &Subject<'_>, primary: Span<'_>) -> bool {
        match (subject.entry, subject.object) {
            (Some(entry), _) => self.at(rule, entry),
            (None, Some(object)) => {
                let on = |container| self.subjects.contains(&(rule, subject.set, object, container));
                on(subject.container) || on(None)
            }
            (None, None) => self.at(rule, primary),
        }
    }

    fn at(&self, rule: &str, span: Span<'_>) -> bool {
        let (_, file, start) = place("", span);
        self.places.contains(&(rule, file, start))
    }
}

fn place(rule: &'static str, span: Span<'_>) -> (&'static str, usize, u32) {
    (rule, std::ptr::from_ref(span.source) as usize, span.start)
}
