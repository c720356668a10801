//! Where output goes.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::Stop;
use crate::files::{self, DiskFiles, FileKind, Files};
use crate::kustomize::FILE_NAMES;

/// The working directory, named as files in it are.
pub(super) fn cwd() -> Result<PathBuf, Stop> {
    let dir = std::env::current_dir().map_err(|e| Stop::Usage(format!("the working directory cannot be read: {e}")))?;
    // Windows gives it as it was entered: with short names, or through a junction.
    Ok(DiskFiles.canonical(&dir).unwrap_or(dir))
}

/// The directory of a kustomization that an argument names; if there is none, what to name instead.
pub(super) fn kustomization(cwd: &Path, dir: &Path) -> Result<PathBuf, Stop> {
    let shown = dir.display();
    if dir.to_string_lossy().contains("://") {
        let message = format!("`{shown}` is not fetched; clone the repository, and name the directory there");
        return Err(Stop::Usage(message));
    }
    let path = files::normal(cwd, dir);
    match DiskFiles.kind(&path) {
        Ok(FileKind::Dir) if FILE_NAMES.iter().any(|name| path.join(name).exists()) => Ok(path),
        Ok(FileKind::Dir) => Err(Stop::Usage(format!("`{shown}` has no `kustomization.yaml`{}", below(cwd, &path)))),
        Ok(FileKind::File) => {
            let parent = files::display_path(path.parent().unwrap_or(&path), cwd);
            Err(Stop::Usage(format!("`{shown}` is a file; name the directory of a kustomization, as `{parent}`")))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let message =
                format!("there is no `{shown}` in `{}`; name the directory of a kustomization", cwd.display());
            Err(Stop::Usage(message))
        }
        Err(error) => Err(Stop::Usage(format!("`{shown}` cannot be read: {error}"))),
    }
}

/// Names directories below one that have a kustomization.
fn below(cwd: &Path, dir: &Path) -> String {
    const SHOWN: usize = 3;
    let is_kustomization = |file: &PathBuf| file.file_name().is_some_and(|n| FILE_NAMES.iter().any(|name| n == *name));
    let files = DiskFiles.walk(dir).into_iter().filter(is_kustomization);
    let mut dirs: Vec<String> = files.filter_map(|f| Some(files::display_path(f.parent()?, cwd))).collect();
    dirs.dedup();
    let more = dirs.len().saturating_sub(SHOWN);
    dirs.truncate(SHOWN);
    let listed: Vec<String> = dirs.iter().map(|dir| format!("`{dir}`")).collect();
    match (listed.is_empty(), more) {
        (true, _) => "; name the directory of a kustomization".into(),
        (_, 0) => format!("; name one below it: {}", listed.join(", ")),
        _ => format!("; name one below it: {} or {more} more", listed.join(", ")),
    }
}

/// Writes a file whole or not at all, with the path in the error.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    files::replace(path, bytes).map_err(|e| Stop::Usage(format!("cannot write `{}`: {e}", path.display())))
}

/// Writes to standard output.
pub(super) fn write(text: &str) -> Result<(), Stop> {
    write_pieces(None, &[text])
}

/// Writes pieces, one behind the other, to a file if one is named, else to standard output.
pub(super) fn write_pieces<T: AsRef<str>>(file: Option<&Path>, pieces: &[T]) -> Result<(), Stop> {
    let mut pieces = pieces.iter().map(AsRef::as_ref);
    match file {
        Some(path) => replace(path, pieces.collect::<String>().as_bytes()),
        None => {
            let mut out = std::io::stdout().lock();
            pieces.try_for_each(|piece| out.write_all(piece.as_bytes()))?;
            Ok(out.flush()?)
        }
    }
}

/// `cwd` as seen from the root of its repository, with `/`; empty at the root or outside of one.
pub(super) fn prefix(cwd: &Path) -> String {
    match cwd.ancestors().find(|dir| dir.join(".git").exists()) {
        Some(root) if root != cwd => files::display_path(cwd, root),
        _ => String::new(),
    }
}
