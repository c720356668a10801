//! What each rule costs: `cargo bench --bench rules`.
//!
//! Trees: the example of this repository, and the directory named by `MANICHECK_TREE`. Files are in memory and rendered once. For
//! each rule of the profile `all`, the fastest of several rounds of judging the tree with that rule alone, less the fastest
//! without any. Beside it the bare parse of the same bytes, in the same run: read the ratios. Rules see the files, and the output of
//! each root, which can be many times as much: the bare parse of all that is there too.
//!
//! `MANICHECK_GROWTH=500 cargo bench --bench rules` makes trees of 500 and of 1000 applications instead, and shows what each rule
//! takes for more than the doubled tree explains.

// Its output is the report.
#![allow(clippy::print_stdout)]

mod support;
#[path = "support/tree.rs"]
mod tree;

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use manicheck::discover::Input;
use manicheck::files::{Context, DiskFiles, Files, MemoryFiles};
use manicheck::lint::{self, RuleSets, SourceUnit};
use manicheck::progress::Progress;
use manicheck::rule::{ActiveRule, Run, Scope, ScopeKind};
use manicheck::rules::Registry;
use manicheck::settings::Settings;
use manicheck::source::Sources;
use manicheck::suppress::Exemptions;
use manicheck::yaml::{Node, emit};
use rayon::prelude::*;
use support::{fastest, is_asked};
use tree::{Shape, tree};

const ROUNDS: usize = 15;
const SHOWN: usize = 25;

fn main() {
    if !is_asked("rules") {
        return;
    }
    if let Some(count) = std::env::var("MANICHECK_GROWTH").ok().and_then(|n| n.parse().ok()) {
        return [Shape::Root, Shape::Plain, Shape::Roots].into_iter().for_each(|shape| growth(shape, count));
    }
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/shop").to_string();
    for tree in std::iter::once(example).chain(std::env::var("MANICHECK_TREE")) {
        report(&tree);
    }
}

fn report(tree: &str) {
    let mut files = MemoryFiles::new();
    for path in DiskFiles.walk(Path::new(tree)) {
        if let (Ok(bytes), Ok(inside)) = (std::fs::read(&path), path.strip_prefix(tree)) {
            files.insert(inside, bytes);
        }
    }
    let sources = Sources::new();
    let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
    let registry = Registry::builtin();
    let settings = Settings { profiles: vec!["all".into()], ..Settings::default() };
    let rules = settings.active(&registry).expect("the profile is sound");
    let (run, units) = manicheck::run::material(ctx, &[Input::Path("/".into())], &settings);

    let texts: Vec<&str> = units.iter().map(|u| u.source.text()).collect();
    let parsed = |texts: &[&str]| {
        fastest(ROUNDS, || {
            texts.par_iter().with_max_len(1).for_each(|text| _ = black_box(manicheck::yaml::parse(text)))
        })
    };
    let parse = parsed(&texts);
    let builds: Vec<String> =
        run.scopes.iter().filter(|scope| scope.kind == ScopeKind::Root).filter_map(printed).collect();
    let judged_texts: Vec<&str> = texts.iter().copied().chain(builds.iter().map(String::as_str)).collect();
    let parse_builds = parsed(&judged_texts);
    let judge = |rules: &[ActiveRule<'_>]| fastest(ROUNDS, || _ = black_box(judged(&run, &units, &registry, rules)));
    let none = judge(&[]);
    let all = judge(&rules);
    let mut each: Vec<(Duration, &str, usize)> = rules
        .chunks(1)
        .map(|one| {
            let found = judged(&run, &units, &registry, one);
            (judge(one).saturating_sub(none), one[0].page.id, found)
        })
        .collect();
    each.sort_by(|a, b| b.cmp(a));

    println!(
        "{tree}: {} files, {} bytes, fastest of {ROUNDS}",
        units.len(),
        texts.iter().map(|t| t.len()).sum::<usize>()
    );
    let row = |name: &str, time: Duration, note: String| {
        println!("  {name:<36} {:>9.3} ms  {:>6.3}x parse  {note}", 1e3 * time.as_secs_f64(), ratio(time, parse));
    };
    row("bare parse, all cores", parse, String::new());
    let bytes = judged_texts.iter().map(|t| t.len()).sum::<usize>();
    let note = format!("{bytes} bytes; judging takes {:.2}x of it", ratio(all, parse_builds));
    row("bare parse of these and of all builds", parse_builds, note);
    row("judging, no rule", none, String::new());
    row("judging, all rules", all, format!("{} rules", rules.len()));
    row("sum of the rules alone", each.iter().map(|(time, ..)| *time).sum(), String::new());
    for (time, id, found) in each.iter().take(SHOWN) {
        row(id, *time, format!("{found} findings"));
    }
    let rest = each.iter().skip(SHOWN);
    row("the other rules together", rest.clone().map(|(time, ..)| *time).sum(), format!("{} rules", rest.count()));
}

/// The output of a root.
fn printed(scope: &Scope<'_>) -> Option<String> {
    let nodes: Vec<Node<'_>> = scope.objects.iter().map(|object| object.node.clone()).collect();
    emit::stream(&nodes).ok()
}

/// Times each rule alone on a tree and on one twice as large.
fn growth(shape: Shape, count: usize) {
    let registry = Registry::builtin();
    let settings = Settings { profiles: vec!["production".into(), "all".into()], ..Settings::default() };
    let rules = settings.active(&registry).expect("the profiles are sound");
    let times = |count: usize| -> Vec<Duration> {
        let (files, sources) = (tree(shape, count), Sources::new());
        let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
        let (run, units) = manicheck::run::material(ctx, &[Input::Path("/".into())], &settings);
        let judge = |rules: &[ActiveRule<'_>]| fastest(3, || _ = black_box(judged(&run, &units, &registry, rules)));
        let mut times = vec![judge(&[])];
        times.extend(rules.chunks(1).map(judge));
        times.push(judge(&rules));
        times
    };
    let (small, large) = (times(count), times(2 * count));
    let names = ["(no rule)"].into_iter().chain(rules.iter().map(|r| r.page.id)).chain(["(all rules)"]);
    let mut rows: Vec<(Duration, Duration, &str)> =
        small.into_iter().zip(large).zip(names).map(|((small, large), name)| (large, small, name)).collect();
    rows.sort_by(|a, b| b.cmp(a));
    println!("{shape:?}: {count} applications, then {}", 2 * count);
    for (large, small, name) in rows.into_iter().take(SHOWN) {
        let (ms, growth) = (1e3 * large.as_secs_f64(), ratio(large, small));
        println!("  {name:<36} {ms:>9.3} ms  {growth:>5.2}x the smaller tree");
    }
}

fn judged<'s>(run: &Run<'s>, units: &[SourceUnit<'s>], registry: &Registry, rules: &[ActiveRule<'_>]) -> usize {
    lint::lint(run, units, registry, &RuleSets::one(rules), Exemptions::default(), &Progress::default()).len()
}

fn ratio(time: Duration, base: Duration) -> f64 {
    time.as_secs_f64() / base.as_secs_f64()
}
