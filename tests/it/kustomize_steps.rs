//! Single steps of a build on our own files: what a patch or a field spec does, and where the values that it leaves behind are
//! written. The expected output is what the real kustomize prints.

use std::path::Path;

use manicheck::files::{Context, MemoryFiles};
use manicheck::kustomize::{Options, Renderer};
use manicheck::source::Sources;
use serde_json::Value;

const DEPLOYMENT: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  paused: true
  template:
    spec:
      containers:
      - name: app
        image: app:1
        env:
        - {name: A, value: one}
        - {name: B, value: two}
        ports:
        - {containerPort: 53, protocol: TCP, name: tcp}
        - {containerPort: 53, protocol: UDP, name: udp}
      - name: side
        image: side:1
      tolerations:
      - {key: a}
      volumes:
      - {name: old, emptyDir: {}}
"#;

const MERGE_PATCH: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  paused: null
  template:
    spec:
      containers:
      - name: added
        image: added:1
      - name: side
        $patch: delete
      - name: app
        env:
        - {name: B, value: three}
        - {name: C, value: new}
        ports:
        - {containerPort: 53, protocol: UDP, name: dns}
      tolerations:
      - {key: b}
      volumes:
      - $patch: replace
      - {name: fresh, emptyDir: {}}
"#;

const MERGED: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - image: added:1
        name: added
      - env:
        - name: B
          value: three
        - name: C
          value: new
        - name: A
          value: one
        image: app:1
        name: app
        ports:
        - containerPort: 53
          name: tcp
          protocol: TCP
        - containerPort: 53
          name: dns
          protocol: UDP
      tolerations:
      - key: b
      volumes:
      - emptyDir: {}
        name: fresh
"#;

const SETTINGS: &str = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  first: one
  second: two
  third: three
"#;

const JSON_PATCH: &str = r#"resources: [settings.yaml]
patches:
- target: {kind: ConfigMap}
  patch: |-
    - {op: move, from: /data/first, path: /data/moved}
    - {op: copy, from: /data/second, path: /data/copied}
    - {op: replace, path: /data/third, value: replaced}
    - {op: add, path: /data/added, value: fresh}
"#;

const PATCHED: &str = r#"apiVersion: v1
data:
  added: fresh
  copied: two
  moved: one
  second: two
  third: replaced
kind: ConfigMap
metadata:
  name: settings
"#;

const SHOP: &str = r#"apiVersion: example.com/v1
kind: Shop
metadata:
  name: a
spec:
  parts:
  - size: 1
  - size: 2
    tags:
      kept: "yes"
---
apiVersion: example.com/v1
kind: Other
metadata:
  name: b
"#;

const SPECS: &str = r#"commonLabels:
- path: spec/parts[]/tags
  kind: Shop
  create: true
- path: spec/owner/tags
  kind: Shop
  create: true
- path: spec/absent/tags
  kind: Shop
"#;

const LABELS: &str = r#"resources: [objects.yaml]
configurations: [specs.yaml]
commonLabels:
  team: core
"#;

const LABELLED: &str = r#"apiVersion: example.com/v1
kind: Other
metadata:
  labels:
    team: core
  name: b
---
apiVersion: example.com/v1
kind: Shop
metadata:
  labels:
    team: core
  name: a
spec:
  owner:
    tags:
      team: core
  parts:
  - size: 1
    tags:
      team: core
  - size: 2
    tags:
      kept: "yes"
      team: core
"#;

const ANNOTATED: &str = r#"apiVersion: v1
kind: Service
metadata:
  annotations:
    alpha.config.kubernetes.io/transformations: |
      - configuredIn: base/kustomization.yaml
        configuredBy:
          apiVersion: builtin
          kind: PrefixTransformer
      - configuredIn: kustomization.yaml
        configuredBy:
          apiVersion: builtin
          kind: LabelTransformer
      - configuredIn: kustomization.yaml
        configuredBy:
          apiVersion: builtin
          kind: LabelTransformer
    config.kubernetes.io/origin: |
      path: base/a.yaml
  labels:
    x: "y"
  name: b-a
"#;

