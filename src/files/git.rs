//! Files of a git revision, read from the object store without touching the work tree. Runs the `git` program.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use super::{FileKind, Files, normal};

/// The tree of a commit, at the place of its work tree.
pub struct GitFiles {
    root: PathBuf,
    entries: BTreeMap<PathBuf, Entry>,
    dirs: BTreeSet<PathBuf>,
    batch: Mutex<Batch>,
}

struct Entry {
    is_link: bool,
    object: String,
    size: u64,
}

/// `git cat-file --batch`: answers object by object.
struct Batch {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// Links that are followed in one path.
const MAX_LINKS: usize = 40;

impl GitFiles {
    /// The tree of `revision` in the repository that `cwd` (absolute, normal) is in.
    ///
    /// # Errors
    /// No git, no repository, no such commit; in words.
    pub fn open(cwd: &Path, revision: &str) -> Result<Self, String> {
        let prefix = text(git(cwd, &["rev-parse", "--show-prefix"])?);
        let up = Path::new(prefix.trim_end_matches('\n')).components().count();
        let root = cwd.ancestors().nth(up).unwrap_or(cwd).to_path_buf();
        let wanted = format!("{revision}^{{commit}}");
        let commit = git(cwd, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]).map_err(|_| {
            format!("`{revision}` is no commit here; if it is a remote branch, fetch it first (`git fetch origin`)")
        })?;
        let commit = text(commit).trim().to_string();
        let listing = git(cwd, &["ls-tree", "-r", "-z", "-l", "--full-tree", &commit])?;
        let mut files = (BTreeMap::new(), BTreeSet::from([root.clone()]));
        for line in listing.split(|b| *b == 0).filter(|l| !l.is_empty()) {
            add(line, &root, &mut files.0, &mut files.1);
        }
        let mut child = command(cwd, &["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("cannot run git: {e}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("cannot talk to git".into());
        };
        let batch = Batch { child, input: Some(input), output: BufReader::new(output) };
        Ok(GitFiles { root, entries: files.0, dirs: files.1, batch: Mutex::new(batch) })
    }

    fn entry(&self, path: &Path) -> io::Result<&Entry> {
        let path = self.canonical(path)?;
        self.entries.get(&path).ok_or_else(|| {
            let is_dir = self.dirs.contains(&path);
            if is_dir { io::ErrorKind::IsADirectory.into() } else { io::ErrorKind::NotFound.into() }
        })
    }

    fn object(&self, entry: &Entry) -> io::Result<Vec<u8>> {
        let mut batch = self.batch.lock().map_err(|_| io::Error::other("git stopped answering"))?;
        batch.read(&entry.object)
    }
}

impl Files for GitFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.object(self.entry(path)?)
    }

    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        let path = self.canonical(path)?;
        if self.entries.contains_key(&path) { Ok(FileKind::File) } else { Ok(FileKind::Dir) }
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        let mut path = path.to_path_buf();
        for _ in 0..MAX_LINKS {
            let Ok(inside) = path.strip_prefix(&self.root) else { return Err(io::ErrorKind::NotFound.into()) };
            let mut at = self.root.clone();
            let mut target = None;
            let mut components = inside.components();
            for component in components.by_ref() {
                at.push(component);
                if let Some(link) = self.entries.get(&at).filter(|e| e.is_link) {
                    let to = self.object(link)?;
                    let to = PathBuf::from(String::from_utf8_lossy(&to).into_owned());
                    let parent = at.parent().unwrap_or(&self.root);
                    target = Some(normal(parent, &to));
                    break;
                }
            }
            match target {
                Some(target) => path = target.join(components.as_path()),
                None if self.entries.contains_key(&path) || self.dirs.contains(&path) => return Ok(path),
                None => return Err(io::ErrorKind::NotFound.into()),
            }
        }
        Err(io::Error::other("too many symbolic links"))
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        self.entry(path).map(|e| e.size)
    }

    fn walk(&self, root: &Path) -> Vec<PathBuf> {
        self.entries.keys().filter(|path| path.starts_with(root)).cloned().collect()
    }
}

impl Batch {
    fn read(&mut self, object: &str) -> io::Result<Vec<u8>> {
        let Some(input) = &mut self.input else { return Err(io::ErrorKind::BrokenPipe.into()) };
        writeln!(input, "{object}")?;
        input.flush()?;
        let mut head = String::new();
        self.output.read_line(&mut head)?;
        let size = head.split_ascii_whitespace().nth(2).and_then(|n| n.parse::<usize>().ok());
        let Some(size) = size else { return Err(io::Error::other(format!("git has no object {object}"))) };
        let mut bytes = vec![0; size + 1];
        self.output.read_exact(&mut bytes)?;
        bytes.truncate(size);
        Ok(bytes)
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // Without input, git ends by itself.
        self.input = None;
        _ = self.child.wait();
    }
}

/// `<mode> <type> <object> <size>\t<path>`
fn add(line: &[u8], root: &Path, entries: &mut BTreeMap<PathBuf, Entry>, dirs: &mut BTreeSet<PathBuf>) {
    let Some(tab) = line.iter().position(|b| *b == b'\t') else { return };
    let head = String::from_utf8_lossy(&line[..tab]).into_owned();
    let mut words = head.split_ascii_whitespace();
    let (Some(mode), Some("blob"), Some(object)) = (words.next(), words.next(), words.next()) else { return };
    let size = words.next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let inside = path_of(&line[tab + 1..]);
    if inside.components().any(|c| !matches!(c, Component::Normal(_))) {
        return;
    }
    let path = root.join(inside);
    for dir in path.ancestors().skip(1).take_while(|dir| dir.starts_with(root)) {
        if !dirs.insert(dir.to_path_buf()) {
            break;
        }
    }
    entries.insert(path, Entry { is_link: mode == "120000", object: object.to_string(), size });
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

fn command(cwd: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    // Nothing is fetched, not even by a partial clone.
    command.arg("-C").arg(cwd).args(args).env("GIT_NO_LAZY_FETCH", "1").env("LC_ALL", "C");
    command
}

/// What git prints; its complaint if it fails.
fn git(cwd: &Path, args: &[&str]) -> Result<Vec<u8>, String> {
    let output = command(cwd, args).stdin(Stdio::null()).output().map_err(|e| format!("cannot run git: {e}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(text(output.stderr).lines().next().unwrap_or("git failed").to_string())
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}
