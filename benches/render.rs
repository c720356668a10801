//! Rendering beside the real binary: `cargo bench --bench render`.
//!
//! Trees: the example of this repository, and the directories named by `MANICHECK_TREE` (separated as in `PATH`). For each kustomization that `kustomize
//! build` (on the `PATH`; v5.8.1) builds: the time to read, render and print it in this process, from disk and with nothing kept
//! from the one before, beside that of the whole `kustomize` process, less what `kustomize version` takes to start. Then all
//! of them one after the other, bases shared, beside the sum. Both sides use all cores where they can. The fastest of a few rounds;
//! read the ratios. Beside it the most memory that `manicheck build` and `kustomize build` held as processes (Linux).

// Its output is the report.
#![allow(clippy::print_stdout)]

mod support;

use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use manicheck::files::{Context, DiskFiles, Files};
use manicheck::kustomize::{FILE_NAMES, Options, Renderer};
use manicheck::source::Sources;
use support::{fastest, is_asked};

const ROUNDS: usize = 5;

fn main() {
    if !is_asked("render") {
        return;
    }
    // On a thread of the pool, as the program does all its work: nothing is handed over while the clock runs.
    rayon::scope(|_| compare());
}

fn compare() {
    let Some(start) = kustomize(&["version"]) else {
        println!("no `kustomize` on the PATH: nothing to compare with");
        return;
    };
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/shop").to_string();
    report(Path::new(&example), start);
    let trees = std::env::var_os("MANICHECK_TREE").unwrap_or_default();
    let trees: Vec<PathBuf> = std::env::split_paths(&trees).filter(|tree| !tree.as_os_str().is_empty()).collect();
    let rows: Vec<Row> = trees.iter().flat_map(|tree| report(tree, start)).collect();
    if trees.len() > 1 {
        println!("all {} trees: {} kustomizations", trees.len(), rows.len());
        means(&rows);
    }
}

struct Row {
    dir: PathBuf,
    bytes: usize,
    /// The peaks of the two processes, ours first.
    memory: Option<(u64, u64)>,
    ours: Duration,
    theirs: Duration,
    /// Theirs without starting a process.
    theirs_inside: Duration,
}

fn report(tree: &Path, start: Duration) -> Vec<Row> {
    let mut rows = Vec::new();
    for dir in kustomizations(tree) {
        let Some(bytes) = rendered(&[&dir]) else { continue };
        let Some(theirs) = kustomize(&["build", &dir.to_string_lossy()]) else { continue };
        let ours = fastest(ROUNDS, || _ = black_box(rendered(&[&dir])));
        let build = ["build", &*dir.to_string_lossy()].map(str::to_string);
        let memory = peak(env!("CARGO_BIN_EXE_manicheck"), &build).zip(peak("kustomize", &build));
        rows.push(Row { dir, bytes, memory, ours, theirs, theirs_inside: theirs.saturating_sub(start) });
    }
    let dirs: Vec<&PathBuf> = rows.iter().map(|r| &r.dir).collect();
    let together = fastest(ROUNDS, || _ = black_box(rendered(&dirs)));
    println!("{}: {} kustomizations, fastest of {ROUNDS}", tree.display(), rows.len());
    println!("  `kustomize version`: {:.1} ms", ms(start));
    means(&rows);
    let sum = |of: fn(&Row) -> Duration| rows.iter().map(of).sum::<Duration>();
    line("all, bases shared", together, sum(|r| r.theirs), sum(|r| r.theirs_inside));
    rows.sort_by_key(|r| std::cmp::Reverse(r.bytes));
    let peaks: Vec<(u64, u64)> = rows.iter().filter_map(|r| r.memory).collect();
    if let (Some(ours), Some(theirs)) = (peaks.iter().map(|p| p.0).max(), peaks.iter().map(|p| p.1).max()) {
        let mean = |of: fn(&(u64, u64)) -> u64| mib(peaks.iter().map(of).sum::<u64>() / peaks.len() as u64);
        println!(
            "  memory: the mean {:.1} MiB beside {:.1} MiB, the most {:.1} MiB beside {:.1} MiB",
            mean(|p| p.0),
            mean(|p| p.1),
            mib(ours),
            mib(theirs)
        );
    }
    for row in rows.iter().take(5) {
        let name = row.dir.strip_prefix(tree).unwrap_or(&row.dir).display().to_string();
        let memory = row.memory.map(|(ours, theirs)| format!("; {:.0} beside {:.0} MiB", mib(ours), mib(theirs)));
        let what = format!("{name} ({} kB{})", row.bytes / 1000, memory.unwrap_or_default());
        line(&what, row.ours, row.theirs, row.theirs_inside);
    }
    rows
}

fn means(rows: &[Row]) {
    let mean = |of: fn(&Row) -> Duration| rows.iter().map(of).sum::<Duration>() / rows.len().max(1) as u32;
    line("the mean", mean(|r| r.ours), mean(|r| r.theirs), mean(|r| r.theirs_inside));
    let mut ratios: Vec<f64> = rows.iter().map(|r| ms(r.theirs) / ms(r.ours)).collect();
    ratios.sort_by(f64::total_cmp);
    if let (Some(least), Some(median)) = (ratios.first(), ratios.get(ratios.len() / 2)) {
        println!("  ratio of single ones: least {least:.0}x, median {median:.0}x");
    }
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn line(name: &str, ours: Duration, theirs: Duration, inside: Duration) {
    println!(
        "  {name:<64} {:>9.3} ms  {:>9.1} ms  {:>6.0}x  ({:.0}x without the start of a process)",
        ms(ours),
        ms(theirs),
        ms(theirs) / ms(ours),
        ms(inside) / ms(ours)
    );
}

fn ms(time: Duration) -> f64 {
    1e3 * time.as_secs_f64()
}

/// The directories of all kustomizations below `tree`, in order.
fn kustomizations(tree: &Path) -> Vec<PathBuf> {
    let files = DiskFiles.walk(tree);
    let is_kustomization =
        |path: &&PathBuf| path.file_name().and_then(|n| n.to_str()).is_some_and(|n| FILE_NAMES.contains(&n));
    files.iter().filter(is_kustomization).filter_map(|f| f.parent()).map(Path::to_path_buf).collect()
}

/// How many bytes these give, with nothing known before; none if one does not build.
fn rendered<P: AsRef<Path>>(dirs: &[P]) -> Option<usize> {
    let sources = Sources::new();
    let ctx = Context { files: &DiskFiles, sources: &sources, cwd: Path::new("/") };
    let renderer = Renderer::new(ctx, Options::default());
    let mut out = std::io::sink();
    let mut bytes = 0;
    for dir in dirs {
        for piece in renderer.render(dir.as_ref()).ok()?.to_yaml_pieces().ok()? {
            out.write_all(black_box(piece.as_bytes())).ok()?;
            bytes += piece.len();
        }
    }
    Some(bytes)
}

/// The time of a `kustomize` process; none if it fails.
fn kustomize(args: &[&str]) -> Option<Duration> {
    let run = || Command::new("kustomize").args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !run().is_ok_and(|status| status.success()) {
        return None;
    }
    Some(fastest(ROUNDS, || _ = run()))
}

/// The most memory that a process held, in bytes, as Linux tells while it runs: what it takes in its last moment may be missed.
fn peak(program: &str, args: &[String]) -> Option<u64> {
    let mut child = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    while let Ok(None) = child.try_wait() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let held =
            text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = peak.max(held.map(|kib| kib << 10));
    }
    peak
}
