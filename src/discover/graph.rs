//! The graph of kustomizations: which uses which, which are roots, which files they use.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::files::{self, Context, Directories, FileKind, normal};
use crate::finding::Skipped;
use crate::kustomize::{FILE_NAMES, ReferenceKind, references};
use crate::rule::SourceRole;
use crate::source::Source;
use crate::yaml::{Node, SrcNode};

/// A kustomization of the tree.
pub struct Kustomization<'s> {
    /// Its file.
    pub source: &'s Source,
    /// True for `kind: Component`.
    pub component: bool,
    /// True if a walk or a name brought it; false if only another kustomization did.
    pub named: bool,
    /// Directories of the kustomizations that it uses.
    pub uses: Vec<PathBuf>,
    /// The files that it uses.
    pub files: Vec<(PathBuf, SourceRole)>,
}

/// All kustomizations that a run can see, by directory.
#[derive(Default)]
pub struct Graph<'s> {
    /// By directory.
    pub kustomizations: BTreeMap<PathBuf, Kustomization<'s>>,
    /// Display paths of the kustomization files, by directory.
    files: BTreeMap<PathBuf, String>,
    directories: Directories,
}

impl<'s> Graph<'s> {
    /// Reads the kustomizations of these directories and, from there, all that they use.
    pub fn read(ctx: Context<'s>, dirs: &[PathBuf]) -> Self {
        let mut graph = Graph::default();
        let mut first: FxHashMap<PathBuf, Kustomization<'s>> =
            dirs.par_iter().with_max_len(files::AT_A_TIME).filter_map(|dir| graph.read_dir(ctx, dir)).collect();
        let mut todo: Vec<(PathBuf, bool)> = dirs.iter().rev().map(|d| (d.clone(), true)).collect();
        while let Some((dir, named)) = todo.pop() {
            let dir = graph.directories.locate(ctx.files, &dir).map_or(dir, |at| at.canonical);
            if let Some(known) = graph.kustomizations.get_mut(&dir) {
                known.named |= named;
                continue;
            }
            let read = first.remove(&dir).or_else(|| Some(graph.read_dir(ctx, &dir)?.1));
            let Some(mut kustomization) = read else { continue };
            kustomization.named = named;
            todo.extend(kustomization.uses.iter().map(|used| (used.clone(), false)));
            graph.files.insert(dir.clone(), kustomization.source.display().to_string());
            graph.kustomizations.insert(dir, kustomization);
        }
        graph
    }

    /// The directory, links resolved, and the kustomization in it.
    fn read_dir(&self, ctx: Context<'s>, dir: &Path) -> Option<(PathBuf, Kustomization<'s>)> {
        let dir = self.directories.locate(ctx.files, dir).map_or_else(|_| dir.to_path_buf(), |at| at.canonical);
        let source = load(ctx, &dir)?;
        let root = source.tree().documents.first().and_then(|d| d.root);
        let component = root.is_some_and(|id| {
            Node::Source(SrcNode { source, id }, None).get("kind").is_some_and(|k| k.has_text("Component"))
        });
        let mut kustomization = Kustomization { source, component, named: false, uses: Vec::new(), files: Vec::new() };
        for reference in references(source) {
            let path = normal(&dir, Path::new(&reference.path));
            let Ok(at) = self.directories.locate(ctx.files, &path) else { continue };
            match (at.kind, reference.kind) {
                (FileKind::Dir, ReferenceKind::Resource | ReferenceKind::Component | ReferenceKind::Plugin) => {
                    kustomization.uses.push(at.canonical);
                }
                (FileKind::File, kind) => kustomization.files.push((path, role(kind))),
                _ => {}
            }
        }
        Some((dir, kustomization))
    }

