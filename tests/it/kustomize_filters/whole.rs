//! Recorded cases of filters that are no part of the library's interface: each as a kustomization that does the same.

use std::path::Path;

use manicheck::files::{Context, MemoryFiles};
use manicheck::kustomize::{Options, Renderer, Reorder};
use manicheck::source::Sources;
use manicheck::yaml::Node;
use serde_json::{Value as Json, json};

use super::{Printed, printed, references};

/// What the value is put into in the cases of embedded documents with a `delimiter`.
const URL: &str = "https://example.com/appname/api/endpoint";

/// The objects that a case is to print.
pub(super) fn expected(case: &Json, number: usize) -> String {
    let output = case["output"].as_str().unwrap();
    match (case["type"].as_str().unwrap(), number) {
        ("valueadd.Filter", _) => named(output),
        // The history that this object comes with in the recording is made by the tree.
        ("replacement.Filter", 21) => {
            let lines = output.split_inclusive('\n');
            lines.filter(|line| !line.contains("annotations:") && !line.contains("internal.config")).collect()
        }
        // No kustomization takes an object without a kind: this case is run without it.
        ("replacement.Filter", 39) => without_first(output),
        // Recorded later than v5.8.1, which ignores `delimiter` in an embedded document and writes all of the field.
        ("replacement.Filter", 68 | 74..=76 | 79..=81 | 84) => {
            let key = case["filter"]["replacements"][0]["source"]["fieldPath"].as_str().unwrap();
            let value = match key {
                "data.app_name" => "my-awesome-app",
                "data.protocol" if output.contains("yaml:") => "'git:'",
                "data.protocol" => "git:",
                _ => "http://proxy",
            };
            case["input"].as_str().unwrap().replace(URL, value)
        }
        // What is only there for the rendering is taken out at its end.
        ("replacement.Filter", _) => {
            let printed = output.split("---\n").filter(|object| !object.contains("local-config"));
            printed.collect::<Vec<_>>().join("---\n")
        }
        _ => output.to_string(),
    }
}

/// An object without a name as one that a kustomization takes.
fn named(object: &str) -> String {
    format!("apiVersion: acme.dev/v1\nmetadata: {{name: some}}\n{}", object.trim_start())
}

fn without_first(objects: &str) -> String {
    objects.split_once("---\n").unwrap().1.to_string()
}

/// What the kustomization prints that stands for a case; none if no kustomization does.
pub(super) fn built(case: &Json, number: usize) -> Option<Printed> {
    let (kustomization, more) = match case["type"].as_str().unwrap() {
        "replacement.Filter" => {
            (json!({"resources": ["objects.yaml"], "replacements": case["filter"]["replacements"]}), String::new())
        }
        "nameref.Filter" => return Some(references::built(case, number)),
        "refvar.Filter" => {
            // The field and the values, which the recording has lost.
            let path = [
                "data",
                "data/slice2",
                "data/FOO",
                "spec/replicas",
                "spec/replicas",
                "spec/replicas",
                "data",
                "data/slice",
                "data",
            ]
            .get(number)?;
            let var = |(name, key): (&str, &str)| {
                json!({"name": name, "objref": {"kind": "Values", "apiVersion": "acme.dev/v1", "name": "values"},
                    "fieldref": {"fieldpath": format!("data.{key}")}})
            };
            let vars = [("FOO", "foo"), ("BAR", "bar"), ("BOOL", "bool"), ("FLOAT", "float"), ("VAR", "var")].map(var);
            let kustomization =
                json!({"resources": ["objects.yaml", "values.yaml"], "vars": vars, "configurations": ["config.yaml"]});
            (kustomization, json!({"varReference": [{"path": path, "kind": "Deployment"}]}).to_string())
        }
        "valueadd.Filter" => {
            let filter = &case["filter"];
            let target = json!({"selector": {"name": "some"}, "fieldPath": filter["FieldPath"],
                "filePathPosition": filter["filePathPosition"].as_u64().unwrap_or(0)});
            let config = json!({"apiVersion": "builtin", "kind": "ValueAddTransformer", "metadata": {"name": "add"},
                "value": filter["Value"], "targets": [target]});
            (json!({"resources": ["objects.yaml"], "transformers": [config.to_string()]}), String::new())
        }
        "iampolicygenerator.Filter" => {
            let mut config = case["filter"]["IAMPolicyGenerator"].clone();
            config["apiVersion"] = "builtin".into();
            config["kind"] = "IAMPolicyGenerator".into();
            config["metadata"] = json!({"name": "generator"});
            (json!({"generators": [config.to_string()]}), String::new())
        }
        _ => return None,
    };
    let input = case["input"].as_str().unwrap();
    let mut files = MemoryFiles::new();
    files.insert("/kustomization.yaml", kustomization.to_string());
    match (case["type"].as_str().unwrap(), number) {
        ("valueadd.Filter", _) => files.insert("/objects.yaml", named(input)),
        ("replacement.Filter", 39) => files.insert("/objects.yaml", without_first(input)),
        ("replacement.Filter", 21) => {
            // It was a CronJob `deploy`, then a Deployment, then it got a prefix.
            let object = input.replace("Deployment", "CronJob").replace("pre-deploy", "deploy");
            let lines =
                object.split_inclusive('\n').filter(|l| !l.contains("annotations:") && !l.contains("internal.config"));
            files.insert("/base/object.yaml", lines.collect::<String>());
            files.insert(
                "/base/kustomization.yaml",
                json!({"resources": ["object.yaml"], "patches": [{
                "target": {"kind": "CronJob"}, "options": {"allowKindChange": true},
                "patch": "apiVersion: v1\nkind: Deployment\nmetadata: {name: deploy}"}], "namePrefix": "pre-"})
                .to_string(),
            );
            let overlay = kustomization.to_string().replace("objects.yaml", "base");
            files.insert("/kustomization.yaml", overlay)
        }
        _ => files.insert("/objects.yaml", input),
    };
    files.insert("/config.yaml", more);
    files.insert(
        "/values.yaml",
        "apiVersion: acme.dev/v1\nkind: Values\nmetadata: {name: values, annotations: {config.kubernetes.io/local-config: \"true\"}}\n\
         data: {foo: foo, bar: bar, bool: false, float: 1.23, var: 5}\n",
    );
    Some(objects(&files, |_| true))
}

/// The objects of the kustomization in `/` for which `wanted` holds.
pub(super) fn objects(files: &MemoryFiles, wanted: impl Fn(&Node<'_>) -> bool) -> Printed {
    let sources = Sources::new();
    let ctx = Context { files, sources: &sources, cwd: Path::new("/") };
    let options = Options { reorder: Some(Reorder::None), ..Options::default() };
    let mut build = Renderer::new(ctx, options).render(Path::new("/")).map_err(|e| e.to_string())?;
    build.objects.retain(wanted);
    printed(&build.objects)
}
