//! What a whole lint costs beside the bare parse of the same bytes, and what rendering costs: `cargo bench --bench lint`.
//!
//! Trees: the example of this repository, and the directory named by `MANICHECK_TREE` (a real repository). Files are in memory,
//! so the disk is not measured. Read the ratio of `lint` to `parse` within one run.

use std::path::{Path, PathBuf};

use divan::{Bencher, black_box};
use manicheck::discover::{Input, discover};
use manicheck::files::{Context, DiskFiles, Files, MemoryFiles};
use manicheck::kustomize::{Options, Renderer};
use manicheck::rules::Registry;
use manicheck::settings::Settings;
use manicheck::source::Sources;
use rayon::prelude::*;

fn main() {
    divan::main();
}

fn trees() -> Vec<String> {
    let mut trees = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/shop").to_string()];
    trees.extend(std::env::var("MANICHECK_TREE"));
    trees
}

/// The files of a directory, in memory, below `/`.
fn load(dir: &str) -> MemoryFiles {
    let dir = Path::new(dir);
    let mut files = MemoryFiles::new();
    for path in DiskFiles.walk(dir) {
        if let (Ok(bytes), Ok(inside)) = (std::fs::read(&path), path.strip_prefix(dir)) {
            files.insert(inside, bytes);
        }
    }
    files
}

/// The texts that a lint of the tree parses.
fn texts(files: &MemoryFiles) -> Vec<String> {
    let sources = Sources::new();
    let ctx = Context { files, sources: &sources, cwd: Path::new("/") };
    let registry = Registry::builtin();
    let settings = Settings::default();
    let rules = settings.active(&registry).expect("the defaults are sound");
    manicheck::run::run(ctx, &[Input::Path("/".into())], &settings, &registry, &rules);
    let walked: Vec<PathBuf> = files.walk(Path::new("/"));
    let read = walked.iter().filter_map(|path| sources.get(path)).filter(|s| s.is_parsed());
    read.map(|source| source.text().to_string()).collect()
}

/// Parses the bytes that `lint` parses, on all cores, and nothing else.
#[divan::bench(args = trees())]
fn parse(bencher: Bencher, tree: &str) {
    let texts = texts(&load(tree));
    let bytes: usize = texts.iter().map(String::len).sum();
    bencher.counter(divan::counter::BytesCount::new(bytes)).bench(|| {
        texts.par_iter().for_each(|text| {
            black_box(manicheck::yaml::parse(text));
        });
    });
}

/// Discovers, renders, judges with the default profile, and orders the findings.
#[divan::bench(args = trees())]
fn lint(bencher: Bencher, tree: &str) {
    whole(bencher, tree, Settings::default());
}

/// The same with every rule.
#[divan::bench(args = trees())]
fn lint_all_rules(bencher: Bencher, tree: &str) {
    whole(bencher, tree, Settings { profiles: vec!["all".into()], ..Settings::default() });
}

/// The same with no rule but those that always run: discovery, parsing and rendering.
#[divan::bench(args = trees())]
fn lint_without_rules(bencher: Bencher, tree: &str) {
    whole(bencher, tree, Settings { select: vec!["invalid-yaml".into()], ..Settings::default() });
}

fn whole(bencher: Bencher, tree: &str, settings: Settings) {
    let files = load(tree);
    let registry = Registry::builtin();
    let rules = settings.active(&registry).expect("the settings are sound");
    bencher.bench(|| {
        let sources = Sources::new();
        let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
        let report = manicheck::run::run(ctx, &[Input::Path("/".into())], &settings, &registry, &rules);
        black_box(report.findings.len())
    });
}

/// Renders every root of the tree, one after the other on one core, and prints it.
#[divan::bench(args = trees())]
fn render(bencher: Bencher, tree: &str) {
    let files = load(tree);
    bencher.bench(|| {
        let sources = Sources::new();
        let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
        let renderer = Renderer::new(ctx, Options::default());
        for root in discover(ctx, &[Input::Path("/".into())]).roots {
            if let Ok(build) = renderer.render(&root) {
                black_box(build.to_yaml().map(|text| text.len()).ok());
            }
        }
    });
}
