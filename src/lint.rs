//! Drives the rules over a run, then a visible list of pure steps from raw findings to the report's.

mod blame;
mod fingerprint;
mod generated;
mod merge;
mod sets;
mod stubs;
mod suppression;
mod yields;

pub use fingerprint::place_free_fingerprint;
pub use sets::RuleSets;

pub(crate) use generated::is_generated;
pub(crate) use merge::Subject as MergedSubject;

use std::cmp::Ordering;

use blame::{Deed, Judged};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::finding::{Finding, Severity};
use crate::k8s::{Object, Workload};
use crate::progress::{Phase, Progress};
use crate::rule::{
    ActiveRule, BuildCx, ContainerCx, KustomizationCx, ObjectCx, PodCx, Raw, Run, Scope, ScopeKind, Sink, SourceCx,
    SourceRole, Subject, Usage,
};
use crate::rules::Registry;
use crate::source::Source;
use crate::suppress::{Exemptions, Suppressions, Verdict};
use crate::yaml::Node;

/// A file that was read, for rules that look at files.
pub struct SourceUnit<'s> {
    /// The file.
    pub source: &'s Source,
    /// What it is used for.
    pub role: SourceRole,
    /// The roots of its documents.
    pub documents: Vec<Node<'s>>,
    /// What became of it, if it is a kustomization.
    pub usage: Option<Box<Usage<'s>>>,
}

/// Runs the rules and returns the findings in report order: merged over builds, ordered by path, position and rule.
/// `exemptions` are those of the configuration; `progress` counts the objects.
pub fn lint<'s>(
    run: &Run<'s>,
    units: &[SourceUnit<'s>],
    registry: &Registry,
    sets: &RuleSets<'_, '_>,
    exemptions: Exemptions<'_, 's>,
    progress: &Progress,
) -> Vec<Finding<'s>> {
    // Side by side: the last of one part may be long, and no core is to wait for it.
    let beside = || rayon::join(|| judge_scopes(run, sets), || judge_sources(run, units, sets));
    let (mut raw, (of_scopes, of_sources)) = rayon::join(|| judge_objects(run, sets, progress), beside);
    raw.extend(of_scopes);
    raw.extend(of_sources);
    stubs::drop_on_stubs(&mut raw, sets.rules());
    let merged = merge::merge(raw);
    let mut kept = yields::drop_yielding(merged, sets.rules());
    let mut suppressions = Suppressions::collect(units, &run.scopes, registry, exemptions);
    for merged in &mut kept {
        match suppressions.apply(&merged.finding, &mut merged.subjects) {
            Verdict::Counts => {}
            Verdict::Narrowed => merged.follow_subjects(),
            Verdict::Suppressed(reason) => merged.finding.suppressed = Some(reason),
        }
    }
    let mut found: Vec<Finding<'s>> = generated::fold(kept).into_iter().map(|merged| merged.finding).collect();
    let complete = !run.incomplete && run.scopes.iter().all(|s| s.complete);
    found.extend(suppression::judge(&suppressions, sets, complete));
    let mut findings = Vec::new();
    add(&mut findings, found);
    findings
}

/// Adds findings made outside the rules' hooks, and puts all in report order with their fingerprints.
pub fn add<'s>(findings: &mut Vec<Finding<'s>>, more: Vec<Finding<'s>>) {
    findings.extend(more);
    findings.sort_by(order);
    fingerprint::assign(findings);
}

fn order(a: &Finding<'_>, b: &Finding<'_>) -> Ordering {
    let (one, other) = (a.primary.span, b.primary.span);
    // Most are beside others of their file: its path need not be read again.
    let files = if std::ptr::eq(one.source, other.source) {
        Ordering::Equal
    } else {
        one.source.display().cmp(other.source.display())
    };
    let rest = |f: &Finding<'_>| (f.primary.span.start, f.primary.span.end, f.rule);
    files.then_with(|| rest(a).cmp(&rest(b))).then_with(|| a.message.cmp(&b.message))
}

