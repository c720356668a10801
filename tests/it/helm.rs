//! `--helm`: what goes to helm, what comes back, and that it is what `kustomize build --enable-helm` prints.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use manicheck::files::{Context, MemoryFiles};
use manicheck::kustomize::{ErrorKind, Helm, HelmCall, Options, Renderer};
use manicheck::source::Sources;
use manicheck::yaml::StepKind;

use crate::cli::manicheck;
use crate::shared::write;

/// True if a program is on the path.
fn here(program: &str, arg: &str) -> bool {
    Command::new(program).arg(arg).output().is_ok()
}

/// Answers as told, and remembers what it was asked.
#[derive(Debug, Default)]
struct Fake(Mutex<Vec<HelmCall>>);

impl Helm for Fake {
    fn template(&self, call: &HelmCall) -> Result<Vec<u8>, String> {
        self.0.lock().unwrap().push(call.clone());
        if call.values.contains("fail") {
            return Err("no".into());
        }
        Ok(b"a message\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: own}\ndata: {k: v}\n"
            .to_vec())
    }
}

const CHART: &str = "name: shop\n  releaseName: r\n  valuesInline: {list: [1], flag: yes, gone: null}\n";

fn files(chart: &str) -> MemoryFiles {
    let mut files = MemoryFiles::new();
    files.insert("/base/kustomization.yaml", format!("helmCharts:\n- {chart}namePrefix: p-\n"));
    files.insert("/base/charts/shop/Chart.yaml", "name: shop\n");
    files.insert("/base/charts/shop/values.yaml", "list: [2]\ngone: 1\nstays: 1\n");
    files.insert("/over/kustomization.yaml", "resources: [../base]\nnamespace: prod\n");
    files
}

#[test]
fn a_chart_is_rendered_by_what_is_given() {
    let (files, sources, fake) = (files(CHART), Sources::new(), Arc::new(Fake::default()));
    let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
    let renderer = Renderer::new(ctx, Options { helm: Some(fake.clone()), ..Options::default() });
    for (dir, namespace) in [("/base", None), ("/over", Some("prod"))] {
        let build = renderer.render(Path::new(dir)).unwrap();
        // The namespace is left to helm; the prefix is not.
        assert_eq!(
            build.to_yaml().unwrap(),
            "apiVersion: v1\ndata:\n  k: v\nkind: ConfigMap\nmetadata:\n  name: p-a\n  namespace: own\n"
        );
        let value = build.objects[0].path(&["data", "k"]).unwrap();
        assert_eq!(value.origin().span, None);
        assert_eq!(value.origin().links().next().unwrap().step.kind, StepKind::HelmChart);
        assert_eq!(value.span().unwrap().text(), "shop");
        let call = fake.0.lock().unwrap().pop().unwrap();
        let mut expected = vec!["template", "r", "/base/charts/shop"];
        expected.extend(namespace.into_iter().flat_map(|n| ["--namespace", n]));
        assert_eq!(call.arguments, expected);
        assert_eq!(call.values, "flag: true\nlist:\n- 1\nstays: 1\n");
    }
}

#[test]
fn files_that_are_not_on_disk_come_with_the_call() {
    let chart = "name: shop\n  additionalValuesFiles: [more.yaml]\n";
    let (mut files, sources, fake) = (files(chart), Sources::new(), Arc::new(Fake::default()));
    files.insert("/base/more.yaml", "a: 1\n");
    let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
    Renderer::new(ctx, Options { helm: Some(fake.clone()), ..Options::default() }).render(Path::new("/base")).unwrap();
    let call = fake.0.lock().unwrap().pop().unwrap();
    let paths: Vec<_> = call.files.iter().map(|(path, _)| path.to_str().unwrap()).collect();
    assert_eq!(paths, ["/base/charts/shop/Chart.yaml", "/base/charts/shop/values.yaml", "/base/more.yaml"]);
}

