//! `manicheck why` on the shop: who wrote a field, and what each file gives.

use std::path::Path;
use std::process::Output;

use crate::cli::{manicheck, stderr, stdout};
use crate::shared::write;

fn why(args: &[&str]) -> Output {
    let cwd = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/shop");
    manicheck(&cwd, &[&["why"], args].concat())
}

fn text(args: &[&str]) -> String {
    let output = why(args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

#[test]
fn a_field_has_all_its_writers() {
    let mut out = String::new();
    for (resource, field) in [
        ("Deployment/prod-api", "spec.replicas"),
        ("deployment/web", "spec.replicas"),
        ("shop/Deployment/api", "spec.template.spec.containers[0].image"),
        ("Deployment/api", "metadata.name"),
        ("Deployment/api", "metadata.labels.app\\.kubernetes\\.io/part-of"),
        ("Ingress/prod-shop", "spec.rules[0].host"),
        ("Deployment/api", "spec.template.spec.containers[name=api].resources"),
    ] {
        out.push_str(&format!("$ why k8s/overlays/prod {resource} {field}\n"));
        out.push_str(&text(&["k8s/overlays/prod", resource, field]));
        out.push('\n');
    }
    insta::assert_snapshot!("why_fields", out);
}

#[test]
fn composed_fields_have_the_writers_of_their_parts() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write(&dir.path().join(path), text);
    write(
        "objects.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations:\n    url: https://HOST/path\nspec:\n  template:\n    \
         spec:\n      containers:\n      - name: web\n        image: shop/web:1.0\n        args: [--host=$(HOST)/x]\n        env:\n        \
         - {name: A, value: a}\n        - {name: B, value: b}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: target}\ndata:\n  \
         host: example.com\n  app.json: '{\"db\": {\"host\": \"HOST\", \"port\": 1}}'\n  app.yaml: |\n    db:\n      host: HOST\n",
    );
    write(
        "kustomization.yaml",
        "resources: [objects.yaml]\nnamespace: prod\nnamePrefix: pre-\nimages:\n- name: shop/web\n  newTag: \"2.0\"\n\
         vars:\n- name: HOST\n  objref: {apiVersion: v1, kind: ConfigMap, name: target}\n  fieldref: {fieldpath: data.host}\n\
         replacements:\n- source: {kind: ConfigMap, name: target, fieldPath: data.host}\n  targets:\n  - select: {kind: Deployment}\n    \
         fieldPaths: [metadata.annotations.url]\n    options: {delimiter: /, index: 2}\n  - select: {kind: Deployment}\n    \
         fieldPaths: [metadata.annotations.new]\n    options: {create: true}\n  - select: {kind: ConfigMap, name: target}\n    \
         fieldPaths: [\"data.app\\\\.json.db.host\", \"data.app\\\\.yaml.db.host\"]\npatches:\n- target: {kind: Deployment}\n  patch: |\n    \
         - {op: copy, from: /spec/template/spec/containers/0/env/0/value, path: /metadata/annotations/copied}\n    \
         - {op: move, from: /spec/template/spec/containers/0/env/1, path: /spec/template/spec/containers/0/env/0}\n    \
         - {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: C, value: c}}\n",
    );
    let mut out = String::new();
    for (resource, field) in [
        ("Deployment/web", "metadata.annotations.url"),
        ("Deployment/web", "metadata.annotations.new"),
        ("Deployment/web", "metadata.annotations.copied"),
        ("Deployment/web", "metadata.namespace"),
        ("Deployment/web", "spec.template.spec.containers.0.args.0"),
        ("Deployment/web", "spec.template.spec.containers.0.image"),
        ("Deployment/web", "spec.template.spec.containers.0.env.0.value"),
        ("Deployment/web", "spec.template.spec.containers.0.env.2.value"),
        ("ConfigMap/target", "data.app\\.json"),
        ("ConfigMap/target", "data.app\\.yaml"),
    ] {
        let output = manicheck(dir.path(), &["why", ".", resource, field]);
        out.push_str(&stdout(&output));
        out.push('\n');
    }
    let output = manicheck(dir.path(), &["build", "--origins", "."]);
    let printed = stdout(&output);
    printed.lines().filter(|line| line.contains(" with ")).for_each(|line| out.push_str(&format!("{line}\n")));
    insta::assert_snapshot!("why_composed", out);
}

#[test]
fn every_file_says_what_it_gives() {
    insta::assert_snapshot!("why_files", text(&["k8s/overlays/prod"]));
}

#[test]
fn no_file_is_without_a_word() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write(&dir.path().join(path), text);
    write("kustomization.yaml", "resources: [one, two]\ncomponents: [part]\n");
    write("one/kustomization.yaml", "resources: [a.yaml]\nconfigurations: [specs.yaml, none.yaml]\n");
    write("one/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {key: value, other: value}\n");
    write(
        "one/specs.yaml",
        "images:\n- {path: spec/image, kind: X}\nnameReference:\n- {kind: X, fieldSpecs: [{path: a}, {path: b}]}\n",
    );
    write("one/none.yaml", "images: []\n");
    write("two/kustomization.yaml", "resources: [../three]\ncrds: [types.json]\n");
    write("two/types.json", "{}\n");
    write("three/kustomization.yaml", "resources: [b.yaml, c.yaml]\n");
    write("three/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n");
    write("three/c.yaml", "# nothing yet\n");
    write(
        "part/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- path: drop.yaml\n",
    );
    write("part/drop.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {other: null}\n");
    let output = manicheck(dir.path(), &["why", "."]);
    assert!(output.stderr.is_empty(), "{}", stderr(&output));
    let out = stdout(&output);
    let lines: Vec<&str> = out.lines().skip(2).collect();
    assert!(lines.chunks(2).all(|pair| pair.len() == 2 && pair[1].starts_with("    ")), "{out}");
    insta::assert_snapshot!("why_effects", out);
}

