//! Our builds against those of the real `kustomize`: the trees in `testdata/kustomize`, and trees made at random.

mod more;
mod rarer;
mod trees;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use manicheck::files::{Context, DiskFiles};
use manicheck::kustomize::{FILE_NAMES, Options, Renderer};
use manicheck::source::Sources;
use trees::Random;

use crate::shared::write;

/// What a build prints, or why it prints nothing.
type Outcome = Result<String, String>;

fn upstream(dir: &Path) -> Outcome {
    let output = Command::new("kustomize").arg("build").arg(dir).output().unwrap();
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).unwrap());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

fn ours(cwd: &Path, dir: &Path) -> Outcome {
    let sources = Sources::new();
    let ctx = Context { files: &DiskFiles, sources: &sources, cwd };
    let build = Renderer::new(ctx, Options::default()).render(dir).map_err(|e| e.to_string())?;
    build.to_yaml().map_err(|e| e.to_string())
}

/// The version whose bytes are the reference.
const VERSION: &str = "v5.8.1";

/// True if the real `kustomize` is there, in the version that we compare with. On a CI machine it must be, unless
/// `MANICHECK_WITHOUT_KUSTOMIZE` says why it is not (`.ci/run` does so).
fn installed() -> bool {
    let output = Command::new("kustomize").arg("version").output();
    let version = output.ok().map(|o| String::from_utf8_lossy(&o.stdout).trim().to_string());
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match reference(version.as_deref(), set("CI").is_some(), set("MANICHECK_WITHOUT_KUSTOMIZE").as_deref()) {
        Ok(()) => true,
        Err(Lacking::Skipped(why)) => {
            println!("skipped: {why}");
            false
        }
        Err(Lacking::Needed(why)) => panic!("{why}, and this is a CI machine; see .ci/run"),
    }
}

/// What follows from a reference that is not there.
#[derive(Debug, PartialEq, Eq)]
enum Lacking {
    Skipped(String),
    Needed(String),
}

fn reference(version: Option<&str>, ci: bool, excuse: Option<&str>) -> Result<(), Lacking> {
    let why = match version {
        Some(VERSION) => return Ok(()),
        Some(other) => format!("the kustomize on the path is {other}, not {VERSION}"),
        None => "no kustomize on the path".to_string(),
    };
    match excuse {
        Some(excuse) => Err(Lacking::Skipped(format!("{why} ({excuse})"))),
        None if ci => Err(Lacking::Needed(why)),
        None => Err(Lacking::Skipped(why)),
    }
}

#[test]
fn ci_does_not_go_without_the_reference_silently() {
    assert_eq!(reference(Some(VERSION), true, None), Ok(()));
    assert!(matches!(reference(None, true, None), Err(Lacking::Needed(_))));
    assert!(matches!(reference(Some("v5.7.0"), true, None), Err(Lacking::Needed(why)) if why.contains("v5.7.0")));
    assert!(matches!(reference(None, false, None), Err(Lacking::Skipped(_))));
    assert!(matches!(reference(None, true, Some("no go")), Err(Lacking::Skipped(why)) if why.contains("no go")));
}

/// Where two builds differ; none if they do not. Of failures, only that both fail counts.
fn difference(theirs: &Outcome, ours: &Outcome) -> Option<String> {
    match (theirs, ours) {
        (Ok(theirs), Ok(ours)) if theirs == ours => None,
        (Err(_), Err(_)) => None,
        (Ok(theirs), Ok(ours)) => {
            let at = theirs.lines().zip(ours.lines()).position(|(a, b)| a != b).unwrap_or(0);
            let part = |text: &str| text.lines().skip(at.saturating_sub(3)).take(7).collect::<Vec<_>>().join("\n");
            Some(format!("line {}\ntheirs:\n{}\nours:\n{}", at + 1, part(theirs), part(ours)))
        }
        (Ok(_), Err(ours)) => Some(format!("only ours fails: {ours}")),
        (Err(theirs), Ok(_)) => Some(format!("only theirs fails: {theirs}")),
    }
}

#[test]
fn our_trees_build_as_upstream_builds_them() {
    if !installed() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/kustomize").canonicalize().unwrap();
    let mut dirs = Vec::new();
    kustomizations(&root, &mut dirs);
    let mut problems = String::new();
    let mut built = 0;
    for dir in &dirs {
        let theirs = upstream(dir);
        built += usize::from(theirs.is_ok());
        if let Some(what) = difference(&theirs, &ours(&root, dir)) {
            writeln!(problems, "{}: {what}", dir.display()).unwrap();
        }
    }
    assert!(problems.is_empty(), "\n{problems}");
    assert!(built >= 27, "only {built} trees build");
}

