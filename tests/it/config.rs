//! The configuration file as a user meets it.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

pub(crate) use crate::cli::manicheck;

mod compat;
mod errors;
mod ignores;
mod init;
mod sections;

/// A directory with these files; `.git` marks it as a repository, so that nothing above it is looked at.
pub(crate) fn tree(files: &[(&str, &str)]) -> TempDir {
    let dir = crate::shared::tree(files);
    fs::create_dir(dir.path().join(".git")).unwrap();
    dir
}

pub(crate) fn out(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The report of a run in JSON.
pub(crate) fn report(cwd: &Path, args: &[&str]) -> Value {
    let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
    let output = manicheck(cwd, &args);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", out(&output)))
}

/// `rule severity path:line` of the findings that count, with the overlays that show them.
pub(crate) fn lines(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter().filter(|f| f["suppressed"].is_null());
    findings
        .map(|f| {
            let text = |key: &str| f[key].as_str().unwrap_or_default().to_string();
            let builds: Vec<&str> = f["builds"].as_array().unwrap().iter().map(|b| b.as_str().unwrap()).collect();
            format!("{} {} {}:{} {}", text("rule"), text("severity"), text("path"), f["line"], builds.join(","))
                .trim_end()
                .to_string()
        })
        .collect()
}

pub(crate) const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: api\nspec:\n  containers:\n    - name: api\n      image: shop/api:latest\n";

/// A base with two overlays.
pub(crate) fn shop(config: &str) -> TempDir {
    tree(&[
        ("manicheck.yaml", config),
        ("base/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("base/pod.yaml", POD),
        ("overlays/dev/kustomization.yaml", "resources: [../../base]\n"),
        ("overlays/prod/kustomization.yaml", "resources: [../../base]\n"),
    ])
}

#[test]
fn it_is_found_upward_within_the_repository() {
    let dir = tree(&[("a/manicheck.yaml", "profile: all\n"), ("a/b/pod.yaml", POD), ("pod.yaml", POD)]);
    let with = report(dir.path(), &["a/b"]);
    let without = report(dir.path(), &["pod.yaml"]);
    assert!(lines(&with).len() > lines(&without).len());
    let none = report(dir.path(), &["a/b", "--no-config"]);
    assert_eq!(lines(&none).len(), lines(&without).len());
    let named = report(dir.path(), &["pod.yaml", "--config", "a/manicheck.yaml"]);
    assert!(lines(&named).len() > lines(&without).len());
    // The repository ends the search.
    fs::create_dir(dir.path().join("a/b/.git")).unwrap();
    assert_eq!(lines(&report(dir.path(), &["a/b"])).len(), lines(&without).len());
    let missing = manicheck(dir.path(), &["pod.yaml", "--config", "nowhere.yaml"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(out(&missing).contains("the configuration `nowhere.yaml` cannot be read"), "{}", out(&missing));
}

#[test]
fn an_empty_file_changes_nothing() {
    let dir = tree(&[("manicheck.yaml", "# nothing yet\nrules:\n"), ("pod.yaml", POD)]);
    assert_eq!(lines(&report(dir.path(), &["."])), lines(&report(dir.path(), &[".", "--no-config"])));
}

#[test]
fn rules_are_switched_raised_and_given_options() {
    let config = "rules:\n  mutable-image-tag: note\n  missing-run-as-non-root: off\n";
    let dir = tree(&[("manicheck.yaml", config), ("pod.yaml", POD)]);
    let found = lines(&report(dir.path(), &["."]));
    assert!(found.contains(&"mutable-image-tag note pod.yaml:8".to_string()), "{found:?}");
    assert!(!found.iter().any(|f| f.starts_with("missing-run-as-non-root")), "{found:?}");
    fs::write(dir.path().join("manicheck.yaml"), "rules:\n  mutable-image-tag: {allow: [shop/*]}\n").unwrap();
    let found = lines(&report(dir.path(), &["."]));
    assert!(!found.iter().any(|f| f.starts_with("mutable-image-tag")), "{found:?}");
}

#[test]
fn the_command_line_wins() {
    let config = "profile: all\nfail_on: never\nkubernetes: 1.20\nrules:\n  mutable-image-tag: off\n";
    let dir = tree(&[("manicheck.yaml", config), ("pod.yaml", POD)]);
    assert_eq!(manicheck(dir.path(), &["."]).status.code(), Some(0));
    assert_eq!(manicheck(dir.path(), &[".", "--fail-on", "note"]).status.code(), Some(1));
    let all = lines(&report(dir.path(), &["."])).len();
    assert!(lines(&report(dir.path(), &[".", "--profile", "recommended"])).len() < all);
    let selected = lines(&report(dir.path(), &[".", "--select", "mutable-image-tag"]));
    assert_eq!(selected, ["mutable-image-tag error pod.yaml:8"]);
}

#[test]
fn an_overlay_can_be_stricter() {
    let select = ["--select", "mutable-image-tag"];
    let dir = shop(
        "overrides:\n  - overlays: [overlays/prod]\n    rules:\n      mutable-image-tag: error\nrules:\n  mutable-image-tag: note\n",
    );
    let found = lines(&report(dir.path(), &[&["."], &select[..]].concat()));
    assert_eq!(found, ["mutable-image-tag error base/pod.yaml:8 overlays/dev,overlays/prod"]);
    let found = lines(&report(dir.path(), &[&["overlays/dev"], &select[..]].concat()));
    assert_eq!(found, ["mutable-image-tag note base/pod.yaml:8 overlays/dev"]);
    // Where the rule does not run, the finding does not count.
    fs::write(
        dir.path().join("manicheck.yaml"),
        "overrides:\n  - overlays: [dev]\n    rules:\n      mutable-image-tag: off\n",
    )
    .unwrap();
    let found = lines(&report(dir.path(), &["."]));
    assert!(found.contains(&"mutable-image-tag error base/pod.yaml:8 overlays/prod".to_string()), "{found:?}");
}

#[test]
fn an_override_can_have_a_profile() {
    let dir = shop("overrides:\n  - overlays: [prod]\n    profile: [production, pss-restricted@1.29]\n");
    let found = lines(&report(dir.path(), &["."]));
    let dev = found.iter().filter(|f| f.contains("overlays/dev")).count();
    let only_prod = found.iter().filter(|f| f.ends_with(" overlays/prod")).count();
    assert!(dev > 0 && only_prod > 0, "{found:?}");
    assert!(found.iter().any(|f| f.starts_with("missing-run-as-non-root error")), "{found:?}");
    let both = lines(&report(dir.path(), &[".", "--profile", "recommended"]));
    assert!(both.iter().all(|f| f.contains("overlays/dev,overlays/prod")), "{both:?}");
}

#[test]
fn plain_files_have_overrides_by_path() {
    let config = "overrides:\n  - paths: ['jobs/*.yaml']\n    rules: {mutable-image-tag: off}\n";
    let dir = tree(&[("manicheck.yaml", config), ("jobs/a.yaml", POD), ("jobs/sub/b.yaml", POD), ("c.yaml", POD)]);
    let found = lines(&report(dir.path(), &["."]));
    let places: Vec<&str> = found.iter().filter_map(|f| f.strip_prefix("mutable-image-tag error ")).collect();
    assert_eq!(places, ["c.yaml:8", "jobs/sub/b.yaml:8"]);
}