    /// Directories to render: kustomizations that no other uses and that are no Components. Of a cycle that nothing else
    /// leads to, the first is taken, so that rendering it says what is wrong. What only test data uses is a root too.
    pub fn roots(&self, is_test_data: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
        let counts = |by: &Path, used: &Path| !is_test_data(by) || is_test_data(used);
        let uses = self.kustomizations.iter().flat_map(|(by, k)| k.uses.iter().map(move |used| (by, used)));
        let used: FxHashSet<&PathBuf> = uses.filter(|(by, used)| counts(by, used)).map(|(_, used)| used).collect();
        let mut roots: Vec<PathBuf> = self
            .kustomizations
            .iter()
            .filter(|(dir, k)| k.named && !k.component && !used.contains(dir))
            .map(|(dir, _)| dir.clone())
            .collect();
        let mut reached: FxHashSet<&Path> = FxHashSet::default();
        for root in &roots {
            self.reach(root, &mut reached);
        }
        for (dir, kustomization) in &self.kustomizations {
            if kustomization.named && !kustomization.component && !reached.contains(dir.as_path()) {
                self.reach(dir, &mut reached);
                roots.push(dir.clone());
            }
        }
        roots
    }

    /// Calls `visit` with the directory of each kustomization, on all cores, once it was called with all that this one uses, and
    /// whether it is a base: one that others use. Components and what is in or above a cycle are left out.
    pub fn visit(&self, visit: impl Fn(&Path, bool) + Sync) {
        let mut order =
            Order { graph: self, visit: &visit, missing: FxHashMap::default(), users: FxHashMap::default() };
        for (dir, kustomization) in &self.kustomizations {
            let known = kustomization.uses.iter().filter(|used| self.kustomizations.contains_key(*used));
            order.missing.insert(dir, AtomicUsize::new(known.clone().count()));
            known.for_each(|used| order.users.entry(used).or_default().push(dir));
        }
        let order = &order;
        let first = order.missing.iter().filter(|(_, missing)| missing.load(Relaxed) == 0).map(|(dir, _)| *dir);
        let first: Vec<&Path> = first.collect();
        rayon::scope(|scope| first.into_iter().for_each(|dir| scope.spawn(move |scope| order.visit(dir, scope))));
    }

    /// True if a kustomization of the run uses the one in `dir`.
    pub fn is_used(&self, dir: &Path) -> bool {
        self.kustomizations.values().any(|k| k.uses.iter().any(|used| used == dir))
    }

    /// Directories of the kustomizations that a root takes, its own included.
    pub fn reached(&self, root: &Path) -> FxHashSet<&Path> {
        let mut reached = FxHashSet::default();
        self.reach(root, &mut reached);
        reached
    }

    /// Takes out what these roots take and no other one does.
    pub fn forget(&mut self, gone: &[PathBuf], roots: &[PathBuf]) {
        let kept: FxHashSet<PathBuf> =
            roots.iter().flat_map(|root| self.reached(root)).map(Path::to_path_buf).collect();
        let lost: Vec<PathBuf> = gone.iter().flat_map(|root| self.reached(root)).map(Path::to_path_buf).collect();
        for dir in lost.iter().filter(|dir| !kept.contains(*dir)) {
            self.kustomizations.remove(dir);
        }
    }

    fn reach<'g>(&'g self, dir: &Path, reached: &mut FxHashSet<&'g Path>) {
        let mut todo = vec![dir];
        while let Some(dir) = todo.pop() {
            if let Some((key, kustomization)) = self.kustomizations.get_key_value(dir)
                && reached.insert(key)
            {
                todo.extend(kustomization.uses.iter().map(PathBuf::as_path));
            }
        }
    }

    /// Every file that a kustomization uses, and as what; links resolved too.
    pub fn used_files(&self, ctx: Context<'_>) -> FxHashMap<PathBuf, SourceRole> {
        let files: Vec<&(PathBuf, SourceRole)> = self.kustomizations.values().flat_map(|k| &k.files).collect();
        let real = |path: &Path| self.directories.locate(ctx.files, path).ok().map(|at| at.canonical);
        let real: Vec<Option<PathBuf>> = files.par_iter().map(|(path, _)| real(path)).collect();
        let mut used = FxHashMap::default();
        for ((path, role), real) in files.into_iter().zip(real) {
            used.entry(path.clone()).or_insert(*role);
            if let Some(real) = real.filter(|real| real != path) {
                used.entry(real).or_insert(*role);
            }
        }
        used
    }

    /// Components that nothing in the run uses: they cannot be judged alone. Only those of the walked directories are named.
    pub fn unused_components(&self, ctx: Context<'_>, walked: &[(PathBuf, Vec<PathBuf>)]) -> Vec<Skipped> {
        let used: FxHashSet<&PathBuf> = self.kustomizations.values().flat_map(|k| &k.uses).collect();
        self.kustomizations
            .iter()
            .filter(|(dir, k)| {
                k.component && !used.contains(dir) && walked.iter().any(|(root, _)| dir.starts_with(root))
            })
            .map(|(dir, _)| Skipped {
                path: ctx.display(dir),
                reason: "a Component that no kustomization of the run uses: it is judged through those that do".into(),
            })
            .collect()
    }

    /// Display path of the kustomization file nearest above a file.
    pub fn nearest(&self, path: &Path) -> Option<&str> {
        path.ancestors().skip(1).find_map(|dir| self.files.get(dir)).map(String::as_str)
    }
}

