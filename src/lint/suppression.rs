//! The three rules on suppressions themselves. They look at what the other rules and the suppressions did, so they run last.

use super::sets::RuleSets;
use crate::finding::{Edit, Finding, Fix, Label, Safety};
use crate::source::Span;
use crate::suppress::{Cover, Suppressions};

/// Findings of `invalid-suppression`, `unused-suppression` and `suppression-without-reason`. `complete` is false if something
/// was not judged (a root that did not render, files named alone): then an unused suppression proves nothing. So it is where a
/// rule does not run everywhere.
pub(super) fn judge<'s>(suppressions: &Suppressions<'s>, sets: &RuleSets<'_, '_>, complete: bool) -> Vec<Finding<'s>> {
    let mut out = Vec::new();
    let mut report = |id: &str, place: Span<'s>, message: String, help: &str, fix: Option<Fix<'s>>| {
        if let Some((active, severity)) = sets.for_file(id, place.source) {
            out.push(Finding {
                rule: active.page.id,
                severity,
                message,
                primary: Label { span: place, message: String::new() },
                related: Vec::new(),
                resource: None,
                builds: Vec::new(),
                help: (!help.is_empty()).then(|| help.to_string()),
                fix,
                suppressed: None,
                fingerprint: String::new(),
            });
        }
    };
    for (suppression, used) in suppressions.results().filter(|(s, _)| !s.foreign) {
        let place = suppression.place;
        if let Some(why) = &suppression.invalid {
            report("invalid-suppression", place, format!("this suppression is not understood: {why}"), "", None);
            continue;
        }
        if let Cover::Entry(entry) = &suppression.covers
            && let Some(until) = entry.expired
        {
            let message = format!("this entry ended on {until}: it suppresses nothing any more");
            report("unused-suppression", place, message, "fix what it was there for, or set a later date", None);
            continue;
        }
        let unused: Vec<&str> = suppression
            .rules
            .iter()
            .zip(used)
            .filter(|((_, ids), used)| !**used && ids.iter().all(|id| sets.everywhere(id).is_some()))
            .map(|((name, _), _)| name.as_str())
            .collect();
        if complete && suppressions.is_provable(suppression) && !unused.is_empty() {
            let names: Vec<String> = unused.iter().map(|n| format!("`{n}`")).collect();
            let message = format!("nothing is suppressed here by {}", names.join(", "));
            let all = unused.len() == suppression.rules.len();
            let fix = suppression.removal().filter(|_| all).map(|span| Fix {
                safety: Safety::Safe,
                message: "remove the comment".into(),
                edits: vec![Edit { span, text: String::new() }],
            });
            let help = "remove the rule from the list, or the whole suppression";
            report("unused-suppression", place, message, help, fix);
        }
        if suppression.reason.is_empty() {
            let (message, help) = ("this suppression gives no reason".into(), suppression.covers.reason_help());
            report("suppression-without-reason", place, message, help, None);
        }
    }
    out
}