/// What stands between brackets, and is read in one way by go-yaml and in another, or not at all, by the YAML specification.
const IN_BRACKETS: [&str; 44] = [
    "[x:]",
    "[x:, y]",
    "{x:}",
    "{x:, y: z}",
    "{a: b:}",
    "[a::]",
    "{http://x:}",
    "{a: http://x/:, b: c}",
    "{a: b: c}",
    "[a:: b]",
    "{: b}",
    "[:]",
    "[: ]",
    "{:}",
    "[:, a]",
    "[::]",
    "{x:[a]}",
    "{x:{a: b}}",
    "{\"x\":[a]}",
    "{\"x\":a}",
    "[!a]",
    "[! a]",
    "{a: !a}",
    "{a: !a , b: c}",
    "{a: !!str, b: c}",
    "[!!str , a]",
    "[!]",
    "{a: &x b, c: *x }",
    "[? ]",
    "[? , a]",
    "{? , a: b}",
    "{? a : b}",
    "[?]",
    "[a?]",
    "{a: ?b}",
    "[a ? b]",
    "{'a\n  b': c}",
    "{a\n  b: c}",
    "{'a\n  b', c: d}",
    "{a: 'b\n  c'}",
    "{a: 'b\nc'}",
    "['a\n\n  b', c]",
    "[-]",
    "[- a]",
];

#[test]
fn what_stands_between_brackets_is_read_as_upstream_reads_it() {
    if !installed() {
        return;
    }
    let trees = IN_BRACKETS.map(|value| {
        let object = format!("apiVersion: v1\nkind: Thing\nmetadata: {{name: x}}\nspec: {value}\n");
        vec![("kustomization.yaml", "resources: [x.yaml]\n".to_string()), ("x.yaml", object)]
    });
    alike(&trees);
}

#[test]
fn directives_are_read_where_upstream_reads_them() {
    if !installed() {
        return;
    }
    let object = "apiVersion: v1\nkind: Thing\nmetadata: {name: x}\nspec: {a: b}\n";
    let heads = ["", "---\n", "# c\n---\n", "%YAML 1.1\n---\n", "# c\n\n%YAML 1.1 # c\n---\n", "%YAML 1.2\n---\n"];
    let heads = heads.iter().chain(&["%TAG ! tag:x,2000:\n---\n", "%FOO bar\n---\n"]);
    let trees = heads.flat_map(|head| {
        let tree = |kustomization: &str, resource: &str, patch: &str| {
            let kustomization = format!("{kustomization}resources: [x.yaml]\npatches: [{{path: patch.yaml}}]\n");
            let files = [("x.yaml", format!("{resource}{object}")), ("patch.yaml", format!("{patch}{object}"))];
            [("kustomization.yaml", kustomization)].into_iter().chain(files).collect()
        };
        [tree(head, "", ""), tree("", head, ""), tree("", "", head)]
    });
    alike(&trees.collect::<Vec<_>>());
}

/// Whatever meets the annotations that upstream keeps while it renders a root that only asks for the label.
#[test]
fn the_label_alone_comes_out_as_upstream_writes_it() {
    if !installed() {
        return;
    }
    let annotations = [
        "",
        "  annotations: {}\n",
        "  annotations:\n",
        "  annotations: {a: b}\n",
        "  annotations: {config.kubernetes.io/origin: x}\n",
    ];
    let operation =
        |operation: &str| format!("patches:\n- target: {{kind: Deployment}}\n  patch: |-\n    - {operation}\n");
    let merge = |fields: &str| {
        let head = "apiVersion: apps/v1\n    kind: Deployment";
        format!(
            "patches:\n- target: {{kind: Deployment}}\n  patch: |-\n    {head}\n    metadata: {{name: x}}\n    {fields}\n"
        )
    };
    let changes = [
        "".to_string(),
        "namePrefix: p-\nlabels: [{pairs: {a: b}, includeTemplates: true}]\nimages: [{name: i, newTag: '2'}]\n".into(),
        "commonAnnotations: {c: d}\n".into(),
        "configMapGenerator:\n- {name: m, literals: [a=b], options: {annotations: {e: f}}}\n".into(),
        operation("{op: add, path: /metadata/annotations/x, value: y}"),
        operation("{op: remove, path: /metadata/annotations}"),
        operation("{op: add, path: /spec/replicas, value: 3}"),
        operation("{op: copy, from: /metadata/name, path: /spec/copied}"),
        operation("{op: copy, from: '', path: /spec/copied}"),
        operation("{op: test, path: /metadata/name, value: x}"),
        merge("spec: {replicas: 2}"),
        merge("spec: {$patch: replace, replicas: 2}"),
        merge("$patch: replace"),
        merge("spec: {template: {metadata: {annotations: {a: b}}}}"),
        "patches:\n- target: {annotationSelector: config.kubernetes.io/origin}\n  patch: '- {op: add, path: /spec/a, value: b}'\n".into(),
        "replacements:\n- source: {kind: Deployment, fieldPath: metadata.name}\n  targets:\n  - {select: {kind: Deployment}, fieldPaths: [metadata.annotations.z], options: {create: true}}\n".into(),
        "replacements:\n- source: {kind: Deployment, fieldPath: metadata}\n  targets:\n  - {select: {kind: Deployment}, fieldPaths: [spec.z], options: {create: true}}\n".into(),
        "labels: [{pairs: {a: b}, fields: [{path: metadata/annotations, create: true}]}]\n".into(),
    ];
    let mut trees = Vec::new();
    for written in annotations {
        for change in &changes {
            let object = format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\n{written}spec:\n  template: {{spec: {{containers: [{{name: c, image: 'i:1'}}]}}}}\n"
            );
            trees.push(vec![
                ("base/kustomization.yaml", "resources: [x.yaml]\n".to_string()),
                ("base/x.yaml", object),
                ("middle/kustomization.yaml", format!("resources: [../base]\n{change}")),
                ("kustomization.yaml", format!("resources: [middle]\nbuildMetadata: [managedByLabel]\n{change}")),
            ]);
        }
    }
    alike(&trees);
}

