//! A whole run: discover, render, judge, report. Everything but reading files is pure.

mod scopes;
mod units;
mod usage;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::config::Survey;
use crate::discover::{Discovery, Input, discover};
use crate::files::{Context, FileKind, display_path, normal};
use crate::finding::{Failure, Finding, Label, Report, Severity, Skipped, Summary};
use crate::kustomize::{Build, Error, Renderer};
use crate::lint::{self, RuleSets, SourceUnit};
use crate::progress::{Phase, Progress};
use crate::rule::{ActiveRule, Env, Layout, Run, ScopeKind, Toolchain};
use crate::rules::Registry;
use crate::settings::{Judged, Plan, Settings, SettingsError, SkipRoot};
use crate::suppress::{Exemption, Exemptions, Tool};

/// A root, rendered or not.
struct Rendered<'s> {
    /// Display path of its directory.
    name: String,
    build: Result<Build<'s>, Box<Error<'s>>>,
}

/// Lints the inputs with these rules, the same everywhere.
pub fn run<'s>(
    ctx: Context<'s>,
    inputs: &[Input],
    settings: &Settings,
    registry: &Registry,
    rules: &[ActiveRule<'_>],
) -> Report<'s> {
    let task = Task { ctx, inputs, settings, progress: &Progress::default() };
    judge(task, registry, see(task), &RuleSets::one(rules), (&[], &[]))
}

/// Lints the inputs as the settings have it, with the exemptions of the configuration and the suppressions of these other tools.
/// `progress` is raised as the run goes on.
///
/// # Errors
/// Settings that contradict each other or that a rule does not take.
pub fn run_plan<'s>(
    ctx: Context<'s>,
    inputs: &[Input],
    settings: &Settings,
    registry: &Registry,
    exemptions: (&[Exemption<'s>], &[Tool]),
    progress: &Progress,
) -> Result<Report<'s>, SettingsError> {
    let task = Task { ctx, inputs, settings, progress };
    judge_plan(task, registry, exemptions, see(task))
}

/// What a root builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// A digest of what is printed.
    pub digest: u64,
    /// The files that it is made of, symbolic links resolved.
    pub files: BTreeSet<PathBuf>,
}

/// As [`run_plan`], with what each root builds, by its name in the report.
///
/// # Errors
/// As [`run_plan`].
pub fn run_with_outputs<'s>(
    ctx: Context<'s>,
    inputs: &[Input],
    settings: &Settings,
    registry: &Registry,
    exemptions: (&[Exemption<'s>], &[Tool]),
    progress: &Progress,
) -> Result<(Report<'s>, BTreeMap<String, Output>), SettingsError> {
    let task = Task { ctx, inputs, settings, progress };
    let seen = see(task);
    let outputs = seen.rendered.par_iter().filter_map(|root| output(ctx, root)).collect();
    Ok((judge_plan(task, registry, exemptions, seen)?, outputs))
}

/// What each root of the inputs builds, by its name in reports.
pub fn outputs(ctx: Context<'_>, inputs: &[Input], settings: &Settings) -> BTreeMap<String, Output> {
    let seen = see(Task { ctx, inputs, settings, progress: &Progress::default() });
    seen.rendered.iter().filter_map(|root| output(ctx, root)).collect()
}

fn output(ctx: Context<'_>, root: &Rendered<'_>) -> Option<(String, Output)> {
    let build = root.build.as_ref().ok()?;
    let mut hash = DefaultHasher::new();
    // What cannot be printed has no output to compare.
    build.to_yaml().ok()?.hash(&mut hash);
    let files = build.files.iter().filter_map(|f| ctx.files.canonical(f.source.path()).ok()).collect();
    Some((root.name.clone(), Output { digest: hash.finish(), files }))
}

fn judge_plan<'s>(
    task: Task<'_, 's>,
    registry: &Registry,
    exemptions: (&[Exemption<'s>], &[Tool]),
    seen: Seen<'s>,
) -> Result<Report<'s>, SettingsError> {
    let Task { ctx, settings, .. } = task;
    let mut plan = Plan::new(settings, registry)?;
    let mut of_scope = Vec::new();
    let mut of_file = Vec::new();
    if !settings.overrides.is_empty() {
        let dir = directory(ctx, settings);
        let relative = |path: &Path| display_path(path, dir);
        for scope in &seen.run.scopes {
            of_scope.push(match scope.kind {
                ScopeKind::Root => {
                    let root = relative(&normal(ctx.cwd, Path::new(&scope.name)));
                    plan.set_of(settings, registry, Judged::Root(&root))?
                }
                _ => 0,
            });
        }
        for unit in &seen.units {
            let path = relative(unit.source.path());
            of_file.push((unit.source, plan.set_of(settings, registry, Judged::File(&path))?));
        }
    }
    let mut sets = RuleSets::several(&plan.rules, &plan.sets, of_scope);
    of_file.into_iter().for_each(|(source, set)| sets.assign(source, set));
    Ok(judge(task, registry, seen, &sets, exemptions))
}

/// What rules look at in these inputs: the scopes, and the files. For those who drive rules on their own, as
/// [`lint::lint`] does.
pub fn material<'s>(ctx: Context<'s>, inputs: &[Input], settings: &Settings) -> (Run<'s>, Vec<SourceUnit<'s>>) {
    let seen = see(Task { ctx, inputs, settings, progress: &Progress::default() });
    (seen.run, seen.units)
}

