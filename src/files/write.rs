//! Writing files whole or not at all.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes a file whole or not at all: to a new file beside it, which then takes its place. A symbolic link stays one. What has
/// other names or another owner, which a new file would not have, is written in place, and so is what cannot be replaced (a file that is
/// mounted by itself, a directory that takes no new files). What is no regular file (`/dev/null`, a pipe) is written to as it is.
///
/// # Errors
/// Those of the file system; the file is as it was then.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (target, old) = match fs::metadata(path) {
        Ok(meta) if meta.is_file() => (fs::canonicalize(path)?, Some(meta)),
        Ok(_) => return fs::write(path, bytes),
        Err(_) if path.is_symlink() => return fs::write(path, bytes),
        Err(_) => (path.to_path_buf(), None),
    };
    match (exchange(&target, old.as_ref(), bytes), old) {
        (Err(error), Some(_)) if is_in_the_way(&error) => overwrite(&target, bytes),
        (result, _) => result,
    }
}

/// Writes a file anew, whole or not at all, if it still has the bytes that were read. `path` is the file itself, no link to it.
///
/// # Errors
/// Those of the file system, and if the file has changed or is read-only; the file is as it was then.
pub fn rewrite(path: &Path, before: &[u8], after: &[u8]) -> io::Result<()> {
    if fs::read(path)? != before {
        return Err(io::Error::other("it has changed in the meantime"));
    }
    if fs::metadata(path)?.permissions().readonly() {
        return Err(io::Error::new(ErrorKind::PermissionDenied, "it is read-only"));
    }
    replace(path, after)
}

/// Puts a new file in the place of the old one. Its name cannot be guessed, nor is it a manifest's: a run that ends in between leaves
/// nothing that is linted.
fn exchange(path: &Path, old: Option<&Metadata>, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).map_or(PathBuf::from("."), Path::to_path_buf);
    let mut new = with_mode(tempfile::Builder::new().prefix(".manicheck-").suffix(".tmp"), old).tempfile_in(dir)?;
    if let Some(old) = old {
        if !can_stand_for(&new.as_file().metadata()?, old) {
            return Err(ErrorKind::PermissionDenied.into());
        }
        // The mask of the process may have taken some away.
        new.as_file().set_permissions(old.permissions())?;
    }
    new.write_all(bytes)?;
    // Else a crash could leave an empty file under the name.
    new.as_file().sync_all()?;
    new.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// A new file gets the mode of the old one from the start, or what any new file gets.
#[cfg(unix)]
fn with_mode<'b, 'n>(
    builder: &'b mut tempfile::Builder<'n, 'n>,
    old: Option<&Metadata>,
) -> &'b mut tempfile::Builder<'n, 'n> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(old.map_or_else(|| fs::Permissions::from_mode(0o666), Metadata::permissions))
}

#[cfg(not(unix))]
fn with_mode<'b, 'n>(
    builder: &'b mut tempfile::Builder<'n, 'n>,
    _old: Option<&Metadata>,
) -> &'b mut tempfile::Builder<'n, 'n> {
    builder
}

/// True if nobody can tell the new file from the old one by more than its content.
#[cfg(unix)]
fn can_stand_for(new: &Metadata, old: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    old.nlink() == 1 && (old.uid(), old.gid()) == (new.uid(), new.gid())
}

#[cfg(not(unix))]
fn can_stand_for(_new: &Metadata, _old: &Metadata) -> bool {
    true
}

/// True if the place cannot be taken, but may be written to.
fn is_in_the_way(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ResourceBusy | ErrorKind::ReadOnlyFilesystem)
}

/// Writes over what is there. If that ends early, what was there is put back.
fn overwrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let before = fs::read(path)?;
    let write = |bytes: &[u8]| {
        let mut file = File::options().write(true).open(path)?;
        file.write_all(bytes)?;
        file.set_len(bytes.len() as u64)?;
        file.sync_all()
    };
    write(bytes).inspect_err(|_| _ = write(&before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_and_an_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.yaml");
        replace(&path, b"a").unwrap();
        replace(&path, b"b").unwrap();
        assert_eq!((fs::read(&path).unwrap(), names(dir.path())), (b"b".to_vec(), vec!["a.yaml".into()]));
        assert!(replace(&dir.path().join("none/a.yaml"), b"a").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn the_mode_stays_and_a_new_file_has_that_of_any() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (new, any) = (dir.path().join("new.yaml"), dir.path().join("any.yaml"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        replace(&new, b"a").unwrap();
        fs::write(&any, b"a").unwrap();
        assert_eq!(mode(&new), mode(&any));
        for bits in [0o664, 0o755, 0o600, 0o666] {
            fs::set_permissions(&new, fs::Permissions::from_mode(bits)).unwrap();
            replace(&new, b"b").unwrap();
            assert_eq!(mode(&new), bits);
        }
    }

    /// Another name is taken as a sign that a new file cannot stand for the old one, as a file that is mounted is.
    #[cfg(unix)]
    #[test]
    fn what_cannot_be_replaced_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.yaml");
        for (before, after) in [("short", "much longer"), ("much longer", "short"), ("text", "")] {
            fs::write(&path, before).unwrap();
            fs::remove_file(dir.path().join("b.yaml")).ok();
            fs::hard_link(&path, dir.path().join("b.yaml")).unwrap();
            let linked = fs::metadata(&path).unwrap();
            let refused = exchange(&path, Some(&linked), b"never").unwrap_err();
            assert!(is_in_the_way(&refused), "{refused}");
            assert_eq!(fs::read(&path).unwrap(), before.as_bytes(), "a refused exchange changes nothing");
            replace(&path, after.as_bytes()).unwrap();
            assert_eq!(fs::read(dir.path().join("b.yaml")).unwrap(), after.as_bytes());
            assert_eq!(names(dir.path()), ["a.yaml", "b.yaml"], "no temporary file is left");
        }
    }

    /// Only what is in the way leads to writing over: a full disk, or a directory under the name, does not.
    #[test]
    fn other_failures_are_told() {
        for (kind, over) in [
            (ErrorKind::PermissionDenied, true),
            (ErrorKind::ResourceBusy, true),
            (ErrorKind::ReadOnlyFilesystem, true),
            (ErrorKind::StorageFull, false),
            (ErrorKind::NotFound, false),
        ] {
            assert_eq!(is_in_the_way(&kind.into()), over, "{kind}");
        }
        let dir = tempfile::tempdir().unwrap();
        assert!(overwrite(&dir.path().join("none.yaml"), b"a").is_err());
        assert_eq!(names(dir.path()), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_links() {
        use std::os::unix::fs::MetadataExt;
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("a.yaml"), "long before").unwrap();
        fs::hard_link(path("a.yaml"), path("b.yaml")).unwrap();
        std::os::unix::fs::symlink("a.yaml", path("c.yaml")).unwrap();
        replace(&path("c.yaml"), b"after").unwrap();
        assert_eq!(fs::read(path("b.yaml")).unwrap(), b"after");
        assert!(path("c.yaml").is_symlink());
        assert_eq!(fs::metadata(path("a.yaml")).unwrap().nlink(), 2);
        assert_eq!(names(dir.path()), ["a.yaml", "b.yaml", "c.yaml"]);
    }
}
