//! What is linted: from the inputs of a run to kustomization roots, plain manifests, and what is left out and why.
//!
//! A file that a kustomization uses is never judged alone, and a kustomization that another one uses is judged through it.
//! What cannot be judged is named in [`Discovery::skipped`], never silently dropped.

mod classify;
mod graph;
mod unused;

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::files::{self, Context, FileKind, display_path, normal};
use crate::finding::{Failure, Skipped};
use crate::kustomize::FILE_NAMES;
use crate::rule::{ScopeKind, SourceRole};
use crate::source::Source;

pub use classify::{is_manifest_name, looks_like_manifest, looks_like_patch};
pub use graph::{Graph, Kustomization};
pub use unused::Unused;

/// What a user named.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file or directory, as written.
    Path(PathBuf),
    /// Standard input, already read.
    Stdin(Vec<u8>),
}

/// Plain manifests that belong together.
pub struct Group<'s> {
    /// A stream, or the plain manifests of a directory, or files named alone.
    pub kind: ScopeKind,
    /// Display path of the directory; `-` for a stream.
    pub name: String,
    /// False for files named alone: what they lack may be in a file that was not named.
    pub complete: bool,
    /// The files, sorted by path.
    pub files: Vec<&'s Source>,
}

/// What a run looks at.
#[derive(Default)]
pub struct Discovery<'s> {
    /// All kustomizations of the run and how they use each other.
    pub graph: Graph<'s>,
    /// Directories of the kustomizations to render, sorted.
    pub roots: Vec<PathBuf>,
    /// Plain manifests.
    pub groups: Vec<Group<'s>>,
    /// Files that kustomizations use, and as what.
    pub used: FxHashMap<PathBuf, SourceRole>,
    /// Files with objects or patches that no kustomization uses; by path.
    pub unused: Vec<Unused<'s>>,
    /// As [`Discovery::unused`], of those that the kustomization beside them mentions all the same: behind `#`, or for a plugin.
    pub offered: Vec<PathBuf>,
    /// What is left out on purpose.
    pub skipped: Vec<Skipped>,
    /// What could not be read.
    pub failures: Vec<Failure<'s>>,
    /// How many YAML and JSON files hold nothing of Kubernetes.
    pub other_files: usize,
    /// The directories that were walked.
    pub walks: Vec<PathBuf>,
}

/// Looks at the inputs. Problems with them are failures of the result; nothing is lost silently.
pub fn discover<'s>(ctx: Context<'s>, inputs: &[Input]) -> Discovery<'s> {
    let mut found = Discovery::default();
    let mut walked: Vec<(PathBuf, Vec<PathBuf>)> = Vec::new();
    let mut named: Vec<PathBuf> = Vec::new();
    for input in inputs {
        match input {
            Input::Stdin(bytes) => {
                let source = ctx.sources.add(Path::new("-"), "<stdin>".into(), bytes.clone());
                found.groups.push(Group {
                    kind: ScopeKind::Stream,
                    name: "-".into(),
                    complete: true,
                    files: vec![source],
                });
            }
            Input::Path(path) => {
                let path = normal(ctx.cwd, path);
                match ctx.files.kind(&path) {
                    Ok(FileKind::Dir) => {
                        let files = ctx.files.walk(&path);
                        found.walks.push(path.clone());
                        walked.push((path, files));
                    }
                    Ok(FileKind::File) => named.push(path),
                    Err(error) => found.failures.push(unreadable(ctx, &path, &error)),
                }
            }
        }
    }
    preload(ctx, &walked);
    let dirs = kustomization_dirs(&walked, &named);
    found.graph = Graph::read(ctx, &dirs);
    found.used = found.graph.used_files(ctx);
    found.roots = found.graph.roots(|dir| found.is_test_data(dir));
    for (root, files) in &mut walked {
        found.set_aside_test_data(ctx, root, files);
    }
    for path in &named {
        if let Some(dir) = path.parent().filter(|_| is_kustomization(path)) {
            found.roots.push(dir.to_path_buf());
        }
    }
    found.roots.sort();
    found.roots.dedup();
    found.skipped.extend(found.graph.unused_components(ctx, &walked));
    take_walked(ctx, &walked, &mut found);
    take_named(ctx, &named, &mut found);
    (found.unused, found.offered) = unused::unused_files(ctx, &walked, &found);
    found.skipped.sort();
    found.skipped.dedup();
    found
}

impl Discovery<'_> {
    /// True for a directory of test data, or below one, that a walk came to.
    pub fn is_test_data(&self, dir: &Path) -> bool {
        self.walks.iter().any(|walk| classify::test_data(walk, dir).is_some())
    }

    /// Takes plain manifests in directories of test data out of a walk, and names the directories as skipped: they are inputs of
    /// tests, often broken on purpose. What a kustomization uses stays.
    fn set_aside_test_data(&mut self, ctx: Context<'_>, walk: &Path, files: &mut Vec<PathBuf>) {
        files.retain(|file| {
            let Some(dir) = file.parent().and_then(|dir| classify::test_data(walk, dir)) else { return true };
            if !is_manifest_name(file) || is_kustomization(file) || self.used.contains_key(file) {
                return true;
            }
            let reason = "test data: plain manifests there are inputs of tests; name the directory to have them judged";
            let skipped = Skipped { path: ctx.display(&dir), reason: reason.into() };
            if self.skipped.last() != Some(&skipped) {
                self.skipped.push(skipped);
            }
            false
        });
    }
}

