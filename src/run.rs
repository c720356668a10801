//! A whole run: discover, render, judge, report. Everything but reading files is pure.

mod scopes;
mod units;

use rayon::prelude::*;

use crate::discover::{Input, discover};
use crate::files::Context;
use crate::finding::{Failure, Finding, Label, Report, Severity, Summary};
use crate::kustomize::{Build, Error, Renderer};
use crate::lint;
use crate::rule::{ActiveRule, Run};
use crate::rules::Registry;
use crate::settings::Settings;

/// A root, rendered or not.
struct Rendered<'s> {
    /// Display path of its directory.
    name: String,
    build: Result<Build<'s>, Box<Error<'s>>>,
}

/// Lints the inputs with these rules.
pub fn run<'s>(
    ctx: Context<'s>,
    inputs: &[Input],
    settings: &Settings,
    registry: &Registry,
    rules: &[ActiveRule<'_>],
) -> Report<'s> {
    let found = discover(ctx, inputs);
    let renderer = Renderer::new(ctx, settings.kustomize.clone());
    let rendered: Vec<Rendered<'s>> =
        found.roots.par_iter().map(|dir| Rendered { name: ctx.display(dir), build: renderer.render(dir) }).collect();

    let units = units::units(ctx, &found);
    let scopes = scopes::scopes(&found, &rendered);
    let incomplete = rendered.iter().any(|r| r.build.is_err());
    let run = Run { scopes, env: settings.env.clone(), incomplete };
    let mut findings = lint::lint(&run, &units, registry, rules);

    let mut failures = found.failures;
    failures.extend(units::broken(&units));
    let (unrendered, reported) = unrenderable(&rendered, rules);
    failures.extend(unrendered);
    lint::add(&mut findings, reported);

    let manifests = units::manifests(&units);
    if failures.is_empty() && run.scopes.iter().all(|s| s.objects.is_empty()) && rendered.is_empty() {
        failures.push(nothing_found(inputs, found.other_files, &found.skipped));
    }
    failures.sort_by(|a, b| {
        (&a.path, a.span.map(|s| s.start), &a.message).cmp(&(&b.path, b.span.map(|s| s.start), &b.message))
    });
    let builds = rendered.iter().filter(|r| r.build.is_ok()).count();
    let summary = summarize(&findings, Summary { files: units.len(), manifests, builds, ..Summary::default() });
    Report { findings, failures, skipped: found.skipped, summary }
}

fn summarize(findings: &[Finding<'_>], mut summary: Summary) -> Summary {
    for finding in findings {
        match (finding.suppressed.is_some(), finding.severity) {
            (true, _) => summary.suppressed += 1,
            (false, Severity::Error) => summary.errors += 1,
            (false, Severity::Warning) => summary.warnings += 1,
            (false, Severity::Note) => summary.notes += 1,
        }
    }
    summary
}

/// Roots that could not be rendered: one failure and one finding for each cause, naming all the roots that it stops.
fn unrenderable<'s>(rendered: &[Rendered<'s>], rules: &[ActiveRule<'_>]) -> (Vec<Failure<'s>>, Vec<Finding<'s>>) {
    let mut causes: Vec<(&Error<'s>, Vec<String>)> = Vec::new();
    for root in rendered {
        let Err(error) = &root.build else { continue };
        match causes
            .iter_mut()
            .find(|(e, _)| e.span == error.span && e.message == error.message && e.path == error.path)
        {
            Some((_, roots)) => roots.push(root.name.clone()),
            None => causes.push((error, vec![root.name.clone()])),
        }
    }
    let active = rules.iter().find(|a| a.page.id == "unrenderable-kustomization");
    let mut failures = Vec::new();
    let mut findings = Vec::new();
    for (error, roots) in causes {
        let path = error.span.map_or_else(|| roots[0].clone(), |s| s.source.display().to_string());
        let related: Vec<Label<'s>> =
            error.related.iter().map(|n| Label { span: n.span, message: n.message.clone() }).collect();
        let message = format!("{} does not build: {}", names(&roots), error.message);
        failures.push(Failure { path, span: error.span, message, related: related.clone() });
        if let (Some(active), Some(span)) = (active, error.span) {
            findings.push(Finding {
                rule: active.page.id,
                severity: active.severity,
                message: format!("this kustomization does not build: {}", error.message),
                primary: Label { span, message: String::new() },
                related,
                resource: None,
                builds: roots,
                help: None,
                fix: None,
                suppressed: None,
                fingerprint: String::new(),
            });
        }
    }
    (failures, findings)
}

/// The roots in words, a few of them by name.
fn names(roots: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = roots.iter().take(SHOWN).map(|r| format!("`{r}`")).collect();
    match roots.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn nothing_found<'s>(inputs: &[Input], others: usize, skipped: &[crate::finding::Skipped]) -> Failure<'s> {
    let names: Vec<String> = inputs
        .iter()
        .map(|input| match input {
            Input::Path(path) => format!("`{}`", path.display()),
            Input::Stdin(_) => "standard input".into(),
        })
        .collect();
    let mut message = format!("no Kubernetes manifest found in {}", names.join(", "));
    if others > 0 {
        message.push_str(&format!(" ({others} YAML or JSON files hold no Kubernetes object)"));
    }
    if !skipped.is_empty() {
        message.push_str(&format!(" ({} skipped, named with the reason)", skipped.len()));
    }
    Failure { path: names.join(", ").replace('`', ""), span: None, message, related: Vec::new() }
}
