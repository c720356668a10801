//! What a safe fix promises: the cluster gets what it got, or what it refused goes away. Checked by rendering before and after.

use std::path::{Path, PathBuf};
use std::process::Command;

use manicheck::files::{Context, Files, MemoryFiles};
use manicheck::kustomize::{FILE_NAMES, Options, Renderer};
use manicheck::rules::Registry;
use manicheck::source::{Source, Sources};
use manicheck::yaml::Node;
use serde_json::{Map, Value};

use super::{CWD, after, builds, fixed, select, tree};

const WORKLOADS: &str = "apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: api
spec:
  selector:
    matchLabels: {app: api}
  template:
    metadata:
      labels: {app: api}
    spec:
      containers: [{name: api, image: shop/api:1, envFrom: [{configMapRef: {name: settings}}]}]
  volumeClaimTemplates: [{metadata: {name: data}}]
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: tidy
spec:
  schedule: \"0 3 * * *\"
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: tidy, image: shop/api:1}]}
---
apiVersion: v1
kind: Service
metadata:
  name: api
spec:
  selector: {app: api}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
spec:
  podSelector: {matchLabels: {app: api}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]
";

/// Kustomizations with deprecated fields whose fix is safe.
const KUSTOMIZATIONS: [&str; 9] = [
    "bases:\n  - ../base\n",
    "resources:\n  - own.yaml\nbases:\n  - ../base\n  - ../other\nnamePrefix: a-\n",
    "bases:\n- ../base\n\n# Ours.\nresources:\n- own.yaml\n",
    "resources: [../base]\nimageTags:\n  - name: shop/api\n    newTag: \"2\"\n",
    "resources: [../base]\ncommonLabels:\n  team: checkout\n  app: x\n",
    "resources:\n- ../base\ncommonLabels: {team: checkout}\nnamespace: shop\n",
    "bases: [../base]\ncommonLabels:\n  team: checkout\ncommonAnnotations: {a: b}\nreplicas: [{name: api, count: 3}]\n",
    "resources: [own.yaml]\nconfigMapGenerator:\n  - name: settings\n    env: app.env\n",
    "resources: [../base]\nsecretGenerator:\n- name: settings\n  literals: [a=b]\n  env: app.env\ncommonLabels:\n  a: b\n",
];

fn with(kustomization: &str) -> MemoryFiles {
    let own = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n";
    let other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n";
    tree(&[
        ("base/kustomization.yaml", "resources: [workloads.yaml]\n"),
        ("base/workloads.yaml", WORKLOADS),
        ("other/kustomization.yaml", "resources: [other.yaml]\n"),
        ("other/other.yaml", other),
        ("prod/kustomization.yaml", kustomization),
        ("prod/own.yaml", own),
        ("prod/app.env", "LEVEL=info\nPORT=8080\n"),
    ])
}

#[test]
fn builds_stay_equal_without_deprecated_fields() {
    let real = Command::new("kustomize").arg("version").output().is_ok();
    if !real {
        println!("no kustomize on the path: compared with our own builds only");
    }
    for kustomization in KUSTOMIZATIONS {
        let files = with(kustomization);
        let outcome = fixed(&files, &["."], &select(&["deprecated-kustomization-field"]), false);
        assert!(!outcome.fixed.is_empty() && outcome.refused.is_empty(), "{kustomization}: {outcome:?}");
        let mended = after(&files, &outcome);
        assert_eq!(builds(&files), builds(&mended), "{kustomization}");
        if real {
            assert_eq!(kustomize(&files), kustomize(&mended), "{kustomization}");
        }
    }
}

