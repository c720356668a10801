//! SARIF output against the official schema, which the crate `serde-sarif` carries in its source.

use std::path::PathBuf;
use std::process::Command;

use jsonschema::Validator;
use manicheck::finding::Report;
use manicheck::output::{Format, Options};
use serde_json::{Value, json};

use super::{render_to_string, rendered};

#[test]
fn sarif_is_valid() {
    let schema = schema();
    for options in [Options::default(), Options { prefix: "a b/ä", ..Options::default() }] {
        assert_valid(&schema, &rendered(Format::Sarif, &options));
    }
    assert_valid(&schema, &render_to_string(Format::Sarif, &Report::default(), &Options::default()));
}

#[test]
fn the_schema_check_finds_what_is_wrong() {
    let schema = schema();
    let good: Value = serde_json::from_str(&rendered(Format::Sarif, &Options::default())).unwrap();
    let region = "/runs/0/results/0/locations/0/physicalLocation/region";
    for (pointer, key, value) in [
        ("/runs/0/results/0", "level", json!("bogus")),
        (region, "startLine", json!(0)),
        (region, "endColumn", json!(0)),
        ("/runs/0/results/0", "nonsense", json!(1)),
        ("/runs/0/results/0", "ruleIndex", json!("0")),
        ("/runs/0", "columnKind", json!("bytes")),
        ("", "version", json!("2.0.0")),
    ] {
        let mut bad = good.clone();
        bad.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert(key.into(), value.clone());
        assert!(!schema.is_valid(&bad), "{pointer}/{key}: {value} passed");
    }
    let mut bad = good.clone();
    bad.pointer_mut("/runs/0/results/0").unwrap().as_object_mut().unwrap().remove("message");
    assert!(!schema.is_valid(&bad), "a result without a message passed");
}

/// What the schema cannot say: indices and ids refer to what is there.
#[test]
fn sarif_refers_to_what_it_holds() {
    let log: Value = serde_json::from_str(&rendered(Format::Sarif, &Options::default())).unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 10);
    let mut links = 0;
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(result["locations"].as_array().unwrap().len(), 1);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region["startLine"], region["endLine"]);
        let related = result.get("relatedLocations").and_then(Value::as_array).map_or(0, Vec::len);
        let text = result["message"]["text"].as_str().unwrap();
        for (_, rest) in text.match_indices("](").map(|(at, m)| text.split_at(at + m.len())) {
            let id: usize = rest.split(')').next().unwrap().parse().unwrap();
            assert!((1..=related).contains(&id), "{text}");
            links += 1;
        }
    }
    assert!(links > 0);
}

fn assert_valid(schema: &Validator, text: &str) {
    let value: Value = serde_json::from_str(text).unwrap();
    let errors: Vec<String> = schema.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

fn schema() -> Validator {
    let text = std::fs::read_to_string(schema_path()).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    // A bracket without its partner: no regular expression in the dialect of JSON Schema. We write no `language`.
    for definition in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][definition]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

/// The crate is pinned in the lock file and never compiled. Cargo tells where its source is, and fetches it if need be.
fn schema_path() -> PathBuf {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let metadata = |offline: &[&str]| -> Option<Value> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["metadata", "--format-version", "1", "--locked", "--manifest-path", manifest]).args(offline);
        let output = cargo.output().ok().filter(|o| o.status.success())?;
        serde_json::from_slice(&output.stdout).ok()
    };
    let metadata = metadata(&["--offline"])
        .or_else(|| metadata(&[]))
        .expect("cargo metadata failed; `cargo fetch --locked` gets what it needs");
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|p| p["name"] == "serde-sarif").unwrap();
    PathBuf::from(package["manifest_path"].as_str().unwrap()).with_file_name("src").join("schema.json")
}
