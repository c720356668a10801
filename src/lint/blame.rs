//! Whose fault it is: a finding that would not be there if a patch had taken nothing out is reported at the patch. So is one that says
//! that two places do not fit, if one of them is as it is because of an overlay.
//!
//! The proof is by mechanism, whatever the rule: what was done is undone, the rule judges again, and the finding is gone. Only what has
//! findings and lost something, or has findings of rules that compare, is judged again, so nothing of this costs anything elsewhere.

use rustc_hash::FxHashSet;

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

/// Something that was done to what is judged.
pub(super) struct Deed<'s> {
    /// The place that did it.
    at: Span<'s>,
    /// What is said of it.
    says: String,
    /// What is said of the place that is shown otherwise, unless the rule says something.
    says_of_other: &'static str,
}

impl<'s> Deed<'s> {
    /// Something was taken out.
    pub(super) fn removal(loss: Loss<'s>) -> Self {
        let what = if loss.what.is_empty() { "it" } else { &loss.what };
        Deed { at: loss.at, says: format!("this removes {what}"), says_of_other: "affects this" }
    }

    /// Something was written.
    pub(super) fn rewrite(at: Span<'s>) -> Self {
        Deed { at, says: "what this writes no longer fits".into(), says_of_other: "does not fit it" }
    }
}

/// Judges by these rules again, as if nothing had been done at the places that the function names.
type Again<'a, 's> = &'a dyn Fn(&[usize], &dyn Fn(Span<'s>) -> bool) -> Vec<Judged<'s>>;

/// Blames for the findings of some rules only.
pub(super) fn among<'s>(
    judged: &mut [Judged<'s>],
    takes: impl Fn(usize) -> bool,
    blame: impl FnOnce(&mut [Judged<'s>]),
) {
    // In the order of the rules again afterwards, which is that of the report.
    judged.sort_by_key(|j| !takes(j.rule));
    let some = judged.partition_point(|j| takes(j.rule));
    if some > 0 {
        blame(judged.get_mut(..some).unwrap_or_default());
    }
    judged.sort_by_key(|j| j.rule);
}

/// Reports at one of the places of `deeds` what would not be found without it. With `surrounded`, `again` sees less around what is
/// judged than was seen at first, so that a finding counts only if it is found there too.
pub(super) fn blame<'s>(judged: &mut [Judged<'s>], deeds: &[Deed<'s>], surrounded: bool, again: Again<'_, 's>) {
    if deeds.is_empty() {
        return;
    }
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
        let alone = again(&rules_of(suspects.iter()), &|_| false);
        suspects.retain(|s| {
            let raw = finding(judged, s);
            raw.is_some_and(|raw| of(&alone, s.rule).iter().any(|other| is_same(raw, other)))
        });
    }
    let mut trial = Trial { judged, again, guilty: Vec::new() };
    let doubtful = trial.convict(deeds, suspects);
    trial.divide(deeds, doubtful);
    for (suspect, deed) in trial.guilty {
        let found = judged.iter_mut().find(|j| j.rule == suspect.rule).and_then(|j| j.found.get_mut(suspect.at));
        // In the file of the patch it is told already, and maybe better: at what the patch wrote instead.
        if let Some(raw) = found.filter(|raw| !std::ptr::eq(raw.finding.primary.span.source, deed.at.source)) {
            point_to(raw, deed);
        }
    }
}

/// A finding that is gone if everything is undone.
#[derive(Clone, Copy)]
struct Suspect {
    rule: usize,
    at: usize,
}

/// So many findings that several deeds explain are looked into one by one.
const DOUBTFUL: usize = 16;

/// Finds out what is to blame for findings.
struct Trial<'j, 'l, 's> {
    judged: &'j [Judged<'s>],
    again: Again<'j, 's>,
    /// What is found: the deed that is enough for each finding.
    guilty: Vec<(Suspect, &'l Deed<'s>)>,
}

