//! The program as a user runs it: arguments, output, exit status.

mod messages;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::shared::tree;

pub(crate) fn manicheck(cwd: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_manicheck")).args(args).current_dir(cwd).output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", stdout(output)))
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: api\nspec:\n  containers:\n    - name: api\n      image: shop/api:latest\n";
const SETTINGS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  level: info\n";

#[test]
fn the_exit_status_says_how_it_came_out() {
    let dir = tree(&[("bad/pod.yaml", POD), ("good/settings.yaml", SETTINGS)]);
    let status = |args: &[&str]| manicheck(dir.path(), args).status.code().unwrap();
    assert_eq!(status(&["good"]), 0);
    assert_eq!(status(&["bad"]), 1);
    assert_eq!(status(&["bad", "--fail-on", "never"]), 0);
    assert_eq!(status(&["bad", "--select", "mutable-image-tag", "--fail-on", "error"]), 1);
    assert_eq!(status(&["bad", "--ignore", "mutable-image-tag", "--fail-on", "error"]), 0);
    assert_eq!(status(&["missing"]), 2);
    assert_eq!(status(&[]), 2);
    assert_eq!(status(&["good", "--select", "no-such-rule"]), 2);
    assert_eq!(status(&["good", "--no-such-option"]), 2);
}

#[test]
fn a_wrong_argument_gets_the_nearest_right_one() {
    let dir = tree(&[("pod.yaml", POD)]);
    let output = manicheck(dir.path(), &[".", "--select", "mutable-image-tags"]);
    assert!(stderr(&output).contains("did you mean `mutable-image-tag`?"), "{}", stderr(&output));
    let output = manicheck(dir.path(), &["explain", "no-such-rule"]);
    assert!(stderr(&output).contains("`no-such-rule`; `manicheck rules` lists them"), "{}", stderr(&output));
    let output = manicheck(dir.path(), &[".", "--statistics", "--format", "json"]);
    assert!(stderr(&output).contains("`--statistics` prints counts as text"), "{}", stderr(&output));
    assert_eq!(output.status.code(), Some(2));
    let output = manicheck(dir.path(), &[".", "--format", "json", "--format", "sarif"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--format sarif=results.sarif"), "{}", stderr(&output));
}

#[test]
fn nothing_to_lint_is_not_a_success() {
    let dir = tree(&[("values.yaml", "replicas: 3\n"), ("notes.txt", "hello\n")]);
    let output = manicheck(dir.path(), &["."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("no Kubernetes manifest found in `.`"), "{}", stdout(&output));
}

#[test]
fn formats_go_to_files_and_to_standard_output_at_once() {
    let dir = tree(&[("pod.yaml", POD)]);
    let args = ["pod.yaml", "--select", "mutable-image-tag", "--format", "sarif=out.sarif", "--format", "concise"];
    let output = manicheck(dir.path(), &args);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).starts_with("pod.yaml:8:"), "{}", stdout(&output));
    let sarif: serde_json::Value = serde_json::from_slice(&fs::read(dir.path().join("out.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "mutable-image-tag");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "no temporary file is left");
}

#[test]
fn standard_input_is_a_stream() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_manicheck"))
        .args(["-", "--select", "mutable-image-tag", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(POD.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report = json(&output);
    assert_eq!(report["findings"][0]["line"], 8);
    assert_eq!(report["findings"][0]["resource"]["name"], "api");
}

#[test]
fn a_broken_document_has_a_place_and_the_others_are_judged() {
    let broken =
        format!("{POD}---\napiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n---\n{}", POD.replace("latest", "edge"));
    let dir = tree(&[("pods.yaml", &broken)]);
    let output = manicheck(dir.path(), &[".", "--select", "mutable-image-tag", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    let report = json(&output);
    let lines: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["rule"].as_str().unwrap(), f["line"].as_u64().unwrap()))
        .collect();
    assert_eq!(lines, [("mutable-image-tag", 8), ("invalid-yaml", 13), ("mutable-image-tag", 22)]);
    assert_eq!(report["failures"][0]["line"], 13);
    assert_eq!(report["failures"][0]["path"], "pods.yaml");
}

#[test]
fn ignored_files_are_left_out_unless_named() {
    let dir = tree(&[(".gitignore", "vendor/\n"), ("vendor/pod.yaml", POD), ("settings.yaml", SETTINGS)]);
    assert_eq!(manicheck(dir.path(), &["."]).status.code(), Some(0));
    assert_eq!(manicheck(dir.path(), &["vendor/pod.yaml"]).status.code(), Some(1));
}

#[test]
fn helm_templates_are_named_and_not_parsed() {
    let template = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n";
    let dir = tree(&[
        ("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 0.1.0\n"),
        ("chart/templates/pod.yaml", template),
        ("loose.yaml", template),
        ("settings.yaml", SETTINGS),
    ]);
    let output = manicheck(dir.path(), &[".", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let report = json(&output);
    let skipped: Vec<&str> =
        report["skipped"].as_array().unwrap().iter().map(|s| s["path"].as_str().unwrap()).collect();
    assert_eq!(skipped, ["chart", "loose.yaml"]);
}

#[test]
fn plain_and_broken_test_data_is_named_and_judged_only_if_named() {
    let dir = tree(&[
        ("testdata/pod.yaml", POD),
        ("testdata/broken/kustomization.yaml", "resources: [missing.yaml, bad.yaml]\n"),
        ("testdata/broken/bad.yaml", "apiVersion: v1\nkind: [\n"),
        ("testdata/on-real/kustomization.yaml", "resources: [../../real, missing.yaml]\n"),
        ("real/kustomization.yaml", "resources: [gone.yaml]\n"),
        ("settings.yaml", SETTINGS),
    ]);
    let paths = |report: &serde_json::Value, what: &str| -> Vec<String> {
        report[what].as_array().unwrap().iter().map(|s| s["path"].as_str().unwrap().to_string()).collect()
    };
    let output = manicheck(dir.path(), &[".", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    let report = json(&output);
    assert_eq!(paths(&report, "skipped"), ["testdata", "testdata/broken", "testdata/on-real"]);
    assert_eq!(
        paths(&report, "failures"),
        ["real/kustomization.yaml"],
        "real, empty, is a root though test data uses it"
    );
    assert_eq!(manicheck(dir.path(), &["testdata/pod.yaml"]).status.code(), Some(1));
    assert_eq!(manicheck(&dir.path().join("testdata"), &["."]).status.code(), Some(2), "the start of a walk is named");

    let dir = tree(&[("testdata/base/kustomization.yaml", "resources: [pod.yaml]\n"), ("testdata/base/pod.yaml", POD)]);
    let report = json(&manicheck(dir.path(), &[".", "--select", "mutable-image-tag", "--format", "json"]));
    assert_eq!(paths(&report, "findings"), ["testdata/base/pod.yaml"], "a kustomization that builds is judged");
}

#[test]
fn what_a_kustomization_uses_is_judged_through_it() {
    let dir = tree(&[
        ("base/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("base/pod.yaml", POD),
        ("dev/kustomization.yaml", "resources: [../base]\nnamespace: dev\n"),
        ("prod/kustomization.yaml", "resources: [../base]\nnamespace: prod\n"),
    ]);
    let output = manicheck(dir.path(), &[".", "--select", "mutable-image-tag", "--format", "json"]);
    let report = json(&output);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "one finding for one cause: {findings:?}");
    assert_eq!(findings[0]["path"], "base/pod.yaml");
    assert_eq!(findings[0]["builds"], serde_json::json!(["dev", "prod"]));
    assert_eq!(report["summary"]["builds"], 2);
}

#[test]
fn a_root_that_does_not_render_fails_and_the_rest_is_judged() {
    let dir = tree(&[
        ("good/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("good/pod.yaml", POD),
        ("bad/kustomization.yaml", "resources:\n  - nowhere.yaml\n"),
    ]);
    let output = manicheck(dir.path(), &[".", "--select", "mutable-image-tag", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    let report = json(&output);
    assert_eq!(report["failures"][0]["path"], "bad/kustomization.yaml");
    assert_eq!(report["failures"][0]["line"], 2);
    assert_eq!(report["failures"][0]["column"], 5);
    assert!(report["findings"].as_array().unwrap().iter().any(|f| f["rule"] == "mutable-image-tag"));
}

#[test]
fn a_file_that_is_too_large_is_a_failure_not_a_crash() {
    let dir = tree(&[("settings.yaml", SETTINGS)]);
    let big = fs::File::create(dir.path().join("big.yaml")).unwrap();
    big.set_len(100 << 20).unwrap();
    let output = manicheck(dir.path(), &["."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("files above 64 MiB are not read"), "{}", stdout(&output));
}

#[test]
fn quiet_prints_findings_only() {
    let dir = tree(&[("pod.yaml", POD), ("settings.yaml", SETTINGS)]);
    let quiet = manicheck(dir.path(), &["-q", "settings.yaml"]);
    assert_eq!((stdout(&quiet).as_str(), quiet.status.code()), ("", Some(0)));
    let quiet = stdout(&manicheck(dir.path(), &["-q", "pod.yaml", "--select", "mutable-image-tag"]));
    assert!(quiet.starts_with("error[mutable-image-tag]") && !quiet.contains("1 error in"), "{quiet}");
    let build = manicheck(dir.path(), &["build", "."]);
    assert!(!stderr(&build).contains("no findings"), "{}", stderr(&build));
}

#[cfg(unix)]
#[test]
fn output_goes_through_links_and_into_devices() {
    use std::os::unix::fs::symlink;
    let dir = tree(&[("pod.yaml", POD), ("real.json", "")]);
    let at = |name: &str| dir.path().join(name);
    symlink("real.json", at("link.json")).unwrap();
    symlink("made.json", at("dangling.json")).unwrap();
    symlink("/dev/null", at("null")).unwrap();
    let pipe = Command::new("mkfifo").arg(at("pipe")).status().unwrap();
    assert!(pipe.success());
    let reader = std::thread::spawn({
        let pipe = at("pipe");
        move || fs::read_to_string(pipe).unwrap()
    });
    for name in ["link.json", "dangling.json", "null", "pipe"] {
        let output = manicheck(dir.path(), &["pod.yaml", "--format", &format!("json={name}")]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", stderr(&output));
    }
    assert!(reader.join().unwrap().contains("mutable-image-tag"));
    assert!(at("link.json").is_symlink() && at("dangling.json").is_symlink() && at("null").is_symlink());
    assert!(fs::read_to_string(at("real.json")).unwrap().contains("mutable-image-tag"));
    assert!(fs::read_to_string(at("made.json")).unwrap().contains("mutable-image-tag"));
}

#[test]
fn json_objects_one_a_line_are_objects() {
    let object = |name: &str, image: &str| {
        format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"{name}\"}},\"spec\":{{\"containers\":[{{\"name\":\"a\",\"image\":\"{image}\"}}]}}}}\n"
        )
    };
    let pods = object("a", "shop/a:1.0") + &object("b", "shop/b:latest");
    let dir = tree(&[
        ("pods/pods.json", pods.as_str()),
        ("pods/log.json", "{\"level\":\"info\"}\n{\"level\":\"warn\"}\n"),
        ("built/pods.json", pods.as_str()),
        ("built/kustomization.yaml", "resources: [pods.json]\n"),
    ]);
    let output = manicheck(dir.path(), &["pods", "--select", "mutable-image-tag", "--format", "concise"]);
    assert_eq!(
        stdout(&output),
        "pods/pods.json:2:107: error[mutable-image-tag] container `a` runs `shop/b:latest`, whose tag can move (Pod b)\n",
        "{}",
        stderr(&output)
    );
    // A log is no manifest.
    let output = manicheck(dir.path(), &["pods/log.json"]);
    assert!(stdout(&output).contains("no Kubernetes manifest found"), "{}", stdout(&output));
    // kustomize would drop the second one without a word.
    let output = manicheck(dir.path(), &["built"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("several JSON objects, of which YAML reads the first"), "{}", stdout(&output));
}

#[test]
fn a_closed_pipe_does_not_hide_what_was_found() {
    let dir = tree(&[("pod.yaml", POD)]);
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_manicheck"));
        let command = command.args(args).current_dir(dir.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        (output.status.code(), stderr(&output))
    };
    assert_eq!(run(&["pod.yaml"]), (Some(1), String::new()));
    // What goes to a file is written all the same.
    assert_eq!(run(&["pod.yaml", "--format", "text", "--format", "json=findings.json"]), (Some(1), String::new()));
    assert!(dir.path().join("findings.json").exists());
    assert_eq!(run(&["completions", "bash"]), (Some(0), String::new()));
}

/// `2>&-`: what would have been said there is lost, and nothing else.
#[cfg(unix)]
#[test]
fn standard_error_may_be_closed() {
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let dir = tree(&[("pod.yaml", POD), ("k/kustomization.yaml", "resources: [a.yaml]\n"), ("k/a.yaml", object)]);
    let before = fs::read_to_string(dir.path().join("pod.yaml")).unwrap();
    for args in [
        &["pod.yaml"][..],
        &["pod.yaml", "--fix"],
        &["pod.yaml", "--format", "concise", "--format", "json=out.json"],
        &["pod.yaml", "--write-baseline", "known.json"],
        &["build", "k"],
        &["build", "none"],
        &["why", "k", "Pod/none"],
        &["none.yaml"],
        &["--bogus"],
        &["explain", "no-such-rule"],
    ] {
        let open = manicheck(dir.path(), args);
        let run = |closed: &str| {
            let script = format!("exec \"$@\" {closed}");
            let program = ["-c", &script, "sh", env!("CARGO_BIN_EXE_manicheck")];
            Command::new("sh").args(program).args(args).current_dir(dir.path()).output().unwrap()
        };
        let closed = run("2>&-");
        assert_eq!((closed.status.code(), stdout(&closed)), (open.status.code(), stdout(&open)), "{args:?}");
        assert_eq!(run("2>&- >&-").status.code(), open.status.code(), "{args:?}");
        assert_eq!(fs::read_to_string(dir.path().join("pod.yaml")).unwrap(), before, "{args:?}");
    }
}

/// A file that is mounted by itself takes no other in its place: it is written over. Runs where a user may mount.
#[cfg(target_os = "linux")]
#[test]
fn a_mounted_file_is_written_over() {
    let dir =
        tree(&[("pod.yaml", POD), ("known.json", "something longer than any baseline: \n"), ("mounted.json", "{}")]);
    let script = "mount --bind mounted.json known.json || exit 77; exec \"$0\" pod.yaml --write-baseline known.json";
    let args = ["-rm", "sh", "-c", script, env!("CARGO_BIN_EXE_manicheck")];
    let output = match Command::new("unshare").args(args).current_dir(dir.path()).output() {
        Ok(output) if output.status.code() == Some(0) => output,
        Ok(output) if output.status.code() == Some(2) => panic!("{}", stderr(&output)),
        _ => return println!("skipped: nothing can be mounted here"),
    };
    assert!(stderr(&output).contains("wrote"), "{}", stderr(&output));
    let known = fs::read_to_string(dir.path().join("mounted.json")).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&known).is_ok(), "{known}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3, "no temporary file is left");
}

#[test]
fn a_closed_pipe_is_silent() {
    let dir = tree(&[("pod.yaml", POD)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_manicheck"))
        .args(["explain", "mutable-image-tag"])
        .current_dir(dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(stderr(&output), "");
}

#[test]
fn colours_are_for_terminals_or_on_demand() {
    let dir = tree(&[("pod.yaml", POD)]);
    let plain = manicheck(dir.path(), &["pod.yaml"]);
    assert!(!stdout(&plain).contains('\u{1b}'));
    let coloured = manicheck(dir.path(), &["pod.yaml", "--color", "always"]);
    assert!(stdout(&coloured).contains('\u{1b}'));
    let with = |name: &str, args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_manicheck"));
        command.args(args).env(name, "1").current_dir(dir.path());
        stdout(&command.output().unwrap())
    };
    assert!(with("CLICOLOR_FORCE", &["pod.yaml"]).contains('\u{1b}'));
    assert!(!with("CLICOLOR_FORCE", &["pod.yaml", "--color", "never"]).contains('\u{1b}'));
    assert!(with("NO_COLOR", &["pod.yaml", "--color", "always"]).contains('\u{1b}'));
    let link = "\u{1b}]8;;https://manicheck.github.io/manicheck/rules/mutable-image-tag.html\u{1b}\\";
    assert!(with("FORCE_HYPERLINK", &["pod.yaml", "--color", "always"]).contains(link));
    assert!(!with("FORCE_HYPERLINK", &["pod.yaml"]).contains('\u{1b}'));
}