#[test]
fn json_has_places() {
    let out = text(&["k8s/overlays/prod", "Deployment/api", "spec.replicas", "--format", "json"]);
    let out: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(out["fields"][0]["value"], "4");
    let writers = out["fields"][0]["writers"].as_array().unwrap();
    assert_eq!(writers.last().unwrap()["text"]["path"], "k8s/overlays/prod/api.yaml");
    assert_eq!(writers.last().unwrap()["replaced"], false);
    let out: serde_json::Value = serde_json::from_str(&text(&["k8s/overlays/prod", "--format", "json"])).unwrap();
    assert!(out["files"].as_array().unwrap().iter().any(|f| f["path"] == "k8s/base/api.env"));
}

#[test]
fn what_is_not_there_gets_the_nearest() {
    let mut out = String::new();
    for args in [
        &["k8s/overlays/prod", "Deployment/apii"][..],
        &["k8s/overlays/prod", "Deployment/api", "spec.replica"],
        &["k8s/overlays/prod", "Deployment/api", "spec.template.spec.containers[name=app].image"],
        &["k8s/overlays/prod", "Deployment/api", "spec.replicas.x"],
    ] {
        let output = why(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        out.push_str(&stderr(&output));
    }
    insta::assert_snapshot!("why_not_found", out);
}

#[test]
fn secret_values_are_hidden() {
    let dir = tempfile::tempdir().unwrap();
    let text = "secretGenerator:\n- name: token\n  literals: [t=very-secret]\n";
    std::fs::write(dir.path().join("kustomization.yaml"), text).unwrap();
    for format in ["text", "json"] {
        let output = manicheck(dir.path(), &["why", ".", "Secret/token", "data.t", "--format", format]);
        let out = stdout(&output);
        assert!(out.contains("(hidden)") && !out.contains("very-secret") && !out.contains("dmVyeS"), "{out}");
    }
}

#[test]
fn idle_patches_are_those_of_the_object() {
    let dir = tempfile::tempdir().unwrap();
    let object = |name: &str, replicas: u8| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{replicas: {replicas}}}\n---\n"
        )
    };
    std::fs::write(dir.path().join("objects.yaml"), object("two", 2) + &object("one", 1)).unwrap();
    let text = "resources: [objects.yaml]\nnamePrefix: p-\npatches:\n- target: {kind: Deployment}\n  patch: |-\n    \
                apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: any}\n    spec: {replicas: 2}\n";
    std::fs::write(dir.path().join("kustomization.yaml"), text).unwrap();
    let why = |resource: &str| {
        let output = manicheck(dir.path(), &["why", ".", resource, "spec.replicas"]);
        stdout(&output)
    };
    let idle = "Patches that match this object and change nothing in it:\n  kustomization.yaml:5:10\n";
    assert!(why("Deployment/two").ends_with(idle), "{}", why("Deployment/two"));
    assert!(!why("Deployment/one").contains("change nothing"), "{}", why("Deployment/one"));
}

