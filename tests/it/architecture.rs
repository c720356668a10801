//! The design as a test: imports run downward, rooms stay small, rules do not know each other.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules from the ground up. A module may use those on its own line's left and on the lines above.
const LAYERS: &[&[&str]] = &[
    &["near", "progress", "source", "yaml"],
    &["files", "finding"],
    &["k8s", "kustomize"],
    &["rule"],
    &["rules"],
    &["settings"],
    &["lint", "suppress", "discover"],
    &["config"],
    &["run", "baseline"],
    &["fix"],
    &["output"],
    &["cli"],
];

/// No file is longer than this.
const MAX_LINES: usize = 800;

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(dir: &Path, out: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut out = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut out);
    out.sort();
    out
}

/// The top-level module that a file belongs to.
fn module(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_string()
}

/// The code of a file without its unit tests, which may use anything.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn imports_run_downward() {
    let level: BTreeMap<&str, usize> =
        LAYERS.iter().enumerate().flat_map(|(i, names)| names.iter().map(move |n| (*n, i))).collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let own = module(&path);
        if own == "lib" || own == "main" {
            continue;
        }
        let Some(&own_level) = level.get(own.as_str()) else {
            wrong.push(format!("{}: module `{own}` is in no layer of this test", path.display()));
            continue;
        };
        for line in code(&text).lines().filter(|l| !l.trim_start().starts_with("//")) {
            for used in line.split("crate::").skip(1) {
                let names: Vec<&str> = match used.strip_prefix('{') {
                    Some(list) => list.split(',').map(|n| n.trim().split("::").next().unwrap_or("")).collect(),
                    None => vec![used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("")],
                };
                for name in names {
                    if let Some(&used_level) = level.get(name)
                        && (used_level > own_level)
                        // The lazily parsed tree lives in its source.
                        && !(own == "source" && name == "yaml")
                    {
                        wrong.push(format!("{}: `{own}` uses `{name}`, which stands above it", path.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_files_touches_the_disk() {
    let allowed = ["files", "cli"];
    let bad: Vec<String> = sources()
        .into_iter()
        .filter(|(path, text)| {
            !allowed.contains(&module(path).as_str())
                && [
                    "std::fs",
                    "std::env",
                    "process::Command",
                    "std::time::",
                    "SystemTime",
                    "Instant::now",
                    "static mut",
                ]
                .iter()
                .any(|word| code(text).contains(word))
        })
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(bad.is_empty(), "I/O, clock, environment or global state outside of `files` and `cli`: {bad:?}");
}

#[test]
fn yaml_knows_no_kubernetes_and_kustomize_no_rule() {
    for (path, text) in sources() {
        let code = code(&text);
        match module(&path).as_str() {
            "yaml" => assert!(!code.contains("crate::k8s") && !code.contains("crate::kustomize"), "{}", path.display()),
            "kustomize" => assert!(!code.contains("crate::rule"), "{}", path.display()),
            _ => {}
        }
    }
}

#[test]
fn a_rule_knows_no_other_rule() {
    let files = sources();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_rule = |stem: &str| root.join("rules").join(format!("{}.md", stem.replace('_', "-"))).exists();
    for (path, text) in &files {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.parent().unwrap() != root.join("src/rules") || !is_rule(&stem) {
            continue;
        }
        for (other, _) in &files {
            let other = other.file_stem().unwrap().to_string_lossy().into_owned();
            if other != stem && is_rule(&other) {
                let uses = [format!("super::{other}::"), format!("rules::{other}::")];
                assert!(!uses.iter().any(|u| code(text).contains(u)), "`{stem}` uses the rule `{other}`");
            }
        }
    }
}

/// `Workload::of` does not know the kinds of `pod_templates`; what a hook is given does.
#[test]
fn rules_take_workloads_from_the_run() {
    let direct: Vec<_> = sources()
        .into_iter()
        .filter(|(path, text)| module(path) == "rules" && code(text).contains("Workload::of("))
        .map(|(path, _)| path)
        .collect();
    assert!(direct.is_empty(), "{direct:?}");
}

#[test]
fn rooms_are_small() {
    let big: Vec<String> = sources()
        .into_iter()
        .map(|(path, text)| (text.lines().count(), path))
        .filter(|(lines, _)| *lines > MAX_LINES)
        .map(|(lines, path)| format!("{lines} {}", path.display()))
        .collect();
    assert!(big.is_empty(), "longer than {MAX_LINES} lines: {big:?}");
}
