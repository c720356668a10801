//! Which fixes go together into one pass.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::look::{Candidate, Change};
use super::shape::Shape;

/// Takes candidates in their order, each if it goes together with those before. All of a fix is taken or nothing. `text`: of a
/// file, as it is now.
pub(super) fn choose<'c, 't>(
    candidates: &'c [Candidate],
    open: impl Fn(&Candidate) -> bool,
    text: impl Fn(&PathBuf) -> Option<&'t str>,
) -> Vec<&'c Candidate> {
    // Removals side by side are nearly always fine together, and trying each is slow in a large file: so they are tried at once,
    // and one by one only in files where that shows something.
    let mut careful: BTreeSet<&PathBuf> = BTreeSet::new();
    loop {
        let mut pass = Pass::default();
        for candidate in candidates.iter().filter(|c| open(c)) {
            pass.take(candidate, |file, all| careful.contains(file) && text(file).is_none_or(|text| worse(text, all)));
        }
        let all =
            |file: &PathBuf| pass.taken.get(file).map(|taken| taken.values().copied().collect()).unwrap_or_default();
        let is_worse = |file: &&PathBuf| text(file).is_none_or(|text| worse(text, all(file)));
        let fresh: Vec<&PathBuf> = pass.adjacent.difference(&careful).copied().filter(is_worse).collect();
        if fresh.is_empty() {
            return pass.chosen;
        }
        careful.extend(fresh);
    }
}

/// The changes that are taken of a file, by their range. No two overlap.
type Taken<'c> = BTreeMap<(usize, usize), &'c Change>;

/// What is taken so far.
#[derive(Default)]
struct Pass<'c> {
    chosen: Vec<&'c Candidate>,
    taken: BTreeMap<&'c PathBuf, Taken<'c>>,
    /// The files that lose things side by side.
    adjacent: BTreeSet<&'c PathBuf>,
    changing: BTreeSet<&'c str>,
    kept: BTreeSet<&'c str>,
}

impl<'c> Pass<'c> {
    /// Takes a candidate if it goes together with the others. `is_worse`: whether all these changes, of which some remove things
    /// side by side, make a file worse.
    fn take(&mut self, candidate: &'c Candidate, is_worse: impl Fn(&PathBuf, Vec<&Change>) -> bool) {
        // That a root stays as it is can only be seen if nothing else changes it.
        let masks = candidate.changing.iter().any(|r| self.kept.contains(r.as_str()))
            || candidate.kept.iter().any(|r| self.changing.contains(r.as_str()));
        if masks || is_tangled(&candidate.changes) {
            return;
        }
        let mut adjacent = Vec::new();
        for change in &candidate.changes {
            let Some(others) = self.taken.get(&change.file) else { continue };
            match touching(others, change).map(|other| contact(other, change)).max() {
                Some(Contact::Clash) => return,
                Some(Contact::Adjacent) => {
                    let own = candidate.changes.iter().filter(|c| c.file == change.file);
                    if is_worse(&change.file, others.values().copied().chain(own).collect()) {
                        return;
                    }
                    adjacent.push(&change.file);
                }
                _ => {}
            }
        }
        self.adjacent.extend(adjacent);
        for change in &candidate.changes {
            self.taken.entry(&change.file).or_default().insert((change.range.start, change.range.end), change);
        }
        self.changing.extend(candidate.changing.iter().map(String::as_str));
        self.kept.extend(candidate.kept.iter().map(String::as_str));
        self.chosen.push(candidate);
    }
}

/// Those that overlap a change or meet it. They do not overlap each other, so they end in the order in which they start.
fn touching<'t, 'c>(taken: &'t Taken<'c>, change: &'t Change) -> impl Iterator<Item = &'c Change> + use<'t, 'c> {
    let before = taken.range(..=(change.range.end, usize::MAX)).rev().map(|(_, other)| *other);
    before.take_while(|other| other.range.end >= change.range.start)
}

/// How near two changes of a file come to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Contact {
    /// They are the same, or apart.
    None,
    /// One removes what stands behind that which the other removes: together they may leave nothing of a mapping.
    Adjacent,
    /// They overlap, or the order of their texts would matter.
    Clash,
}

fn contact(a: &Change, b: &Change) -> Contact {
    let removes = |c: &Change| c.text.is_empty() && !c.range.is_empty();
    let overlap = a.range.start < b.range.end && b.range.start < a.range.end;
    let touch = a.range.start <= b.range.end && b.range.start <= a.range.end;
    match (a == b, touch, removes(a) && removes(b) && !overlap) {
        (true, ..) | (_, false, _) => Contact::None,
        (_, _, true) => Contact::Adjacent,
        _ => Contact::Clash,
    }
}

fn worse(text: &str, changes: Vec<&Change>) -> bool {
    applied(text, changes).is_none_or(|after| Shape::of(&after).worse_than(&Shape::of(text)).is_some())
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

    const TEXT: &str = "a:\n  b: 1\n  c: 2\nd: 3\n";

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

    fn chosen(candidates: &[Candidate]) -> Vec<&'static str> {
        choose(candidates, |_| true, |_| Some(TEXT)).iter().map(|c| c.findings[0].0.rule).collect()
    }

    #[test]
    fn the_first_wins_and_equal_changes_go_together() {
        let insert = |rule, text| candidate(rule, &[(4, 4, text)], &[], &[]);
        assert_eq!(chosen(&[insert("a", "x"), insert("b", "y"), insert("c", "x")]), ["a", "c"]);
        let delete = |rule, range: (usize, usize)| candidate(rule, &[(range.0, range.1, "")], &[], &[]);
        let (b, c, d) = (delete("b", (3, 10)), delete("c", (10, 17)), delete("d", (17, 22)));
        assert_eq!(chosen(&[b.clone(), c.clone(), d.clone()]), ["b", "d"], "`a` would be left empty");
        assert_eq!(chosen(&[c, d]), ["c", "d"]);
        assert_eq!(chosen(&[b, delete("e", (4, 12))]), ["b"]);
        // A fix is taken whole: its second change clashes.
        let both = candidate("b", &[(7, 8, "y"), (4, 6, "z")], &[], &[]);
        assert_eq!(chosen(&[insert("a", "x"), both]), ["a"]);
        let tangled = candidate("a", &[(0, 5, "y"), (4, 6, "z")], &[], &[]);
        assert!(chosen(&[tangled]).is_empty());
    }

    #[test]
    fn many_removals_side_by_side_are_tried_at_once() {
        let text = "a:\n".to_string() + &"  b: 1\n".repeat(3000) + "  z: 1\n";
        let delete = |at: usize| candidate("b", &[(3 + 7 * at, 10 + 7 * at, "")], &[], &[]);
        let candidates: Vec<Candidate> = (0..3000).map(delete).collect();
        let trials = std::cell::Cell::new(0);
        let read = |_: &PathBuf| {
            trials.set(trials.get() + 1);
            Some(text.as_str())
        };
        assert_eq!(choose(&candidates, |_| true, read).len(), 3000);
        assert_eq!(trials.get(), 1);
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