/// Reads and parses what the walks brought, on all cores: later steps ask for files one after the other and find them done.
fn preload(ctx: Context<'_>, walked: &[(PathBuf, Vec<PathBuf>)]) {
    let files: Vec<&PathBuf> = walked.iter().flat_map(|(_, files)| files).filter(|f| is_manifest_name(f)).collect();
    files
        .par_iter()
        .with_max_len(files::AT_A_TIME)
        .filter(|path| classify::chart_of_template(ctx, path).is_none())
        .for_each(|path| {
            if let Ok(source) = ctx.load(path)
                && (looks_like_manifest(source.text()) || is_kustomization(path))
            {
                source.tree();
            }
        });
}

fn kustomization_dirs(walked: &[(PathBuf, Vec<PathBuf>)], named: &[PathBuf]) -> Vec<PathBuf> {
    let files = walked.iter().flat_map(|(_, files)| files).chain(named);
    let mut dirs: Vec<PathBuf> =
        files.filter(|f| is_kustomization(f)).filter_map(|f| f.parent()).map(Path::to_path_buf).collect();
    dirs.sort();
    dirs.dedup();
    dirs
}

fn is_kustomization(path: &Path) -> bool {
    path.file_name().and_then(|n| n.to_str()).is_some_and(|n| FILE_NAMES.contains(&n))
}

/// What becomes of one file of a walk.
enum Verdict<'s> {
    Manifest(&'s Source),
    Other,
    Ignored,
    Skipped(Skipped),
    Failed(Failure<'s>),
}

fn take_walked<'s>(ctx: Context<'s>, walked: &[(PathBuf, Vec<PathBuf>)], found: &mut Discovery<'s>) {
    let mut taken: FxHashSet<&Path> = FxHashSet::default();
    for (root, files) in walked {
        let fresh: Vec<&PathBuf> = files.iter().filter(|f| taken.insert(f.as_path())).collect();
        let verdicts: Vec<Verdict<'s>> =
            fresh.par_iter().with_max_len(files::AT_A_TIME).map(|path| judge(ctx, path, found)).collect();
        let mut group = Group { kind: ScopeKind::Plain, name: ctx.display(root), complete: true, files: Vec::new() };
        for verdict in verdicts {
            match verdict {
                Verdict::Manifest(source) => group.files.push(source),
                Verdict::Other => found.other_files += 1,
                Verdict::Ignored => {}
                Verdict::Skipped(skipped) => found.skipped.push(skipped),
                Verdict::Failed(failure) => found.failures.push(failure),
            }
        }
        if !group.files.is_empty() {
            found.groups.push(group);
        }
    }
}

fn judge<'s>(ctx: Context<'s>, path: &Path, found: &Discovery<'s>) -> Verdict<'s> {
    if !is_manifest_name(path) || is_kustomization(path) || found.used.contains_key(path) {
        return Verdict::Ignored;
    }
    if let Some(chart) = classify::chart_of_template(ctx, path) {
        let reason =
            "Helm chart: its templates are not manifests; lint what it renders: `helm template … | manicheck -`";
        return Verdict::Skipped(Skipped { path: ctx.display(&chart), reason: reason.into() });
    }
    let source = match ctx.load(path) {
        Ok(source) => source,
        Err(error) => return Verdict::Failed(unreadable(ctx, path, &error)),
    };
    if !looks_like_manifest(source.text()) {
        return Verdict::Other;
    }
    if let Some(reason) = classify::not_judged(source, found.graph.nearest(path)) {
        return Verdict::Skipped(Skipped { path: source.display().into(), reason });
    }
    Verdict::Manifest(source)
}

/// Files named alone are always taken. A patch is no manifest even then: it is named as skipped.
fn take_named<'s>(ctx: Context<'s>, named: &[PathBuf], found: &mut Discovery<'s>) {
    let mut files: Vec<&'s Source> = Vec::new();
    for path in named {
        if is_kustomization(path) || found.groups.iter().any(|g| g.files.iter().any(|f| f.path() == path)) {
            continue;
        }
        match ctx.load(path) {
            Ok(source) => match graph::patch_of(ctx, path) {
                Some(by) => found.skipped.push(Skipped {
                    path: source.display().into(),
                    reason: format!("a patch of `{by}`: judged through the overlays that use it; lint their directory"),
                }),
                None => files.push(source),
            },
            Err(error) => found.failures.push(unreadable(ctx, path, &error)),
        }
    }
    files.sort_by(|a, b| a.path().cmp(b.path()));
    files.dedup_by(|a, b| std::ptr::eq(*a, *b));
    if !files.is_empty() {
        let name = files[0].path().parent().map_or_else(|| ".".into(), |dir| display_path(dir, ctx.cwd));
        found.groups.push(Group { kind: ScopeKind::Plain, name, complete: false, files });
    }
}

fn unreadable<'s>(ctx: Context<'s>, path: &Path, error: &std::io::Error) -> Failure<'s> {
    let message = match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".to_string(),
        _ => format!("cannot be read: {error}"),
    };
    Failure { path: ctx.display(path), span: None, message, related: Vec::new() }
}