/// A scalar that a replacement made has no type yet, and a var that is looked for in it makes it a string.
#[test]
fn vars_type_what_replacements_made() {
    if !installed() {
        return;
    }
    let mut trees = Vec::new();
    for value in ["1", "true", "null", "x", "$(S)"] {
        for path in ["env.[name=A].value", "env.0.value", "args.0", "command.0", "image"] {
            for env in ["", ", env: [{name: A, value: \"2\"}]", ", env: [{name: A, value: 2}]"] {
                let kustomization = format!(
                    "resources: [x.yaml]\nconfigMapGenerator: [{{name: s, literals: ['a={value}']}}]\nvars:\n- name: S\n  \
                     objref: {{kind: ConfigMap, name: s, apiVersion: v1}}\n  fieldref: {{fieldpath: metadata.name}}\nreplacements:\n\
                     - source: {{kind: ConfigMap, name: s, fieldPath: data.a}}\n  targets:\n  - select: {{kind: Pod}}\n    \
                     fieldPaths: ['spec.containers.0.{path}']\n    options: {{create: true}}\n"
                );
                let pod = format!(
                    "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, args: [x]{env}}}]}}\n"
                );
                trees.push(vec![("kustomization.yaml", kustomization), ("x.yaml", pod)]);
            }
        }
    }
    alike(&trees);
}

/// Builds each tree in both ways.
fn alike(trees: &[Vec<(&str, String)>]) {
    let mut problems = String::new();
    for files in trees {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().canonicalize().unwrap();
        files.iter().for_each(|(path, text)| write(&dir.join(path), text));
        if let Some(what) = difference(&upstream(&dir), &ours(&dir, &dir)) {
            writeln!(problems, "{files:?}: {what}").unwrap();
        }
    }
    assert!(problems.is_empty(), "\n{problems}");
}

/// The directories in and below `dir` that have a kustomization, sorted.
fn kustomizations(dir: &Path, found: &mut Vec<PathBuf>) {
    if FILE_NAMES.iter().any(|n| dir.join(n).exists()) {
        found.push(dir.to_path_buf());
    }
    let mut below: Vec<PathBuf> =
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    below.sort();
    below.iter().for_each(|dir| kustomizations(dir, found));
}

/// As many as are quick; more with `MANICHECK_RANDOM_TREES=1000`, others with `MANICHECK_RANDOM_SEED`.
const TREES: u64 = 40;

#[test]
fn random_trees_build_as_upstream_builds_them() {
    if !installed() {
        return;
    }
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let trees = number("MANICHECK_RANDOM_TREES").unwrap_or(TREES);
    let first = number("MANICHECK_RANDOM_SEED").unwrap_or(1);
    let mut problems = String::new();
    let (mut built, mut different) = (0, 0);
    for seed in first..first + trees {
        let temp = tempfile::tempdir().unwrap();
        let cwd = temp.path().canonicalize().unwrap();
        let files = Random::new(seed).tree();
        for (path, text) in &files {
            write(&cwd.join(path), text);
        }
        let dir = cwd.join("overlay");
        let theirs = upstream(&dir);
        built += u64::from(theirs.is_ok());
        if let Some(what) = difference(&theirs, &ours(&cwd, &dir)) {
            different += 1;
            println!("seed {seed}: {what}");
            if different <= 5 {
                writeln!(problems, "seed {seed}: {what}").unwrap();
                for (path, text) in &files {
                    writeln!(problems, "--- {path}\n{text}").unwrap();
                }
            }
        }
    }
    println!("{trees} trees, {built} build, {different} differ");
    assert!(problems.is_empty(), "{different} of {trees} differ\n{problems}");
    assert!(built * 2 > trees, "only {built} of {trees} build: the trees test too little");
}
