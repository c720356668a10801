//! Applies fixes: from findings to new texts of files, in memory.
//!
//! One pass takes the fixes that do not touch each other and lints what they make; what overlapped is taken up in the next pass,
//! until a pass has nothing to do. A pass counts only if every file still reads as well as before, every root still builds, the
//! findings are gone, and no root changes that did not show one of them. If not, the fixes are tried in halves, so that the
//! ones to blame are left out, alone.

mod choose;
mod look;
mod reach;
mod shape;
mod trial;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub use look::{Key, Look};
pub use reach::{Reach, Withheld};

use look::Candidate;

/// New texts of files, by path with symbolic links resolved. `-` is standard input.
pub type Texts = BTreeMap<PathBuf, String>;

/// More passes than this mean that fixes undo each other.
const MAX_PASSES: usize = 100;

/// So many times a fix may be left out before it is given up: other fixes may have been to blame.
const STRIKES: usize = 2;

/// A file that fixes change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its path, symbolic links resolved; `-` for standard input.
    pub path: PathBuf,
    /// The path as reports show it.
    pub display: String,
    /// The text that was read.
    pub before: String,
    /// The text to write.
    pub after: String,
}

/// A fix that was not taken because of what it made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The finding.
    pub key: Key,
    /// Its line.
    pub line: u32,
    /// Why, in a sentence without a final dot.
    pub why: String,
}

/// What fixing came to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The files to write, in order.
    pub files: Vec<Changed>,
    /// The findings that are gone, in the order of their fixes.
    pub fixed: Vec<Key>,
    /// Fixes that would have made something worse.
    pub refused: Vec<Refused>,
    /// Fixes that were not tried, as their files are not to be edited.
    pub withheld: Vec<Withheld>,
    /// How many findings have an unsafe fix that was not asked for.
    pub unsafe_left: usize,
    /// What could not be checked before anything was fixed: path and message.
    pub failures: Vec<(String, String)>,
    /// False if there still was something to do after [`MAX_PASSES`] passes.
    pub converged: bool,
}

/// Applies the fixes that `lint` offers. It lints the files with these new texts in place of theirs; the first call has none.
///
/// # Errors
/// Those of `lint`.
pub fn fix<E>(lint: &mut dyn FnMut(&Texts) -> Result<Look, E>) -> Result<Outcome, E> {
    let mut texts = Texts::new();
    let mut look = lint(&texts)?;
    let mut outcome = Outcome { failures: look.failures.iter().cloned().collect(), ..Outcome::default() };
    // An edit beside a known finding may give it another fingerprint: it stays known.
    let known = std::mem::take(&mut look.known);
    let mut originals: BTreeMap<PathBuf, (String, String)> = BTreeMap::new();
    let mut strikes: BTreeMap<Key, usize> = BTreeMap::new();
    let mut budget = trial::MAX_LINTS;
    for pass in 0..MAX_PASSES {
        let open = |c: &Candidate| {
            let given_up = |k: &Key| strikes.get(k).is_some_and(|n| *n >= STRIKES) || (pass > 0 && known.contains(k));
            !c.findings.iter().any(|(key, _)| given_up(key))
        };
        let chosen = choose::choose(&look.candidates, open, |file| look.text(&texts, file));
        if chosen.is_empty() {
            outcome.converged = true;
            break;
        }
        let mut trial = trial::Trial::new(lint, &look, &texts, budget);
        trial.keep(&chosen)?;
        budget = trial.budget;
        for (candidate, why) in trial.refused {
            for (key, line) in &candidate.findings {
                let count = strikes.entry(key.clone()).or_default();
                *count += 1;
                if *count == STRIKES {
                    outcome.refused.push(Refused { key: key.clone(), line: *line, why: why.clone() });
                }
            }
        }
        let Some((next_texts, next_look)) = trial.state else { continue };
        for candidate in trial.good {
            outcome.fixed.extend(candidate.findings.iter().map(|(key, _)| key.clone()));
            for change in &candidate.changes {
                if let Some(file) = look.files.get(&change.file) {
                    originals.entry(change.file.clone()).or_insert_with(|| file.clone());
                }
            }
        }
        (texts, look) = (next_texts, next_look);
    }
    for (path, (display, before)) in originals {
        if let Some(after) = texts.get(&path).filter(|after| **after != before) {
            outcome.files.push(Changed { path, display, before, after: after.clone() });
        }
    }
    let refused: BTreeSet<&Key> = outcome.refused.iter().map(|r| &r.key).collect();
    look.withheld.retain(|w| !refused.contains(&w.key));
    outcome.withheld = look.withheld;
    outcome.unsafe_left = look.unsafe_left;
    Ok(outcome)
}
