//! For people: each finding with excerpts of the files it speaks of.

mod excerpt;
pub(super) mod style;
mod wrap;

use std::borrow::Cow;
use std::io;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Element, Group, Level, Origin, Padding, Renderer};

use super::escape::{one_line, visible};
use super::view::{View, count, fixable_line, summary_line};
use crate::finding::{Failure, Finding, Fix, Label, Safety, Severity};
use excerpt::Excerpt;
use wrap::wrap;

/// How many related places are shown; the rest is counted.
const MAX_RELATED: usize = 8;

pub(super) fn write(view: &View<'_, '_>, out: &mut dyn io::Write) -> io::Result<()> {
    let renderer = renderer(view);
    for finding in view.shown() {
        writeln!(out, "{}\n", finding_text(view, &renderer, finding))?;
    }
    for failure in view.report.unreported_failures() {
        writeln!(out, "{}\n", failure_text(view, &renderer, failure))?;
    }
    if view.options.quiet {
        return Ok(());
    }
    write_skipped(view, out)?;
    let bold = style::bold(view.options.color);
    writeln!(out, "{bold}{}{bold:#}", summary_line(&view.report.summary, view.report.failures.len()))?;
    fixable_line(&view.report.findings).map_or(Ok(()), |line| writeln!(out, "{line}"))
}

fn renderer(view: &View<'_, '_>) -> Renderer {
    let options = view.options;
    let renderer = if options.color { Renderer::styled() } else { Renderer::plain() };
    let decor = if options.ascii { DecorStyle::Ascii } else { DecorStyle::Unicode };
    renderer.hyperlink(options.hyperlinks).decor_style(decor).term_width(options.width.max(40))
}

fn finding_text(view: &View<'_, '_>, renderer: &Renderer, finding: &Finding<'_>) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let room = Room::of(view);
    let label = finding.severity.name().len() + "[]".len() + finding.rule.len();
    let mut title = level.primary_title(room.fit(label, visible(&finding.message))).id(finding.rule);
    if let Some(uri) = view.rule_link(finding.rule) {
        title = title.id_url(style::link_target(&uri));
    }
    let related = finding.related.iter().take(MAX_RELATED);
    let masked =
        matches!(finding.rule, "exposed-token" | "hardcoded-secret" | "committed-secret" | "secret-in-config-map");
    let excerpts = excerpt::excerpts(std::iter::once(&finding.primary).chain(related), masked);
    let room = room.beside(&excerpts);
    let mut notes = Vec::new();
    if finding.related.len() > MAX_RELATED {
        notes.push(note(format!("and {}", count(finding.related.len() - MAX_RELATED, "more place"))));
    }
    let separator = if view.options.ascii { " - " } else { " · " };
    notes.extend(view.place(finding, separator).map(|place| note(room.fit(0, place.into()).into_owned())));
    let texts = [
        ("help", finding.help.as_deref().map(visible)),
        ("fix", finding.fix.as_ref().map(fix_text)),
        ("suppressed", finding.suppressed.as_deref().map(visible)),
    ];
    for (name, text) in texts {
        let level = if name == "suppressed" { Level::NOTE } else { Level::HELP };
        notes.extend(text.map(|text| level.with_name(name).message(room.fit(name.len(), text)).into()));
    }
    print(renderer, Group::with_title(title), &excerpts, notes)
}

fn failure_text(view: &View<'_, '_>, renderer: &Renderer, failure: &Failure<'_>) -> String {
    let message = Room::of(view).fit("failure".len(), visible(&failure.message));
    let title = Level::ERROR.with_name("failure").primary_title(message);
    let mut group = Group::with_title(title);
    if failure.span.is_none() {
        group = group.element(Origin::path(one_line(&failure.path)));
    }
    let own = failure.span.map(|span| Label { span, message: String::new() });
    let labels = own.iter().chain(failure.related.iter().take(MAX_RELATED));
    print(renderer, group, &excerpt::excerpts(labels, false), Vec::new())
}

fn print<'a>(renderer: &Renderer, group: Group<'a>, excerpts: &'a [Excerpt<'a>], notes: Vec<Element<'a>>) -> String {
    let mut group = group.elements(excerpts.iter().map(Excerpt::snippet));
    if !excerpts.is_empty() && !notes.is_empty() {
        group = group.element(Padding);
    }
    let text = renderer.render(&[group.elements(notes)]);
    excerpt::true_columns(text, excerpts)
}

fn note<'a>(text: String) -> Element<'a> {
    Level::NOTE.no_name().message(text).into()
}

fn fix_text<'a>(fix: &'a Fix<'_>) -> Cow<'a, str> {
    let message = visible(&fix.message);
    match fix.safety {
        _ if !fix.is_applicable() => message,
        Safety::Safe => format!("{message} (`--fix` does it)").into(),
        Safety::Unsafe => format!("{message} (`--fix --unsafe-fixes` does it)").into(),
        Safety::Suggestion => message,
    }
}

/// The columns that text may fill; none if lines may be as long as they are.
#[derive(Clone, Copy)]
struct Room(Option<usize>);

impl Room {
    fn of(view: &View<'_, '_>) -> Self {
        Room(view.options.wrap.then_some(view.options.width))
    }

    /// Without the margin that the line numbers of the excerpts take.
    fn beside(self, excerpts: &[Excerpt<'_>]) -> Self {
        let margin =
            excerpts.iter().map(Excerpt::last_line).max().unwrap_or(0).checked_ilog10().unwrap_or(0) as usize + 4;
        Room(self.0.map(|columns| columns.saturating_sub(margin)))
    }

    /// Breaks a text that stands behind a label of this width and `: `.
    fn fit(self, label: usize, text: Cow<'_, str>) -> Cow<'_, str> {
        match self.0 {
            Some(columns) => wrap(text, columns.saturating_sub(label + 2)),
            None => text,
        }
    }
}

/// Names the skipped inputs, or counts them by reason.
fn write_skipped(view: &View<'_, '_>, out: &mut dyn io::Write) -> io::Result<()> {
    let skipped = &view.report.skipped;
    if view.options.verbose {
        for input in skipped {
            writeln!(out, "skipped {}: {}", one_line(&input.path), one_line(&input.reason))?;
        }
    } else if !skipped.is_empty() {
        let mut reasons: Vec<(&str, usize)> = Vec::new();
        for input in skipped {
            match reasons.iter_mut().find(|(reason, _)| *reason == input.reason) {
                Some((_, n)) => *n += 1,
                None => reasons.push((&input.reason, 1)),
            }
        }
        reasons.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let mut listed: Vec<String> = reasons.iter().take(3).map(|(r, n)| format!("{} ({n})", one_line(r))).collect();
        if reasons.len() > 3 {
            listed.push(format!("{} more reasons", reasons.len() - 3));
        }
        writeln!(out, "skipped {}: {} (-v names them)", count(skipped.len(), "input"), listed.join(", "))?;
    }
    Ok(())
}
