//! Running rules over the files of an example.

use std::path::{Path, PathBuf};

use manicheck::discover::Input;
use manicheck::files::{Context, MemoryFiles};
use manicheck::finding::{Finding, Safety};
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
    /// True if a comment or an annotation suppresses it.
    pub(super) suppressed: bool,
    /// The fix.
    pub(super) fix: Option<FoundFix>,
}

/// A fix, without borrows.
pub(super) struct FoundFix {
    /// How far it can be trusted.
    pub(super) safety: Safety,
    /// Path, start, end, new text.
    pub(super) edits: Vec<(String, usize, usize, String)>,
}

/// What came of a run.
pub(super) struct Outcome {
    /// The findings, in order.
    pub(super) findings: Vec<Found>,
    /// What could not be done.
    pub(super) failures: Vec<String>,
}

/// What the rules find in the files: the directory that holds them is the input; if a fence says `partial`, the files themselves.
pub(super) fn lint(files: &[Fence], rules: &[ActiveRule<'_>]) -> Outcome {
    let cwd = Path::new("/example");
    let mut memory = MemoryFiles::new();
    for file in files {
        memory.insert(cwd.join(&file.path), stripped(file));
    }
    let inputs: Vec<Input> = if files.iter().any(|f| f.partial) {
        files.iter().map(|f| Input::Path(PathBuf::from(&f.path))).collect()
    } else {
        vec![Input::Path(PathBuf::from("."))]
    };
    let target = files.iter().find_map(|f| f.target.as_deref());
    let env = Env { target: target.map_or(Env::default().target, |v| v.parse().unwrap()), ..Env::default() };
    let settings = Settings { env, ..Settings::default() };
    let sources = Sources::new();
    let registry = manicheck::rules::Registry::builtin();
    let ctx = Context { files: &memory, sources: &sources, cwd };
    let report = manicheck::run::run(ctx, &inputs, &settings, &registry, rules);
    Outcome {
        findings: report.findings.into_iter().map(found).collect(),
        failures: report.failures.iter().map(|f| format!("{}: {}", f.path, f.message)).collect(),
    }
}

fn found(finding: Finding<'_>) -> Found {
    let edits = |fix: manicheck::finding::Fix<'_>| FoundFix {
        safety: fix.safety,
        edits: fix
            .edits
            .into_iter()
            .map(|e| (e.span.source.display().to_string(), e.span.start as usize, e.span.end as usize, e.text))
            .collect(),
    };
    Found {
        rule: finding.rule,
        path: finding.primary.span.source.display().to_string(),
        line: finding.primary.span.start_pos().line,
        message: finding.message,
        suppressed: finding.suppressed.is_some(),
        fix: finding.fix.map(edits),
    }
}
