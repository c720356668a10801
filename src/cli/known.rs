//! `--baseline`, `--write-baseline` and `--since`: findings that are known already do not count.

use std::path::{Path, PathBuf};

use super::args::{CheckArgs, KnownArgs};
use super::{Stop, complain, note, output, progress};
use crate::baseline::Baseline;
use crate::config::Config;
use crate::discover::Input;
use crate::files::{Context, DiskFiles, Files, Filtered, GitFiles, normal};
use crate::finding::Report;
use crate::progress::Progress;
use crate::rules::Registry;
use crate::run;
use crate::source::Sources;

/// What is known before a run.
pub(super) struct Known {
    since: Option<(String, Baseline)>,
    baseline: Option<(PathBuf, Baseline)>,
}

impl Known {
    /// Reads the baseline, and lints the revision.
    pub(super) fn load(
        args: &CheckArgs,
        inputs: &[Input],
        config: &Config<'_>,
        registry: &Registry,
        cwd: &Path,
        takes: &(dyn Fn(&Path) -> bool + Sync),
    ) -> Result<Self, Stop> {
        let CheckArgs { known: args, quiet, .. } = args;
        let since = match &args.since {
            Some(revision) => Some((revision.clone(), at(revision, inputs, config, registry, cwd, takes, *quiet)?)),
            None => None,
        };
        let baseline = match &args.baseline {
            Some(path) => Some((path.clone(), read(path, cwd)?)),
            None => None,
        };
        Ok(Known { since, baseline })
    }

    /// Takes what is known out of the report; how many entries of the baseline nothing matched.
    pub(super) fn mark(&self, report: &mut Report<'_>) -> usize {
        if let Some((revision, before)) = &self.since {
            before.apply(report, &format!("known at {revision}"));
        }
        let applied = self.baseline.as_ref().map(|(_, baseline)| baseline.apply(report, "known in the baseline"));
        applied.map_or(0, |a| a.gone)
    }

    /// As [`Known::mark`], says what the baseline lists in vain, and writes the baseline that was asked for.
    pub(super) fn apply(&self, report: &mut Report<'_>, args: &KnownArgs) -> Result<(), Stop> {
        let gone = self.mark(report);
        if let (Some((path, _)), true) = (&self.baseline, gone > 0) {
            let s = if gone == 1 { "" } else { "s" };
            let shown = path.display();
            note(&format!("{gone} finding{s} of the baseline `{shown}` found no more; write it anew"));
        }
        if let Some(path) = &args.write_baseline {
            let baseline = Baseline::of(report);
            output::replace(path, baseline.to_json().as_bytes())?;
            let (n, s) = (baseline.len(), if baseline.len() == 1 { "" } else { "s" });
            note(&format!("wrote {n} finding{s} to `{}`", path.display()));
            baseline.apply(report, "known in the baseline");
        }
        run::recount(report);
        Ok(())
    }
}

fn read(path: &Path, cwd: &Path) -> Result<Baseline, Stop> {
    let shown = path.display();
    let bytes = DiskFiles.read(&normal(cwd, path));
    let bytes = bytes.map_err(|e| Stop::Usage(format!("the baseline `{shown}` cannot be read: {e}")))?;
    Baseline::read(&bytes).map_err(|e| Stop::Usage(format!("the baseline `{shown}`: {e}")))
}

/// The findings at a revision, by the rules of today.
fn at(
    revision: &str,
    inputs: &[Input],
    config: &Config<'_>,
    registry: &Registry,
    cwd: &Path,
    takes: &(dyn Fn(&Path) -> bool + Sync),
    quiet: bool,
) -> Result<Baseline, Stop> {
    if inputs.iter().any(|i| matches!(i, Input::Stdin(_))) {
        return Err(Stop::Usage("`--since` compares files; standard input has no revision".into()));
    }
    let git = GitFiles::open(cwd, revision).map_err(|e| Stop::Usage(format!("--since {revision}: {e}")))?;
    let there: Vec<Input> = inputs.iter().map(|input| present(input, &git, cwd)).collect();
    let sources = Sources::new();
    let files = Filtered { files: &git, takes };
    let ctx = Context { files: &files, sources: &sources, cwd };
    let settings = &config.settings;
    let progress = Progress::default();
    let run = || run::run_plan(ctx, &there, settings, registry, (&[], &config.compat), &progress);
    let before = progress::watched(progress::wanted(quiet), &progress, &sources, run).map_err(|e| Stop::Usage(e.0))?;
    let unseen = before.failures.iter().filter(|f| f.span.is_some()).count();
    if unseen > 0 {
        complain(&format!("{unseen} failures at {revision}: what they hid then counts as new"));
    }
    let mut known = Baseline::of(&before);
    // What was looked at only to find what was renamed counts as moved only if it is gone: a copy of it is new.
    let asked = |path: &Path| inputs.iter().any(|i| matches!(i, Input::Path(p) if path.starts_with(normal(cwd, p))));
    known.stay(|path| {
        let path = normal(cwd, Path::new(path));
        !asked(&path) && DiskFiles.kind(&path).is_ok()
    });
    Ok(known)
}

/// The input at a revision: in place of one that is not there the nearest directory above it that is, in which it may have had
/// another name.
fn present(input: &Input, git: &GitFiles, cwd: &Path) -> Input {
    let Input::Path(path) = input else { return input.clone() };
    let path = normal(cwd, path);
    let nearest = path.ancestors().find(|path| git.kind(path).is_ok());
    match nearest {
        Some(nearest) if nearest != path => Input::Path(nearest.to_path_buf()),
        _ => input.clone(),
    }
}
