//! Symbolic links, resolved once per directory.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rustc_hash::FxHashMap;

use super::{FileKind, Files};

/// Directories with their symbolic links resolved, by how they are named. The files of a tree are in few of them, and resolving
/// a path takes a call to the system for each of its parts.
#[derive(Default)]
pub struct Directories(Mutex<FxHashMap<PathBuf, PathBuf>>);

/// Where something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Symbolic links resolved.
    pub canonical: PathBuf,
    /// What is there.
    pub kind: FileKind,
    /// Of a file, in bytes; 0 if it was not asked for.
    pub size: u64,
}

impl Directories {
    /// Where a path leads. Errors are those of [`Files::canonical`].
    pub fn locate(&self, files: &dyn Files, path: &Path) -> io::Result<Located> {
        if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
            let canonical = self.canonical(files, parent)?.join(name);
            if let Some((kind, size)) = files.unless_link(&canonical) {
                if kind == FileKind::Dir {
                    self.remember(path, &canonical);
                }
                return Ok(Located { canonical, kind, size });
            }
        }
        let canonical = files.canonical(path)?;
        let kind = files.kind(&canonical)?;
        Ok(Located { canonical, kind, size: 0 })
    }

    /// A directory with symbolic links resolved. Errors are those of [`Files::canonical`].
    pub fn canonical(&self, files: &dyn Files, dir: &Path) -> io::Result<PathBuf> {
        if let Some(known) = self.0.lock().ok().and_then(|known| known.get(dir).cloned()) {
            return Ok(known);
        }
        let canonical = files.canonical(dir)?;
        self.remember(dir, &canonical);
        Ok(canonical)
    }

    /// Takes note of a directory, and of those above the resolved one: there is no link in its path.
    fn remember(&self, dir: &Path, canonical: &Path) {
        let Ok(mut known) = self.0.lock() else { return };
        known.insert(dir.to_path_buf(), canonical.to_path_buf());
        for above in canonical.ancestors() {
            if known.contains_key(above) {
                break;
            }
            known.insert(above.to_path_buf(), above.to_path_buf());
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::files::DiskFiles;

    #[test]
    fn links_are_resolved_wherever_they_stand() {
        let tree = tempfile::tempdir().unwrap();
        let root = tree.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("real")).unwrap();
        std::fs::write(root.join("real/a.yaml"), "a: 1\n").unwrap();
        std::os::unix::fs::symlink(root.join("real"), root.join("dir")).unwrap();
        std::os::unix::fs::symlink(root.join("real/a.yaml"), root.join("file.yaml")).unwrap();
        std::os::unix::fs::symlink(root.join("nowhere"), root.join("dangling")).unwrap();
        let directories = Directories::default();
        for name in ["real/a.yaml", "dir/a.yaml", "file.yaml", "real", "dir", "."] {
            let path = crate::files::normal(&root, Path::new(name));
            let located = directories.locate(&DiskFiles, &path).unwrap();
            assert_eq!(located.canonical, path.canonicalize().unwrap(), "{name}");
            assert_eq!(located.kind, DiskFiles.kind(&path).unwrap(), "{name}");
        }
        for name in ["nothing", "dangling", "real/a.yaml/b", "nothing/a.yaml"] {
            assert!(directories.locate(&DiskFiles, &root.join(name)).is_err(), "{name}");
        }
    }
}
