//! Suppressing comments.

use super::{Cover, Suppression, resolve_names};
use crate::lint::SourceUnit;
use crate::rule::SourceRole;
use crate::rules::Registry;
use crate::source::{Source, Span};
use crate::yaml::tree::RawKind;

/// The suppressing comments of a file.
pub(super) fn collect<'s>(unit: &SourceUnit<'s>, registry: &Registry) -> Vec<Suppression<'s>> {
    let mut out = Vec::new();
    let source = unit.source;
    // What a generator takes is parsed only for this. Of the others the comments are known, and quicker to search than the text.
    let parsed = unit.role != SourceRole::GeneratorInput;
    if !parsed && memchr::memmem::find(source.text().as_bytes(), b"manicheck:").is_none() {
        return out;
    }
    for comment in &source.tree().comments {
        let place = source.span(comment.start..comment.end);
        let Some(order) = place.text().trim_start_matches('#').trim_start().strip_prefix("manicheck:") else {
            continue;
        };
        let covers = Cover::Range(covered(source, place));
        out.push(match parse(order.trim()) {
            Ok((names, reason)) => {
                let (rules, invalid) = resolve_names(names, registry);
                Suppression { place, covers, rules, reason, invalid, foreign: false }
            }
            Err(why) => {
                let (rules, reason) = (Vec::new(), String::new());
                Suppression { place, covers, rules, reason, invalid: Some(why), foreign: false }
            }
        });
    }
    out
}

/// `ignore[a, b] reason`
fn parse(order: &str) -> Result<(Vec<String>, String), String> {
    let form = "write `# manicheck: ignore[rule-id] reason`";
    let rest = order.strip_prefix("ignore").ok_or_else(|| format!("`{order}` is no order; {form}"))?;
    let rest = rest.trim_start().strip_prefix('[').ok_or_else(|| format!("no `[` behind `ignore`; {form}"))?;
    let (names, reason) = rest.split_once(']').ok_or_else(|| format!("no `]`; {form}"))?;
    let names = names.split(',').map(|n| n.trim().to_string()).filter(|n| !n.is_empty()).collect();
    Ok((names, reason.trim_start_matches([' ', ':', '-']).trim().to_string()))
}

/// What the comment covers: its line if something stands before it, else what begins on the next line with content.
pub(super) fn covered<'s>(source: &'s Source, comment: Span<'s>) -> Span<'s> {
    let line = comment.start_pos().line;
    let range = source.line_range(line);
    let before = source.span(range.start..comment.start).text();
    if !before.trim_matches(['\u{feff}', ' ', '\t']).is_empty() {
        return source.span(range);
    }
    let mut next = line + 1;
    while next <= source.line_count() {
        let text = source.span(source.line_range(next)).text().trim();
        if !text.is_empty() && !text.starts_with('#') && text != "---" {
            break;
        }
        next += 1;
    }
    let first = source.line_range(next);
    source.span(first.start..first.end.max(end_of_what_begins(source, first.start, first.end)))
}

/// What goes away with a comment: its line if nothing else stands there, else the comment and the blanks before it. None if the next line
/// is a comment too, which may be the rest of the reason.
pub(super) fn removal(comment: Span<'_>) -> Option<Span<'_>> {
    let source = comment.source;
    let line = comment.start_pos().line;
    let next = source.line_range(line + 1);
    if source.span(next.clone()).text().trim_start().starts_with('#') {
        return None;
    }
    let start = source.line_range(line).start;
    let before = source.span(start..comment.start).text();
    let mark = before.len() - before.trim_start_matches('\u{feff}').len();
    let kept = before.trim_end_matches([' ', '\t']).len();
    let end = if kept > mark { comment.end } else { next.start };
    Some(source.span(start + kept as u32..end))
}

/// The end of the largest mapping, or of the value of the key, that begins between two offsets.
fn end_of_what_begins(source: &Source, from: u32, to: u32) -> u32 {
    let tree = source.tree();
    let mut end = to;
    let first = tree.nodes.partition_point(|n| n.start < from);
    for (at, node) in tree.nodes.iter().enumerate().skip(first).take_while(|(_, n)| n.start < to) {
        match node.kind {
            RawKind::Map => end = end.max(node.end),
            // A key's value, which may begin on a later line, follows it in the arena.
            RawKind::Scalar if is_key(source, node.end) => {
                end = end.max(tree.nodes.get(at + 1).map_or(node.end, |value| value.end));
            }
            _ => {}
        }
    }
    end
}

fn is_key(source: &Source, end: u32) -> bool {
    source.text()[end as usize..].trim_start_matches(' ').starts_with(':')
}