#[test]
fn a_field_that_is_gone_says_who_removed_it() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write(&dir.path().join(path), text);
    write(
        "base/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations: {only: x}\nspec:\n  replicas: 1\n  template:\n    spec:\n      \
         tolerations: [{key: old}]\n      containers:\n      - {name: app, image: app}\n      - {name: side, image: side}\n      - {name: other, args: [a, b]}\n",
    );
    write("base/kustomization.yaml", "resources: [web.yaml]\nreplicas: [{name: web, count: 3}]\n");
    write(
        "kustomization.yaml",
        "resources: [base]\npatches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web, annotations: {only: null}}\n    \
         spec:\n      replicas: null\n      template:\n        spec:\n          tolerations: [{key: new}]\n          containers:\n          \
         - {name: side, $patch: delete}\n- target: {name: web}\n  patch: |-\n    - {op: remove, path: /spec/template/spec/containers/1/args/0}\n    \
         - {op: remove, path: /spec/template/spec/containers/0}\n",
    );
    let mut out = String::new();
    for field in [
        "spec.replicas",
        "metadata.annotations.only",
        "spec.template.spec.containers[name=side].image",
        "spec.template.spec.containers[name=app]",
        "spec.template.spec.containers[name=other].args[0]",
        "spec.template.spec.tolerations[0].key",
        "spec.template.spec.tolerations[key=old]",
    ] {
        let output = manicheck(dir.path(), &["why", ".", "Deployment/web", field]);
        out.push_str(&format!("$ why . Deployment/web {field}\n"));
        out.push_str(&stdout(&output));
        out.push_str(&stderr(&output));
        out.push('\n');
    }
    insta::assert_snapshot!("why_removed", out);
    let output = manicheck(dir.path(), &["why", ".", "Deployment/web", "spec.replicas", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["removed"]["path"], &json["removed"]["line"]), (&"kustomization.yaml".into(), &8.into()));
}

#[test]
fn an_object_that_is_gone_says_who_deleted_it() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write(&dir.path().join(path), text);
    write("base/app.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    write("base/kustomization.yaml", "resources: [app.yaml]\nnamePrefix: x-\n");
    write(
        "kustomization.yaml",
        "resources: [base]\npatches:\n- patch: |\n    {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, $patch: delete}\n",
    );
    let output = manicheck(dir.path(), &["why", ".", "ConfigMap/a"]);
    assert!(
        stderr(&output).contains("`ConfigMap/a` is deleted by a patch: kustomization.yaml:4:68"),
        "{}",
        stderr(&output)
    );
    let output = manicheck(dir.path(), &["why", ".", "ConfigMap/b"]);
    assert!(stderr(&output).contains("no object of the build is `ConfigMap/b`"), "{}", stderr(&output));
}
