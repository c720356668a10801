//! `--fix`, `--unsafe-fixes` and `--diff`: what is edited, what is not, and that nothing gets worse.

mod apply;
mod cli;
mod promise;
mod random;

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use manicheck::discover::Input;
use manicheck::files::{Context, Edited, MemoryFiles};
use manicheck::fix::{Look, Outcome, Reach, Texts, fix};
use manicheck::progress::Progress;
use manicheck::rules::Registry;
use manicheck::run::{outputs, run_with_outputs};
use manicheck::settings::Settings;
use manicheck::source::Sources;

const CWD: &str = "/tree";

/// Files in memory, below the working directory.
fn tree(files: &[(&str, &str)]) -> MemoryFiles {
    let mut memory = MemoryFiles::new();
    for (path, text) in files {
        memory.insert(Path::new(CWD).join(path), *text);
    }
    memory
}

fn select(rules: &[&str]) -> Settings {
    Settings { select: rules.iter().map(|r| r.to_string()).collect(), ..Settings::default() }
}

/// What fixing some paths of the files comes to.
fn fixed(files: &MemoryFiles, paths: &[&str], settings: &Settings, unsafe_fixes: bool) -> Outcome {
    let registry = Registry::builtin();
    let inputs: Vec<Input> = paths.iter().map(|p| Input::Path(PathBuf::from(p))).collect();
    let sources = Sources::new();
    let ctx = Context { files, sources: &sources, cwd: Path::new(CWD) };
    let reach = Reach::new(ctx, &inputs, settings.kustomize.vendor.values());
    let mut look = |texts: &Texts| -> Result<Look, Infallible> {
        let sources = Sources::new();
        let edited = Edited { files, texts };
        let ctx = Context { files: &edited, sources: &sources, cwd: Path::new(CWD) };
        let (report, outputs) =
            run_with_outputs(ctx, &inputs, settings, &registry, (&[], &[]), &Progress::default()).unwrap();
        Ok(Look::of(ctx, &report, &outputs, &reach, unsafe_fixes))
    };
    fix(&mut look).unwrap()
}

/// The files as fixing leaves them.
fn after(files: &MemoryFiles, outcome: &Outcome) -> MemoryFiles {
    let mut files = files.clone();
    for file in &outcome.files {
        files.insert(&file.path, file.after.as_str());
    }
    files
}

/// The text that one file is given; none if it is left alone.
fn text<'o>(outcome: &'o Outcome, path: &str) -> Option<&'o str> {
    outcome.files.iter().find(|f| f.display == path).map(|f| f.after.as_str())
}

/// What the roots of a tree build, one after the other.
fn builds(files: &MemoryFiles) -> Vec<(String, u64)> {
    let sources = Sources::new();
    let ctx = Context { files, sources: &sources, cwd: Path::new(CWD) };
    let inputs = [Input::Path(PathBuf::from("."))];
    outputs(ctx, &inputs, &Settings::default()).into_iter().map(|(name, o)| (name, o.digest)).collect()
}
