//! The lines of a file around the labels of a finding.
//!
//! The library that draws them scans all the text it is given, so it is given a few lines only, and of a long line
//! (minified JSON) only the part around the labels.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Snippet};

use crate::finding::Label;
use crate::output::escape::{one_line, stand_in};
use crate::source::Source;

/// Labels of one file this many lines apart or less share an excerpt.
const NEAR_LINES: u32 = 4;
/// A line with more bytes is cut to what is around its labels.
const LONG_LINE: usize = 600;
/// How many bytes of a long line are kept before and behind its labels.
const AROUND: usize = 100;
/// How many bytes of a label on a long line are kept.
const MAX_MARKED: usize = 400;

/// A part of a file with its labels.
pub(super) struct Excerpt<'a> {
    path: String,
    first_line: u32,
    text: String,
    marks: Vec<Mark<'a>>,
    /// Lines shown without a label, as ranges of `text`.
    context: Option<Range<usize>>,
    /// Line and column that head the excerpt, if the drawn column would be wrong because the line was cut.
    heading: Option<(u32, u32)>,
}

struct Mark<'a> {
    range: Range<usize>,
    label: std::borrow::Cow<'a, str>,
    primary: bool,
}

/// A label cut to its first line, as byte range of the source.
struct Place<'a> {
    source: &'a Source,
    line: u32,
    range: Range<usize>,
    message: &'a str,
    primary: bool,
    masked: bool,
}

