//! How much memory a hundred overlays over one large base take, with all builds kept, as `check` keeps them.
//!
//! `cargo test --test it memory -- --ignored --nocapture`; with `--release` it is quick. Linux only: a child process reads the
//! peak of its own resident memory. The pages of the program, many in a debug build, and what a process takes that does nothing
//! are not counted.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use manicheck::discover::Input;
use manicheck::files::{Context, DiskFiles};
use manicheck::kustomize::{Options, Renderer};
use manicheck::rules::Registry;
use manicheck::settings::Settings;
use manicheck::source::Sources;

use crate::shared::write;

const OVERLAYS: usize = 100;
const BASE: usize = 15 << 20;
const LIMIT: f64 = 3.0;
/// Names the tree for the child process, and what it is to do.
const TREE: &str = "MANICHECK_MEMORY_TREE";
const WORK: &str = "MANICHECK_MEMORY_WORK";

#[test]
#[ignore = "takes minutes without optimisation"]
fn a_hundred_overlays_take_less_than_three_times_their_base() {
    if !cfg!(target_os = "linux") {
        println!("skipped: the peak of memory is read from /proc");
        return;
    }
    let temp = tempfile::tempdir().unwrap();
    let size = tree(temp.path());
    let nothing = peak(temp.path(), "nothing");
    for work in ["render", "check"] {
        let peak = peak(temp.path(), work);
        let times = peak.saturating_sub(nothing) as f64 / size as f64;
        println!(
            "{work}: {peak} bytes at most, {nothing} of them the process itself: {times:.2} times the base of {size}"
        );
        assert!(times < LIMIT, "{work} takes {times:.2} times the base");
    }
}

/// The peak of a process of its own that does `work`.
fn peak(tree: &Path, work: &str) -> u64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "memory::child", "--nocapture"])
        .env(TREE, tree)
        .env(WORK, work)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|l| l.split_once("peak: ")).unwrap().1.trim().parse().unwrap()
}

#[test]
#[ignore = "run by the test above"]
fn child() {
    let Some(tree) = std::env::var_os(TREE).map(PathBuf::from) else { return };
    let cwd = tree.canonicalize().unwrap();
    let sources = Sources::new();
    let ctx = Context { files: &DiskFiles, sources: &sources, cwd: &cwd };
    match std::env::var(WORK).unwrap().as_str() {
        "render" => {
            let renderer = Renderer::new(ctx, Options::default());
            let builds: Vec<_> = (0..OVERLAYS).map(|n| renderer.render(&cwd.join(format!("o{n}"))).unwrap()).collect();
            assert!(builds.iter().all(|b| !b.objects.is_empty()));
        }
        "check" => {
            let registry = Registry::builtin();
            let settings = Settings::default();
            let rules = settings.active(&registry).unwrap();
            let report = manicheck::run::run(ctx, &[Input::Path(".".into())], &settings, &registry, &rules);
            assert_eq!((report.summary.builds, report.failures.len()), (OVERLAYS, 0));
        }
        _ => {}
    }
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let kib = |field: &str| {
        let line = status.lines().find(|l| l.starts_with(field)).unwrap();
        line.split_ascii_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    println!("peak: {}", (kib("VmHWM:") - kib("RssFile:")) << 10);
}

/// A base of custom resource definitions, as large as the largest that are published, and overlays that each write into all of
/// them. Returns the size of the base.
fn tree(root: &Path) -> usize {
    let mut base = String::with_capacity(BASE + (1 << 16));
    let mut number = 0;
    while base.len() < BASE {
        definition(&mut base, number);
        number += 1;
    }
    write(&root.join("base/crds.yaml"), &base);
    write(&root.join("base/kustomization.yaml"), "resources: [crds.yaml]\n");
    for n in 0..OVERLAYS {
        let text = format!(
            "resources: [../base]\nnamePrefix: o{n}-\nlabels:\n- pairs: {{overlay: o{n}}}\ncommonAnnotations: {{note: n{n}}}\n\
             patches:\n- target: {{name: widget0s.acme.dev}}\n  patch: '[{{\"op\": \"replace\", \"path\": \"/spec/scope\", \"value\": \"Cluster\"}}]'\n"
        );
        write(&root.join(format!("o{n}/kustomization.yaml")), &text);
    }
    base.len()
}

fn definition(out: &mut String, number: usize) {
    _ = write!(
        out,
        "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: widget{number}s.acme.dev\n\
         spec:\n  group: acme.dev\n  names:\n    kind: Widget{number}\n    plural: widget{number}s\n  scope: Namespaced\n  versions:\n  \
         - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n"
    );
    for group in 0..40 {
        _ = write!(
            out,
            "          group{group}:\n            description: Settings of the part number {group} of the widget, all of them optional.\n            \
             type: object\n            properties:\n"
        );
        for field in 0..30 {
            _ = write!(
                out,
                "              field{field}:\n                description: |-\n                  How often this is tried before it counts as failed, \
                 and what happens then.\n                  Defaults to what the whole widget says.\n                format: int32\n                \
                 type: integer\n"
            );
        }
    }
}