/// What is left to do for [`Graph::visit`].
struct Order<'g, 's, V> {
    graph: &'g Graph<'s>,
    visit: &'g V,
    /// How many of those that a kustomization uses were not visited yet.
    missing: FxHashMap<&'g Path, AtomicUsize>,
    users: FxHashMap<&'g Path, Vec<&'g Path>>,
}

impl<'g, V: Fn(&Path, bool) + Sync> Order<'g, '_, V> {
    fn visit<'o>(&'o self, dir: &'g Path, scope: &rayon::Scope<'o>)
    where
        'g: 'o,
    {
        let users = self.users.get(dir);
        if self.graph.kustomizations.get(dir).is_some_and(|k| !k.component) {
            (self.visit)(dir, users.is_some());
        }
        for user in users.into_iter().flatten() {
            if self.missing.get(user).is_some_and(|missing| missing.fetch_sub(1, AcqRel) == 1) {
                scope.spawn(|scope| self.visit(user, scope));
            }
        }
    }
}

/// The kustomization that uses `path` as a patch, looked for in the directories above it up to the working directory.
pub(super) fn patch_of(ctx: Context<'_>, path: &Path) -> Option<String> {
    path.ancestors().skip(1).take_while(|dir| dir.starts_with(ctx.cwd)).find_map(|dir| {
        let source = load(ctx, dir)?;
        references(source)
            .iter()
            .any(|r| r.kind == ReferenceKind::Patch && normal(dir, Path::new(&r.path)) == path)
            .then(|| source.display().to_string())
    })
}

fn load<'s>(ctx: Context<'s>, dir: &Path) -> Option<&'s Source> {
    FILE_NAMES.iter().map(|name| dir.join(name)).find_map(|path| match ctx.files.kind(&path) {
        Ok(FileKind::File) => ctx.load(&path).ok(),
        _ => None,
    })
}

fn role(kind: ReferenceKind) -> SourceRole {
    match kind {
        ReferenceKind::Resource | ReferenceKind::Component => SourceRole::Manifest,
        ReferenceKind::Patch => SourceRole::Patch,
        ReferenceKind::GeneratorInput => SourceRole::GeneratorInput,
        _ => SourceRole::Configuration,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::files::MemoryFiles;
    use crate::source::Sources;

    #[test]
    fn a_kustomization_is_visited_after_what_it_uses_and_a_cycle_never() {
        let mut files = MemoryFiles::new();
        for (dir, text) in [
            ("a", "resources: []\n"),
            ("b", "resources: [../a, ../a]\n"),
            ("c", "resources: [../b]\ncomponents: [../x]\n"),
            ("x", "kind: Component\n"),
            ("top", "resources: [../c]\n"),
            ("round", "resources: [../and]\n"),
            ("and", "resources: [../round]\n"),
        ] {
            files.insert(format!("{dir}/kustomization.yaml"), text);
        }
        let sources = Sources::new();
        let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
        let dirs: Vec<PathBuf> = ["/top", "/round"].iter().map(PathBuf::from).collect();
        let graph = Graph::read(ctx, &dirs);
        let visited = Mutex::new(Vec::new());
        graph.visit(|dir, is_base| visited.lock().unwrap().push((dir.to_path_buf(), is_base)));
        let expected = [("/a", true), ("/b", true), ("/c", true), ("/top", false)];
        assert_eq!(visited.into_inner().unwrap(), expected.map(|(dir, is_base)| (PathBuf::from(dir), is_base)));
    }
}
