//! Files of which some have another text than where they come from.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::{FileKind, Files};

/// Files as they would be after edits that are not written yet.
pub struct Edited<'f> {
    /// Where the files come from.
    pub files: &'f dyn Files,
    /// The new texts, by path with symbolic links resolved: a file that has two names is one file.
    pub texts: &'f BTreeMap<PathBuf, String>,
}

impl Edited<'_> {
    fn text(&self, path: &Path) -> Option<&String> {
        if self.texts.is_empty() {
            return None;
        }
        self.texts.get(&self.files.canonical(path).ok()?)
    }
}

impl Files for Edited<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.text(path).map_or_else(|| self.files.read(path), |text| Ok(text.clone().into_bytes()))
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
        self.text(path).map_or_else(|| self.files.size(path), |text| Ok(text.len() as u64))
    }

    fn walk(&self, root: &Path) -> Vec<PathBuf> {
        self.files.walk(root)
    }

    fn not_on_disk(&self, root: &Path) -> Option<Vec<PathBuf>> {
        self.files.not_on_disk(root)
    }
}