impl<'l, 's> Trial<'_, 'l, 's> {
    /// Finds for each suspect the one deed that is enough, for all at once: by each bit of the number of a deed, the deeds are two halves, and a
    /// finding is gone in the half that has its deed. Judging again takes as often as numbers have bits, however much was done. What is
    /// gone in neither half took several deeds, and nobody is blamed. Returns what is gone in both: each of several deeds is enough.
    fn convict(&mut self, deeds: &'l [Deed<'s>], suspects: Vec<Suspect>) -> Vec<Suspect> {
        let mut open: Vec<(Suspect, usize)> = suspects.into_iter().map(|suspect| (suspect, 0)).collect();
        let mut doubtful = Vec::new();
        let mut bit = 1;
        while bit < deeds.len() && !open.is_empty() {
            let rules = rules_of(open.iter().map(|(suspect, _)| suspect));
            let [without, with] = [0, bit].map(|wanted| {
                let half = deeds.iter().enumerate().filter(|(number, _)| number & bit == wanted);
                let half: FxHashSet<Span<'s>> = half.map(|(_, deed)| deed.at).collect();
                (self.again)(&rules, &|at| half.contains(&at))
            });
            open.retain_mut(|(suspect, number)| {
                match (is_off(self.judged, suspect, &without), is_off(self.judged, suspect, &with)) {
                    (false, true) => {
                        *number |= bit;
                        true
                    }
                    (true, false) => true,
                    (true, true) => {
                        doubtful.push(*suspect);
                        false
                    }
                    (false, false) => false,
                }
            });
            bit *= 2;
        }
        self.guilty.extend(open.into_iter().filter_map(|(suspect, number)| Some((suspect, deeds.get(number)?))));
        doubtful.truncate(DOUBTFUL);
        doubtful
    }

    /// Finds for each suspect the first deed that is enough, by halves.
    fn divide(&mut self, deeds: &'l [Deed<'s>], suspects: Vec<Suspect>) {
        if suspects.is_empty() {
            return;
        }
        if let [only] = deeds {
            self.guilty.extend(suspects.into_iter().map(|suspect| (suspect, only)));
            return;
        }
        let (first, second) = deeds.split_at(deeds.len() / 2);
        let mut left = suspects;
        for half in [first, second] {
            let places: FxHashSet<Span<'s>> = half.iter().map(|deed| deed.at).collect();
            let after = (self.again)(&rules_of(left.iter()), &|at| places.contains(&at));
            let (here, rest): (Vec<Suspect>, Vec<Suspect>) =
                left.into_iter().partition(|s| is_off(self.judged, s, &after));
            self.divide(half, here);
            left = rest;
            if left.is_empty() {
                break;
            }
        }
    }
}

fn rules_of<'x>(suspects: impl Iterator<Item = &'x Suspect>) -> Vec<usize> {
    let mut rules: Vec<usize> = suspects.map(|s| s.rule).collect();
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

/// True if a finding is not there afterwards.
fn is_off<'s>(judged: &[Judged<'s>], suspect: &Suspect, after: &[Judged<'s>]) -> bool {
    let (before, after) = (of(judged, suspect.rule), of(after, suspect.rule));
    before.get(suspect.at).is_some_and(|raw| is_gone(raw, before, after))
}

/// Which of the findings are not there afterwards.
fn gone<'s>(before: &[Raw<'s>], after: &[Raw<'s>]) -> Vec<usize> {
    before.iter().enumerate().filter(|(_, raw)| is_gone(raw, before, after)).map(|(at, _)| at).collect()
}

/// True if a finding is not there afterwards, and none has come in its place: one in other words is the same defect, and so is one of
/// the same container at what was put back.
fn is_gone<'s>(raw: &Raw<'s>, before: &[Raw<'s>], after: &[Raw<'s>]) -> bool {
    let here = |all: &[Raw<'s>]| all.iter().filter(|other| is_beside(raw, other)).count();
    let nearby = |all: &[Raw<'s>]| all.iter().filter(|other| is_of_the_same(raw, other)).count();
    !after.iter().any(|other| is_same(raw, other)) && here(after) < here(before) && nearby(after) < nearby(before)
}

fn is_same(a: &Raw<'_>, b: &Raw<'_>) -> bool {
    is_beside(a, b) && a.finding.message == b.finding.message
}

/// The same place in the same object, whose namespace may be what was taken out.
fn is_beside(a: &Raw<'_>, b: &Raw<'_>) -> bool {
    a.finding.primary.span == b.finding.primary.span && is_of_the_same(a, b)
}

/// The same object, and container if it is of one.
fn is_of_the_same(a: &Raw<'_>, b: &Raw<'_>) -> bool {
    let object = |raw: &Raw<'_>| raw.finding.resource.as_ref().map(|r| (r.kind.clone(), r.name.clone()));
    a.container == b.container && object(a) == object(b)
}

/// Reports a finding at the place that did it, with the usual place beside it. Writing it there would not help, so whatever
/// way to mend it the rule offers is withheld.
fn point_to<'s>(raw: &mut Raw<'s>, deed: &Deed<'s>) {
    let done = Label { span: deed.at, message: deed.says.clone() };
    let finding = &mut raw.finding;
    let mut usual = std::mem::replace(&mut finding.primary, done);
    if usual.message.is_empty() {
        usual.message = deed.says_of_other.into();
    }
    finding.related.retain(|label| label.span != deed.at);
    finding.related.insert(0, usual);
    finding.fix = None;
}
