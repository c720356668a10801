//! Comparing an example with what is reported on it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use manicheck::rule::ActiveRule;

use super::page::Fence;
use super::run::{Found, fix, lint};

/// A line without its markers, and the messages that they hold.
pub(super) fn split_markers(line: &str) -> (&str, Vec<&str>) {
    let mut parts = line.split("# <-");
    let text = parts.next().unwrap_or_default();
    let messages: Vec<&str> = parts.map(str::trim).collect();
    (if messages.is_empty() { line } else { text.trim_end() }, messages)
}

/// Checks that exactly the marked lines are reported, with the text of the marker where it has one.
pub(super) fn markers(files: &[Fence], good: bool, rules: &[ActiveRule<'_>]) -> Result<(), String> {
    let mut expected: Vec<(String, u32, String)> = Vec::new();
    for file in files {
        for (at, line) in file.text.lines().enumerate() {
            for message in split_markers(line).1 {
                expected.push((file.path.clone(), at as u32 + 1, message.to_string()));
            }
        }
    }
    if good && !expected.is_empty() {
        return Err("  a good example has no markers".into());
    }
    if !good && expected.is_empty() {
        return Err("  a bad example has at least one marker".into());
    }
    let outcome = lint(files, rules);
    let mut found = outcome.findings;
    let mut text = String::new();
    for (path, line, message) in expected {
        let fits = |f: &&Found| f.path == path && f.line == line && (message.is_empty() || f.message == message);
        match found.iter().position(|f| fits(&f)) {
            Some(at) => _ = found.remove(at),
            None => writeln!(text, "  expected {path}:{line}: {message}").unwrap(),
        }
    }
    for f in found {
        writeln!(text, "  reported {}:{}: {}", f.path, f.line, f.message).unwrap();
    }
    if text.is_empty() {
        return Ok(());
    }
    for failure in outcome.failures {
        writeln!(text, "  failed: {failure}").unwrap();
    }
    Err(text)
}

/// Checks that fixing `bad` gives `fixed`. Files that `fixed` leaves out stay as they are.
pub(super) fn fixed(bad: &[Fence], fixed: &[Fence], rules: &[ActiveRule<'_>]) -> Result<(), String> {
    let outcome = fix(bad, rules, true);
    let mut texts: BTreeMap<String, String> =
        outcome.files.into_iter().map(|file| (file.display, file.after)).collect();
    let mut problems = String::new();
    for file in fixed {
        match (texts.remove(&file.path), bad.iter().any(|b| b.path == file.path)) {
            (_, false) => writeln!(problems, "  {} is no bad file", file.path).unwrap(),
            (Some(got), _) if got == file.text => {}
            (Some(got), _) => writeln!(problems, "  fixing {} gives:\n{got}", file.path).unwrap(),
            (None, _) => writeln!(problems, "  the fix does not change {}", file.path).unwrap(),
        }
    }
    for path in texts.keys() {
        writeln!(problems, "  the fix changes {path}, which has no fixed fence").unwrap();
    }
    for refused in outcome.refused {
        writeln!(problems, "  not fixed: {}:{}: {}", refused.key.path, refused.line, refused.why).unwrap();
    }
    for withheld in outcome.withheld {
        writeln!(problems, "  not fixed: {}: {}", withheld.file, withheld.why).unwrap();
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}
