//! Finds and reads what a kustomization names, within the limits that upstream sets (`api/internal/loader`).

use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Text;
use super::build::{Role, UsedFile};
use super::error::{Error, ErrorKind, Result};
use super::references::FILE_NAMES;
use super::remote::{self, Remote};
use super::render::{LoadRestrictor, Options};
use crate::files::{Context, Directories, FileKind, Located, normal};
use crate::source::{Source, Span};

/// So many bytes take long enough to parse, about a quarter of a millisecond, that several threads are faster.
const WORTH_THREADS: u64 = 100_000;

/// An entry of `resources`.
pub(super) enum Named<'s> {
    /// A file of objects.
    File(&'s Source),
    /// The directory of another kustomization, or what looks like a remote one.
    Dir,
}

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
    pub(super) directories: &'r Directories,
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
        let located = self.locate(path).map_err(|e| missing(path, entry, &e))?;
        self.located_file(path, located, role, entry)
    }

    fn located_file(
        &mut self,
        path: &str,
        located: Located,
        role: Role,
        entry: Option<Span<'s>>,
    ) -> Result<'s, &'s Source> {
        if located.kind == FileKind::Dir {
            let message = format!("`{path}` is a directory, and a file is needed");
            return Err(Error::new(ErrorKind::Invalid, entry, message));
        }
        if !self.is_inside(&located.canonical) {
            let message = format!(
                "`{path}` is outside of the kustomization's directory, and only files in or below it may be read; move it \
                 there, or allow it (`--load-restrictor LoadRestrictionsNone`)"
            );
            return Err(Error::new(ErrorKind::LoadRestriction, entry, message));
        }
        self.read(&normal(&self.root.path, Path::new(path)), role, entry, path)
    }

    /// True if a file may be read.
    fn is_inside(&self, canonical: &Path) -> bool {
        self.options.load_restrictor == LoadRestrictor::None
            || canonical.parent().is_some_and(|dir| dir.starts_with(&self.root.canonical))
    }

    fn locate(&self, path: &str) -> io::Result<Located> {
        self.directories.locate(self.ctx.files, &normal(&self.root.canonical, Path::new(path)))
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

    /// Where the paths of `resources` lead, as far as they can be followed. Large files are read and parsed here, on all cores.
    pub(super) fn look<'p>(&self, paths: impl IntoIterator<Item = &'p Text<'s>>) -> Vec<Option<Located>>
    where
        's: 'p,
    {
        let paths: Vec<&Text<'s>> = paths.into_iter().collect();
        let located: Vec<Option<Located>> = paths
            .iter()
            .map(|path| if self.vendored(path).is_some() { None } else { self.locate(path).ok() })
            .collect();
        let is_file = |at: &Located| at.kind == FileKind::File && self.is_inside(&at.canonical);
        let size: u64 = located.iter().flatten().filter(|at| is_file(at)).map(|at| at.size).sum();
        if size >= WORTH_THREADS {
            paths.par_iter().zip(&located).with_max_len(1).for_each(|(path, at)| {
                // What cannot be read is reported when it is its turn.
                if at.as_ref().is_some_and(is_file)
                    && let Ok(source) = self.ctx.load(&normal(&self.root.path, Path::new(&path.text)))
                {
                    source.tree();
                }
            });
        }
        located
    }

    /// What a path of `resources` names; `located` by [`Loader::look`].
    pub(super) fn resource(&mut self, path: &Text<'s>, located: Option<Located>) -> Result<'s, Named<'s>> {
        if let Some(local) = self.vendored(path)
            && self.ctx.files.kind(&local).is_ok_and(|kind| kind == FileKind::Dir)
        {
            return Ok(Named::Dir);
        }
        match located {
            Some(Located { kind: FileKind::Dir, .. }) => Ok(Named::Dir),
            None if remote::classify(path) == Some(Remote::Repository) => Ok(Named::Dir),
            Some(located) if !remote::is_file(path) => {
                self.located_file(path, located, Role::Resource, path.span()).map(Named::File)
            }
            _ => self.file(path, Role::Resource, path.span()).map(Named::File),
        }
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
        let located = self.directories.locate(self.ctx.files, &joined).map_err(|e| missing(path, entry, &e))?;
        let canonical = located.canonical;
        if located.kind != FileKind::Dir {
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
