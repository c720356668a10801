//! What a run prints: one file per format, each owning its wire structs.
//!
//! Rendering is pure: the report, the rules' texts and the [`Options`] in, bytes out. Text that comes from the input is
//! never trusted: it cannot send control sequences to a terminal, and it is escaped for the format it is put in.

mod concise;
mod escape;
mod github;
mod gitlab;
mod json;
mod json_lines;
mod junit;
mod markdown;
mod sarif;
mod text;
mod view;

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::str::FromStr;

use crate::finding::{Report, Severity};
use crate::rule::Page;
pub(crate) use escape::{one_line, visible};
use view::View;

/// An output format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Format {
    /// For people: excerpts of the source with labels, colours if asked for.
    #[default]
    Text,
    /// For people and editors: one line per finding.
    Concise,
    /// Our own JSON, stable within its version.
    Json,
    /// SARIF 2.1.0, as GitHub code scanning reads it.
    Sarif,
    /// GitHub Actions workflow commands, which become annotations.
    Github,
    /// JUnit XML.
    Junit,
    /// GitLab code quality JSON.
    Gitlab,
    /// GitHub-flavoured Markdown, for job summaries and comments.
    Markdown,
}

impl Format {
    /// All formats, in the order that the help shows.
    pub const ALL: [Format; 8] = [
        Format::Text,
        Format::Concise,
        Format::Json,
        Format::Sarif,
        Format::Github,
        Format::Junit,
        Format::Gitlab,
        Format::Markdown,
    ];

    /// The name as the command line takes it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Concise => "concise",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Junit => "junit",
            Format::Gitlab => "gitlab",
            Format::Markdown => "markdown",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    /// The format of that name; the error says which names there are.
    fn from_str(name: &str) -> Result<Self, String> {
        Format::ALL.into_iter().find(|f| f.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Format::ALL.iter().map(|f| f.name()).collect();
            format!("unknown format `{name}`; there are {}", names.join(", "))
        })
    }
}

/// What the formats need to know of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo<'r> {
    /// The id: `mutable-image-tag`.
    pub id: Cow<'r, str>,
    /// A few words: `Image tag that can move`.
    pub title: Cow<'r, str>,
    /// One sentence: what the rule finds.
    pub summary: Cow<'r, str>,
    /// The category: `image`, `security` …
    pub category: Cow<'r, str>,
    /// The severity unless a profile or the configuration changes it.
    pub severity: Severity,
    /// Why it is reported and how to mend it, in Markdown.
    pub help: Cow<'r, str>,
    /// Further tags: profiles, references.
    pub tags: Vec<Cow<'r, str>>,
    /// The page of the rule on the web.
    pub uri: Option<Cow<'r, str>>,
}

impl<'r> RuleInfo<'r> {
    /// What a page says, without its examples.
    pub fn from_page(page: &'r Page) -> Self {
        let help = page.body.split_once("\n## Examples").map_or(page.body, |(before, _)| before);
        let profiles = page.profiles.iter().map(|(profile, _)| Cow::Borrowed(profile.name()));
        Self {
            id: page.id.into(),
            title: page.title().into(),
            summary: page.summary.as_str().into(),
            category: page.category.as_str().into(),
            severity: page.severity,
            help: help.into(),
            tags: profiles.collect(),
            uri: Some(page.url().into()),
        }
    }
}

/// Looks up a rule by its id. Formats that cite rules do without the text of an unknown one.
pub type Rules<'r> = dyn Fn(&str) -> Option<RuleInfo<'r>> + 'r;

/// How to render. [`Options::default`] is plain text without colours, 140 columns wide.
#[derive(Clone, Debug)]
pub struct Options<'o> {
    /// Colours, as ANSI escape sequences. Only `text` and `concise` have any.
    pub color: bool,
    /// Terminal links from a rule's id to its page. Only `text` and `concise` have any.
    pub hyperlinks: bool,
    /// Draw with ASCII only.
    pub ascii: bool,
    /// The width of the terminal in columns; longer source lines are clipped.
    pub width: usize,
    /// Break messages at that width, between words. Only `text` does.
    pub wrap: bool,
    /// The version of manicheck, as SARIF names it.
    pub version: &'o str,
    /// Show suppressed findings too, marked as such. SARIF, JUnit, GitLab and GitHub never do: they have no mark for them.
    pub show_suppressed: bool,
    /// Name each skipped input instead of counting them.
    pub verbose: bool,
    /// Findings and failures only: no summary, nothing on what was skipped. Only `text` has these.
    pub quiet: bool,
    /// The working directory as seen from the repository's root, with `/` (`services/shop`); empty at the root. Put
    /// before the paths in the formats that a forge reads: all but text, concise and JSON.
    pub prefix: &'o str,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            color: false,
            hyperlinks: false,
            ascii: false,
            width: 140,
            wrap: false,
            version: env!("CARGO_PKG_VERSION"),
            show_suppressed: false,
            verbose: false,
            quiet: false,
            prefix: "",
        }
    }
}

/// Writes the report in a format. Errors are those of `out`.
pub fn render<'a>(
    format: Format,
    report: &'a Report<'_>,
    rules: &'a Rules<'a>,
    options: &'a Options<'a>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let view = View::new(report, rules, options);
    match format {
        Format::Text => text::write(&view, out),
        Format::Concise => concise::write(&view, out),
        Format::Json => json::write(&view, out),
        Format::Sarif => sarif::write(&view, out),
        Format::Github => github::write(&view, out),
        Format::Junit => junit::write(&view, out),
        Format::Gitlab => gitlab::write(&view, out),
        Format::Markdown => markdown::write(&view, out),
    }
}
