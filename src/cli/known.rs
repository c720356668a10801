//! `--baseline`, `--write-baseline` and `--since`: findings that are known already do not count.

use std::path::Path;

use super::args::CheckArgs;
use super::{Stop, complain, output, progress};
use crate::baseline::Baseline;
use crate::config::Config;
use crate::discover::Input;
use crate::files::{Context, DiskFiles, Files, Filtered, GitFiles, normal};
use crate::finding::Report;
use crate::progress::Progress;
use crate::rules::Registry;
use crate::run;
use crate::source::Sources;

/// Takes what is known out of the report, and writes the baseline that was asked for.
pub(super) fn apply(
    report: &mut Report<'_>,
    args: &CheckArgs,
    inputs: &[Input],
    config: &Config<'_>,
    registry: &Registry,
    cwd: &Path,
    takes: &(dyn Fn(&Path) -> bool + Sync),
) -> Result<(), Stop> {
    let CheckArgs { known: args, quiet, .. } = args;

    if let Some(revision) = &args.since {
        let before = at(revision, inputs, config, registry, cwd, takes, *quiet)?;
        before.apply(report, &format!("known at {revision}"));
    }
    if let Some(path) = &args.baseline {
        let shown = path.display();
        let bytes = DiskFiles.read(&normal(cwd, path));
        let bytes = bytes.map_err(|e| Stop::Usage(format!("the baseline `{shown}` cannot be read: {e}")))?;
        let baseline = Baseline::read(&bytes).map_err(|e| Stop::Usage(format!("the baseline `{shown}`: {e}")))?;
        let applied = baseline.apply(report, "known in the baseline");
        if applied.gone > 0 {
            let (n, s) = (applied.gone, if applied.gone == 1 { "" } else { "s" });
            anstream::eprintln!("manicheck: {n} finding{s} of the baseline `{shown}` found no more; write it anew");
        }
    }
    if let Some(path) = &args.write_baseline {
        let baseline = Baseline::of(report);
        output::replace(path, baseline.to_json().as_bytes())?;
        let (n, s) = (baseline.len(), if baseline.len() == 1 { "" } else { "s" });
        anstream::eprintln!("manicheck: wrote {n} finding{s} to `{}`", path.display());
        baseline.apply(report, "known in the baseline");
    }
    run::recount(report);
    Ok(())
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
    let sources = Sources::new();
    let files = Filtered { files: &git, takes };
    let ctx = Context { files: &files, sources: &sources, cwd };
    let settings = &config.settings;
    let progress = Progress::default();
    let run = || run::run_plan(ctx, inputs, settings, registry, (&[], &config.compat), &progress);
    let before = progress::watched(progress::wanted(quiet), &progress, &sources, run).map_err(|e| Stop::Usage(e.0))?;
    let unseen = before.failures.iter().filter(|f| f.span.is_some()).count();
    if unseen > 0 {
        complain(&format!("{unseen} failures at {revision}: what they hid then counts as new"));
    }
    Ok(Baseline::of(&before))
}
