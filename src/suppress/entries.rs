//! Exemptions of the configuration.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{Suppression, Tool};
use crate::files::{display_path, normal};
use crate::finding::Finding;
use crate::lint::MergedSubject;
use crate::settings::{NameGlobs, PathGlobs};
use crate::source::Span;

/// A day, as in `2027-01-31`. Ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day that is this many days after 1970-01-01, in the proleptic Gregorian calendar.
    pub fn from_days(days: u64) -> Self {
        let mut left = days;
        let mut year = 1970u16;
        while left >= year_days(year) {
            left -= year_days(year);
            year = year.saturating_add(1);
        }
        let mut month = 1;
        while left >= u64::from(month_days(year, month)) {
            left -= u64::from(month_days(year, month));
            month += 1;
        }
        Date { year, month, day: left as u8 + 1 }
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('-').map(|p| (p.len(), p.parse::<u16>()));
        let date = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some((4, Ok(year))), Some((2, Ok(month))), Some((2, Ok(day))), None) if (1..=12).contains(&month) => {
                let (month, day) = (month as u8, day.min(99) as u8);
                (1..=month_days(year, month)).contains(&day).then_some(Date { year, month, day })
            }
            _ => None,
        };
        date.ok_or_else(|| format!("`{text}` is no date; write it like `2027-01-31`"))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn year_days(year: u16) -> u64 {
    365 + u64::from(is_leap(year))
}

fn month_days(year: u16, month: u8) -> u8 {
    match month {
        2 => 28 + u8::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// An entry of `ignore` in the configuration, or what another tool's leaves out. Criteria that are empty do not restrict it.
#[derive(Clone, Debug)]
pub struct Exemption<'s> {
    /// Where it is written.
    pub place: Span<'s>,
    /// The rules, as written and as ids.
    pub rules: Vec<(String, Vec<&'static str>)>,
    /// Why.
    pub reason: String,
    /// The day that it ended on, if that day is over.
    pub expired: Option<Date>,
    /// What it covers.
    pub criteria: Criteria,
    /// True if it was written for another tool: then it is nobody's mistake if it does nothing here.
    pub foreign: bool,
}

/// What an exemption covers: findings that meet all of these.
#[derive(Clone, Debug, Default)]
pub struct Criteria {
    /// Files that the finding points into.
    pub paths: PathGlobs,
    /// Roots that show it.
    pub overlays: PathGlobs,
    /// Kinds of the object.
    pub kinds: NameGlobs,
    /// Names of the object.
    pub names: NameGlobs,
    /// Namespaces of the object.
    pub namespaces: NameGlobs,
    /// Names of the container.
    pub containers: NameGlobs,
}

/// The exemptions of a run, and where it looked.
#[derive(Clone, Copy, Default)]
pub struct Exemptions<'a, 's> {
    /// The entries.
    pub entries: &'a [Exemption<'s>],
    /// The directory that their globs are relative to.
    pub dir: Option<&'a Path>,
    /// The working directory.
    pub cwd: Option<&'a Path>,
    /// The directories that were judged whole.
    pub inputs: &'a [PathBuf],
    /// Tools whose suppressions count too.
    pub compat: &'a [Tool],
}

/// An exemption as a suppression.
pub(crate) struct Entry {
    /// The day that it ended on, if that day is over.
    pub(crate) expired: Option<Date>,
    /// True if the run saw all that it may cover.
    pub(super) provable: bool,
    criteria: Criteria,
    dir: PathBuf,
    cwd: PathBuf,
}

/// The exemptions as suppressions.
pub(super) fn collect<'s>(exemptions: Exemptions<'_, 's>, out: &mut Vec<Suppression<'s>>) {
    let dir = exemptions.dir.unwrap_or(Path::new("/"));
    let cwd = exemptions.cwd.unwrap_or(Path::new("/"));
    for exemption in exemptions.entries {
        let seen = |globs: &PathGlobs| {
            let mut prefixes = globs.prefixes().peekable();
            prefixes.peek().is_some()
                && prefixes.all(|p| exemptions.inputs.iter().any(|input| dir.join(p).starts_with(input)))
        };
        let criteria = exemption.criteria.clone();
        let whole = exemptions.inputs.iter().any(|input| dir.starts_with(input));
        let provable = whole || seen(&criteria.paths) || seen(&criteria.overlays);
        let entry = Entry { expired: exemption.expired, provable, criteria, dir: dir.into(), cwd: cwd.into() };
        out.push(Suppression {
            place: exemption.place,
            covers: super::Cover::Entry(Box::new(entry)),
            rules: exemption.rules.clone(),
            reason: exemption.reason.clone(),
            invalid: None,
            foreign: exemption.foreign,
        });
    }
}

/// What an exemption leaves of one subject of a finding.
pub(super) enum Left {
    /// All of it.
    All,
    /// These builds of it.
    Builds(Vec<String>),
    /// Nothing.
    Nothing,
}

impl Entry {
    /// True if the finding is in a file that it covers.
    pub(super) fn is_about(&self, finding: &Finding<'_>) -> bool {
        let paths = &self.criteria.paths;
        self.expired.is_none()
            && (paths.is_empty() || paths.matches(&display_path(finding.primary.span.source.path(), &self.dir)))
    }

    /// What it leaves of a subject.
    pub(super) fn leaves(&self, subject: &MergedSubject<'_>) -> Left {
        let criteria = &self.criteria;
        let resource = subject.resource.as_ref();
        let covered = criteria.kinds.allows(resource.map(|r| r.kind.as_str()))
            && criteria.names.allows(resource.map(|r| r.name.as_str()))
            && criteria.namespaces.allows(resource.and_then(|r| r.namespace.as_deref()))
            && criteria.containers.allows(subject.container_name.as_deref());
        if !covered {
            return Left::All;
        }
        if criteria.overlays.is_empty() {
            return Left::Nothing;
        }
        let inside = |build: &str| {
            let path = normal(&self.cwd, Path::new(build));
            criteria.overlays.matches(&display_path(&path, &self.dir))
        };
        let left: Vec<String> = subject.builds.iter().filter(|b| !inside(b)).cloned().collect();
        match left.len() {
            n if n == subject.builds.len() => Left::All,
            0 => Left::Nothing,
            _ => Left::Builds(left),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let parse = |text: &str| text.parse::<Date>();
        assert_eq!(parse("2027-01-31").unwrap().to_string(), "2027-01-31");
        assert!(parse("2028-02-29").is_ok() && parse("2027-02-29").is_err() && parse("2100-02-29").is_err());
        for bad in ["2027-1-31", "2027-13-01", "2027-00-01", "2027-01-00", "tomorrow", "2027-01-31-1", "27-01-31"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse("2027-01-31").unwrap() < parse("2027-02-01").unwrap());
        assert_eq!(Date::from_days(0).to_string(), "1970-01-01");
        assert_eq!(Date::from_days(19_782).to_string(), "2024-02-29");
        assert_eq!(Date::from_days(20_819).to_string(), "2027-01-01");
    }
}
