//! `--fix`, `--unsafe-fixes` and `--diff`.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::Path;

use rayon::prelude::*;
use similar::{Algorithm, TextDiff};

use super::known::Known;
use super::{Status, Stop, complain, note, progress};
use crate::config::Config;
use crate::discover::Input;
use crate::files::{self, Context, DiskFiles, Edited, Filtered};
use crate::fix::{self, Changed, Look, Outcome, Reach, Texts};
use crate::output::{one_line, visible};
use crate::progress::Progress;
use crate::rules::Registry;
use crate::run;
use crate::source::Sources;

/// What a run has at hand to lint its inputs again.
pub(super) struct Work<'w, 'c> {
    pub(super) config: &'w Config<'c>,
    pub(super) registry: &'w Registry,
    pub(super) cwd: &'w Path,
    pub(super) takes: &'w (dyn Fn(&Path) -> bool + Sync),
    pub(super) known: &'w Known,
    pub(super) unsafe_fixes: bool,
    pub(super) quiet: bool,
}

impl Work<'_, '_> {
    /// Works out the fixes; nothing is written.
    pub(super) fn fix(&self, inputs: &[Input]) -> Result<Outcome, Stop> {
        let sources = Sources::new();
        let files = Filtered { files: &DiskFiles, takes: self.takes };
        let ctx = Context { files: &files, sources: &sources, cwd: self.cwd };
        let reach = Reach::new(ctx, inputs, self.config.settings.kustomize.vendor.values());
        fix::fix(&mut |texts| self.look(inputs, texts, &reach))
    }

    fn look(&self, inputs: &[Input], texts: &Texts, reach: &Reach) -> Result<Look, Stop> {
        let sources = Sources::new();
        let edited = Edited { files: &DiskFiles, texts };
        let files = Filtered { files: &edited, takes: self.takes };
        let ctx = Context { files: &files, sources: &sources, cwd: self.cwd };
        let mut inputs = inputs.to_vec();
        if let Some(text) = texts.get(Path::new("-")) {
            set_stream(&mut inputs, text);
        }
        let (settings, config) = (&self.config.settings, self.config);
        let suppressions = (&config.exemptions[..], &config.compat[..]);
        let progress = Progress::default();
        let run = || run::run_with_outputs(ctx, &inputs, settings, self.registry, suppressions, &progress);
        let result = progress::watched(progress::wanted(self.quiet), &progress, &sources, run);
        let (mut report, outputs) = result.map_err(|error| Stop::Usage(error.0))?;
        self.known.mark(&mut report);
        Ok(Look::of(ctx, &report, &outputs, reach, self.unsafe_fixes))
    }
}

fn set_stream(inputs: &mut [Input], text: &str) {
    for input in inputs {
        if let Input::Stdin(bytes) = input {
            *bytes = text.as_bytes().to_vec();
        }
    }
}

/// Writes what fixes changed, and puts a fixed stream in place of standard input. False if a file could not be written.
pub(super) fn write(outcome: &Outcome, inputs: &mut [Input], quiet: bool) -> Result<bool, Stop> {
    let mut all = true;
    let mut unwritten = Vec::new();
    let (streams, files): (Vec<&Changed>, Vec<&Changed>) =
        outcome.files.iter().partition(|file| file.path == Path::new("-"));
    for file in streams {
        set_stream(inputs, &file.after);
    }
    // Side by side: each is to be on the disk before it takes its place, which takes its time.
    let write = |file: &&Changed| files::rewrite(&file.path, file.before.as_bytes(), file.after.as_bytes());
    let written: Vec<_> = files.par_iter().map(write).collect();
    for (file, result) in files.into_iter().zip(written) {
        if let Err(error) = result {
            complain(&format!("`{}` is not fixed: {error}", one_line(&file.display)));
            unwritten.push(file.display.as_str());
            all = false;
        }
    }
    for input in inputs.iter() {
        if let Input::Stdin(bytes) = input {
            let mut out = std::io::stdout().lock();
            out.write_all(bytes)?;
            out.flush()?;
        }
    }
    if !quiet {
        let fixed = outcome.fixed.iter().filter(|key| !unwritten.contains(&key.path.as_str())).count();
        say(outcome, "fixed", fixed, outcome.files.len() - unwritten.len());
    }
    Ok(all)
}

/// Prints what fixes would change.
pub(super) fn diff(outcome: &Outcome, quiet: bool) -> Result<Status, Stop> {
    let terminal = std::io::stdout().is_terminal();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for file in &outcome.files {
        // Fast where much changes, as lines that are there once are found first.
        let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(&file.before, &file.after);
        let text = diff.unified_diff().header(&file.display, &file.display).to_string();
        // A program that takes the diff needs the bytes as they are; a terminal must not obey them.
        out.write_all(if terminal { visible(&text) } else { text.as_str().into() }.as_bytes())?;
    }
    out.flush()?;
    if !quiet {
        say(outcome, "would fix", outcome.fixed.len(), outcome.files.len());
    }
    for (path, message) in &outcome.failures {
        complain(&format!("{}: {}", one_line(path), one_line(message)));
    }
    Ok(match (outcome.failures.is_empty(), outcome.files.is_empty()) {
        (false, _) => Status::Failed,
        (true, false) => Status::Findings,
        (true, true) => Status::Clean,
    })
}

/// Says what was fixed, what was not, and why.
fn say(outcome: &Outcome, verb: &str, findings: usize, files: usize) {
    for refused in &outcome.refused {
        let (path, why) = (one_line(&refused.key.path), one_line(&refused.why));
        note(&format!("{path}:{}: `{}` is not fixed: {why}", refused.line, refused.key.rule));
    }
    let mut withheld: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in &outcome.withheld {
        withheld.entry(one.why).or_default().push(&one.file);
    }
    for (why, mut files) in withheld {
        let fixes = count(files.len(), "finding");
        files.sort_unstable();
        files.dedup();
        let first = one_line(files.first().copied().unwrap_or_default()).into_owned();
        let more = match files.len() {
            0 | 1 => String::new(),
            n => format!(" and {}", count(n - 1, "more file")),
        };
        note(&format!("{fixes} not fixed in `{first}`{more}: {why}"));
    }
    if !outcome.converged {
        complain("fixes undo each other: stopped; please report it with the files");
    }
    let more = match outcome.unsafe_left {
        0 => String::new(),
        n => format!(" ({n} more with `--unsafe-fixes`)"),
    };
    note(&format!("{verb} {} in {}{more}", count(findings, "finding"), count(files, "file")));
}

fn count(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}