/// What there is to configure in a tree.
pub fn survey(ctx: Context<'_>, inputs: &[Input]) -> Survey {
    let seen = see(Task { ctx, inputs, settings: &Settings::default(), progress: &Progress::default() });
    let mut survey = Survey::default();
    for root in &seen.rendered {
        match &root.build {
            Ok(_) => survey.roots.push(root.name.clone()),
            Err(error) => survey.broken.push((root.name.clone(), error.message.clone())),
        }
    }
    for ingress in seen.run.scopes.iter().flat_map(|s| &s.objects).filter(|o| o.kind() == "Ingress") {
        let class = ingress.spec().and_then(|s| s.get("ingressClassName")?.as_str());
        let class = class.or_else(|| ingress.annotation("kubernetes.io/ingress.class"));
        survey.ingress_classes.extend(class.map(|c| c.into_owned()));
    }
    survey
}

/// The directory that globs are relative to.
fn directory<'p>(ctx: Context<'p>, settings: &'p Settings) -> &'p Path {
    if settings.dir.as_os_str().is_empty() { ctx.cwd } else { &settings.dir }
}

/// What is asked of a run.
#[derive(Clone, Copy)]
struct Task<'t, 's> {
    ctx: Context<'s>,
    inputs: &'t [Input],
    settings: &'t Settings,
    progress: &'t Progress,
}

/// What a run looks at, before it is judged.
struct Seen<'s> {
    found: Discovery<'s>,
    rendered: Vec<Rendered<'s>>,
    units: Vec<SourceUnit<'s>>,
    run: Run<'s>,
}

/// Discovers and renders.
fn see<'s>(task: Task<'_, 's>) -> Seen<'s> {
    let Task { ctx, inputs, settings, progress } = task;
    progress.enter(Phase::Read, 0);
    let mut found = discover(ctx, inputs);
    // A copy of a remote base is judged through those that use it, as any base.
    found.roots.retain(|root| !settings.kustomize.vendor.values().any(|copy| copy == root));
    let skipped = skip(ctx, settings, &mut found);
    let renderer = Renderer::new(ctx, settings.kustomize.clone());
    progress.enter(Phase::Render, found.roots.len());
    let render = |dir: &Path| {
        let rendered = Rendered { name: ctx.display(dir), build: renderer.render(dir) };
        progress.step();
        rendered
    };
    // In the order of use, so that no core waits or does what another has done; then what that order leaves out.
    let done: FxHashMap<&Path, Mutex<Option<Rendered<'s>>>> =
        found.roots.iter().map(|dir| (dir.as_path(), Mutex::default())).collect();
    found.graph.visit(|dir, is_base| {
        if is_base {
            renderer.prepare(dir);
        }
        if let Some(place) = done.get(dir) {
            let rendered = render(dir);
            if let Ok(mut place) = place.lock() {
                *place = Some(rendered);
            }
        }
    });
    let take = |dir: &Path| done.get(dir)?.lock().ok()?.take();
    let rendered: Vec<Rendered<'s>> =
        found.roots.par_iter().with_max_len(1).map(|dir| take(dir).unwrap_or_else(|| render(dir))).collect();
    let rendered = set_aside_broken_test_data(ctx, &mut found, rendered);
    let units = units::units(ctx, &found, usage::usages(&found, &rendered, &skipped));
    let scopes = scopes::scopes(&found, &rendered, &settings.env.pod_templates);
    let incomplete = !skipped.is_empty() || rendered.iter().any(|r| r.build.is_err());
    let layout = Layout::new(found.walks.clone(), found.offered.iter().cloned());
    let env = Env { toolchain: Toolchain::of(&scopes), layout, ..settings.env.clone() };
    let run = Run::new(scopes, env, incomplete);
    Seen { found, rendered, units, run }
}

