//! Access to files: on disk, or in memory for tests and library users. The only module that touches the disk.

mod directories;
mod edited;
mod filtered;
mod git;
mod write;

pub use directories::{Directories, Located};
pub use edited::Edited;
pub use filtered::Filtered;
pub use git::GitFiles;
pub use write::{replace, rewrite};

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;

use crate::source::{Source, Sources};

/// What a path names, symbolic links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
}

/// Where files come from. All paths are absolute and normal (no `.`, no `..`).
pub trait Files: Sync {
    /// The bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// What a path names; an error if nothing is there.
    fn kind(&self, path: &Path) -> io::Result<FileKind>;
    /// The path with symbolic links resolved.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;
    /// What a path names, and the size of a file in bytes, if its last part is no symbolic link. None if it is one, if nothing is
    /// there, and where this is not known: then the answer takes [`Files::canonical`].
    fn unless_link(&self, _path: &Path) -> Option<(FileKind, u64)> {
        None
    }
    /// The size of a file in bytes.
    fn size(&self, path: &Path) -> io::Result<u64>;
    /// The bytes of a file that has at most `limit`; `FileTooLarge` for others.
    fn read_within(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let size = self.size(path)?;
        if size > limit { Err(too_large(size, limit)) } else { self.read(path) }
    }
    /// The files below a directory that a walk takes (ignore files respected), sorted by path.
    fn walk(&self, root: &Path) -> Vec<PathBuf>;

    /// All files below a directory, for a program that is to read them; none if it can read them at their paths, on disk.
    fn not_on_disk(&self, root: &Path) -> Option<Vec<PathBuf>> {
        Some(self.walk(root))
    }
}

/// Files and the sources read from them, with the directory that shown paths are relative to.
#[derive(Clone, Copy)]
pub struct Context<'s> {
    /// Where files come from.
    pub files: &'s dyn Files,
    /// What was read.
    pub sources: &'s Sources,
    /// The working directory: absolute, normal.
    pub cwd: &'s Path,
}

/// So many files a thread takes at a time. Half of the files are rarely half of the work: large ones stand side by side.
pub(crate) const AT_A_TIME: usize = 4;

/// A larger file is not read: bounded time and memory for what cannot be a manifest.
pub const MAX_FILE_SIZE: u64 = 64 << 20;

fn too_large(size: u64, limit: u64) -> io::Error {
    let message = format!("the file has {} MiB; files above {} MiB are not read", size >> 20, limit >> 20);
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}

impl<'s> Context<'s> {
    /// Reads a file once; later calls give the same source. `path` is absolute and normal. Errors are those of the file
    /// system, and `FileTooLarge` above [`MAX_FILE_SIZE`].
    pub fn load(&self, path: &Path) -> io::Result<&'s Source> {
        if let Some(source) = self.sources.get(path) {
            return Ok(source);
        }
        let bytes = self.files.read_within(path, MAX_FILE_SIZE)?;
        Ok(self.sources.add(path, self.display(path), bytes))
    }

    /// `path` as reports show it: relative to the working directory, with `/`. The working directory itself is `.`.
    pub fn display(&self, path: &Path) -> String {
        display_path(path, self.cwd)
    }
}

/// `path` relative to `cwd`, with `/` and with `..` where needed; `.` for `cwd` itself. On another drive it stays as it is.
pub fn display_path(path: &Path, cwd: &Path) -> String {
    if let (Some(Component::Prefix(ours)), Some(Component::Prefix(base))) =
        (path.components().next(), cwd.components().next())
        && ours != base
    {
        return path.to_string_lossy().replace('\\', "/");
    }
    let mut ours = path.components().peekable();
    let mut base = cwd.components().peekable();
    while let (Some(a), Some(b)) = (ours.peek(), base.peek()) {
        if a != b {
            break;
        }
        ours.next();
        base.next();
    }
    let mut out = String::with_capacity(path.as_os_str().len());
    for part in base.map(|_| Component::ParentDir).chain(ours) {
        if !out.is_empty() {
            out.push('/');
        }
        out.push_str(&part.as_os_str().to_string_lossy());
    }
    if out.is_empty() { ".".into() } else { out }
}

/// `path` below `base` unless absolute, with `.` and `..` resolved by text.
pub fn normal(base: &Path, path: &Path) -> PathBuf {
    let mut out = PathBuf::with_capacity(base.as_os_str().len() + 1 + path.as_os_str().len());
    for component in base.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// Files in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemoryFiles {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a file; `path` is taken below `/`.
    pub fn insert(&mut self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(normal(Path::new("/"), path.as_ref()), bytes.into());
    }

    /// The files below a path, in order. Paths are ordered by component, so they stand together.
    fn below<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = &'a PathBuf> {
        self.files.range(path.to_path_buf()..).map(|(file, _)| file).take_while(move |file| file.starts_with(path))
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        if self.files.contains_key(path) {
            Ok(FileKind::File)
        } else if self.below(path).next().is_some() {
            Ok(FileKind::Dir)
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.kind(path).map(|_| path.to_path_buf())
    }

    fn unless_link(&self, path: &Path) -> Option<(FileKind, u64)> {
        Some((self.kind(path).ok()?, self.size(path).unwrap_or_default()))
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        self.files.get(path).map(|b| b.len() as u64).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn walk(&self, root: &Path) -> Vec<PathBuf> {
        self.below(root).cloned().collect()
    }
}

/// Files on disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskFiles;

impl Files for DiskFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        let meta = std::fs::metadata(path)?;
        Ok(if meta.is_dir() { FileKind::Dir } else { FileKind::File })
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        // Of the standard library's answer on Windows, `\\?\C:\…`, no path that is named otherwise is a part.
        dunce::canonicalize(path)
    }

    fn unless_link(&self, path: &Path) -> Option<(FileKind, u64)> {
        let meta = std::fs::symlink_metadata(path).ok().filter(|meta| !meta.is_symlink())?;
        Some((if meta.is_dir() { FileKind::Dir } else { FileKind::File }, meta.len()))
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        Ok(std::fs::metadata(path)?.len())
    }

    fn read_within(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let file = std::fs::File::open(path)?;
        let size = file.metadata()?.len();
        if size > limit {
            return Err(too_large(size, limit));
        }
        let mut bytes = Vec::with_capacity(size as usize + 1);
        // What limits the read also keeps it from asking for the size again.
        file.take(limit + 1).read_to_end(&mut bytes)?;
        let read = bytes.len() as u64;
        if read > limit { Err(too_large(read, limit)) } else { Ok(bytes) }
    }

    fn not_on_disk(&self, _: &Path) -> Option<Vec<PathBuf>> {
        None
    }

    fn walk(&self, root: &Path) -> Vec<PathBuf> {
        let found = Mutex::new(Vec::new());
        let walk = ignore::WalkBuilder::new(root)
            .hidden(false)
            .require_git(false)
            .filter_entry(|e| e.file_name() != ".git")
            .build_parallel();
        walk.run(|| {
            Box::new(|entry| {
                if let Ok(entry) = entry
                    && entry.file_type().is_some_and(|t| !t.is_dir())
                    && let Ok(mut found) = found.lock()
                {
                    found.push(entry.into_path());
                }
                ignore::WalkState::Continue
            })
        });
        let mut files = found.into_inner().unwrap_or_default();
        files.par_sort_unstable();
        files
    }
}
