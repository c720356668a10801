//! Proves a set of fixes by linting what it makes, and finds those to blame if it does not hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::choose::applied;
use super::look::{Candidate, Change, Key, Look};
use super::shape::Shape;
use super::Texts;

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
        match (self.test(&set)?, more) {
            (Ok(state), _) => {
                self.good = set;
                self.state = Some(state);
            }
            (Err(why), [one]) => self.refused.push((one, why)),
            (Err(_), _) => {
                let (left, right) = more.split_at(more.len() / 2);
                self.keep(left)?;
                self.keep(right)?;
            }
        }
        Ok(())
    }

    /// What the fixes make, or why they must not be.
    fn test(&mut self, set: &[&Candidate]) -> Result<Result<(Texts, Look), String>, E> {
        let texts = match self.make(set) {
            Ok(texts) => texts,
            Err(why) => return Ok(Err(why)),
        };
        // The first try is what a pass costs; only the search is bounded.
        if self.budget == 0 && !(self.good.is_empty() && self.refused.is_empty()) {
            return Ok(Err("other fixes had to be left out, and there are too many to try them one by one".into()));
        }
        self.budget = self.budget.saturating_sub(1);
        let look = (self.lint)(&texts)?;
        Ok(self.judge(set, &look).map_or(Ok((texts, look)), Err))
    }

    /// The texts with the fixes, if all of them read as well as before.
    fn make(&self, set: &[&Candidate]) -> Result<Texts, String> {
        let mut by_file: BTreeMap<&PathBuf, Vec<&Change>> = BTreeMap::new();
        for change in set.iter().flat_map(|c| &c.changes) {
            by_file.entry(&change.file).or_default().push(change);
        }
        let mut texts = self.texts.clone();
        for (file, changes) in by_file {
            let before = self.look.text(self.texts, file).unwrap_or_default();
            let Some(after) = applied(before, changes) else { return Err("the text to edit is not there".into()) };
            if let Some(worse) = Shape::of(&after).worse_than(&Shape::of(before)) {
                return Err(worse.into());
            }
            texts.insert(file.clone(), after);
        }
        Ok(texts)
    }

    /// What is not as it should be after the fixes.
    fn judge(&self, set: &[&Candidate], after: &Look) -> Option<String> {
        if let Some((path, message)) = after.failures.difference(&self.look.failures).next() {
            return Some(format!("`{path}` would fail: {message}"));
        }
        let kept: BTreeSet<&String> = set.iter().flat_map(|c| &c.kept).collect();
        if let Some(root) = kept.into_iter().find(|r| after.outputs.get(*r) != self.look.outputs.get(*r)) {
            return Some(format!("it would change `{root}`, which is to stay as it is"));
        }
        let mut mended: BTreeMap<&Key, usize> = BTreeMap::new();
        for (key, _) in set.iter().flat_map(|c| &c.findings) {
            *mended.entry(key).or_default() += 1;
        }
        let count = |look: &Look, key: &Key| look.counts.get(key).copied().unwrap_or(0);
        let stays = mended.into_iter().any(|(key, n)| count(after, key) + n > count(self.look, key));
        stays.then(|| "the finding would still be there".into())
    }
}
