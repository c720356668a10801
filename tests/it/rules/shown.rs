//! What a finding shows beside its place and message: other places, help, the name of its object.

use std::path::{Path, PathBuf};

use manicheck::discover::Input;
use manicheck::files::{Context, MemoryFiles};
use manicheck::finding::Finding;
use manicheck::rules::Registry;
use manicheck::settings::Settings;
use manicheck::source::Sources;

/// What one rule finds in the files, each finding as a text.
pub(super) fn shown(files: &[(&str, String)], rule: &str, text: impl Fn(&Finding<'_>) -> String) -> Vec<String> {
    let mut memory = MemoryFiles::new();
    files.iter().for_each(|(path, text)| memory.insert(Path::new("/tree").join(path), text.as_str()));
    let settings = Settings { select: vec![rule.into()], ..Settings::default() };
    let registry = Registry::builtin();
    let rules = settings.active(&registry).unwrap();
    let sources = Sources::new();
    let ctx = Context { files: &memory, sources: &sources, cwd: Path::new("/tree") };
    let report = manicheck::run::run(ctx, &[Input::Path(PathBuf::from("."))], &settings, &registry, &rules);
    report.findings.iter().map(text).collect()
}

/// The other places of a finding.
pub(super) fn related(finding: &Finding<'_>) -> String {
    finding.related.iter().map(|l| format!(" [{}: {}]", l.span.source.display(), l.message)).collect()
}

fn deployment(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  template:\n    metadata:\n      labels: {{app: {name}}}\n    \
         spec:\n      containers:\n      - name: {name}\n        image: shop/{name}:1.4.2\n"
    )
}

fn service(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  selector: {{app: {name}}}\n  ports:\n  - port: 80\n"
    )
}

#[test]
fn of_several_services_the_nearest_is_shown() {
    let files = [
        ("a/service.yaml", service("api")),
        ("b/deployment.yaml", deployment("api")),
        ("b/service.yaml", service("api")),
        ("c/all.yaml", format!("{}---\n{}", deployment("api"), service("api"))),
    ];
    let found = shown(&files, "missing-autoscaler", |f| format!("{}{}", f.primary.span.source.display(), related(f)));
    assert_eq!(
        found,
        ["b/deployment.yaml [b/service.yaml: leads to its pods]", "c/all.yaml [c/all.yaml: leads to its pods]"]
    );
}

/// Nothing is wrong with the name, so nobody needs to know who completed it; a name that is too long is another matter.
#[test]
fn a_prefix_is_shown_where_the_name_is_wrong() {
    let prefix = "p".repeat(60) + "-";
    let files = [
        ("base/kustomization.yaml", "resources: [all.yaml]\n".into()),
        ("base/all.yaml", format!("{}---\n{}", deployment("api"), service("api"))),
        ("prod/kustomization.yaml", format!("resources: [../base]\nnamePrefix: {prefix}\n")),
    ];
    let found = |rule| shown(&files, rule, |f| format!("{}{}", f.primary.span.source.display(), related(f)));
    assert_eq!(found("missing-autoscaler"), ["base/all.yaml [base/all.yaml: leads to its pods]"]);
    let wrong = found("invalid-metadata");
    assert!(!wrong.is_empty() && wrong.iter().all(|f| f.contains("prod/kustomization.yaml")), "{wrong:?}");
}

#[test]
fn a_name_that_the_cluster_completes_is_shown() {
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: import-\nspec:\n  template:\n    spec:\n      containers:\n      - name: import\n        \
               image: shop/import:latest\n";
    let name = |f: &Finding<'_>| f.resource.as_ref().map(|r| format!("{} {}", r.kind, r.name)).unwrap_or_default();
    assert_eq!(shown(&[("job.yaml", job.into())], "mutable-image-tag", name), ["Job import-*"]);
}

#[test]
fn an_entry_of_images_is_helped_in_its_own_words() {
    let files = [
        ("base/kustomization.yaml", "resources: [all.yaml]\n".into()),
        ("base/all.yaml", format!("{}---\n{}", deployment("api"), deployment("web"))),
        (
            "prod/kustomization.yaml",
            "resources: [../base]\nimages:\n- name: shop/api\n  newTag: 2.0.0\n- name: shop/web\n  newName: eu/web\n"
                .into(),
        ),
    ];
    let help = |f: &Finding<'_>| {
        f.help.as_deref().unwrap_or_default().split([';', ',']).next().unwrap_or_default().to_string()
    };
    assert_eq!(
        shown(&files, "image-without-digest", help),
        ["append the digest", "add `digest: sha256:…` to this entry"]
    );
}

/// One place may cause a finding in several containers and overlays: an annotation takes out what it is about, and the rest stays.
#[test]
fn an_annotation_takes_its_part_out_of_a_finding() {
    let pod = |name: &str, annotations: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  annotations: {annotations}\nspec:\n  containers:\n  \
             - {{name: api, image: shop/api:1.4.2}}\n  - {{name: side, image: shop/api:1.4.2}}\n"
        )
    };
    let files = |annotations: &str| {
        [
            ("base/kustomization.yaml", "resources: [pod.yaml]\nimages: [{name: shop/api, newTag: latest}]\n".to_string()),
            ("base/pod.yaml", pod("api", annotations)),
            ("dev/kustomization.yaml", "resources: [../base]\npatches: [path: patch.yaml]\n".to_string()),
            (
                "dev/patch.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: api\n  annotations: {manicheck.dev/ignore: \"mutable-image-tag: dev\"}\n"
                    .to_string(),
            ),
            ("prod/kustomization.yaml", "resources: [../base]\n".to_string()),
        ]
    };
    let found = |annotations: &str| {
        shown(&files(annotations), "mutable-image-tag", |f| format!("{:?} {} {:?}", f.builds, f.message, f.suppressed))
    };
    assert_eq!(found("{}"), ["[\"prod\"] containers `api` and `side` run `shop/api:latest`, whose tag can move None"]);
    assert_eq!(
        found("{manicheck.dev/ignore.side: \"mutable-image-tag: made by hand\"}"),
        ["[\"prod\"] container `api` runs `shop/api:latest`, whose tag can move None"]
    );
    assert_eq!(
        found("{manicheck.dev/ignore: \"mutable-image-tag: made by hand\"}"),
        ["[\"dev\", \"prod\"] containers `api` and `side` run `shop/api:latest`, whose tag can move Some(\"dev\")"]
    );
}