/// Object, pod and container hooks: once for every distinct object and rule, however many roots hold it unchanged.
fn judge_objects<'s>(run: &Run<'s>, sets: &RuleSets<'_, '_>, progress: &Progress) -> Vec<Raw<'s>> {
    let mut seen: FxHashMap<(usize, u32), usize> = FxHashMap::default();
    let mut distinct: Vec<(&Object<'s>, Groups)> = Vec::new();
    for (at, scope) in run.scopes.iter().enumerate() {
        for object in &scope.objects {
            let slot = *seen.entry(object.node.identity()).or_insert_with(|| {
                distinct.push((object, Vec::new()));
                distinct.len() - 1
            });
            let set = sets.of_object(at, scope, &object.node);
            let groups = &mut distinct[slot].1;
            match groups.iter_mut().find(|(s, _)| *s == set) {
                Some((_, scopes)) => scopes.push(at),
                None => groups.push((set, vec![at])),
            }
        }
    }
    progress.enter(Phase::Judge, distinct.len());
    let judged: Vec<Vec<Raw<'s>>> = distinct
        .par_iter()
        .with_max_len(AT_A_TIME)
        .map(|(object, groups)| {
            let workloads = Workload::with(object, &run.env.pod_templates);
            let groups: Vec<(usize, Vec<String>)> =
                groups.iter().map(|(set, scopes)| (*set, builds(run, scopes))).collect();
            let (mut judged, mut out) = (Vec::new(), Vec::new());
            for (rule, active) in sets.rules().iter().enumerate() {
                if groups.iter().all(|(set, _)| sets.severity(*set, rule).is_none()) {
                    continue;
                }
                let mut found = Vec::new();
                judge_object(object, &workloads, run, active, &mut found);
                if !found.is_empty() {
                    judged.push(Judged { rule, found });
                }
            }
            blame_in_object(object, run, sets, &mut judged);
            for Judged { rule, mut found } in judged {
                let takers = groups.iter().filter_map(|(set, builds)| Some((*set, builds, sets.severity(*set, rule)?)));
                let mut takers = takers.peekable();
                while let Some((set, builds, severity)) = takers.next() {
                    // The last one gets them as they are.
                    match takers.peek() {
                        Some(_) => give(found.iter().cloned(), set, builds, severity, &mut out),
                        None => give(found.drain(..), set, builds, severity, &mut out),
                    }
                }
            }
            progress.step();
            out
        })
        .collect();
    judged.into_iter().flatten().collect()
}

/// Scopes by the rule set that judges them.
type Groups = Vec<(usize, Vec<usize>)>;

/// The findings as they count under one rule set.
fn give<'s>(
    found: impl Iterator<Item = Raw<'s>>,
    set: usize,
    builds: &[String],
    severity: Severity,
    out: &mut Vec<Raw<'s>>,
) {
    out.extend(found.map(|mut raw| {
        raw.set = set;
        raw.finding.severity = severity;
        raw.finding.builds = builds.to_vec();
        raw
    }));
}

fn judge_object<'s>(
    object: &Object<'s>,
    workloads: &[Workload<'s>],
    run: &Run<'s>,
    active: &ActiveRule<'_>,
    out: &mut Vec<Raw<'s>>,
) {
    let env = &run.env;
    let rule = active.page.id;
    let subject = Some(Subject { object, container: None });
    active.rule.object(&ObjectCx { object, workloads, env }, &mut Sink::new(rule, active.severity, subject, out));
    for workload in workloads {
        let mut sink = Sink::new(rule, active.severity, subject, out);
        active.rule.pod(&PodCx { workload, env }, &mut sink);
        for container in &workload.containers {
            let subject = Some(Subject { object, container: Some(container) });
            let mut sink = Sink::new(rule, active.severity, subject, out);
            active.rule.container(&ContainerCx { workload, container, env }, &mut sink);
        }
    }
}

/// So many objects or files a thread judges at a time: they do not take equally long.
const AT_A_TIME: usize = 16;

/// Build hooks: once for every scope and rule. Where files of a scope have different rule sets, a finding counts if the set of
/// its file has the rule.
fn judge_scopes<'s>(run: &Run<'s>, sets: &RuleSets<'_, '_>) -> Vec<Raw<'s>> {
    let judged: Vec<Vec<Raw<'s>>> = run
        .scopes
        .par_iter()
        .with_max_len(1)
        .enumerate()
        .map(|(at, scope)| {
            let mut own: Vec<usize> = match scope.kind {
                ScopeKind::Plain => scope.objects.iter().map(|o| sets.of_object(at, scope, &o.node)).collect(),
                _ => vec![sets.of_scope(at)],
            };
            own.sort_unstable();
            own.dedup();
            let builds = builds(run, &[at]);
            let (mut judged, mut out) = (Vec::new(), Vec::new());
            for (rule, active) in sets.rules().iter().enumerate() {
                if !own.iter().any(|set| sets.severity(*set, rule).is_some()) {
                    continue;
                }
                let mut found = Vec::new();
                let mut sink = Sink::new(active.page.id, active.severity, None, &mut found);
                active.rule.build(&BuildCx { scope, run, env: &run.env }, &mut sink);
                if !found.is_empty() {
                    judged.push(Judged { rule, found });
                }
            }
            blame_in_scope(scope, run, sets, &mut judged);
            for Judged { rule, found } in judged {
                for raw in found {
                    let set = match own[..] {
                        [set] => set,
                        _ => sets.of_file(raw.finding.primary.span.source),
                    };
                    if let Some(severity) = sets.severity(set, rule) {
                        give(std::iter::once(raw), set, &builds, severity, &mut out);
                    }
                }
            }
            out
        })
        .collect();
    judged.into_iter().flatten().collect()
}

