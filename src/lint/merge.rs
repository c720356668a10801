//! One finding per cause: findings with the same rule, primary span and message are one, over builds, objects and containers; also if
//! their messages name different containers and the rule says how to name several.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::finding::{Finding, ResourceRef, Safety, Severity};
use crate::rule::Raw;
use crate::source::Span;

/// A merged finding and everything it is about.
pub(super) struct Merged<'s> {
    /// The finding, with the builds of all.
    pub(super) finding: Finding<'s>,
    /// What each finding that went into it was about; never empty.
    pub(super) subjects: Vec<Subject<'s>>,
    /// What the message says behind the names of several containers.
    plural: Option<String>,
}

/// What a finding was about before merging.
#[derive(Clone)]
pub(crate) struct Subject<'s> {
    /// Identity of the object.
    pub(crate) object: Option<(usize, u32)>,
    /// Index of the container.
    pub(crate) container: Option<usize>,
    /// Name of the container.
    pub(crate) container_name: Option<String>,
    /// The list entry.
    pub(crate) entry: Option<Span<'s>>,
    /// The object in words.
    pub(crate) resource: Option<ResourceRef>,
    /// The roots that show it; empty for plain manifests and files.
    pub(crate) builds: Vec<String>,
    /// How bad it is there.
    pub(crate) severity: Severity,
    /// The rule set that judged it.
    pub(crate) set: usize,
    /// The message about it alone, if one about several differs.
    pub(crate) message: Option<String>,
}

/// So many containers are named; of more, the number of the others.
const NAMED: usize = 3;

impl Merged<'_> {
    /// Makes the finding say what its subjects say: the builds and names of all, the highest severity, the object of the first.
    pub(super) fn follow_subjects(&mut self) {
        let mut builds: Vec<String> = self.subjects.iter().flat_map(|s| s.builds.iter().cloned()).collect();
        builds.sort();
        builds.dedup();
        self.finding.builds = builds;
        if let Some(severity) = self.subjects.iter().map(|s| s.severity).max() {
            self.finding.severity = severity;
        }
        if let Some(first) = self.subjects.first() {
            self.finding.resource.clone_from(&first.resource);
        }
        if let Some(message) = self.message() {
            self.finding.message = message;
        }
    }

    /// The message, if it depends on how many containers there are.
    fn message(&self) -> Option<String> {
        let plural = self.plural.as_ref()?;
        let mut seen = FxHashSet::default();
        let names = self.subjects.iter().filter_map(|s| s.container_name.as_deref());
        let names: Vec<&str> = names.filter(|name| seen.insert(*name)).collect();
        if names.len() < 2 {
            return self.subjects.first()?.message.clone();
        }
        let (shown, others) = names.split_at(names.len().min(NAMED));
        let shown: Vec<String> = shown.iter().map(|name| format!("`{name}`")).collect();
        Some(match (&shown[..], others.len()) {
            ([before @ .., last], 0) => format!("containers {} and {last} {plural}", before.join(", ")),
            (_, more) => format!("containers {} and {more} more {plural}", shown.join(", ")),
        })
    }
}

/// Merges, keeping the order of first appearance. Related labels are united.
pub(super) fn merge(raws: Vec<Raw<'_>>) -> Vec<Merged<'_>> {
    let mut index: FxHashMap<(&'static str, usize, u32, u32, String), usize> = FxHashMap::default();
    let mut out: Vec<Merged<'_>> = Vec::new();
    for mut raw in raws {
        let subject = Subject {
            object: raw.object,
            container: raw.container,
            container_name: raw.container_name.clone(),
            entry: raw.entry,
            resource: raw.finding.resource.clone(),
            builds: std::mem::take(&mut raw.finding.builds),
            severity: raw.finding.severity,
            set: raw.set,
            message: raw.plural.is_some().then(|| raw.finding.message.clone()),
        };
        let span = raw.finding.primary.span;
        let file = std::ptr::from_ref(span.source) as usize;
        let text = raw.plural.as_ref().unwrap_or(&raw.finding.message).clone();
        let key = (raw.finding.rule, file, span.start, span.end, text);
        if let Some(&at) = index.get(&key) {
            let first = &mut out[at];
            // What mends it there may do something else here.
            if first.finding.fix != raw.finding.fix
                && let Some(fix) = &mut first.finding.fix
            {
                fix.safety = Safety::Suggestion;
            }
            for label in raw.finding.related {
                if !first.finding.related.contains(&label) {
                    first.finding.related.push(label);
                }
            }
            first.subjects.push(subject);
        } else {
            index.insert(key, out.len());
            out.push(Merged { finding: raw.finding, subjects: vec![subject], plural: raw.plural });
        }
    }
    out.iter_mut().for_each(Merged::follow_subjects);
    out
}
