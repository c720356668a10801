//! What a patch takes out of a mapping is remembered there, with the patch's place.

use std::path::Path;

use manicheck::files::{Context, MemoryFiles};
use manicheck::kustomize::{Options, Renderer};
use manicheck::source::Sources;

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {kept: 'yes', size: 1m}
spec:
  paused: true
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  template:
    spec:
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: app
        image: app:1
        resources: {limits: {cpu: 1, memory: 1Gi}}
        livenessProbe: {httpGet: {path: /, port: 80}}
";

const MERGE: &str = "resources: [web.yaml]\npatches:\n- path: patch.yaml\n";

/// What the only object remembers of the key at the end of a path: `file:line text`, with the marked text of the patch; `-` if
/// nothing. In the path, `0` is the first item of a list.
fn removed(files: &[(&str, &str)], path: &str) -> String {
    let mut memory = MemoryFiles::new();
    memory.insert("web.yaml", WEB);
    files.iter().for_each(|(path, text)| memory.insert(path, *text));
    let sources = Sources::new();
    let ctx = Context { files: &memory, sources: &sources, cwd: Path::new("/") };
    let build = Renderer::new(ctx, Options::default()).render(Path::new("/")).unwrap();
    let (holder, key) = path.rsplit_once('/').unwrap();
    let mut node = build.objects[0].clone();
    for segment in holder.split('/') {
        node = if segment == "0" { node.items().next() } else { node.get(segment) }.unwrap();
    }
    node.removed(key).map_or("-".into(), |removed| {
        let line = removed.at.source.line_col(removed.at.start).line;
        format!("{}:{line} {}", removed.at.source.display(), removed.at.text())
    })
}

fn merged(body: &str, path: &str) -> String {
    let patch = format!("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n{body}");
    removed(&[("kustomization.yaml", MERGE), ("patch.yaml", &patch)], path)
}

fn patched(operations: &str, path: &str) -> String {
    let operations: String = operations.lines().map(|line| format!("  {line}\n")).collect();
    let kustomization = format!("resources: [web.yaml]\npatches:\n- target: {{name: web}}\n  patch: |-\n{operations}");
    removed(&[("kustomization.yaml", &kustomization)], path)
}

#[test]
fn a_strategic_merge_patch_is_named_by_its_key_or_directive() {
    assert_eq!(merged("spec:\n  paused: null\n", "spec/paused"), "patch.yaml:6 paused");
    assert_eq!(merged("spec:\n  paused: false\n", "spec/paused"), "-");
    assert_eq!(merged("spec:\n  absent: null\n", "spec/absent"), "-");
    let deleted = "spec:\n  strategy:\n    rollingUpdate:\n      $patch: delete\n";
    assert_eq!(merged(deleted, "spec/strategy/rollingUpdate"), "patch.yaml:8 delete");
    let replaced = "spec:\n  strategy:\n    $patch: replace\n    type: Recreate\n";
    assert_eq!(merged(replaced, "spec/strategy/rollingUpdate"), "patch.yaml:7 replace");
    assert_eq!(merged(replaced, "spec/strategy/type"), "-");
    let container = "spec:\n  template:\n    spec:\n      containers:\n      - name: app\n        livenessProbe:\n";
    let probe = "spec/template/spec/containers/0/livenessProbe";
    assert_eq!(merged(container, probe), "patch.yaml:10 livenessProbe");
}

#[test]
fn a_json_patch_is_named_by_the_path_of_its_operation() {
    let limits = "spec/template/spec/containers/0/resources/limits";
    let remove = "  - op: remove\n    path: /spec/template/spec/containers/0/resources/limits\n";
    let found = patched(remove, limits);
    assert!(found.starts_with("kustomization.yaml:6 ") && found.contains("/resources/limits"), "{found}");
    let again = format!(
        "{remove}  - {{op: add, path: /spec/template/spec/containers/0/resources/limits, value: {{cpu: 1}}}}\n"
    );
    assert_eq!(patched(&again, limits), "-");
    let replace = "  - op: replace\n    path: /spec/template/spec/containers/0/resources/limits\n    value: {cpu: 2}\n";
    assert!(patched(replace, &format!("{limits}/memory")).starts_with("kustomization.yaml:6 "));
    assert_eq!(patched(replace, &format!("{limits}/cpu")), "-");
    let moved = "  - op: move\n    from: /spec/paused\n    path: /spec/halted\n";
    assert!(patched(moved, "spec/paused").starts_with("kustomization.yaml:6 "));
    let annotation = "  - op: remove\n    path: /metadata/annotations/size\n";
    assert!(patched(annotation, "metadata/annotations/size").starts_with("kustomization.yaml:6 "));
}

#[test]
fn what_one_patch_removed_a_later_one_leaves_alone() {
    let kustomization = "resources: [web.yaml]\nnamePrefix: a-\nimages: [{name: app, newTag: '2'}]\npatches:\n- path: patch.yaml\n- path: more.yaml\n";
    let head = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n";
    let patch = format!("{head}spec:\n  paused: null\n");
    let more = format!("{head}spec:\n  replicas: 2\n");
    let files = [("kustomization.yaml", kustomization), ("patch.yaml", patch.as_str()), ("more.yaml", more.as_str())];
    assert_eq!(removed(&files, "spec/paused"), "patch.yaml:6 paused");
}
