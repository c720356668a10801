//! Baselines: findings that are known already, so that only new ones count.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Report};
use crate::lint::place_free_fingerprint;

/// Findings that are known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Baseline {
    version: u32,
    findings: Vec<Known>,
}

/// A finding in a baseline. Only the two fingerprints count; the rest is for people.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    rule: String,
    path: String,
    message: String,
    /// [`Finding::fingerprint`]: the same place, wherever its line went.
    fingerprint: String,
    /// The same without the directory: for files that moved.
    moved: String,
}

/// Counts what a baseline did to a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Findings that were known.
    pub known: usize,
    /// Entries of the baseline that nothing matched: mended, or gone.
    pub gone: usize,
}

const VERSION: u32 = 1;

impl Baseline {
    /// The findings of a report that count.
    pub fn of(report: &Report<'_>) -> Self {
        let counting = report.findings.iter().filter(|f| f.suppressed.is_none());
        let findings = counting
            .map(|f| Known {
                rule: f.rule.to_string(),
                path: f.primary.span.source.display().to_string(),
                message: f.message.clone(),
                fingerprint: f.fingerprint.clone(),
                moved: place_free_fingerprint(f),
            })
            .collect();
        Baseline { version: VERSION, findings }
    }

    /// Findings in the files (paths as shown) of which this is true have not moved: they are known at their place only.
    pub fn stay(&mut self, stays: impl Fn(&str) -> bool) {
        self.findings.iter_mut().filter(|k| stays(&k.path)).for_each(|k| k.moved.clear());
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// Not one, or one of a later version; in words.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let baseline: Baseline = serde_json::from_slice(bytes).map_err(|e| format!("not a baseline: {e}"))?;
        if baseline.version == VERSION {
            Ok(baseline)
        } else {
            Err(format!("version {} of baselines is not known here; write it anew", baseline.version))
        }
    }

    /// The baseline as JSON, one finding a line, so that a diff shows which came and went.
    pub fn to_json(&self) -> String {
        let lines: Vec<String> = self.findings.iter().filter_map(|k| serde_json::to_string(k).ok()).collect();
        if lines.is_empty() {
            return format!("{{\"version\": {VERSION}, \"findings\": []}}\n");
        }
        format!("{{\"version\": {VERSION}, \"findings\": [\n  {}\n]}}\n", lines.join(",\n  "))
    }

    /// How many findings it has.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// True if it has none.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Suppresses the findings that are known, for this reason. Each entry stands for one finding: first for one at the same
    /// place, then for one in a file that moved.
    pub fn apply(&self, report: &mut Report<'_>, reason: &str) -> Applied {
        let mut left = vec![true; self.findings.len()];
        self.pass(report, reason, &mut left, |k| &k.fingerprint, |f| f.fingerprint.clone());
        self.pass(report, reason, &mut left, |k| &k.moved, place_free_fingerprint);
        let gone = left.iter().filter(|l| **l).count();
        Applied { known: left.len() - gone, gone }
    }

    fn pass(
        &self,
        report: &mut Report<'_>,
        reason: &str,
        left: &mut [bool],
        print_of: impl Fn(&Known) -> &String,
        print: impl Fn(&Finding<'_>) -> String,
    ) {
        let mut known: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (at, entry) in self.findings.iter().enumerate().rev().filter(|(at, _)| left[*at]) {
            known.entry(print_of(entry)).or_default().push(at);
        }
        for finding in report.findings.iter_mut().filter(|f| f.suppressed.is_none()) {
            if let Some(at) = known.get_mut(print(finding).as_str()).and_then(Vec::pop) {
                left[at] = false;
                finding.suppressed = Some(reason.to_string());
            }
        }
    }
}
