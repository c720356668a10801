//! Which files may be edited.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Key;
use crate::discover::{Input, is_manifest_name};
use crate::files::{Context, FileKind, normal};
use crate::kustomize::FILE_NAMES;
use crate::lint::is_generated;
use crate::source::{Source, Span};
use crate::yaml::RawNode;

/// A fix that is not tried, as its file is not to be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// The finding.
    pub key: Key,
    /// The file, as reports show it.
    pub file: String,
    /// Why, in a few words.
    pub why: &'static str,
}

/// The files that may be edited: those that a walk of the inputs takes, and those that are named. A base elsewhere serves others,
/// who were not asked; what is ignored is mostly made by a program.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    files: BTreeSet<PathBuf>,
    vendored: Vec<PathBuf>,
}

impl Reach {
    /// Of these inputs. `vendored` are copies of what others keep.
    pub fn new<'p>(ctx: Context<'_>, inputs: &[Input], vendored: impl IntoIterator<Item = &'p PathBuf>) -> Self {
        let mut reach = Reach::default();
        let canonical = |path: &Path| ctx.files.canonical(path).ok();
        let paths =
            inputs.iter().filter_map(|i| if let Input::Path(path) = i { Some(normal(ctx.cwd, path)) } else { None });
        for path in paths {
            match (ctx.files.kind(&path), path.parent()) {
                (Ok(FileKind::Dir), _) => reach.walk(ctx, &path),
                // A kustomization stands for its directory.
                (Ok(FileKind::File), Some(dir)) if is_kustomization(&path) => reach.walk(ctx, dir),
                (Ok(FileKind::File), _) => reach.files.extend(canonical(&path)),
                (Err(_), _) => {}
            }
        }
        let vendored = vendored.into_iter().map(|dir| normal(ctx.cwd, dir));
        reach.vendored = vendored.map(|dir| canonical(&dir).unwrap_or(dir)).collect();
        reach
    }

    fn walk(&mut self, ctx: Context<'_>, dir: &Path) {
        let files = ctx.files.walk(dir).into_iter().filter(|f| is_manifest_name(f) || is_kustomization(f));
        self.files.extend(files.filter_map(|f| ctx.files.canonical(&f).ok()));
    }

    /// Where to write what an edit changes, symbolic links resolved; or why it is not to be edited.
    pub(super) fn place(&self, ctx: Context<'_>, span: Span<'_>) -> Result<PathBuf, &'static str> {
        let source = span.source;
        let stdin = source.path() == Path::new("-");
        let path = if stdin { Ok(source.path().to_path_buf()) } else { ctx.files.canonical(source.path()) };
        let path = path.map_err(|_| "the file cannot be found again")?;
        if self.vendored.iter().any(|dir| path.starts_with(dir)) {
            return Err("the file is a copy of a remote base");
        }
        if !stdin && !self.files.contains(&path) {
            return Err("the file is outside of what was named, or ignored");
        }
        if !source.bad_utf8().is_empty() || !source.problems().is_empty() {
            return Err("the file cannot be read as a whole");
        }
        if is_generated(source.text()) {
            return Err("the file says that it is generated");
        }
        if in_anchor(source, span) {
            return Err("the text has an anchor, and serves other places too");
        }
        Ok(path)
    }
}

fn is_kustomization(path: &Path) -> bool {
    path.file_name().and_then(|n| n.to_str()).is_some_and(|n| FILE_NAMES.contains(&n))
}

/// True if the place lies in a node with an anchor, in a document with aliases.
fn in_anchor(source: &Source, span: Span<'_>) -> bool {
    let tree = source.tree();
    let aliased = tree.documents.iter().any(|d| d.aliased && d.start <= span.start && span.start <= d.end);
    aliased && tree.nodes.iter().any(|n| n.flags & RawNode::ANCHORED != 0 && n.start <= span.start && span.end <= n.end)
}
