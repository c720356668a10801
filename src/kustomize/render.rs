//! Renders kustomizations; shares what bases give between the roots that take them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use super::accumulate::{Accumulation, Accumulator};
use super::build::Build;
use super::error::{Error, ErrorKind, Result};
use super::finish;
use super::helm::Helm;
use super::loader::Root;
use super::untracked;
use crate::files::{Context, Directories};

/// The order of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reorder {
    /// By kind, as `kustomize build` prints it.
    Legacy,
    /// As accumulated.
    None,
}

/// Which files a kustomization may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadRestrictor {
    /// Those in and below its directory.
    #[default]
    RootOnly,
    /// Any.
    None,
}

/// What `kustomize build` takes as flags.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The order, unless the root has `sortOptions`. None: legacy.
    pub reorder: Option<Reorder>,
    /// Which files may be read.
    pub load_restrictor: LoadRestrictor,
    /// Adds the label `app.kubernetes.io/managed-by`.
    pub managed_by_label: bool,
    /// What runs `helm` for `helmCharts`. None: a chart is an error.
    pub helm: Option<Arc<dyn Helm>>,
    /// Local directories that stand for remote bases, by the URL as written.
    pub vendor: BTreeMap<String, PathBuf>,
}

/// Renders kustomizations. Used from several threads at once: a base shared by many roots is accumulated once.
pub struct Renderer<'s> {
    pub(super) ctx: Context<'s>,
    pub(super) options: Options,
    pub(super) directories: Directories,
    /// What bases gave, by directory. Threads that meet the same base at the same time both do the work; the first result
    /// stays. Nobody waits for another, so there is no deadlock.
    known: Mutex<FxHashMap<PathBuf, Known<'s>>>,
}

/// What a base gave, or why it gave nothing.
pub(super) type Known<'s> = Arc<Result<'s, Arc<Accumulation<'s>>>>;

impl<'s> Renderer<'s> {
    /// A renderer without anything rendered yet.
    pub fn new(ctx: Context<'s>, options: Options) -> Self {
        Renderer { ctx, options, directories: Directories::default(), known: Mutex::default() }
    }

    /// Renders the kustomization in `dir` (absolute, normal). The bases that it uses are kept for other roots; what it gives
    /// itself is not: [`Renderer::prepare`] what others use before.
    ///
    /// # Errors
    /// Whatever upstream refuses, and what cannot be rendered here: remote bases, Helm charts, external programs.
    pub fn render(&self, dir: &Path) -> std::result::Result<Build<'s>, Box<Error<'s>>> {
        self.build(dir).map_err(|mut error| {
            if error.path.as_os_str().is_empty() {
                error.path = dir.to_path_buf();
            }
            error
        })
    }

    /// Accumulates the kustomization in `dir` (absolute, normal, no Component) for those that use it: a caller that takes bases
    /// before what is built on them has all cores work, and none does what another has done. Problems show when a root is
    /// rendered.
    pub fn prepare(&self, dir: &Path) {
        if let Ok(canonical) = self.directories.canonical(self.ctx.files, dir) {
            _ = Accumulator::new(self).base(&Root { path: dir.to_path_buf(), canonical }, None, true);
        }
    }

    fn build(&self, dir: &Path) -> Result<'s, Build<'s>> {
        let canonical = self.directories.canonical(self.ctx.files, dir).map_err(|e| {
            let mut error =
                Error::new(ErrorKind::Missing, None, format!("`{}` cannot be read: {e}", self.ctx.display(dir)));
            error.path = dir.to_path_buf();
            error
        })?;
        let root = Root { path: dir.to_path_buf(), canonical };
        let mut accumulator = Accumulator::new(self);
        let mut accumulated = accumulator.base(&root, None, false);
        let again = match &accumulated {
            Ok(made) => {
                made.kustomizations.first().is_some_and(|k| untracked::is_label_only(k)) && !untracked::is_same(made)
            }
            Err(_) => accumulator.read(&root, None).is_ok_and(|k| untracked::is_label_only(&k)),
        };
        if again {
            accumulator = Accumulator::tracking(self);
            accumulated = accumulator.base(&root, None, false);
        }
        // Nobody else takes what a root gives, unless it was prepared: it becomes the build without a copy.
        let accumulated = accumulated?;
        let accumulated = Arc::try_unwrap(accumulated).unwrap_or_else(|shared| Accumulation::clone(&shared));
        finish::finish(accumulated, &root, &self.options, &accumulator.schemas)
    }

    pub(super) fn known(&self, root: &Root) -> Option<Known<'s>> {
        self.known.lock().ok()?.get(&root.path).cloned()
    }

    pub(super) fn remember(&self, root: &Root, result: &Result<'s, Arc<Accumulation<'s>>>) {
        if let Ok(mut known) = self.known.lock() {
            known.entry(root.path.clone()).or_insert_with(|| Arc::new(result.clone()));
        }
    }
}
