//! Finds and reads what a kustomization names, within the limits that upstream sets (`api/internal/loader`).

use std::io;
use std::path::{Path, PathBuf};

use super::build::{Role, UsedFile};
use super::error::{Error, ErrorKind, Result};
use super::references::FILE_NAMES;
use super::remote::{self, Remote};
use super::render::{LoadRestrictor, Options};
use crate::files::{Context, FileKind, normal};
use crate::source::{Source, Span};

/// The directory of a kustomization.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Root {
    /// As it is named: what sources and reports show.
    pub(super) path: PathBuf,
    /// Symbolic links resolved: what the limits are about.
    pub(super) canonical: PathBuf,
}

/// Reads files for one kustomization and keeps what was read.
pub(super) struct Loader<'r, 's> {
    pub(super) ctx: Context<'s>,
    pub(super) options: &'r Options,
    pub(super) root: &'r Root,
    pub(super) files: &'r mut Vec<UsedFile<'s>>,
}

impl<'s> Loader<'_, 's> {
    /// Reads the file at `path`, relative to the kustomization. `entry` is the scalar that names it.
    pub(super) fn file(&mut self, path: &str, role: Role, entry: Option<Span<'s>>) -> Result<'s, &'s Source> {
        if remote::is_file(path) {
            match self.vendored(path) {
                Some(local) => return self.read(&local, role, entry, path),
                None => return Err(remote_error(Remote::File, path, entry)),
            }
        }
        let textual = normal(&self.root.path, Path::new(path));
        let joined = normal(&self.root.canonical, Path::new(path));
        let canonical = self.ctx.files.canonical(&joined).map_err(|e| missing(path, entry, &e))?;
        match self.ctx.files.kind(&canonical) {
            Ok(FileKind::File) => {}
            Ok(FileKind::Dir) => {
                return Err(Error::new(
                    ErrorKind::Invalid,
                    entry,
                    format!("`{path}` is a directory, and a file is needed"),
                ));
            }
            Err(error) => return Err(missing(path, entry, &error)),
        }
        let inside = canonical.parent().is_some_and(|dir| dir.starts_with(&self.root.canonical));
        if self.options.load_restrictor == LoadRestrictor::RootOnly && !inside {
            let message = format!(
                "`{path}` is outside of the kustomization's directory, and only files in or below it may be read; move it \
                 there, or allow it (`--load-restrictor LoadRestrictionsNone`)"
            );
            return Err(Error::new(ErrorKind::LoadRestriction, entry, message));
        }
        self.read(&textual, role, entry, path)
    }

    fn read(&mut self, path: &Path, role: Role, entry: Option<Span<'s>>, shown: &str) -> Result<'s, &'s Source> {
        let source = self.ctx.load(path).map_err(|e| missing(shown, entry, &e))?;
        self.files.push(UsedFile { source, role, entry });
        Ok(source)
    }

    /// The bytes of a file that may be no text.
    pub(super) fn bytes(&self, source: &'s Source) -> Result<'s, Vec<u8>> {
        if source.bad_utf8().is_empty() {
            return Ok(source.text().as_bytes().to_vec());
        }
        self.ctx.files.read(source.path()).map_err(|e| missing(source.display(), None, &e))
    }

    /// What a path of `resources` names.
    pub(super) fn kind(&self, path: &str) -> Option<FileKind> {
        if let Some(local) = self.vendored(path) {
            return self.ctx.files.kind(&local).ok();
        }
        self.ctx.files.kind(&normal(&self.root.canonical, Path::new(path))).ok()
    }

    /// The directory at `path`, for a base or a component.
    pub(super) fn dir(&self, path: &str, entry: Option<Span<'s>>) -> Result<'s, Root> {
        if let Some(remote) = remote::classify(path) {
            let Some(local) = self.vendored(path) else { return Err(remote_error(remote, path, entry)) };
            let canonical = self.ctx.files.canonical(&local).map_err(|e| missing(path, entry, &e))?;
            return Ok(Root { path: local, canonical });
        }
        if path.is_empty() || Path::new(path).is_absolute() {
            return Err(Error::new(
                ErrorKind::Invalid,
                entry,
                format!("`{path}` must be a relative path to a directory"),
            ));
        }
        let joined = normal(&self.root.canonical, Path::new(path));
        let canonical = self.ctx.files.canonical(&joined).map_err(|e| missing(path, entry, &e))?;
        if self.ctx.files.kind(&canonical).map_err(|e| missing(path, entry, &e))? != FileKind::Dir {
            return Err(Error::new(
                ErrorKind::Invalid,
                entry,
                format!("`{path}` is a file, and a directory is needed"),
            ));
        }
        let path = if canonical == joined { normal(&self.root.path, Path::new(path)) } else { canonical.clone() };
        Ok(Root { path, canonical })
    }

    fn vendored(&self, url: &str) -> Option<PathBuf> {
        self.options.vendor.get(url).map(|local| normal(self.ctx.cwd, local))
    }
}

/// The kustomization file of a directory.
pub(super) fn kustomization_file<'s>(ctx: Context<'s>, root: &Root, entry: Option<Span<'s>>) -> Result<'s, &'s Source> {
    let is_file = |path: &PathBuf| matches!(ctx.files.kind(path), Ok(FileKind::File));
    let mut found = FILE_NAMES.iter().map(|name| root.path.join(name)).filter(is_file);
    let shown = ctx.display(&root.path);
    let fail = |kind, message| {
        let mut error = Error::new(kind, entry, message);
        error.path = root.path.clone();
        Err(error)
    };
    match (found.next(), found.next()) {
        (Some(path), None) => ctx.load(&path).map_err(|e| missing(&ctx.display(&path), entry, &e)),
        (Some(a), Some(b)) => {
            let message = format!(
                "`{shown}` has more than one kustomization file: `{}` and `{}`",
                ctx.display(&a),
                ctx.display(&b)
            );
            fail(ErrorKind::Invalid, message)
        }
        _ => fail(ErrorKind::Missing, format!("`{shown}` has no kustomization file (`kustomization.yaml`)")),
    }
}

fn missing<'s>(path: &str, entry: Option<Span<'s>>, error: &io::Error) -> Box<Error<'s>> {
    if error.kind() == io::ErrorKind::NotFound {
        return Error::new(ErrorKind::Missing, entry, format!("`{path}` does not exist"));
    }
    Error::new(ErrorKind::Unreadable, entry, format!("`{path}` cannot be read: {error}"))
}

fn remote_error<'s>(remote: Remote, path: &str, entry: Option<Span<'s>>) -> Box<Error<'s>> {
    let what = match remote {
        Remote::File => "a remote file",
        Remote::Repository => "a remote base",
    };
    let message = format!(
        "`{path}` is {what}, and nothing is fetched; map it to a local copy (`kustomize.vendor`), or skip this root"
    );
    Error::new(ErrorKind::Remote, entry, message)
}
