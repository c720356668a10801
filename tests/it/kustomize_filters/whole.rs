//! Recorded cases of filters that are no part of the library's interface: each as a kustomization that does the same.

use std::path::Path;

use manicheck::files::{Context, MemoryFiles};
use manicheck::kustomize::{Options, Renderer, Reorder};
use manicheck::source::Sources;
use serde_json::{Value as Json, json};

use super::{Printed, printed};

/// Why a case is not run; none if it is. `number` counts the cases of its type.
pub(super) fn left_out(case: &Json, number: usize) -> Option<&'static str> {
    let output = case["output"].as_str().unwrap();
    match (case["type"].as_str().unwrap(), number) {
        ("nameref.Filter", _) => Some("the recording has lost the candidates; the random trees have such references"),
        ("valueadd.Filter", _) => Some("its objects have no name, so no kustomization takes them"),
        ("replacement.Filter", _) if output.contains("internal.config") || output.contains("local-config") => {
            Some("the end of a build takes out what the filter leaves in")
        }
        ("replacement.Filter", 39) => Some("one of its objects has no kind, so no kustomization takes it"),
        ("replacement.Filter", 68 | 74 | 75 | 76 | 79 | 80 | 81 | 84) => {
            Some("later than v5.8.1, which ignores `delimiter` in an embedded document")
        }
        _ => None,
    }
}

/// What the kustomization prints that stands for a case; none if no kustomization does.
pub(super) fn built(case: &Json, number: usize) -> Option<Printed> {
    let (kustomization, more) = match case["type"].as_str().unwrap() {
        "replacement.Filter" => {
            (json!({"resources": ["objects.yaml"], "replacements": case["filter"]["replacements"]}), String::new())
        }
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
        "iampolicygenerator.Filter" => {
            let mut config = case["filter"]["IAMPolicyGenerator"].clone();
            config["apiVersion"] = "builtin".into();
            config["kind"] = "IAMPolicyGenerator".into();
            config["metadata"] = json!({"name": "generator"});
            (json!({"generators": [config.to_string()]}), String::new())
        }
        _ => return None,
    };
    let mut files = MemoryFiles::new();
    files.insert("/kustomization.yaml", kustomization.to_string());
    files.insert("/objects.yaml", case["input"].as_str().unwrap());
    files.insert("/config.yaml", more);
    files.insert(
        "/values.yaml",
        "apiVersion: acme.dev/v1\nkind: Values\nmetadata: {name: values, annotations: {config.kubernetes.io/local-config: \"true\"}}\n\
         data: {foo: foo, bar: bar, bool: false, float: 1.23, var: 5}\n",
    );
    let sources = Sources::new();
    let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
    let options = Options { reorder: Some(Reorder::None), ..Options::default() };
    let built = Renderer::new(ctx, options).render(Path::new("/")).map_err(|e| e.to_string());
    Some(built.and_then(|build| printed(&build.objects)))
}
