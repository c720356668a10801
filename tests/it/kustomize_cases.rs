//! The cases recorded from upstream's own tests: the bytes must be equal, or the build must fail.

use std::path::Path;

use manicheck::files::{Context, DiskFiles};
use manicheck::kustomize::{LoadRestrictor, Options, Renderer, Reorder};
use manicheck::source::Sources;

use crate::shared::shared;

/// How many cases must come out as upstream's. Raise it; never lower it.
const FLOOR: usize = 250;

#[test]
fn recorded_cases() {
    let Some(shared) = shared() else { return };
    let mut dirs: Vec<_> =
        std::fs::read_dir(shared.join("conformance/kustomize/cases")).unwrap().map(|d| d.unwrap().path()).collect();
    dirs.sort();
    let mut right = 0;
    let mut wrong = Vec::new();
    for dir in &dirs {
        let name = dir.file_name().unwrap().to_string_lossy().into_owned();
        match check(dir) {
            Ok(()) => right += 1,
            Err(why) => wrong.push(format!("{name}: {why}")),
        }
    }
    println!("kustomize cases: {right} of {} as upstream", dirs.len());
    for line in &wrong {
        println!("  {line}");
    }
    assert!(right >= FLOOR, "{right} of {} cases come out right, at least {FLOOR} must", dirs.len());
}

fn check(dir: &Path) -> Result<(), String> {
    let case: serde_json::Value = serde_json::from_slice(&std::fs::read(dir.join("case.json")).unwrap()).unwrap();
    let options = Options {
        reorder: match case["reorder"].as_str() {
            Some("none") => Some(Reorder::None),
            Some("legacy") => Some(Reorder::Legacy),
            _ => None,
        },
        load_restrictor: match case["load_restrictor"].as_str() {
            Some("none") => LoadRestrictor::None,
            _ => LoadRestrictor::RootOnly,
        },
        managed_by_label: case["managed_by_label"].as_bool().unwrap_or(false),
        ..Options::default()
    };
    let input = dir.join("input");
    let root = manicheck::files::normal(&input, Path::new(case["path"].as_str().unwrap()));
    let sources = Sources::new();
    let ctx = Context { files: &DiskFiles, sources: &sources, cwd: &input };
    let renderer = Renderer::new(ctx, options);
    let got = match renderer.render(&root) {
        Ok(build) => build.to_yaml().map_err(|e| format!("{e} [{:?}]", e.kind)),
        Err(e) => Err(format!("{e} [{:?}]", e.kind)),
    };
    match (std::fs::read_to_string(dir.join("expected.yaml")), got) {
        (Ok(expected), Ok(got)) if expected == got => Ok(()),
        (Ok(expected), Ok(got)) => Err(first_difference(&expected, &got)),
        (Ok(_), Err(error)) => Err(format!("fails: {error}")),
        (Err(_), Err(error)) if error.contains("[Unsupported]") => Err(format!("fails for another reason: {error}")),
        (Err(_), Err(_)) => Ok(()),
        (Err(_), Ok(_)) => Err("must fail".into()),
    }
}

fn first_difference(expected: &str, got: &str) -> String {
    let (mut e, mut g) = (expected.lines(), got.lines());
    for line in 1.. {
        match (e.next(), g.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => return format!("line {line}: expected {a:?}, got {b:?}"),
        }
    }
    "differs at the end".into()
}