/// One excerpt for the first label, which is the primary one, and those beside it; then one for each other place, in the
/// order given. `masked` hides the values on all lines shown: they are, or stand beside, secrets.
pub(super) fn excerpts<'a>(labels: impl IntoIterator<Item = &'a Label<'a>>, masked: bool) -> Vec<Excerpt<'a>> {
    let mut groups: Vec<Vec<Place<'a>>> = Vec::new();
    for (i, label) in labels.into_iter().enumerate() {
        let place = Place { masked, ..Place::new(label, i == 0) };
        match groups.iter_mut().find(|group| group.iter().all(|other| other.near(&place))) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups.iter().filter_map(|group| Excerpt::new(group)).collect()
}

impl<'a> Place<'a> {
    fn new(label: &'a Label<'a>, primary: bool) -> Self {
        let source = label.span.source;
        let line = label.span.start_pos().line;
        let bounds = line_bounds(source, line);
        let text = source.text();
        let start = floor(text, label.span.start as usize).clamp(bounds.start, bounds.end);
        let end = floor(text, label.span.end as usize).clamp(start, bounds.end);
        Self { source, line, range: start..end, message: &label.message, primary, masked: false }
    }

    fn near(&self, other: &Self) -> bool {
        let lines = self.line.abs_diff(other.line);
        std::ptr::eq(self.source, other.source)
            && lines <= NEAR_LINES
            && (lines > 0 || self.range.start.abs_diff(other.range.start) <= AROUND || !self.on_long_line())
    }

    fn on_long_line(&self) -> bool {
        line_bounds(self.source, self.line).len() > LONG_LINE
    }
}

impl<'a> Excerpt<'a> {
    /// The excerpt of places in one file, near each other. `None` for no places.
    fn new(places: &[Place<'a>]) -> Option<Self> {
        let source = places.first()?.source;
        let first = places.iter().map(|p| p.line).min()?;
        let last = places.iter().map(|p| p.line).max()?;
        let before = context_line(source, first);
        let mut excerpt = Excerpt {
            path: one_line(source.display()).into_owned(),
            first_line: before.unwrap_or(first),
            text: String::new(),
            marks: Vec::new(),
            context: None,
            heading: None,
        };
        let head = places.iter().find(|p| p.primary).map_or(first, |p| p.line);
        for line in excerpt.first_line..=last {
            let start = excerpt.text.len();
            let cut = excerpt.push_line(source, line, places);
            if Some(line) == before {
                excerpt.context = Some(start..excerpt.text.len());
            }
            if line < last {
                excerpt.text.push('\n');
            } else if start == excerpt.text.len() {
                // The library drops an empty last line, and the label with it.
                excerpt.text.push(' ');
            }
            if line == head && cut {
                let of_head = places.iter().filter(|p| p.line == head);
                let at = of_head.min_by_key(|p| (!p.primary, p.range.start))?.range.start;
                excerpt.heading = Some((head, source.line_col(at as u32).column));
            }
        }
        Some(excerpt)
    }

    /// Adds a line and its marks. Returns whether its start was cut off.
    fn push_line(&mut self, source: &Source, line: u32, places: &[Place<'a>]) -> bool {
        let bounds = line_bounds(source, line);
        let marked = || places.iter().filter(|p| p.line == line);
        let mut kept = bounds.clone();
        if bounds.len() > LONG_LINE {
            let from = marked().map(|p| p.range.start).min().unwrap_or(bounds.start);
            let to = marked().map(|p| p.range.end.min(p.range.start + MAX_MARKED)).max().unwrap_or(bounds.start);
            kept.start = floor(source.text(), from.saturating_sub(AROUND)).max(bounds.start);
            kept.end = floor(source.text(), (to + AROUND).min(bounds.end));
        }
        if kept.start > bounds.start {
            self.text.push('…');
        }
        let base = self.text.len();
        if places.iter().any(|p| p.masked) {
            let from = mask_from(source, bounds.clone(), marked().map(|p| p.range.start).min());
            push_masked(&mut self.text, source, kept.clone(), from);
        } else {
            push_visible(&mut self.text, source, kept.clone());
        }
        for place in marked() {
            let at = |offset: usize| base + visible_len(source, kept.start..offset.clamp(kept.start, kept.end));
            self.marks.push(Mark {
                range: at(place.range.start)..at(place.range.end),
                label: one_line(place.message),
                primary: place.primary,
            });
        }
        if kept.end < bounds.end {
            self.text.push('…');
        }
        kept.start > bounds.start
    }

    /// The number of the last line shown.
    pub(super) fn last_line(&self) -> u32 {
        self.first_line + self.text.matches('\n').count() as u32
    }

    /// The excerpt as the library takes it.
    pub(super) fn snippet(&self) -> Snippet<'_, Annotation<'_>> {
        let marks = self.marks.iter().map(|mark| {
            let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let label = (!mark.label.is_empty()).then(|| mark.label.as_ref());
            kind.span(mark.range.clone()).label(label)
        });
        let context = self.context.clone().map(|range| AnnotationKind::Visible.span(range));
        Snippet::source(self.text.as_str())
            .path(self.path.as_str())
            .line_start(self.first_line as usize)
            .annotations(marks.chain(context))
    }
}

/// Puts the true column into the heading of each excerpt whose line was cut at its start.
pub(super) fn true_columns(mut text: String, excerpts: &[Excerpt<'_>]) -> String {
    // Headings come in order, behind the title line.
    let mut from = text.find('\n').unwrap_or(0);
    for excerpt in excerpts {
        let Some((line, column)) = excerpt.heading else { continue };
        let head = format!("{}:{line}:", excerpt.path);
        let Some(at) = text[from..].find(&head) else { continue };
        let start = from + at + head.len();
        let end = text[start..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |n| start + n);
        text.replace_range(start..end, &column.to_string());
        from = start;
    }
    text
}

/// The line before, if it says something and is not too long: in YAML it often names what the next line is part of.
fn context_line(source: &Source, line: u32) -> Option<u32> {
    let before = line.checked_sub(1).filter(|n| *n > 0)?;
    let text = source.text().get(line_bounds(source, before))?;
    let own = line_bounds(source, line).len();
    (!text.trim().is_empty() && text.len() <= LONG_LINE && own <= LONG_LINE).then_some(before)
}

/// The bytes of a line, without its break and without a byte order mark.
fn line_bounds(source: &Source, line: u32) -> Range<usize> {
    let range = source.line_range(line);
    let (mut start, end) = (range.start as usize, range.end as usize);
    if start == 0 && source.text().starts_with('\u{feff}') {
        start = '\u{feff}'.len_utf8();
    }
    start..end.max(start)
}

fn push_visible(out: &mut String, source: &Source, range: Range<usize>) {
    let text = source.text().get(range).unwrap_or("");
    out.extend(text.chars().map(|c| stand_in(c).unwrap_or(c)));
}

/// As [`push_visible`], with stars of the same length for what stands at or behind `from`.
fn push_masked(out: &mut String, source: &Source, range: Range<usize>, from: usize) {
    let from = from.clamp(range.start, range.end);
    push_visible(out, source, range.start..from);
    let text = source.text().get(from..range.end).unwrap_or("");
    for c in text.chars() {
        let shown = stand_in(c).unwrap_or(c);
        if shown == ' ' { out.push(' ') } else { out.extend(std::iter::repeat_n('*', shown.len_utf8())) }
    }
}

/// Where the secret part of a line may start: behind the first `:` or `=`, or at a label before that. A line that names
/// something is shown.
fn mask_from(source: &Source, line: Range<usize>, mark: Option<usize>) -> usize {
    let text = source.text().get(line.clone()).unwrap_or("");
    let trimmed = text.trim_start().trim_start_matches("- ");
    if mark.is_none() && ["name:", "apiVersion:", "kind:"].iter().any(|k| trimmed.starts_with(k)) {
        return line.end;
    }
    let value = text.find([':', '=']).map(|at| line.start + at + 1);
    match (value, mark) {
        (Some(value), Some(mark)) => value.min(mark),
        (Some(at), None) | (None, Some(at)) => at,
        (None, None) => line.start,
    }
}

fn visible_len(source: &Source, range: Range<usize>) -> usize {
    let text = source.text().get(range).unwrap_or("");
    text.chars().map(|c| stand_in(c).unwrap_or(c).len_utf8()).sum()
}

/// The offset, moved down to the start of a character and not behind the end.
fn floor(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset)
}