/// Takes out the roots that are not to be rendered, and returns them.
fn skip(ctx: Context<'_>, settings: &Settings, found: &mut Discovery<'_>) -> Vec<PathBuf> {
    let reason = |root: &PathBuf| settings.skip.iter().find(|s| s.dir == *root).map(|s| s.reason.clone());
    for root in &found.roots {
        if let Some(reason) = reason(root) {
            found.skipped.push(Skipped { path: ctx.display(root), reason });
        }
    }
    let (skipped, kept) = std::mem::take(&mut found.roots).into_iter().partition(|root| reason(root).is_some());
    found.roots = kept;
    found.skipped.sort();
    skipped
}

/// Takes out the roots in test data that do not build, and names them as skipped: inputs of tests are often broken on purpose.
fn set_aside_broken_test_data<'s>(
    ctx: Context<'s>,
    found: &mut Discovery<'s>,
    rendered: Vec<Rendered<'s>>,
) -> Vec<Rendered<'s>> {
    let roots = std::mem::take(&mut found.roots);
    let is_broken = |(root, rendered): &(PathBuf, Rendered<'s>)| rendered.build.is_err() && found.is_test_data(root);
    let (broken, kept): (Vec<_>, Vec<_>) = roots.into_iter().zip(rendered).partition(is_broken);
    let (roots, rendered) = kept.into_iter().unzip();
    found.roots = roots;
    if broken.is_empty() {
        return rendered;
    }
    for (_, root) in &broken {
        if let Err(error) = &root.build {
            let reason = format!("test data that does not build: {}", error.message);
            found.skipped.push(Skipped { path: root.name.clone(), reason });
        }
    }
    found.skipped.sort();
    let gone: Vec<PathBuf> = broken.into_iter().map(|(root, _)| root).collect();
    found.graph.forget(&gone, &found.roots);
    found.used = found.graph.used_files(ctx);
    rendered
}

fn judge<'s>(
    task: Task<'_, 's>,
    registry: &Registry,
    seen: Seen<'s>,
    sets: &RuleSets<'_, '_>,
    (entries, compat): (&[Exemption<'s>], &[Tool]),
) -> Report<'s> {
    let Task { ctx, inputs, settings, progress } = task;
    let Seen { found, rendered, units, run } = seen;
    let whole = whole_directories(ctx, inputs);
    let dir = Some(directory(ctx, settings));
    let exemptions = Exemptions { entries, dir, cwd: Some(ctx.cwd), inputs: &whole, compat };
    let mut findings = lint::lint(&run, &units, registry, sets, exemptions, progress);

    let mut failures = found.failures;
    failures.extend(units::broken(&units));
    let (unrendered, reported) = unrenderable(&rendered, sets);
    failures.extend(unrendered);
    lint::add(&mut findings, reported);

    let manifests = units::manifests(&units);
    let nothing = run.scopes.iter().all(|s| s.objects.is_empty()) && rendered.is_empty();
    if failures.is_empty() && nothing && !settings.skip.iter().any(|s| skips(ctx, s, &found.skipped)) {
        failures.push(nothing_found(ctx, inputs, found.other_files, &found.skipped));
    }
    failures.sort_by(|a, b| {
        (&a.path, a.span.map(|s| s.start), &a.message).cmp(&(&b.path, b.span.map(|s| s.start), &b.message))
    });
    let builds = rendered.iter().filter(|r| r.build.is_ok()).count();
    let summary = summarize(&findings, Summary { files: units.len(), manifests, builds, ..Summary::default() });
    Report { findings, failures, skipped: found.skipped, summary }
}

