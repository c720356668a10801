//! Comparing an example with what is reported on it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use manicheck::finding::Safety;
use manicheck::rule::ActiveRule;

use super::page::Fence;
use super::run::{Found, lint};
use super::stripped;

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

/// Checks that applying the fixes of all findings to `bad` gives `fixed`. Files that `fixed` leaves out stay as they are.
pub(super) fn fixed(bad: &[Fence], fixed: &[Fence], rules: &[ActiveRule<'_>]) -> Result<(), String> {
    let mut texts: BTreeMap<String, String> = bad.iter().map(|f| (f.path.clone(), stripped(f))).collect();
    let outcome = lint(bad, rules);
    let mut edits: Vec<(String, usize, usize, String)> = outcome
        .findings
        .into_iter()
        .filter_map(|f| f.fix)
        .filter(|fix| fix.safety != Safety::Suggestion)
        .flat_map(|fix| fix.edits)
        .collect();
    edits.sort();
    edits.dedup();
    for (path, start, end, text) in edits.into_iter().rev() {
        let file =
            texts.get_mut(&path).ok_or_else(|| format!("  a fix edits {path}, which is no file of the example"))?;
        file.replace_range(start..end, &text);
    }
    let mut problems = String::new();
    for file in fixed {
        if !bad.iter().any(|b| b.path == file.path) {
            writeln!(problems, "  {} is no bad file", file.path).unwrap();
        }
        texts.entry(file.path.clone()).and_modify(|got| {
            if *got != file.text {
                writeln!(problems, "  fixing {} gives:\n{got}", file.path).unwrap();
            }
            *got = file.text.clone();
        });
    }
    for (file, bad) in texts.iter().zip(bad.iter().map(|b| (&b.path, stripped(b))).collect::<BTreeMap<_, _>>()) {
        if !fixed.iter().any(|f| f.path == *file.0) && *file.1 != bad.1 {
            writeln!(problems, "  the fix changes {}, which has no fixed fence", file.0).unwrap();
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}
