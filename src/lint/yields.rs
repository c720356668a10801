//! "Yields to": a finding is dropped if a rule that its page yields to found something on the same subject.

use rustc_hash::{FxHashMap, FxHashSet};

use super::merge::{Merged, Subject};
use crate::rule::ActiveRule;
use crate::source::Span;

/// Drops findings all of whose subjects are covered by a rule they yield to, and what they say about those that are. A pod-level
/// finding stands for every container of the pod; findings on list entries cover the same entry of the same object; a finding
/// without an object covers those that are about the very same text. What is covered in one build is kept for the others.
pub(super) fn drop_yielding<'s>(mut merged: Vec<Merged<'s>>, rules: &[&ActiveRule<'_>]) -> Vec<Merged<'s>> {
    let yields_to: FxHashMap<&str, &[String]> =
        rules.iter().map(|a| (a.page.id, a.page.yields_to.as_slice())).filter(|(_, y)| !y.is_empty()).collect();
    let found = Found::new(&merged, &yields_to);
    let left: Vec<Option<Vec<Subject<'s>>>> = merged
        .iter()
        .map(|m| {
            let targets = yields_to.get(m.finding.rule)?;
            let place = m.finding.primary.span;
            let rests: Vec<Rest> = m.subjects.iter().map(|s| found.rest(targets, s, place)).collect();
            let touched = rests.iter().any(|rest| !matches!(rest, Rest::All));
            touched.then(|| m.subjects.iter().zip(rests).filter_map(|(subject, rest)| rest.of(subject)).collect())
        })
        .collect();
    let mut left = left.into_iter();
    merged.retain_mut(|m| {
        if let Some(subjects) = left.next().flatten() {
            m.subjects = subjects;
            m.follow_subjects();
        }
        !m.subjects.is_empty()
    });
    merged
}

/// Identity of an object.
type ObjectId = (usize, u32);

/// What a finding is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum About {
    /// The container of this index; none for the whole object. As the rule set judged it.
    Container(usize, ObjectId, Option<usize>),
    /// The list entry that is written here. As the rule set judged it.
    Entry(usize, Option<ObjectId>, usize, u32),
    /// This text of this file.
    Text(usize, u32, u32),
}

/// What is left of a subject.
enum Rest {
    All,
    In(Vec<String>),
    Nothing,
}

impl Rest {
    fn of<'s>(self, subject: &Subject<'s>) -> Option<Subject<'s>> {
        match self {
            Rest::All => Some(subject.clone()),
            Rest::In(builds) => Some(Subject { builds, ..subject.clone() }),
            Rest::Nothing => None,
        }
    }
}

/// What each rule that others yield to found something on, and in which builds (sorted).
struct Found<'m>(FxHashMap<(&'static str, About), Vec<&'m [String]>>);

impl<'m> Found<'m> {
    fn new(merged: &'m [Merged<'_>], yields_to: &FxHashMap<&str, &[String]>) -> Self {
        let mut found: FxHashMap<_, Vec<&[String]>> = FxHashMap::default();
        let targets: FxHashSet<&str> = yields_to.values().flat_map(|t| t.iter().map(String::as_str)).collect();
        for m in merged.iter().filter(|m| targets.contains(m.finding.rule)) {
            let rule = m.finding.rule;
            for subject in &m.subjects {
                let lists = found.entry((rule, about(subject, m.finding.primary.span))).or_default();
                if lists.last() != Some(&&*subject.builds) {
                    lists.push(&subject.builds);
                }
            }
        }
        Found(found)
    }

    fn rest(&self, targets: &[String], subject: &Subject<'_>, place: Span<'_>) -> Rest {
        let own = about(subject, place);
        let whole = match own {
            About::Container(set, object, Some(_)) => Some(About::Container(set, object, None)),
            _ => None,
        };
        if targets.iter().any(|target| self.lists(target, text(place)).next().is_some()) {
            return Rest::Nothing;
        }
        let lists = || {
            targets
                .iter()
                .flat_map(|target| [Some(own), whole].into_iter().flatten().flat_map(|a| self.lists(target, a)))
        };
        if lists().any(|builds| *builds == subject.builds) {
            return Rest::Nothing;
        }
        if lists().next().is_none() {
            return Rest::All;
        }
        let covered = |build: &&String| lists().any(|builds| builds.binary_search(build).is_ok());
        let left: Vec<String> = subject.builds.iter().filter(|b| !covered(b)).cloned().collect();
        match left.len() {
            0 if subject.builds.is_empty() => Rest::All,
            0 => Rest::Nothing,
            n if n == subject.builds.len() => Rest::All,
            _ => Rest::In(left),
        }
    }

    /// The builds in which a rule found something on this.
    fn lists<'a>(&'a self, rule: &'a str, about: About) -> impl Iterator<Item = &'a &'m [String]> {
        self.0.get(&(rule, about)).into_iter().flatten()
    }
}

fn about(subject: &Subject<'_>, place: Span<'_>) -> About {
    match (subject.entry, subject.object) {
        (Some(entry), object) => About::Entry(subject.set, object, file(entry), entry.start),
        (None, Some(object)) => About::Container(subject.set, object, subject.container),
        (None, None) => text(place),
    }
}

/// The text of a span without quotes around it.
fn text(span: Span<'_>) -> About {
    let whole = span.text();
    let quote = |c: char| matches!(c, '"' | '\'');
    let ahead = whole.len() - whole.trim_start_matches(quote).len();
    let bare = whole.trim_matches(quote);
    let start = span.start + ahead as u32;
    About::Text(file(span), start, start + bare.len() as u32)
}

fn file(span: Span<'_>) -> usize {
    std::ptr::from_ref(span.source) as usize
}