fn skips(ctx: Context<'_>, root: &SkipRoot, skipped: &[Skipped]) -> bool {
    skipped.iter().any(|s| s.path == ctx.display(&root.dir) && s.reason == root.reason)
}

/// The directories among the inputs.
fn whole_directories(ctx: Context<'_>, inputs: &[Input]) -> Vec<PathBuf> {
    let paths =
        inputs.iter().filter_map(|i| if let Input::Path(path) = i { Some(normal(ctx.cwd, path)) } else { None });
    paths.filter(|path| matches!(ctx.files.kind(path), Ok(FileKind::Dir))).collect()
}

/// Counts the findings that stand by severity, and those that are suppressed.
pub fn recount(report: &mut Report<'_>) {
    let counted = Summary { errors: 0, warnings: 0, notes: 0, suppressed: 0, ..report.summary };
    report.summary = summarize(&report.findings, counted);
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
fn unrenderable<'s>(rendered: &[Rendered<'s>], sets: &RuleSets<'_, '_>) -> (Vec<Failure<'s>>, Vec<Finding<'s>>) {
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
    let mut failures = Vec::new();
    let mut findings = Vec::new();
    for (error, roots) in causes {
        for error in error.all() {
            let path = error.span.map_or_else(|| roots[0].clone(), |s| s.source.display().to_string());
            let related: Vec<Label<'s>> =
                error.related.iter().map(|n| Label { span: n.span, message: n.message.clone() }).collect();
            let what = if error.kind.is_beyond() { "was not judged" } else { "does not build" };
            let message = format!("{} {what}: {}", names(&roots), error.message);
            failures.push(Failure { path, span: error.span, message, related: related.clone() });
            if let Some(span) = error.span
                && let Some((active, severity)) = sets.for_file("unrenderable-kustomization", span.source)
            {
                findings.push(Finding {
                    rule: active.page.id,
                    severity,
                    message: format!("this kustomization {what}: {}", error.message),
                    primary: Label { span, message: String::new() },
                    related,
                    resource: None,
                    builds: roots.clone(),
                    help: None,
                    fix: None,
                    suppressed: None,
                    fingerprint: String::new(),
                });
            }
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

/// True if the input looks like a Helm chart or values for one.
fn is_of_helm(ctx: Context<'_>, input: &Input) -> bool {
    let Input::Path(path) = input else { return false };
    let path = normal(ctx.cwd, path);
    ["Chart.yaml", "values.yaml"].iter().any(|name| {
        path.file_name().is_some_and(|own| own == *name)
            || matches!(ctx.files.kind(&path.join(name)), Ok(FileKind::File))
    })
}

fn nothing_found<'s>(ctx: Context<'s>, inputs: &[Input], others: usize, skipped: &[Skipped]) -> Failure<'s> {
    let names: Vec<String> = inputs
        .iter()
        .map(|input| match input {
            Input::Path(path) => format!("`{}`", path.display()),
            Input::Stdin(_) => "standard input".into(),
        })
        .collect();
    let mut message = format!("no Kubernetes manifest found in {}", names.join(", "));
    let mut instead = Vec::new();
    if others > 0 {
        let hold = if others == 1 { "file holds" } else { "files hold" };
        instead.push(format!("{others} YAML or JSON {hold} no Kubernetes object"));
    }
    if !skipped.is_empty() {
        instead.push(format!("{} skipped, with the reason", skipped.len()));
    }
    if !instead.is_empty() {
        message.push_str(&format!(" ({})", instead.join(", ")));
    }
    if skipped.is_empty() && inputs.iter().any(|input| is_of_helm(ctx, input)) {
        message.push_str("; of a Helm chart, lint what it renders: `helm template … | manicheck -`");
    }
    Failure { path: names.join(", ").replace('`', ""), span: None, message, related: Vec::new() }
}
