//! What a run reports: findings, failures, skipped inputs, and their sum.

use crate::source::Span;

/// How bad a finding is. Ordered: a note is less than a warning, a warning less than an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Advice.
    Note,
    /// A risk in production.
    Warning,
    /// Rejected by the API, cannot work, exploitable as written, or defeats rollback.
    Error,
}

impl Severity {
    /// `note`, `warning` or `error`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A span with what there is to say about it; the message may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label<'s> {
    /// Where.
    pub span: Span<'s>,
    /// What, in a few words, lower case, without a final dot.
    pub message: String,
}

/// The object a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceRef {
    /// `apps/v1`
    pub api_version: String,
    /// `Deployment`
    pub kind: String,
    /// The namespace as rendered, if one is written.
    pub namespace: Option<String>,
    /// The name as rendered.
    pub name: String,
}

/// How far a fix can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// What the cluster gets is unchanged, or text without effect goes away. Applied by `--fix`.
    Safe,
    /// Behaviour changes as the author most likely wants. Applied by `--fix --unsafe-fixes`.
    Unsafe,
    /// Shown, never applied.
    Suggestion,
}

/// One replacement of source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit<'s> {
    /// What is replaced; zero-width to insert.
    pub span: Span<'s>,
    /// By what.
    pub text: String,
}

/// A way to mend what a finding reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix<'s> {
    /// How far it can be trusted.
    pub safety: Safety,
    /// What it does, as an order: "set `allowPrivilegeEscalation: false`".
    pub message: String,
    /// What is replaced. May be empty for a suggestion in words.
    pub edits: Vec<Edit<'s>>,
}

impl Fix<'_> {
    /// True if a program may apply it: it is more than a suggestion, and says what to write.
    pub fn is_applicable(&self) -> bool {
        self.safety != Safety::Suggestion && !self.edits.is_empty()
    }
}

/// One defect, at the place that causes it.
#[derive(Clone, Debug)]
pub struct Finding<'s> {
    /// Id of the rule.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// One sentence: what is wrong, without a final dot.
    pub message: String,
    /// The place that causes it, with the words that go beside it.
    pub primary: Label<'s>,
    /// Other places: what it replaces, what applied it, the nearest candidate.
    pub related: Vec<Label<'s>>,
    /// The first object that shows it, if it is about one.
    pub resource: Option<ResourceRef>,
    /// The rendered roots that show it: display paths of their directories, sorted. Empty for plain manifests.
    pub builds: Vec<String>,
    /// What to write instead.
    pub help: Option<String>,
    /// How to mend it.
    pub fix: Option<Fix<'s>>,
    /// Why it is not counted, if it is suppressed.
    pub suppressed: Option<String>,
    /// Stable identity across moved lines: 16 hex digits. Empty until the lint step fills it in.
    pub fingerprint: String,
}

/// Something that was asked for and could not be done. Makes the exit status 2.
#[derive(Clone, Debug)]
pub struct Failure<'s> {
    /// Display path of the file or directory.
    pub path: String,
    /// Where in a file, if it is known.
    pub span: Option<Span<'s>>,
    /// What, and what to do about it.
    pub message: String,
    /// Other places.
    pub related: Vec<Label<'s>>,
}

/// Something that was seen and not judged, on purpose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Skipped {
    /// Display path of the file or directory.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Counts of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Files read.
    pub files: usize,
    /// Kubernetes objects judged as plain manifests, plus those in source files of the builds.
    pub manifests: usize,
    /// Roots rendered.
    pub builds: usize,
    /// Errors that count.
    pub errors: usize,
    /// Warnings that count.
    pub warnings: usize,
    /// Notes that count.
    pub notes: usize,
    /// Findings that were suppressed.
    pub suppressed: usize,
}

/// The result of a run, in a fixed order: findings by path, position and rule.
#[derive(Clone, Debug, Default)]
pub struct Report<'s> {
    /// All findings, suppressed ones included.
    pub findings: Vec<Finding<'s>>,
    /// What could not be done.
    pub failures: Vec<Failure<'s>>,
    /// What was left out on purpose.
    pub skipped: Vec<Skipped>,
    /// The counts.
    pub summary: Summary,
}

impl<'s> Report<'s> {
    /// The failures that no finding reports too. A document that does not parse and a root that does not build are both: a
    /// finding at the place, and the reason for the exit status. Formats for people show them once.
    pub fn unreported_failures(&self) -> Vec<&Failure<'s>> {
        let reported = |failure: &&Failure<'s>| {
            self.findings.iter().any(|f| {
                matches!(f.rule, "invalid-yaml" | "unrenderable-kustomization")
                    && failure.span == Some(f.primary.span)
                    && f.suppressed.is_none()
            })
        };
        self.failures.iter().filter(|f| !reported(f)).collect()
    }
}
