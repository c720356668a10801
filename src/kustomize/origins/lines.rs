//! Origins as comments.

use std::fmt::Write;

use super::trace::{Trace, TraceStep, trace};
use crate::source::Span;
use crate::yaml::emit::{self, EmitError, Leaf, Observer};
use crate::yaml::{Node, StepKind};

/// Comments stand in one column, but for lines that reach beyond this one.
const MAX_COLUMN: usize = 64;

/// The YAML with a comment beside each value.
pub(super) fn text<'s>(objects: &[Node<'s>]) -> Result<String, EmitError<'s>> {
    let mut out = String::new();
    let mut printed = String::new();
    for (index, object) in objects.iter().enumerate() {
        if index > 0 {
            out.push_str("---\n");
        }
        printed.clear();
        let mut comments = Comments::default();
        emit::document_into(&mut printed, object, &mut comments)?;
        weave(&mut out, &printed, &comments.found);
    }
    Ok(out)
}

#[derive(Default)]
struct Comments {
    /// Where to put it, and what.
    found: Vec<(usize, String)>,
}

impl<'s> Observer<'s> for Comments {
    fn leaf(&mut self, leaf: Leaf<'_, 's>) {
        let comment = comment(&trace(leaf.node));
        if !comment.is_empty() {
            self.found.push((leaf.line_end, comment));
        }
    }
}

/// `base/deploy.yaml:9 via replicas kustomization.yaml:4`
fn comment(trace: &Trace<'_>) -> String {
    let mut out = String::new();
    if let Some(span) = trace.span {
        add_place(&mut out, span);
    }
    for (index, TraceStep { kind, at, places }) in trace.steps.iter().enumerate() {
        out.push_str(match (index, out.is_empty()) {
            (0, false) => " via ",
            (0, true) => "",
            _ => ", ",
        });
        out.push_str(kind.name());
        if let Some(span) = at {
            out.push(' ');
            add_place(&mut out, *span);
        }
        // What is put into a text, and the text, are written in different places.
        if matches!(kind, StepKind::Var | StepKind::Replacement) {
            add_others(&mut out, trace.span, places.iter().flatten().filter(|place| Some(**place) != *at));
        }
    }
    out
}

/// ` with base/config.yaml:6`: the lines of other parts of a value.
fn add_others<'p, 's: 'p>(out: &mut String, main: Option<Span<'s>>, places: impl Iterator<Item = &'p Span<'s>>) {
    let mut lines: Vec<String> = main.into_iter().map(line).collect();
    for place in places {
        let line = line(*place);
        if !lines.contains(&line) {
            out.push_str(if lines.len() > usize::from(main.is_some()) { " and " } else { " with " });
            out.push_str(&line);
            lines.push(line);
        }
    }
}

fn line(span: Span<'_>) -> String {
    let mut out = String::new();
    add_place(&mut out, span);
    out
}

fn add_place(out: &mut String, span: Span<'_>) {
    // A line break in a file's name would end the comment.
    let path = span.source.display().chars().map(|c| if c.is_control() || is_break(c) { '?' } else { c });
    out.extend(path);
    let _ = write!(out, ":{}", span.start_pos().line);
}

fn is_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Copies the YAML with the comments put in.
fn weave(out: &mut String, printed: &str, comments: &[(usize, String)]) {
    let width = |at: usize| {
        let before = printed.get(..at).unwrap_or_default();
        before.rsplit('\n').next().unwrap_or_default().chars().count()
    };
    let widths: Vec<usize> = comments.iter().map(|(at, _)| width(*at)).collect();
    let column = widths.iter().copied().filter(|w| *w <= MAX_COLUMN).max().unwrap_or_default();
    let mut from = 0;
    for ((at, comment), width) in comments.iter().zip(widths) {
        out.push_str(printed.get(from..*at).unwrap_or_default());
        out.extend(std::iter::repeat_n(' ', column.saturating_sub(width) + 2));
        out.push_str("# ");
        out.push_str(comment);
        from = *at;
    }
    out.push_str(printed.get(from..).unwrap_or_default());
}
