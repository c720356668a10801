//! The program: what it writes, prints and returns.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::cli::{stderr, stdout};
use crate::shared::tree;

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: api\nspec:\n  serviceAccount: api\n  containers:\n    - name: api\n      \
                   image: shop/api:1.4.2\n";
const RULES: [&str; 2] = ["--select", "deprecated-field,privilege-escalation"];

fn manicheck(cwd: &Path, args: &[&str], stdin: Option<&str>) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_manicheck"))
        .args(args)
        .args(RULES)
        .current_dir(cwd)
        .stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    if let Some(text) = stdin {
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    }
    child.wait_with_output().unwrap()
}

fn hardened() -> String {
    let own = "      securityContext:\n        allowPrivilegeEscalation: false\n";
    format!("{}{own}", POD.replace("serviceAccount:", "serviceAccountName:"))
}

#[test]
fn the_files_are_written_and_the_rest_is_reported() {
    let dir = tree(&[("pod.yaml", POD)]);
    let read = || fs::read_to_string(dir.path().join("pod.yaml")).unwrap();
    let output = manicheck(dir.path(), &[".", "--unsafe-fixes"], None);
    assert_eq!(read(), POD, "without --fix nothing is written");
    assert!(
        stdout(&output).contains("1 fixable with `--fix`, 1 more with `--fix --unsafe-fixes`"),
        "{}",
        stdout(&output)
    );
    let output = manicheck(dir.path(), &["--fix", "."], None);
    assert_eq!(read(), POD.replace("serviceAccount:", "serviceAccountName:"));
    assert_eq!(stderr(&output), "manicheck: fixed 1 finding in 1 file (1 more with `--unsafe-fixes`)\n");
    assert!(stdout(&output).contains("privilege-escalation") && !stdout(&output).contains("deprecated-field"));
    assert_eq!(output.status.code(), Some(1));
    let output = manicheck(dir.path(), &["--fix", "--unsafe-fixes", "--quiet", "."], None);
    assert_eq!((read(), output.status.code(), stderr(&output)), (hardened(), Some(0), String::new()));
}

#[test]
fn a_diff_writes_nothing() {
    let dir = tree(&[("a/pod.yaml", POD)]);
    let output = manicheck(dir.path(), &["--diff", "--unsafe-fixes", "."], None);
    let expected = "--- a/pod.yaml\n+++ a/pod.yaml\n@@ -3,7 +3,9 @@\n metadata:\n   name: api\n spec:\n-  serviceAccount: api\n+  \
                    serviceAccountName: api\n   containers:\n     - name: api\n       image: shop/api:1.4.2\n+      \
                    securityContext:\n+        allowPrivilegeEscalation: false\n";
    assert_eq!(stdout(&output), expected);
    assert_eq!(stderr(&output), "manicheck: would fix 2 findings in 1 file\n");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(dir.path().join("a/pod.yaml")).unwrap(), POD);
    fs::write(dir.path().join("a/pod.yaml"), hardened()).unwrap();
    let output = manicheck(dir.path(), &["--diff", "--unsafe-fixes", "."], None);
    assert_eq!((stdout(&output), output.status.code()), (String::new(), Some(0)));
    let output = manicheck(dir.path(), &["--diff", "missing"], None);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("missing: no such file or directory"), "{}", stderr(&output));
}

#[test]
fn a_stream_is_fixed_on_standard_output() {
    let dir = tree(&[]);
    let output = manicheck(dir.path(), &["--fix", "--unsafe-fixes", "-"], Some(POD));
    assert_eq!((stdout(&output), output.status.code()), (hardened(), Some(0)));
    let output = manicheck(dir.path(), &["--fix", "--format", "concise", "-"], Some(POD));
    assert_eq!(stdout(&output), POD.replace("serviceAccount:", "serviceAccountName:"));
    assert!(stderr(&output).contains("<stdin>:8:"), "{}", stderr(&output));
    let output = manicheck(dir.path(), &["--diff", "-"], Some(POD));
    assert!(stdout(&output).starts_with("--- <stdin>\n+++ <stdin>\n"), "{}", stdout(&output));
    // What cannot be read comes out as it went in.
    let output = manicheck(dir.path(), &["--fix", "-"], Some("kind: [\n"));
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("kind: [\n", Some(2)));
}

#[test]
fn known_findings_are_left_alone() {
    let dir = tree(&[("pod.yaml", POD)]);
    let known = manicheck(dir.path(), &["--write-baseline", "known.json", "."], None);
    assert_eq!(known.status.code(), Some(0));
    let other = POD.replace("name: api\nspec", "name: web\nspec");
    fs::write(dir.path().join("pod.yaml"), format!("{POD}---\n{other}")).unwrap();
    let output = manicheck(dir.path(), &["--fix", "--unsafe-fixes", "--baseline", "known.json", "."], None);
    let text = fs::read_to_string(dir.path().join("pod.yaml")).unwrap();
    assert!(text.starts_with(&format!("{POD}---\n")), "{text}");
    assert!(text.contains("serviceAccountName"), "{text}");
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[test]
fn what_was_there_before_a_revision_is_left_alone() {
    let dir = tree(&[("old.yaml", POD)]);
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).current_dir(dir.path()).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]);
    fs::write(dir.path().join("new.yaml"), POD.replace("name: api\nspec", "name: web\nspec")).unwrap();
    fs::write(dir.path().join(".gitignore"), "made\n").unwrap();
    fs::create_dir(dir.path().join("made")).unwrap();
    fs::write(dir.path().join("made/pod.yaml"), POD).unwrap();
    manicheck(dir.path(), &["--fix", "--since", "HEAD", "."], None);
    let read = |path: &str| fs::read_to_string(dir.path().join(path)).unwrap();
    assert_eq!((read("old.yaml"), read("made/pod.yaml")), (POD.to_string(), POD.to_string()));
    assert!(read("new.yaml").contains("serviceAccountName"));
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir =
        tree(&[("shared/pod.yaml", POD), ("locked/pod.yaml", &POD.replace("name: api\nspec", "name: web\nspec"))]);
    fs::create_dir(dir.path().join("app")).unwrap();
    symlink("../shared/pod.yaml", dir.path().join("app/pod.yaml")).unwrap();
    let mode = |path: &str, mode| fs::set_permissions(dir.path().join(path), fs::Permissions::from_mode(mode)).unwrap();
    mode("shared/pod.yaml", 0o640);
    mode("locked/pod.yaml", 0o444);
    let output = manicheck(dir.path(), &["--fix", "app", "locked"], None);
    let read = |path: &str| fs::read_to_string(dir.path().join(path)).unwrap();
    assert!(dir.path().join("app/pod.yaml").is_symlink());
    assert!(read("shared/pod.yaml").contains("serviceAccountName"));
    let meta = fs::metadata(dir.path().join("shared/pod.yaml")).unwrap();
    assert_eq!(meta.permissions().mode() & 0o777, 0o640);
    assert!(!read("locked/pod.yaml").contains("serviceAccountName"));
    assert!(stderr(&output).contains("`locked/pod.yaml` is not fixed: it is read-only"), "{}", stderr(&output));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_dir(dir.path().join("shared")).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn a_file_that_changes_meanwhile_is_not_written() {
    let dir = tree(&[("a", "new")]);
    let path = dir.path().join("a");
    let error = manicheck::files::rewrite(&path, b"old", b"fixed").unwrap_err();
    assert!(error.to_string().contains("changed in the meantime"));
    assert_eq!(fs::read(&path).unwrap(), b"new");
}