/// Points findings of a scope to what overlays did that causes them.
fn blame_in_scope<'s>(scope: &Scope<'s>, run: &Run<'s>, sets: &RuleSets<'_, '_>, judged: &mut [Judged<'s>]) {
    let more = &run.env.pod_templates;
    let again = |rules: &[usize], scope: Scope<'s>| {
        let run = Run::new(vec![scope], run.env.clone(), run.incomplete);
        let again = |rule: &usize| {
            let active = sets.rules().get(*rule)?;
            let mut found = Vec::new();
            let mut sink = Sink::new(active.page.id, active.severity, None, &mut found);
            active.rule.build(&BuildCx { scope: run.scopes.first()?, run: &run, env: &run.env }, &mut sink);
            Some(Judged { rule: *rule, found })
        };
        rules.iter().filter_map(again).collect()
    };
    if !judged.is_empty() {
        let losses: Vec<Deed<'s>> = scope.losses().into_iter().map(Deed::removal).collect();
        blame::blame(judged, &losses, true, &|rules, undone| again(rules, scope.restored(undone, more)));
    }
    blame::among(
        judged,
        |rule| compares(sets, rule),
        |judged| {
            let rewrites: Vec<Deed<'s>> = scope.rewrites().into_iter().map(Deed::rewrite).collect();
            blame::blame(judged, &rewrites, true, &|rules, undone| again(rules, scope.reverted(undone, more)));
        },
    );
}

/// The same for what rules find in one object.
fn blame_in_object<'s>(object: &Object<'s>, run: &Run<'s>, sets: &RuleSets<'_, '_>, judged: &mut [Judged<'s>]) {
    let again = |rules: &[usize], changed: Option<Node<'s>>| {
        let changed = changed.and_then(Object::new);
        let object = changed.as_ref().unwrap_or(object);
        let workloads = Workload::with(object, &run.env.pod_templates);
        let again = |rule: &usize| {
            let active = sets.rules().get(*rule)?;
            let mut found = Vec::new();
            judge_object(object, &workloads, run, active, &mut found);
            Some(Judged { rule: *rule, found })
        };
        rules.iter().filter_map(again).collect()
    };
    if !judged.is_empty() {
        let mut losses = Vec::new();
        object.node.losses(&mut losses);
        let losses: Vec<Deed<'s>> = losses.into_iter().map(Deed::removal).collect();
        blame::blame(judged, &losses, false, &|rules, undone| again(rules, object.node.restored(undone)));
    }
    blame::among(
        judged,
        |rule| compares(sets, rule),
        |judged| {
            let mut rewrites = Vec::new();
            object.node.rewrites(&mut rewrites);
            let rewrites: Vec<Deed<'s>> = rewrites.into_iter().map(Deed::rewrite).collect();
            blame::blame(judged, &rewrites, false, &|rules, undone| again(rules, object.node.reverted(undone)));
        },
    );
}

fn compares(sets: &RuleSets<'_, '_>, rule: usize) -> bool {
    sets.rules().get(rule).is_some_and(|active| active.rule.compares())
}

/// Source and kustomization hooks: once for every file.
fn judge_sources<'s>(run: &Run<'s>, units: &[SourceUnit<'s>], sets: &RuleSets<'_, '_>) -> Vec<Raw<'s>> {
    let rendered = run.scopes.iter().enumerate().filter(|(_, s)| s.kind == ScopeKind::Root);
    let rendered: FxHashMap<&str, usize> = rendered.map(|(at, s)| (s.name.as_str(), at)).collect();
    let judged: Vec<Vec<Raw<'s>>> = units
        .par_iter()
        .with_max_len(AT_A_TIME)
        .map(|unit| {
            let mut out = Vec::new();
            let env = &run.env;
            let set = sets.of_file(unit.source);
            // The rendered roots that a kustomization takes part in.
            let roots = unit.usage.iter().flat_map(|usage| &usage.roots);
            let mut roots: Vec<usize> = roots.filter_map(|name| rendered.get(name.as_str()).copied()).collect();
            roots.sort_unstable();
            let scopes: Vec<&Scope<'s>> = roots.into_iter().filter_map(|at| run.scopes.get(at)).collect();
            for (rule, active) in sets.rules().iter().enumerate() {
                let Some(severity) = sets.severity(set, rule) else { continue };
                let mut sink = Sink::new(active.page.id, severity, None, &mut out);
                let (source, role, documents) = (unit.source, unit.role, &unit.documents[..]);
                active.rule.source(&SourceCx { source, role, documents, env }, &mut sink);
                if let (Some(usage), Some(node)) = (&unit.usage, documents.first()) {
                    let from = out.len();
                    let scopes = scopes.clone();
                    let mut sink = Sink::new(active.page.id, active.severity, None, &mut out);
                    active.rule.kustomization(&KustomizationCx { source, node, usage, scopes, run, env }, &mut sink);
                    for raw in out.iter_mut().skip(from) {
                        raw.finding.builds.clone_from(&usage.roots);
                    }
                }
            }
            out.iter_mut().for_each(|raw| raw.set = set);
            out
        })
        .collect();
    judged.into_iter().flatten().collect()
}

/// Names of the rendered roots among these scopes.
fn builds(run: &Run<'_>, scopes: &[usize]) -> Vec<String> {
    let mut names: Vec<String> = scopes
        .iter()
        .filter_map(|&at| run.scopes.get(at))
        .filter(|s| s.kind == ScopeKind::Root)
        .map(|s| s.name.clone())
        .collect();
    names.sort();
    names.dedup();
    names
}
