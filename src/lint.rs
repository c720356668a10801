//! Drives the rules over a run, then a visible list of pure steps from raw findings to the report's.

mod fingerprint;
mod merge;
mod suppression;
mod yields;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::finding::Finding;
use crate::k8s::{Object, Workload};
use crate::rule::{
    ActiveRule, BuildCx, ContainerCx, KustomizationCx, ObjectCx, PodCx, Raw, Run, ScopeKind, Sink, SourceCx,
    SourceRole, Subject,
};
use crate::rules::Registry;
use crate::source::Source;
use crate::suppress::Suppressions;
use crate::yaml::Node;

/// A file that was read, for rules that look at files.
pub struct SourceUnit<'s> {
    /// The file.
    pub source: &'s Source,
    /// What it is used for.
    pub role: SourceRole,
    /// The roots of its documents.
    pub documents: Vec<Node<'s>>,
}

/// Runs the rules and returns the findings in report order: merged over builds, ordered by path, position and rule.
pub fn lint<'s>(
    run: &Run<'s>,
    units: &[SourceUnit<'s>],
    registry: &Registry,
    rules: &[ActiveRule<'_>],
) -> Vec<Finding<'s>> {
    let mut raw = judge_objects(run, rules);
    raw.extend(judge_scopes(run, rules));
    raw.extend(judge_sources(run, units, rules));
    let merged = merge::merge(raw);
    let kept = yields::drop_yielding(merged, rules);
    let mut suppressions = Suppressions::collect(units, &run.scopes, registry);
    let mut found: Vec<Finding<'s>> = Vec::with_capacity(kept.len());
    for merged in kept {
        let about = merged.about();
        let suppressed = suppressions.apply(&merged.raw.finding, &about);
        found.push(Finding { suppressed, ..merged.raw.finding });
    }
    let complete = !run.incomplete && run.scopes.iter().all(|s| s.complete);
    found.extend(suppression::judge(&suppressions, rules, complete));
    let mut findings = Vec::new();
    add(&mut findings, found);
    findings
}

/// Adds findings made outside the rules' hooks, and puts all in report order with their fingerprints.
pub fn add<'s>(findings: &mut Vec<Finding<'s>>, more: Vec<Finding<'s>>) {
    findings.extend(more);
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    fingerprint::assign(findings);
}

fn order<'f>(f: &'f Finding<'_>) -> ((&'f str, u32, u32), &'f str, &'f str) {
    (f.primary.span.sort_key(), f.rule, &f.message)
}

/// Object, pod and container hooks: once for every distinct object, however many roots hold it unchanged.
fn judge_objects<'s>(run: &Run<'s>, rules: &[ActiveRule<'_>]) -> Vec<Raw<'s>> {
    let mut seen: FxHashMap<(usize, u32), usize> = FxHashMap::default();
    let mut distinct: Vec<(&Object<'s>, Vec<usize>)> = Vec::new();
    for (at, scope) in run.scopes.iter().enumerate() {
        for object in &scope.objects {
            let slot = *seen.entry(object.node.identity()).or_insert_with(|| {
                distinct.push((object, Vec::new()));
                distinct.len() - 1
            });
            distinct[slot].1.push(at);
        }
    }
    let judged: Vec<Vec<Raw<'s>>> = distinct
        .par_iter()
        .map(|(object, scopes)| {
            let workloads = Workload::of(object);
            let mut out = Vec::new();
            judge_object(object, &workloads, run, rules, &mut out);
            let builds = builds(run, scopes);
            for raw in &mut out {
                raw.finding.builds.clone_from(&builds);
            }
            out
        })
        .collect();
    judged.into_iter().flatten().collect()
}

fn judge_object<'s>(
    object: &Object<'s>,
    workloads: &[Workload<'s>],
    run: &Run<'s>,
    rules: &[ActiveRule<'_>],
    out: &mut Vec<Raw<'s>>,
) {
    let env = &run.env;
    for active in rules {
        let rule = active.page.id;
        let subject = Some(Subject { object, container: None });
        active.rule.object(&ObjectCx { object, env }, &mut Sink::new(rule, active.severity, subject, out));
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
}

/// Build hooks: once for every scope.
fn judge_scopes<'s>(run: &Run<'s>, rules: &[ActiveRule<'_>]) -> Vec<Raw<'s>> {
    let judged: Vec<Vec<Raw<'s>>> = run
        .scopes
        .par_iter()
        .enumerate()
        .map(|(at, scope)| {
            let mut out = Vec::new();
            for active in rules {
                let mut sink = Sink::new(active.page.id, active.severity, None, &mut out);
                active.rule.build(&BuildCx { scope, run, env: &run.env }, &mut sink);
            }
            let builds = builds(run, &[at]);
            for raw in &mut out {
                raw.finding.builds.clone_from(&builds);
            }
            out
        })
        .collect();
    judged.into_iter().flatten().collect()
}

/// Source and kustomization hooks: once for every file.
fn judge_sources<'s>(run: &Run<'s>, units: &[SourceUnit<'s>], rules: &[ActiveRule<'_>]) -> Vec<Raw<'s>> {
    let judged: Vec<Vec<Raw<'s>>> = units
        .par_iter()
        .map(|unit| {
            let mut out = Vec::new();
            let env = &run.env;
            for active in rules {
                let mut sink = Sink::new(active.page.id, active.severity, None, &mut out);
                let (source, role, documents) = (unit.source, unit.role, &unit.documents[..]);
                active.rule.source(&SourceCx { source, role, documents, env }, &mut sink);
                if let (SourceRole::Kustomization, Some(node)) = (role, documents.first()) {
                    active.rule.kustomization(&KustomizationCx { source, node, env }, &mut sink);
                }
            }
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
