//! Which fixes go together into one pass.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use super::look::{Candidate, Change};

/// Takes candidates in their order, each if it goes together with those before. All of a fix is taken or nothing.
pub(super) fn choose(candidates: &[Candidate], open: impl Fn(&Candidate) -> bool) -> Vec<&Candidate> {
    let mut chosen: Vec<&Candidate> = Vec::new();
    let mut taken: BTreeMap<&Path, Vec<&Change>> = BTreeMap::new();
    let (mut changing, mut kept): (BTreeSet<&str>, BTreeSet<&str>) = Default::default();
    for candidate in candidates.iter().filter(|c| open(c)) {
        let clashes = candidate.changes.iter().any(|change| {
            let others = taken.get(change.file.as_path()).map(Vec::as_slice).unwrap_or_default();
            others.iter().any(|other| *other != change && touch(&other.range, &change.range))
        });
        // That a root stays as it is can only be seen if nothing else changes it.
        let masks = candidate.changing.iter().any(|r| kept.contains(r.as_str()))
            || candidate.kept.iter().any(|r| changing.contains(r.as_str()));
        if clashes || masks || is_tangled(&candidate.changes) {
            continue;
        }
        for change in &candidate.changes {
            taken.entry(&change.file).or_default().push(change);
        }
        changing.extend(candidate.changing.iter().map(String::as_str));
        kept.extend(candidate.kept.iter().map(String::as_str));
        chosen.push(candidate);
    }
    chosen
}

/// True if the ranges overlap, or one begins where the other ends: then the order of their texts would matter.
fn touch(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start <= b.end && b.start <= a.end
}

/// True if the changes of one fix overlap: it cannot be meant.
fn is_tangled(changes: &[Change]) -> bool {
    changes.iter().enumerate().any(|(at, a)| {
        let rest = changes.get(at + 1..).unwrap_or_default();
        rest.iter().any(|b| a.file == b.file && a.range.start < b.range.end && b.range.start < a.range.end)
    })
}

/// The text with the changes, which do not overlap. None if a range is not one of the text.
pub(super) fn applied(text: &str, mut changes: Vec<&Change>) -> Option<String> {
    changes.sort_by_key(|c| (c.range.start, c.range.end));
    changes.dedup();
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for change in changes {
        out.push_str(text.get(from..change.range.start)?);
        out.push_str(&change.text);
        from = change.range.end;
    }
    out.push_str(text.get(from..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::Key;

    fn candidate(rule: &'static str, changes: &[(usize, usize, &str)], changing: &[&str], kept: &[&str]) -> Candidate {
        let change = |(start, end, text): &(usize, usize, &str)| Change {
            file: "a.yaml".into(),
            range: *start..*end,
            text: text.to_string(),
        };
        let set = |names: &[&str]| names.iter().map(|n| n.to_string()).collect();
        Candidate {
            findings: vec![(Key { rule, path: "a.yaml".into(), message: String::new() }, 1)],
            changes: changes.iter().map(change).collect(),
            changing: set(changing),
            kept: set(kept),
        }
    }

    fn chosen<'c>(candidates: &'c [Candidate]) -> Vec<&'c str> {
        choose(candidates, |_| true).iter().map(|c| c.findings[0].0.rule).collect()
    }

    #[test]
    fn the_first_wins_and_equal_changes_go_together() {
        let insert = |rule, text| candidate(rule, &[(4, 4, text)], &[], &[]);
        assert_eq!(chosen(&[insert("a", "x"), insert("b", "y"), insert("c", "x")]), ["a", "c"]);
        let delete = |rule, range: (usize, usize)| candidate(rule, &[(range.0, range.1, "")], &[], &[]);
        assert_eq!(chosen(&[delete("a", (0, 5)), delete("b", (5, 9)), delete("c", (10, 12))]), ["a", "c"]);
        // A fix is taken whole: its second change clashes.
        let both = candidate("b", &[(7, 8, "y"), (4, 6, "z")], &[], &[]);
        assert_eq!(chosen(&[insert("a", "x"), both]), ["a"]);
        let tangled = candidate("a", &[(0, 5, "y"), (4, 6, "z")], &[], &[]);
        assert!(chosen(&[tangled]).is_empty());
    }

    #[test]
    fn a_root_that_is_to_stay_is_changed_by_nothing_else() {
        let first = candidate("a", &[(0, 1, "x")], &["dev"], &["prod"]);
        let second = candidate("b", &[(5, 6, "x")], &["dev", "prod"], &[]);
        let third = candidate("c", &[(9, 9, "x")], &["dev"], &[]);
        assert_eq!(chosen(&[first, second, third]), ["a", "c"]);
    }

    #[test]
    fn changes_are_applied_from_front_to_back() {
        let change = |range, text: &str| Change { file: "a".into(), range, text: text.into() };
        let changes = [change(3..3, "X"), change(0..1, ""), change(3..5, "Y"), change(3..3, "X")];
        assert_eq!(applied("abcdef", changes.iter().collect()).unwrap(), "bcXYf");
        assert_eq!(applied("ä", vec![&change(1..1, "x")]), None);
        assert_eq!(applied("a", vec![&change(2..2, "x")]), None);
    }
}
