//! Rule pages: `rules/<id>.md`, the one source of a rule's metadata and text.
//!
//! A page opens with front matter in YAML between two `---` lines; the rest is Markdown.

use std::collections::BTreeMap;
use std::fmt;

use crate::finding::Severity;
use crate::source::Source;
use crate::yaml::{Node, SrcNode};

/// Where the book is on the web, without a final `/`: `homepage` of Cargo.toml.
const BOOK: &str = env!("CARGO_PKG_HOMEPAGE");

/// A profile that a rule belongs to by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// The default.
    Recommended,
    /// Stricter; extends `recommended`.
    Production,
    /// Pod Security Standards, baseline.
    PssBaseline,
    /// Pod Security Standards, restricted.
    PssRestricted,
    /// Every rule that needs no configuration.
    All,
}

impl Profile {
    /// All of them, in order.
    pub const EVERY: [Profile; 5] =
        [Profile::Recommended, Profile::Production, Profile::PssBaseline, Profile::PssRestricted, Profile::All];

    /// The name on the command line and in `manicheck.yaml`.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Recommended => "recommended",
            Profile::Production => "production",
            Profile::PssBaseline => "pss-baseline",
            Profile::PssRestricted => "pss-restricted",
            Profile::All => "all",
        }
    }

    /// The profile of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|p| p.name() == name)
    }
}

/// The page of a rule.
#[derive(Clone, Debug)]
pub struct Page {
    /// The rule's id.
    pub id: &'static str,
    /// One line: what it reports, with `{…}` where a finding names something.
    pub summary: String,
    /// Its category: `image`, `probe`, …
    pub category: String,
    /// Its severity, unless a profile raises it.
    pub severity: Severity,
    /// The profiles it is in, with the severity it has there if that differs. Profiles that extend one of these contain it too.
    pub profiles: Vec<(Profile, Option<Severity>)>,
    /// True for a rule that no profile holds because it needs configuration.
    pub opt_in: bool,
    /// True for a rule that is in every profile and cannot be switched off.
    pub always: bool,
    /// The release that brought it.
    pub since: String,
    /// What its fix is at best: `none`, `suggestion`, `unsafe`, `safe`.
    pub fix: String,
    /// Rules that it leaves the finding to, if they report the same thing.
    pub yields_to: Vec<String>,
    /// Ids of checks of other tools that ask the same, by tool.
    pub peers: BTreeMap<String, Vec<String>>,
    /// Addresses to read more at.
    pub references: Vec<String>,
    /// The Markdown behind the front matter.
    pub body: &'static str,
}

/// Why a page cannot be read. Pages are part of the program, so a test finds this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageError(String);

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PageError {}

impl Page {
    /// The page on the web, as `docs/build` lays out the book.
    pub fn url(&self) -> String {
        format!("{BOOK}/rules/{}.html", self.id)
    }

    /// Reads a page.
    ///
    /// # Errors
    /// Missing front matter, a missing or unknown field, an unknown severity or profile.
    pub fn parse(text: &'static str) -> Result<Page, PageError> {
        let fail = |what: String| PageError(what);
        let rest = text.strip_prefix("---\n").ok_or_else(|| fail("no front matter".into()))?;
        let (front, body) = rest.split_once("\n---\n").ok_or_else(|| fail("front matter has no end".into()))?;
        let source = Source::new("page".into(), "page".into(), front.as_bytes().to_vec());
        let root = source.tree().documents.first().and_then(|d| d.root);
        let root = root.ok_or_else(|| fail("front matter is empty".into()))?;
        let node = Node::Source(SrcNode { source: &source, id: root }, None);

        let mut page = Page {
            id: "",
            summary: String::new(),
            category: String::new(),
            severity: Severity::Note,
            profiles: Vec::new(),
            opt_in: false,
            always: false,
            since: String::new(),
            fix: "none".into(),
            yields_to: Vec::new(),
            peers: BTreeMap::new(),
            references: Vec::new(),
            body: body.trim_start_matches('\n'),
        };
        for (key, value) in node.entries() {
            let key = key.text().unwrap_or_default();
            match &*key {
                "id" => page.id = front.lines().find_map(|l| l.strip_prefix("id: ")).unwrap_or_default().trim(),
                "summary" => page.summary = string(&value),
                "category" => page.category = string(&value),
                "severity" => page.severity = severity(&string(&value))?,
                "since" => page.since = string(&value),
                "fix" => page.fix = string(&value),
                "yields_to" => page.yields_to = strings(&value),
                "references" => page.references = strings(&value),
                "opt_in" => page.opt_in = value.as_bool() == Some(true),
                "always" => page.always = value.as_bool() == Some(true),
                "peers" => {
                    page.peers = value.entries().map(|(tool, ids)| (string(&tool), strings(&ids))).collect();
                }
                "profiles" => page.profiles = profiles(&value)?,
                other => return Err(fail(format!("unknown front matter field `{other}`"))),
            }
        }
        for (name, value) in [("id", page.id), ("summary", &page.summary), ("category", &page.category)] {
            if value.is_empty() {
                return Err(fail(format!("front matter lacks `{name}`")));
            }
        }
        Ok(page)
    }

    /// The severity that the rule has in a profile, if it is in it. `production` extends `recommended`; `all` holds every
    /// rule that is not opt-in.
    pub fn severity_in(&self, profile: Profile) -> Option<Severity> {
        if self.always {
            return Some(self.severity);
        }
        let listed = |p: Profile| self.profiles.iter().find(|(q, _)| *q == p).map(|(_, s)| s.unwrap_or(self.severity));
        match profile {
            Profile::All => (!self.opt_in).then_some(self.severity),
            Profile::Production => listed(Profile::Production).or_else(|| listed(Profile::Recommended)),
            Profile::PssBaseline | Profile::PssRestricted => listed(profile).map(|_| Severity::Error),
            Profile::Recommended => listed(profile),
        }
    }

    /// The first heading of the page, or the id.
    pub fn title(&self) -> &str {
        self.body.lines().find_map(|l| l.strip_prefix("# ")).unwrap_or(self.id)
    }
}

/// `[recommended, production: error]`: a list of names and of one-entry mappings name → severity.
fn profiles(value: &Node<'_>) -> Result<Vec<(Profile, Option<Severity>)>, PageError> {
    let mut out = Vec::new();
    for item in value.items() {
        let (name, level) = match item.entries().next() {
            Some((name, level)) => (string(&name), Some(severity(&string(&level))?)),
            None => (string(&item), None),
        };
        let profile = Profile::from_name(&name).ok_or_else(|| PageError(format!("unknown profile `{name}`")))?;
        out.push((profile, level));
    }
    Ok(out)
}

fn severity(name: &str) -> Result<Severity, PageError> {
    match name {
        "error" => Ok(Severity::Error),
        "warning" => Ok(Severity::Warning),
        "note" => Ok(Severity::Note),
        other => Err(PageError(format!("unknown severity `{other}`"))),
    }
}

fn string(node: &Node<'_>) -> String {
    node.text().unwrap_or_default().into_owned()
}

fn strings(node: &Node<'_>) -> Vec<String> {
    node.items().map(|item| string(&item)).collect()
}
