//! Files without some of those that a walk would take.

use std::io;
use std::path::{Path, PathBuf};

use super::{FileKind, Files};

/// Files whose walk leaves some out. They can still be read: what is named, or used by something, is taken.
pub struct Filtered<'f> {
    /// All files.
    pub files: &'f dyn Files,
    /// Says whether a walk takes a path.
    pub takes: &'f (dyn Fn(&Path) -> bool + Sync),
}

impl Files for Filtered<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.read(path)
    }

    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        self.files.kind(path)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.files.canonical(path)
    }

    fn unless_link(&self, path: &Path) -> Option<(FileKind, u64)> {
        self.files.unless_link(path)
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        self.files.size(path)
    }

    fn read_within(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        self.files.read_within(path, limit)
    }

    fn walk(&self, root: &Path) -> Vec<PathBuf> {
        let mut files = self.files.walk(root);
        files.retain(|path| (self.takes)(path));
        files
    }

    fn not_on_disk(&self, root: &Path) -> Option<Vec<PathBuf>> {
        self.files.not_on_disk(root)
    }
}
