//! Whose fault it is: a finding that would not be there if a patch had taken nothing out is reported at the patch.
//!
//! The proof is by mechanism, whatever the rule: what was taken out is put back, the rule judges again, and the finding is gone. Only
//! what has findings and lost something is judged again, so nothing of this costs anything elsewhere.

use crate::finding::Label;
use crate::rule::Raw;
use crate::source::Span;
use crate::yaml::Loss;

/// What a rule found.
pub(super) struct Judged<'s> {
    /// The rule, by index.
    pub(super) rule: usize,
    /// Its findings.
    pub(super) found: Vec<Raw<'s>>,
}

/// Judges by these rules again, as if the places that the function names had taken nothing out.
type Again<'a, 's> = &'a dyn Fn(&[usize], &dyn Fn(Span<'s>) -> bool) -> Vec<Judged<'s>>;

/// Reports at one of the places of `losses` what would not be found without it. With `surrounded`, `again` sees less around what is
/// judged than was seen at first, so that a finding counts only if it is found there too.
pub(super) fn blame<'s>(judged: &mut [Judged<'s>], losses: &[Loss<'s>], surrounded: bool, again: Again<'_, 's>) {
    let rules: Vec<usize> = judged.iter().map(|j| j.rule).collect();
    let mut suspects: Vec<Suspect> = Vec::new();
    let after = again(&rules, &|_| true);
    for judged in judged.iter() {
        let gone = gone(&judged.found, of(&after, judged.rule));
        suspects.extend(gone.into_iter().map(|at| Suspect { rule: judged.rule, at }));
    }
    if suspects.is_empty() {
        return;
    }
    if surrounded {
        let alone = again(&rules_of(&suspects), &|_| false);
        suspects.retain(|s| {
            let raw = finding(judged, s);
            raw.is_some_and(|raw| of(&alone, s.rule).iter().any(|other| is_same(raw, other)))
        });
    }
    let mut guilty = Vec::new();
    divide(judged, losses, suspects, again, &mut guilty);
    for (suspect, loss) in guilty {
        let found = judged.iter_mut().find(|j| j.rule == suspect.rule).and_then(|j| j.found.get_mut(suspect.at));
        // In the file of the patch it is told already, and maybe better: at what the patch wrote instead.
        if let Some(raw) = found.filter(|raw| !std::ptr::eq(raw.finding.primary.span.source, loss.at.source)) {
            point_to(raw, loss);
        }
    }
}

/// A finding that is gone if everything is put back.
#[derive(Clone, Copy)]
struct Suspect {
    rule: usize,
    at: usize,
}

/// Finds for each suspect the one place that is enough, by halves: many places take things out of a large build, and few matter.
fn divide<'l, 's>(
    judged: &[Judged<'s>],
    losses: &'l [Loss<'s>],
    suspects: Vec<Suspect>,
    again: Again<'_, 's>,
    out: &mut Vec<(Suspect, &'l Loss<'s>)>,
) {
    if suspects.is_empty() {
        return;
    }
    if let [only] = losses {
        out.extend(suspects.into_iter().map(|suspect| (suspect, only)));
        return;
    }
    let (first, second) = losses.split_at(losses.len() / 2);
    let mut left = suspects;
    for half in [first, second] {
        let after = again(&rules_of(&left), &|at| half.iter().any(|loss| loss.at == at));
        let is_gone = |s: &Suspect| {
            let found = judged.iter().find(|j| j.rule == s.rule).map(|j| j.found.as_slice()).unwrap_or_default();
            finding(judged, s).is_some_and(|raw| is_gone(raw, found, of(&after, s.rule)))
        };
        let (here, rest): (Vec<Suspect>, Vec<Suspect>) = left.into_iter().partition(is_gone);
        divide(judged, half, here, again, out);
        left = rest;
        if left.is_empty() {
            break;
        }
    }
}

fn rules_of(suspects: &[Suspect]) -> Vec<usize> {
    let mut rules: Vec<usize> = suspects.iter().map(|s| s.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

fn of<'j, 's>(judged: &'j [Judged<'s>], rule: usize) -> &'j [Raw<'s>] {
    judged.iter().find(|j| j.rule == rule).map(|j| j.found.as_slice()).unwrap_or_default()
}

fn finding<'j, 's>(judged: &'j [Judged<'s>], suspect: &Suspect) -> Option<&'j Raw<'s>> {
    of(judged, suspect.rule).get(suspect.at)
}

/// Which of the findings are not there afterwards.
fn gone<'s>(before: &[Raw<'s>], after: &[Raw<'s>]) -> Vec<usize> {
    before.iter().enumerate().filter(|(_, raw)| is_gone(raw, before, after)).map(|(at, _)| at).collect()
}

/// True if a finding is not there afterwards, and none has come in its place: one in other words is the same defect.
fn is_gone<'s>(raw: &Raw<'s>, before: &[Raw<'s>], after: &[Raw<'s>]) -> bool {
    let here = |all: &[Raw<'s>]| all.iter().filter(|other| is_beside(raw, other)).count();
    !after.iter().any(|other| is_same(raw, other)) && here(after) < here(before)
}

fn is_same(a: &Raw<'_>, b: &Raw<'_>) -> bool {
    is_beside(a, b) && a.finding.message == b.finding.message
}

/// The same place in the same object, whose namespace may be what was taken out.
fn is_beside(a: &Raw<'_>, b: &Raw<'_>) -> bool {
    let object = |raw: &Raw<'_>| raw.finding.resource.as_ref().map(|r| (r.kind.clone(), r.name.clone()));
    a.finding.primary.span == b.finding.primary.span && a.container == b.container && object(a) == object(b)
}

/// Reports a finding at the place that took something out, with the usual place beside it. Writing it there would not help, so whatever
/// way to mend it the rule offers is withheld.
fn point_to<'s>(raw: &mut Raw<'s>, loss: &Loss<'s>) {
    let what = if loss.what.is_empty() { "it" } else { &loss.what };
    let removes = Label { span: loss.at, message: format!("this patch removes {what}") };
    let finding = &mut raw.finding;
    let mut usual = std::mem::replace(&mut finding.primary, removes);
    if usual.message.is_empty() {
        usual.message = "affects this".into();
    }
    finding.related.retain(|label| label.span != loss.at);
    finding.related.insert(0, usual);
    finding.fix = None;
}