#[test]
fn a_base_without_charts_is_shared_below_a_namespace() {
    let (mut files, sources, fake) = (files(CHART), Sources::new(), Arc::new(Fake::default()));
    files.insert("/plain/kustomization.yaml", "resources: [a.yaml]\n");
    files.insert("/plain/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n");
    for n in ["one", "two"] {
        files.insert(
            format!("/{n}/kustomization.yaml"),
            "resources: [../plain, ../base]\nnamespace: x\nnamePrefix: y-\n",
        );
    }
    let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
    let renderer = Renderer::new(ctx, Options { helm: Some(fake.clone()), ..Options::default() });
    let builds = ["/one", "/two"].map(|dir| renderer.render(Path::new(dir)).unwrap());
    let identity = |n: usize| builds[n].objects[1].get("data").unwrap().identity();
    assert_eq!(identity(0), identity(1));
    assert_eq!(fake.0.lock().unwrap().len(), 2, "charts are rendered for each namespace above");
}

/// Runs if `helm` and `git` are on the path.
#[test]
fn since_a_revision_the_charts_of_that_revision_count() {
    if !here("helm", "version") || !here("git", "--version") {
        println!("skipped: no helm, or no git, on the path");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write(&dir.path().join(path), text);
    let git = |args: &[&str]| {
        let known = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"];
        let output = Command::new("git").arg("-C").arg(dir.path()).args(known).args(args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let pod = |image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers: [{{name: a, image: '{image}'}}]\n"
        )
    };
    write("kustomization.yaml", "helmCharts:\n- name: shop\n  releaseName: r\n");
    write("charts/shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
    write("charts/shop/values.yaml", "{}\n");
    write("charts/shop/templates/pod.yaml", &pod("web:1.0"));
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "a"]);
    let findings = |rev: &str| {
        let args = [".", "--helm", "--since", rev, "--select", "mutable-image-tag"];
        manicheck(dir.path(), &args).status.code()
    };
    assert_eq!(findings("HEAD"), Some(0));
    write("charts/shop/templates/pod.yaml", &pod("web:latest"));
    assert_eq!(findings("HEAD"), Some(1), "new since the revision, which has another chart");
    git(&["add", "."]);
    git(&["commit", "-qm", "b"]);
    assert_eq!(findings("HEAD"), Some(0));
}

#[test]
fn charts_that_cannot_be_rendered_say_so() {
    let failure = |chart: &str, helm: Option<Arc<dyn Helm>>| {
        let (files, sources) = (files(chart), Sources::new());
        let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
        let error =
            Renderer::new(ctx, Options { helm, ..Options::default() }).render(Path::new("/base")).err().unwrap();
        assert_eq!(error.kind, ErrorKind::Helm);
        assert_eq!(error.span.unwrap().start_pos().line, 2);
        error.message.clone()
    };
    let fake = || Some(Arc::new(Fake::default()) as Arc<dyn Helm>);
    assert!(failure(CHART, None).contains("`--helm`"));
    assert!(failure("name: other\n", fake()).contains("`charts/other`, and nothing is fetched"));
    assert!(failure("name: shop\n  version: '1'\n  repo: https://x\n", fake()).contains("`charts/shop-1/shop`"));
    assert!(failure("name: shop\n  valuesInline: {a: fail}\n", fake()).ends_with("failed: no"));
}

#[test]
fn the_name_of_a_release_is_no_option() {
    let chart = "name: shop\n  releaseName: --post-renderer=./run\n";
    let (files, sources, fake) = (files(chart), Sources::new(), Arc::new(Fake::default()));
    let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
    let renderer = Renderer::new(ctx, Options { helm: Some(fake.clone()), ..Options::default() });
    let error = renderer.render(Path::new("/base")).err().unwrap();
    assert_eq!((error.kind, error.span.unwrap().start_pos().line), (ErrorKind::Invalid, 3));
    assert!(fake.0.lock().unwrap().is_empty());
}

/// Runs if `helm` and `kustomize` are on the path.
#[test]
fn charts_come_out_as_from_the_real_kustomize() {
    if !here("helm", "version") || !here("kustomize", "version") {
        println!("skipped: no helm, or no kustomize, on the path");
        return;
    }
    for dir in ["base", "overlay", "merge"] {
        let dir: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/helm").join(dir);
        let theirs = Command::new("kustomize").args(["build", "--enable-helm"]).arg(&dir).output().unwrap();
        let ours = Command::new(env!("CARGO_BIN_EXE_manicheck")).args(["build", "--helm"]).arg(&dir).output().unwrap();
        assert!(theirs.status.success(), "{}", String::from_utf8_lossy(&theirs.stderr));
        assert_eq!(String::from_utf8_lossy(&ours.stdout), String::from_utf8_lossy(&theirs.stdout), "{}", dir.display());
    }
}
