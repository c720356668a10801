//! Where output goes.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::Stop;
use crate::files;

/// The working directory.
pub(super) fn cwd() -> Result<PathBuf, Stop> {
    std::env::current_dir().map_err(|e| Stop::Usage(format!("the working directory cannot be read: {e}")))
}

/// Writes a file whole or not at all, with the path in the error.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    files::replace(path, bytes).map_err(|e| Stop::Usage(format!("cannot write `{}`: {e}", path.display())))
}

/// Writes to a file if one is named, else to standard output.
pub(super) fn write(file: Option<&Path>, text: &str) -> Result<(), Stop> {
    match file {
        Some(path) => replace(path, text.as_bytes()),
        None => {
            let mut out = std::io::stdout().lock();
            out.write_all(text.as_bytes())?;
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
