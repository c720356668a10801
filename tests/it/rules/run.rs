//! Running rules over the files of an example.

use std::path::{Path, PathBuf};

use manicheck::discover::Input;
use manicheck::files::{Context, Edited, MemoryFiles};
use manicheck::finding::Finding;
use manicheck::rule::{ActiveRule, Env};
use manicheck::settings::Settings;
use manicheck::source::Sources;

use super::page::Fence;
use super::stripped;

/// A finding, without borrows.
pub(super) struct Found {
    /// Id of the rule.
    pub(super) rule: &'static str,
    /// The file.
    pub(super) path: String,
    /// The line, from 1.
    pub(super) line: u32,
    /// The message.
    pub(super) message: String,
    /// What it advises.
    pub(super) help: Option<String>,
    /// True if a comment or an annotation suppresses it.
    pub(super) suppressed: bool,
}

/// What came of a run.
pub(super) struct Outcome {
    /// The findings, in order.
    pub(super) findings: Vec<Found>,
    /// What could not be done.
    pub(super) failures: Vec<String>,
}

/// Where the examples are.
const CWD: &str = "/example";

/// The inputs of an example: the directory that holds the files; if fences say `partial`, their files.
fn inputs(files: &[Fence]) -> Vec<Input> {
    if files.iter().any(|f| f.partial) {
        files.iter().filter(|f| f.partial).map(|f| Input::Path(PathBuf::from(&f.path))).collect()
    } else {
        vec![Input::Path(PathBuf::from("."))]
    }
}

pub(super) fn memory(files: &[Fence]) -> MemoryFiles {
    let mut memory = MemoryFiles::new();
    for file in files {
        memory.insert(Path::new(CWD).join(&file.path), stripped(file));
    }
    memory
}

fn settings(files: &[Fence]) -> Settings {
    let target = files.iter().find_map(|f| f.target.as_deref());
    let env = Env { target: target.map_or(Env::default().target, |v| v.parse().unwrap()), ..Env::default() };
    Settings { env, ..Settings::default() }
}

/// What the rules find in the files.
pub(super) fn lint(files: &[Fence], rules: &[ActiveRule<'_>]) -> Outcome {
    let (memory, settings, sources) = (memory(files), settings(files), Sources::new());
    let registry = manicheck::rules::Registry::builtin();
    let ctx = Context { files: &memory, sources: &sources, cwd: Path::new(CWD) };
    let report = manicheck::run::run(ctx, &inputs(files), &settings, &registry, rules);
    Outcome {
        findings: report.findings.into_iter().map(found).collect(),
        failures: report.failures.iter().map(|f| format!("{}: {}", f.path, f.message)).collect(),
    }
}

/// What fixing the files comes to.
pub(super) fn fix(files: &[Fence], rules: &[ActiveRule<'_>], unsafe_fixes: bool) -> manicheck::fix::Outcome {
    let (memory, settings, inputs) = (memory(files), settings(files), inputs(files));
    let registry = manicheck::rules::Registry::builtin();
    let sources = Sources::new();
    let ctx = Context { files: &memory, sources: &sources, cwd: Path::new(CWD) };
    let reach = manicheck::fix::Reach::new(ctx, &inputs, []);
    let mut look = |texts: &manicheck::fix::Texts| -> Result<_, std::convert::Infallible> {
        let sources = Sources::new();
        let edited = Edited { files: &memory, texts };
        let ctx = Context { files: &edited, sources: &sources, cwd: Path::new(CWD) };
        let report = manicheck::run::run(ctx, &inputs, &settings, &registry, rules);
        let outputs = manicheck::run::outputs(ctx, &inputs, &settings);
        Ok(manicheck::fix::Look::of(ctx, &report, &outputs, &reach, unsafe_fixes))
    };
    manicheck::fix::fix(&mut look).unwrap()
}

fn found(finding: Finding<'_>) -> Found {
    Found {
        rule: finding.rule,
        path: finding.primary.span.source.display().to_string(),
        line: finding.primary.span.start_pos().line,
        message: finding.message,
        help: finding.help,
        suppressed: finding.suppressed.is_some(),
    }
}
