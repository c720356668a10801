//! Every kustomization of eight public repositories: the sha256 of what we print is that of what `kustomize build` v5.8.1
//! prints, and what it refuses we refuse for the same reason.
//!
//! Takes minutes without optimisation, so it only runs if `MANICHECK_CORPUS` is set:
//! `MANICHECK_CORPUS=1 cargo test --release --test it kustomize_corpus -- --nocapture`. A directory as its value is taken for
//! the unpacked archives.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use manicheck::files::{Context, DiskFiles, normal};
use manicheck::kustomize::{ErrorKind, Options, Renderer};
use manicheck::source::Sources;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::shared::shared;

/// How many kustomizations must come out as upstream's. Raise it; never lower it.
const FLOOR: usize = 1227;

struct Row {
    repo: String,
    dir: String,
    status: String,
    sha256: String,
}

#[test]
fn real_overlays() {
    let Some(asked) = std::env::var_os("MANICHECK_CORPUS") else {
        println!("skipped: MANICHECK_CORPUS is not set");
        return;
    };
    let Some(shared) = shared() else { return };
    let corpus = shared.join("conformance/corpus");
    let temp = tempfile::tempdir().unwrap();
    let unpacked = PathBuf::from(asked);
    let root = if unpacked.is_dir() { unpacked } else { unpack(&corpus, temp.path()) };

    let mut by_repo: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in rows(&corpus.join("overlays.tsv")) {
        by_repo.entry(row.repo.clone()).or_default().push(row);
    }
    let (mut right, mut all) = (0, 0);
    for (repo, rows) in by_repo {
        let cwd = root.join(repo.replace('/', "+"));
        let sources = Sources::new();
        let ctx = Context { files: &DiskFiles, sources: &sources, cwd: &cwd };
        let renderer = Renderer::new(ctx, Options::default());
        let wrong: Vec<String> = rows.par_iter().filter_map(|row| check(&renderer, &cwd, row).err()).collect();
        println!("{repo}: {} of {} as upstream", rows.len() - wrong.len(), rows.len());
        wrong.iter().for_each(|line| println!("  {line}"));
        right += rows.len() - wrong.len();
        all += rows.len();
    }
    println!("kustomize corpus: {right} of {all} as upstream");
    assert!(right >= FLOOR, "{right} of {all} come out right, at least {FLOOR} must");
}

fn check(renderer: &Renderer<'_>, cwd: &Path, row: &Row) -> Result<(), String> {
    let built = renderer.render(&normal(cwd, Path::new(&row.dir)));
    let printed =
        built.map_err(|e| (e.kind, e.to_string())).and_then(|b| b.to_yaml().map_err(|e| (e.kind, e.to_string())));
    match (row.status.as_str(), printed) {
        ("ok", Ok(text)) if hex(&text) == row.sha256 => Ok(()),
        ("ok", Ok(_)) => Err(format!("{}: other bytes", row.dir)),
        ("ok", Err((kind, error))) => Err(format!("{}: fails: {error} [{kind:?}]", row.dir)),
        (status, Ok(_)) => Err(format!("{}: must fail ({status})", row.dir)),
        (status, Err((kind, error))) => {
            let beyond = LACKING.contains(&(row.repo.as_str(), row.dir.as_str()));
            let expected = if beyond { ErrorKind::Missing } else { class(status) };
            if kind == expected { Ok(()) } else { Err(format!("{}: {status}, and ours: {error} [{kind:?}]", row.dir)) }
        }
    }
}

/// What we call the reason that upstream has for refusing.
fn class(status: &str) -> ErrorKind {
    match status {
        "remote" => ErrorKind::Remote,
        "helm" => ErrorKind::Helm,
        "plugin" => ErrorKind::Plugin,
        "missing" => ErrorKind::Missing,
        "empty" => ErrorKind::Empty,
        "load-restrictor" => ErrorKind::LoadRestriction,
        // "other" are replacements whose source selects nothing: upstream has other words for them than for patches.
        "no-match" | "other" => ErrorKind::NoMatch,
        other => panic!("unknown status `{other}`"),
    }
}

/// Their archives hold only what is YAML, JSON or the like, so what they name is not there: a script (`sync.py`,
/// `console-plugin-job.sh`), a picture (`kubeflow-logo.svg`), or the file that a symbolic link leads to. We meet that before, or in
/// place of, what upstream stopped at.
const LACKING: [(&str, &str); 9] = [
    ("argoproj/argo-cd", "test/e2e/testdata2/guestbook-partial-symlink-files"),
    ("kubeflow/manifests", "applications/pipeline/overlays"),
    ("kubeflow/manifests", "applications/pipeline/upstream/env/cert-manager/platform-agnostic-multi-user"),
    ("kubeflow/manifests", "applications/pipeline/upstream/env/cert-manager/platform-agnostic-multi-user-k8s-native"),
    ("kubeflow/manifests", "applications/pipeline/upstream/env/platform-agnostic-multi-user"),
    ("kubeflow/manifests", "applications/pipeline/upstream/env/platform-agnostic-multi-user-emissary"),
    ("kubeflow/manifests", "applications/pipeline/upstream/env/platform-agnostic-multi-user-legacy"),
    ("kubeflow/manifests", "example"),
    ("redhat-cop/gitops-catalog", "gpu-operator-certified/aggregate/overlays/aws"),
];

/// The refused ones alone, which takes seconds: each for the reason that upstream has.
#[test]
fn what_upstream_refuses_is_refused_for_its_reason() {
    if std::env::var_os("MANICHECK_CORPUS").is_none() {
        println!("skipped: MANICHECK_CORPUS is not set");
        return;
    }
    let (Some(shared), Some(root)) = (shared(), crate::corpus::corpus()) else { return };
    let rows: Vec<Row> =
        rows(&shared.join("conformance/corpus/overlays.tsv")).into_iter().filter(|row| row.status != "ok").collect();
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for row in &rows {
        *classes.entry(&row.status).or_default() += 1;
        let name = row.repo.replace('/', "+");
        let cwd = root.join(&name).join(&name);
        let sources = Sources::new();
        let ctx = Context { files: &DiskFiles, sources: &sources, cwd: &cwd };
        wrong.extend(check(&Renderer::new(ctx, Options::default()), &cwd, row).err());
    }
    println!("{} refused: {classes:?}, {} of them for what their archives lack", rows.len(), LACKING.len());
    assert!(rows.len() >= 97, "only {} rows", rows.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn rows(tsv: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(tsv).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        Row { repo: cells[0].into(), dir: cells[2].into(), status: cells[3].into(), sha256: cells[5].into() }
    };
    text.lines().skip(1).map(row).collect()
}

fn unpack(corpus: &Path, to: &Path) -> PathBuf {
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "zst") {
            let done = std::process::Command::new("tar").arg("--zstd").arg("-xf").arg(&path).arg("-C").arg(to).status();
            assert!(done.unwrap().success(), "cannot unpack {}", path.display());
        }
    }
    to.to_path_buf()
}
