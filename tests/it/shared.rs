//! Where the conformance data is, if this machine has it.

#![allow(clippy::print_stdout)]

use std::path::PathBuf;

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
