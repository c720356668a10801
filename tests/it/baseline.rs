//! Known findings: baselines and git revisions.

use std::fs;
use std::path::Path;
use std::process::Command;

use manicheck::baseline::Baseline;
use manicheck::discover::Input;
use manicheck::files::{Context, MemoryFiles};
use manicheck::rules::Registry;
use manicheck::settings::Settings;
use manicheck::source::Sources;
use proptest::prelude::*;

use crate::config::{POD, lines, out, report, tree};

const SELECT: [&str; 3] = [".", "--select", "mutable-image-tag"];

fn manicheck(cwd: &Path, more: &[&str]) -> std::process::Output {
    crate::config::manicheck(cwd, &[&SELECT[..], more].concat())
}

#[test]
fn what_is_in_the_baseline_does_not_count() {
    let dir = tree(&[("pod.yaml", POD)]);
    let written = manicheck(dir.path(), &["--write-baseline", "known.json"]);
    assert_eq!(written.status.code(), Some(0), "{}", out(&written));
    assert!(out(&written).contains("wrote 1 finding to `known.json`"), "{}", out(&written));
    assert_eq!(manicheck(dir.path(), &["--baseline", "known.json"]).status.code(), Some(0));
    fs::write(dir.path().join("new.yaml"), POD.replace("name: api", "name: web")).unwrap();
    let with = report(dir.path(), &[&SELECT[..], &["--baseline", "known.json"]].concat());
    assert_eq!(lines(&with), ["mutable-image-tag error new.yaml:8"]);
    assert_eq!(with["summary"]["suppressed"], 1);
    assert_eq!(with["summary"]["errors"], 1);
    // Mended ones are named.
    fs::write(dir.path().join("pod.yaml"), POD.replace("latest", "1.4.2")).unwrap();
    let output = manicheck(dir.path(), &["--baseline", "known.json"]);
    assert!(out(&output).contains("1 finding of the baseline `known.json` found no more"), "{}", out(&output));
}

#[test]
fn a_baseline_that_cannot_be_read_is_an_error() {
    let dir = tree(&[("pod.yaml", POD), ("bad.json", "[]"), ("later.json", "{\"version\": 9, \"findings\": []}")]);
    for file in ["nowhere.json", "bad.json", "later.json"] {
        let output = manicheck(dir.path(), &["--baseline", file]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert!(out(&output).contains(file), "{}", out(&output));
    }
}

#[test]
fn it_survives_renamed_overlays_and_new_ones() {
    let patch = "- op: replace\n  path: /spec/containers/0/image\n  value: shop/api:edge\n";
    let overlay = "resources: [../../base]\nnamePrefix: d-\npatches:\n  - path: image.yaml\n    target: {kind: Pod}\n";
    let dir = tree(&[
        ("base/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("base/pod.yaml", POD),
        ("overlays/dev/kustomization.yaml", overlay),
        ("overlays/dev/image.yaml", patch),
        ("overlays/prod/kustomization.yaml", "resources: [../../base]\n"),
    ]);
    manicheck(dir.path(), &["--write-baseline", "known.json"]);
    fs::rename(dir.path().join("overlays/dev"), dir.path().join("overlays/zz")).unwrap();
    fs::create_dir(dir.path().join("overlays/aa")).unwrap();
    fs::write(dir.path().join("overlays/aa/kustomization.yaml"), "resources: [../../base]\nnamePrefix: aa-\n").unwrap();
    let found = lines(&report(dir.path(), &[&SELECT[..], &["--baseline", "known.json"]].concat()));
    assert_eq!(found, [""; 0]);
}

fn git(dir: &Path, args: &[&str]) {
    let done = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"])
        .args(args)
        .output()
        .unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn only_what_is_new_since_a_revision_counts() {
    let dir = tree(&[
        ("k8s/pod.yaml", POD),
        ("k8s/app/kustomization.yaml", "resources: [x.yaml]\n"),
        ("k8s/app/x.yaml", POD),
    ]);
    fs::remove_dir(dir.path().join(".git")).unwrap();
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "one"]);
    let since = |rev: &str, cwd: &str| {
        let args = [&SELECT[..], &["--since", rev]].concat();
        lines(&report(&dir.path().join(cwd), &args))
    };
    assert_eq!(since("HEAD", "."), [""; 0]);
    fs::write(dir.path().join("k8s/pod.yaml"), format!("# a comment\n{POD}")).unwrap();
    fs::write(dir.path().join("k8s/new.yaml"), POD.replace("name: api", "name: web")).unwrap();
    assert_eq!(since("HEAD", "."), ["mutable-image-tag error k8s/new.yaml:8"]);
    assert_eq!(since("HEAD", "k8s"), ["mutable-image-tag error new.yaml:8"]);
    // The work tree and the index are as they were.
    let status = Command::new("git").arg("-C").arg(dir.path()).args(["status", "--porcelain"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&status.stdout), " M k8s/pod.yaml\n?? k8s/new.yaml\n");
    let bad = manicheck(dir.path(), &["--since", "no-such-branch"]);
    assert_eq!(bad.status.code(), Some(2));
    assert!(out(&bad).contains("`no-such-branch` is no commit here"), "{}", out(&bad));
    let option = manicheck(dir.path(), &["--since=--all"]);
    assert_eq!(option.status.code(), Some(2));
}

#[test]
fn a_renamed_input_is_found_at_the_revision_and_a_copied_one_is_new() {
    let overlay = "resources: [../../base]\nimages:\n  - name: shop/api\n    newTag: latest\n";
    let pod = POD.replace(":latest", ":1.2.3");
    let dir = tree(&[
        ("base/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("base/pod.yaml", &pod),
        ("overlays/dev/kustomization.yaml", overlay),
        ("plain.yaml", &POD.replace("name: api", "name: web")),
    ]);
    fs::remove_dir(dir.path().join(".git")).unwrap();
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "one"]);
    let since = |input: &str| lines(&report(dir.path(), &[input, "--select", "mutable-image-tag", "--since", "HEAD"]));
    // A copy brings its findings along anew.
    fs::create_dir(dir.path().join("overlays/copy")).unwrap();
    fs::write(dir.path().join("overlays/copy/kustomization.yaml"), overlay).unwrap();
    let found = "mutable-image-tag error overlays/copy/kustomization.yaml:4 overlays/copy";
    assert_eq!(since("overlays/copy"), [found]);
    assert_eq!(since("."), [found]);
    // Another name does not.
    fs::remove_dir_all(dir.path().join("overlays/copy")).unwrap();
    git(dir.path(), &["mv", "overlays/dev", "overlays/qa"]);
    assert_eq!(since("overlays/qa"), [""; 0]);
    git(dir.path(), &["mv", "overlays", "envs"]);
    assert_eq!(since("envs/qa"), [""; 0]);
    fs::create_dir(dir.path().join("plain")).unwrap();
    git(dir.path(), &["mv", "plain.yaml", "plain/plain.yaml"]);
    assert_eq!(since("plain"), [""; 0]);
}

