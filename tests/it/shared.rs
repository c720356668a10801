//! What tests of several modules need: files, and where the conformance data is, if this machine has it.

#![allow(clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Writes a file and makes the directories above it.
pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A directory with these files.
pub(crate) fn tree(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    files.iter().for_each(|(path, text)| write(&dir.path().join(path), text));
    dir
}

/// The directory with recorded inputs and outputs of upstream; none (and a line saying so) where it is absent. The variable
/// `MANICHECK_SHARED` names it, else it is looked for beside the package.
pub(crate) fn shared() -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared"));
    let dir = std::env::var_os("MANICHECK_SHARED").map_or_else(beside, PathBuf::from);
    if dir.join("conformance").is_dir() {
        return Some(dir);
    }
    println!("skipped: no conformance data at {}", dir.display());
    None
}
