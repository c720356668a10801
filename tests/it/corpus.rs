//! The real repositories of the conformance data, unpacked.

#![allow(clippy::print_stdout)]

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::shared::shared;

/// A directory with the repositories of the corpus, unpacked once in a run. Says that the test is skipped if that fails.
pub(crate) fn corpus() -> Option<PathBuf> {
    static UNPACKED: OnceLock<Option<TempDir>> = OnceLock::new();
    let unpacked = UNPACKED.get_or_init(|| {
        let archives = shared()?.join("conformance/corpus");
        let dir = tempfile::tempdir().ok()?;
        for entry in std::fs::read_dir(archives).ok()?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(name) = name.strip_suffix(".tar.zst") else { continue };
            let target = dir.path().join(name);
            std::fs::create_dir(&target).ok()?;
            let tar = Command::new("tar").arg("--zstd").arg("-xf").arg(entry.path()).arg("-C").arg(&target).status();
            if !tar.is_ok_and(|s| s.success()) {
                println!("skipped: tar cannot unpack {}", entry.path().display());
                return None;
            }
        }
        Some(dir)
    });
    unpacked.as_ref().map(|dir| dir.path().to_path_buf())
}
