//! Proves a set of fixes by linting what it makes, and finds those to blame if it does not hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rustc_hash::FxHashSet;

use super::Texts;
use super::choose::applied;
use super::look::{Candidate, Change, Key, Look};
use super::shape::Shape;

/// So many lints a run may take to find fixes that are to blame.
pub(super) const MAX_LINTS: usize = 200;

/// One pass: what it starts from, and how far it has come.
pub(super) struct Trial<'t, E> {
    lint: &'t mut dyn FnMut(&Texts) -> Result<Look, E>,
    look: &'t Look,
    texts: &'t Texts,
    /// How many more lints there may be.
    pub(super) budget: usize,
    /// The fixes that hold together.
    pub(super) good: Vec<&'t Candidate>,
    /// What they make; none as long as there are none.
    pub(super) state: Option<(Texts, Look)>,
    /// The others, and why.
    pub(super) refused: Vec<(&'t Candidate, String)>,
}

impl<'t, E> Trial<'t, E> {
    pub(super) fn new(
        lint: &'t mut dyn FnMut(&Texts) -> Result<Look, E>,
        look: &'t Look,
        texts: &'t Texts,
        budget: usize,
    ) -> Self {
        Trial { lint, look, texts, budget, good: Vec::new(), state: None, refused: Vec::new() }
    }

    /// Adds as many of the fixes as hold together with the good ones.
    pub(super) fn keep(&mut self, more: &[&'t Candidate]) -> Result<(), E> {
        let set: Vec<&'t Candidate> = self.good.iter().chain(more).copied().collect();
        let fault = match self.test(&set)? {
            Ok(state) => {
                self.good = set;
                self.state = Some(state);
                return Ok(());
            }
            Err(fault) => fault,
        };
        let suspected: FxHashSet<*const Candidate> =
            fault.suspects.iter().map(|one| std::ptr::from_ref(*one)).collect();
        let (suspects, others): (Vec<&Candidate>, Vec<&Candidate>) =
            more.iter().copied().partition(|one| suspected.contains(&std::ptr::from_ref(*one)));
        if fault.certain || suspects.len() == 1 || more.len() == 1 {
            let blamed = if suspects.is_empty() { more.to_vec() } else { suspects };
            self.refused.extend(blamed.iter().map(|one| (*one, fault.why.clone())));
            return if blamed.len() == more.len() { Ok(()) } else { self.keep(&others) };
        }
        let (first, second) = if suspects.is_empty() || others.is_empty() {
            more.split_at(more.len() / 2)
        } else {
            (&others[..], &suspects[..])
        };
        self.keep(first)?;
        self.keep(second)
    }

    /// What the fixes make, or what is wrong with it.
    fn test(&mut self, set: &[&'t Candidate]) -> Result<Result<(Texts, Look), Fault<'t>>, E> {
        let texts = match self.make(set) {
            Ok(texts) => texts,
            Err(fault) => return Ok(Err(fault)),
        };
        // The first try is what a pass costs; only the search is bounded.
        if self.budget == 0 && !(self.good.is_empty() && self.refused.is_empty()) {
            let why = "other fixes had to be left out, and there are too many to try them one by one".into();
            return Ok(Err(Fault { why, suspects: Vec::new(), certain: true }));
        }
        self.budget = self.budget.saturating_sub(1);
        let look = (self.lint)(&texts)?;
        Ok(match self.judge(set, &look) {
            Some(fault) => Err(fault),
            None => Ok((texts, look)),
        })
    }

    /// The texts with the fixes, if all of them read as well as before.
    fn make(&self, set: &[&'t Candidate]) -> Result<Texts, Fault<'t>> {
        let mut by_file: BTreeMap<&PathBuf, Vec<&Change>> = BTreeMap::new();
        for change in set.iter().flat_map(|c| &c.changes) {
            by_file.entry(&change.file).or_default().push(change);
        }
        let mut texts = self.texts.clone();
        for (file, changes) in by_file {
            let fault = |why: &str| Fault {
                why: why.into(),
                suspects: set.iter().copied().filter(|c| c.changes.iter().any(|c| c.file == *file)).collect(),
                certain: false,
            };
            let before = self.look.text(self.texts, file).unwrap_or_default();
            let Some(after) = applied(before, changes) else { return Err(fault("the text to edit is not there")) };
            if let Some(worse) = Shape::of(&after).worse_than(&Shape::of(before)) {
                return Err(fault(worse));
            }
            texts.insert(file.clone(), after);
        }
        Ok(texts)
    }

    /// What is not as it should be after the fixes.
    fn judge(&self, set: &[&'t Candidate], after: &Look) -> Option<Fault<'t>> {
        let blame = |why: String, certain: bool, is_suspect: &dyn Fn(&Candidate) -> bool| {
            Some(Fault { why, suspects: set.iter().copied().filter(|c| is_suspect(c)).collect(), certain })
        };
        if let Some((path, message)) = after.failures.difference(&self.look.failures).next() {
            let lost = |root: &String| self.look.outputs.contains_key(root) && !after.outputs.contains_key(root);
            let why = format!("`{path}` would fail: {message}");
            return blame(why, false, &|c| c.changing.iter().chain(&c.kept).any(lost));
        }
        let changed = |root: &&String| after.outputs.get(*root) != self.look.outputs.get(*root);
        let kept: BTreeSet<&String> = set.iter().flat_map(|c| &c.kept).collect();
        if let Some(root) = kept.into_iter().find(changed) {
            let why = format!("it would change `{root}`, which is to stay as it is");
            return blame(why, false, &|c| c.kept.contains(root));
        }
        let mut mended: BTreeMap<&Key, usize> = BTreeMap::new();
        for (key, _) in set.iter().flat_map(|c| &c.findings) {
            *mended.entry(key).or_default() += 1;
        }
        let count = |look: &Look, key: &Key| look.counts.get(key).copied().unwrap_or(0);
        let stays = |key: &Key| mended.get(key).is_some_and(|n| count(after, key) + n > count(self.look, key));
        if mended.keys().any(|key| stays(key)) {
            let why = "the finding would still be there".into();
            return blame(why, true, &|c| c.findings.iter().any(|(key, _)| stays(key)));
        }
        None
    }
}

/// Why a set of fixes does not hold.
struct Fault<'t> {
    /// In a sentence without a final dot.
    why: String,
    /// The fixes that may be to blame; all if it is empty.
    suspects: Vec<&'t Candidate>,
    /// Whether all suspects are.
    certain: bool,
}