/// The baseline of a tree, and how many findings are new in another one under it.
fn new_findings(before: &[(String, String)], after: &[(String, String)]) -> usize {
    let registry = Registry::builtin();
    let run = |files: &[(String, String)], known: Option<&Baseline>| {
        let mut memory = MemoryFiles::new();
        files.iter().for_each(|(path, text)| memory.insert(Path::new("/w").join(path), text.as_bytes()));
        let sources = Sources::new();
        let ctx = Context { files: &memory, sources: &sources, cwd: Path::new("/w") };
        let settings = Settings { profiles: vec!["all".into()], ..Settings::default() };
        let inputs = [Input::Path(".".into())];
        let mut report =
            manicheck::run::run_plan(ctx, &inputs, &settings, &registry, (&[], &[]), &Default::default()).unwrap();
        if let Some(known) = known {
            known.apply(&mut report, "known");
        }
        let counting = report.findings.iter().filter(|f| f.suppressed.is_none()).count();
        (Baseline::of(&report), counting)
    };
    let (baseline, found) = run(before, None);
    assert!(found > 0);
    let read = Baseline::read(baseline.to_json().as_bytes()).unwrap();
    run(after, Some(&read)).1
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Comments and blank lines anywhere, and another name for the overlay: nothing is new.
    #[test]
    fn moved_lines_and_renamed_overlays_are_nothing_new(
        at in proptest::collection::vec((0usize..16, any::<bool>()), 0..8),
        name in "[a-z]{1,8}",
    ) {
        let tree = |overlay: &str, pod: &str| vec![
            ("base/kustomization.yaml".to_string(), "resources: [pod.yaml]\n".to_string()),
            ("base/pod.yaml".to_string(), pod.to_string()),
            (format!("overlays/{overlay}/kustomization.yaml"), format!("resources: [../../base]\nnamePrefix: {overlay}-\nimages:\n  - name: shop/none\n    newTag: latest\n")),
        ];
        let mut lines: Vec<&str> = POD.lines().collect();
        for (line, blank) in at {
            lines.insert(line.min(lines.len()), if blank { "" } else { "# moved" });
        }
        let moved = lines.join("\n") + "\n";
        prop_assert_eq!(new_findings(&tree("dev", POD), &tree(&name, &moved)), 0);
    }
}
