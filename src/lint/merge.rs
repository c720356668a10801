//! One finding per cause: findings with the same rule, primary span and message are one, over builds, objects and containers.

use rustc_hash::FxHashMap;

use crate::rule::Raw;
use crate::source::Span;
use crate::suppress::About;

/// A merged finding and everything it is about.
pub(super) struct Merged<'s> {
    /// The finding, with the builds of all.
    pub(super) raw: Raw<'s>,
    /// Object, container and entry of each finding that went into it.
    pub(super) subjects: Vec<Subject<'s>>,
}

/// What a raw finding was about.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Subject<'s> {
    pub(super) object: Option<(usize, u32)>,
    pub(super) container: Option<usize>,
    pub(super) container_name: Option<String>,
    pub(super) entry: Option<Span<'s>>,
}

impl Merged<'_> {
    /// The objects and containers that it is about.
    pub(super) fn about(&self) -> Vec<About<'_>> {
        let of = |s: &'_ Subject<'_>| s.object;
        self.subjects
            .iter()
            .filter_map(|s| Some(About { object: of(s)?, container: s.container_name.as_deref() }))
            .collect()
    }
}

/// Merges, keeping the order of first appearance. Related labels are united.
pub(super) fn merge(raws: Vec<Raw<'_>>) -> Vec<Merged<'_>> {
    let mut index: FxHashMap<(&'static str, usize, u32, u32, String), usize> = FxHashMap::default();
    let mut out: Vec<Merged<'_>> = Vec::new();
    for raw in raws {
        let subject = Subject {
            object: raw.object,
            container: raw.container,
            container_name: raw.container_name.clone(),
            entry: raw.entry,
        };
        let span = raw.finding.primary.span;
        let file = std::ptr::from_ref(span.source) as usize;
        let key = (raw.finding.rule, file, span.start, span.end, raw.finding.message.clone());
        if let Some(&at) = index.get(&key) {
            let first = &mut out[at];
            first.raw.finding.builds.extend(raw.finding.builds);
            for label in raw.finding.related {
                if !first.raw.finding.related.contains(&label) {
                    first.raw.finding.related.push(label);
                }
            }
            first.subjects.push(subject);
        } else {
            index.insert(key, out.len());
            out.push(Merged { raw, subjects: vec![subject] });
        }
    }
    for merged in &mut out {
        merged.raw.finding.builds.sort();
        merged.raw.finding.builds.dedup();
    }
    out
}