/// The output, and for every place in an object the file and line that its value is written in, with what brought it.
fn build(files: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
    let mut memory = MemoryFiles::new();
    files.iter().for_each(|(path, text)| memory.insert(path, *text));
    let sources = Sources::new();
    let ctx = Context { files: &memory, sources: &sources, cwd: Path::new("/") };
    let build = Renderer::new(ctx, Options::default()).render(Path::new("/")).unwrap();
    let lines = build.origins_json().unwrap();
    let records = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let shown = records.map(|r| {
        let via: Vec<&str> = r["via"].as_array().unwrap().iter().map(|v| v["what"].as_str().unwrap()).collect();
        let place = format!("{}:{} {}", r["path"].as_str().unwrap_or("-"), r["line"], via.join(" "));
        (r["pointer"].as_str().unwrap().to_string(), place.trim_end().to_string())
    });
    (build.to_yaml().unwrap(), shown.collect())
}

fn place<'a>(places: &'a [(String, String)], pointer: &str) -> &'a str {
    places.iter().find(|(p, _)| p == pointer).map_or("absent", |(_, place)| place)
}

#[test]
fn a_strategic_merge_patch_merges_lists_by_their_keys() {
    let kustomization = "resources: [web.yaml]\npatches:\n- path: patch.yaml\n";
    let (yaml, places) =
        build(&[("web.yaml", DEPLOYMENT), ("patch.yaml", MERGE_PATCH), ("kustomization.yaml", kustomization)]);
    assert_eq!(yaml, MERGED);
    let container = "/spec/template/spec/containers/1";
    let at = |rest: &str| place(&places, &format!("{container}{rest}"));
    assert_eq!(at("/image"), "web.yaml:11", "what the patch does not name stays as it was");
    assert!(at("/env/0/value").starts_with("patch.yaml:16 patch"), "{}", at("/env/0/value"));
    assert!(at("/env/1/value").starts_with("patch.yaml:17 patch"), "{}", at("/env/1/value"));
    assert_eq!(at("/env/2/value"), "web.yaml:13");
    assert_eq!(at("/ports/0/name"), "web.yaml:16", "the other port of the same number is another port");
    assert!(at("/ports/1/name").starts_with("patch.yaml:19 patch"), "{}", at("/ports/1/name"));
    assert!(place(&places, "/spec/template/spec/volumes/0/name").starts_with("patch.yaml:24 patch"));
}

#[test]
fn a_json_patch_takes_origins_along() {
    let (yaml, places) = build(&[("settings.yaml", SETTINGS), ("kustomization.yaml", JSON_PATCH)]);
    assert_eq!(yaml, PATCHED);
    let at = |key: &str| place(&places, &format!("/data/{key}"));
    assert!(at("moved").starts_with("settings.yaml:6 jsonPatch"), "{}", at("moved"));
    assert!(at("copied").starts_with("settings.yaml:7 jsonPatch"), "{}", at("copied"));
    assert_eq!(at("second"), "settings.yaml:7");
    assert!(at("third").starts_with("kustomization.yaml:7 jsonPatch"), "{}", at("third"));
    assert!(at("added").starts_with("kustomization.yaml:8 jsonPatch"), "{}", at("added"));
}

#[test]
fn a_field_spec_creates_only_where_it_says_so() {
    let (yaml, places) = build(&[("objects.yaml", SHOP), ("specs.yaml", SPECS), ("kustomization.yaml", LABELS)]);
    assert_eq!(yaml, LABELLED);
    let labelled: Vec<&(String, String)> = places.iter().filter(|(p, _)| p.ends_with("/team")).collect();
    assert_eq!(labelled.len(), 5, "{labelled:?}");
    assert!(labelled.iter().all(|(_, at)| at.starts_with("kustomization.yaml:4 labels")), "{labelled:?}");
}

#[test]
fn build_metadata_says_where_objects_are_from_and_what_ran() {
    let (yaml, _) = build(&[
        ("base/kustomization.yaml", "resources: [a.yaml]\nnamePrefix: b-\n"),
        ("base/a.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n"),
        (
            "kustomization.yaml",
            "resources: [base]\nlabels:\n- pairs: {x: 'y'}\nbuildMetadata: [originAnnotations, transformerAnnotations]\n",
        ),
    ]);
    assert_eq!(yaml, ANNOTATED);
}

#[test]
fn annotations_of_origins_go_where_they_are_not_asked_for() {
    let service =
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  annotations: {config.kubernetes.io/origin: x}\n";
    let (yaml, _) = build(&[("a.yaml", service), ("kustomization.yaml", "resources: [a.yaml]\n")]);
    assert_eq!(yaml, "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n");
}