/// What the program prints for `prod`.
fn kustomize(files: &MemoryFiles) -> String {
    let dir = tempfile::tempdir().unwrap();
    for path in files.walk(Path::new(CWD)) {
        let to = dir.path().join(path.strip_prefix(CWD).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, files.read(&path).unwrap()).unwrap();
    }
    let output = Command::new("kustomize").arg("build").arg(dir.path().join("prod")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Every page's examples: apart from what [`as_stored`] lists, nothing is changed by a safe fix.
#[test]
fn safe_fixes_of_all_rules_change_nothing_that_the_cluster_gets() {
    let registry = Registry::builtin();
    let mut tried = 0;
    for rule in registry.rules.iter().filter(|r| r.page.fix != "none") {
        for example in crate::rules::bad_examples(&rule.page) {
            let mut files = MemoryFiles::new();
            example.iter().for_each(|(path, text)| files.insert(Path::new(CWD).join(path), text.as_str()));
            let outcome = fixed(&files, &["."], &select(&[rule.page.id]), false);
            tried += outcome.files.len();
            let before = objects(&files);
            let mut mended = objects(&after(&files, &outcome));
            // A root that now builds and did not before.
            mended.retain(|(path, _)| before.iter().any(|(p, _)| p == path));
            assert_eq!(before, mended, "{}: {:?}", rule.page.id, outcome.files);
        }
    }
    assert!(tried >= 15, "{tried}");
}

/// All objects as the cluster stores them: of the files, and of the builds.
fn objects(files: &MemoryFiles) -> Vec<(PathBuf, Value)> {
    let mut out = Vec::new();
    let mut roots = Vec::new();
    for path in files.walk(Path::new(CWD)) {
        if FILE_NAMES.iter().any(|n| path.ends_with(n)) {
            roots.push(path.parent().unwrap().to_path_buf());
            continue;
        }
        let source = Source::new(path.clone(), String::new(), files.read(&path).unwrap());
        let documents = manicheck::yaml::documents(&source);
        out.extend(documents.iter().map(|d| (path.clone(), as_stored(&d.node))));
    }
    let sources = Sources::new();
    let ctx = Context { files, sources: &sources, cwd: Path::new(CWD) };
    let renderer = Renderer::new(ctx, Options::default());
    for root in roots {
        if let Ok(build) = renderer.render(&root) {
            out.extend(build.objects.iter().map(|node| (root.clone(), as_stored(node))));
        }
    }
    out
}

/// An object in one spelling, where the API knows several; without what the cluster writes itself; with defaults; and without
/// what makes the API refuse it.
fn as_stored(node: &Node<'_>) -> Value {
    let mut object = json(node);
    let kind = object["kind"].as_str().unwrap_or_default().to_string();
    let Some(map) = object.as_object_mut() else { return object };
    // Versions of one kind are views of the same object.
    map.remove("apiVersion");
    if kind != "CustomResourceDefinition" {
        map.remove("status");
    }
    if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"] {
            metadata.remove(field);
        }
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
            annotations.remove("deployment.kubernetes.io/revision");
        }
    }
    if let Some(spec) = map.get_mut("spec").and_then(Value::as_object_mut).filter(|_| kind == "Deployment") {
        let strategy = spec.entry("strategy").or_insert_with(|| Value::Object(Map::new()));
        if strategy["type"].is_null() || strategy["type"] == "RollingUpdate" {
            let default = |key: &str| match &strategy["rollingUpdate"][key] {
                Value::Null => "25%".into(),
                other => other.clone(),
            };
            *strategy = serde_json::json!([default("maxSurge"), default("maxUnavailable")]);
        }
    }
    pods(&mut object, !matches!(&*kind, "Job" | "CronJob" | "Pod" | "ScaledJob"));
    tidy(&mut object);
    object
}

/// All scalars as text: in quotes or not is what the API refuses, not what it stores.
fn json(node: &Node<'_>) -> Value {
    if node.is_map() {
        return node.entries().map(|(k, v)| (k.text().unwrap().into_owned(), json(&v))).collect();
    }
    if node.is_seq() {
        return node.items().map(|item| json(&item)).collect();
    }
    if node.is_null() { Value::Null } else { node.text().unwrap().into_owned().into() }
}

fn pods(value: &mut Value, always: bool) {
    if let Some(spec) = value.as_object_mut().filter(|m| m.get("containers").is_some_and(Value::is_array)) {
        if let Some(name) = spec.shift_remove("serviceAccount") {
            spec.entry("serviceAccountName").or_insert(name);
        }
        if always {
            spec.remove("restartPolicy");
        }
        for list in ["containers", "initContainers"] {
            let containers = spec.get_mut(list).and_then(Value::as_array_mut);
            containers.into_iter().flatten().for_each(|c| container(c, list == "initContainers"));
        }
        if let Some(selector) = spec.get_mut("nodeSelector").and_then(Value::as_object_mut) {
            for name in ["kubernetes.io/os", "kubernetes.io/arch"] {
                if let Some(value) = selector.remove(&format!("beta.{name}")) {
                    selector.insert(name.into(), value);
                }
            }
        }
    }
    match value {
        Value::Object(map) => map.values_mut().for_each(|v| pods(v, always)),
        Value::Array(list) => list.iter_mut().for_each(|v| pods(v, always)),
        Value::String(text) if text.starts_with("beta.kubernetes.io/") => *text = text.replacen("beta.", "", 1),
        _ => {}
    }
}

fn container(container: &mut Value, init: bool) {
    let Some(container) = container.as_object_mut() else { return };
    if init && container.get("restartPolicy").is_none() {
        ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"].iter().for_each(|f| _ = container.remove(*f));
    }
    for probe in ["livenessProbe", "startupProbe"] {
        container.get_mut(probe).and_then(Value::as_object_mut).map(|p| p.remove("successThreshold"));
    }
    // The last of a name counts.
    if let Some(env) = container.get_mut("env").and_then(Value::as_array_mut) {
        let names: Vec<Value> = env.iter().map(|e| e["name"].clone()).collect();
        let mut at = 0;
        env.retain(|_| {
            at += 1;
            !names[at..].contains(&names[at - 1])
        });
    }
    if let Some(drop) = container.get_mut("securityContext").and_then(|s| s.pointer_mut("/capabilities/drop")) {
        for name in drop.as_array_mut().into_iter().flatten() {
            *name = name.as_str().unwrap_or_default().to_uppercase().into();
        }
    }
}

/// Takes out what is empty.
fn tidy(value: &mut Value) {
    if let Value::Object(map) = value {
        map.values_mut().for_each(tidy);
        map.retain(|_, v| !v.is_null() && v.as_object().is_none_or(|m| !m.is_empty()));
        map.sort_keys();
    } else if let Value::Array(list) = value {
        list.iter_mut().for_each(tidy);
    }
}
