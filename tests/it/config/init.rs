//! `manicheck init`, and the schema of what it writes.

use std::fs;

use serde_json::Value;

use super::{POD, manicheck, out, shop, tree};

const INGRESS: &str =
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: shop\nspec:\n  ingressClassName: internal\n";

fn schema() -> Value {
    manicheck::config::schema(&manicheck::rules::Registry::builtin())
}

/// The schema's complaints about a configuration. The examples are written as JSON, which is YAML.
fn complaints(config: &str) -> Vec<String> {
    let value: Value = serde_json::from_str(config).unwrap();
    let validator = jsonschema::validator_for(&schema()).unwrap();
    validator.iter_errors(&value).map(|e| e.to_string()).collect()
}

#[test]
fn it_writes_what_fits_the_tree_and_reads_it_back() {
    let dir = shop("");
    fs::remove_file(dir.path().join("manicheck.yaml")).unwrap();
    fs::write(dir.path().join("ingress.yaml"), INGRESS).unwrap();
    fs::create_dir(dir.path().join("broken")).unwrap();
    fs::write(dir.path().join("broken/kustomization.yaml"), "resources: [nowhere.yaml]\n").unwrap();
    let output = manicheck(dir.path(), &["init"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    let text = fs::read_to_string(dir.path().join("manicheck.yaml")).unwrap();
    assert!(text.contains("overrides:\n  - overlays:\n      - overlays/prod\n    profile: production\n"), "{text}");
    assert!(text.contains("#     internal: nginx") && text.contains("#     - path: broken"), "{text}");
    for key in manicheck::config::KEYS {
        assert!(
            text.lines().any(|l| l.trim_start_matches("# ").starts_with(&format!("{key}:"))),
            "no `{key}`:\n{text}"
        );
    }
    let checked = manicheck(dir.path(), &["overlays", "--fail-on", "never"]);
    assert_eq!(checked.status.code(), Some(0), "{}", out(&checked));
    // Uncommented, it is read too, with the copy that it names.
    fs::create_dir_all(dir.path().join("vendor/base")).unwrap();
    let uncommented: String = text.lines().map(|line| format!("{}\n", uncommented(line))).collect();
    fs::write(dir.path().join("manicheck.yaml"), &uncommented).unwrap();
    let checked = manicheck(dir.path(), &["overlays", "--fail-on", "never"]);
    assert_eq!(checked.status.code(), Some(0), "{uncommented}\n{}", out(&checked));
}

/// A line of the template, without `# ` if it is no prose.
fn uncommented(line: &str) -> String {
    let inner = line.trim_start();
    let is_key = |rest: &str| manicheck::config::KEYS.iter().any(|k| rest.starts_with(&format!("{k}:")));
    match inner.strip_prefix("# ") {
        Some(rest) if rest.starts_with("  ") || is_key(rest) || inner.len() < line.len() => {
            format!("{}{rest}", &line[..line.len() - inner.len()])
        }
        _ => line.to_string(),
    }
}

#[test]
fn it_never_writes_over_a_file_unasked() {
    let dir = tree(&[("manicheck.yaml", "profile: all\n"), ("pod.yaml", POD)]);
    let output = manicheck(dir.path(), &["init"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(out(&output).contains("`manicheck.yaml` is there already"), "{}", out(&output));
    assert_eq!(fs::read_to_string(dir.path().join("manicheck.yaml")).unwrap(), "profile: all\n");
    assert_eq!(manicheck(dir.path(), &["init", "--force"]).status.code(), Some(0));
    assert_eq!(manicheck(dir.path(), &["init", "nowhere"]).status.code(), Some(2));
}

#[test]
fn the_schema_takes_what_the_reader_takes() {
    for good in [
        r#"{}"#,
        r#"{"kubernetes": "1.33", "profile": ["recommended", "pss-restricted@1.29"], "fail_on": "never"}"#,
        r#"{"rules": {"mutable-image-tag": {"severity": "warning", "allow": ["a/*"]}, "low-user-id": {"min": 1000}}}"#,
        r#"{"rules": {"missing-network-policy": {"directions": ["ingress", "egress"]}, "host-port": "off"}}"#,
        r#"{"overrides": [{"overlays": "prod", "profile": "production"}, {"paths": ["a"], "rules": {"host-port": "on"}}]}"#,
        r#"{"ignore": [{"rules": ["host-port"], "kinds": "Pod", "reason": "x", "until": "2027-01-31"}]}"#,
        r#"{"external": [{"kind": "Secret", "name": "a-*"}], "components": {"cert-manager": "1.14"}}"#,
        r#"{"pod_templates": [{"kind": "Worker", "path": "spec.template", "traits": ["replicated"]}]}"#,
        r#"{"ingress": {"default_controller": "nginx", "controllers": {"a": "traefik"}}, "compat": ["trivy"]}"#,
        r#"{"kustomize": {"vendor": {}, "load_restrictor": "none"}, "exclude": ["vendor"]}"#,
    ] {
        assert_eq!(complaints(good), [""; 0], "{good}");
        let dir = tree(&[("manicheck.yaml", good), ("pod.yaml", POD)]);
        let output = manicheck(dir.path(), &[".", "--fail-on", "never"]);
        assert_eq!(output.status.code(), Some(0), "{good}: {}", out(&output));
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    for bad in [
        r#"{"kubernets": "1.33"}"#,
        r#"{"profile": "prodution"}"#,
        r#"{"rules": {"mutable-image-tags": "off"}}"#,
        r#"{"rules": {"mutable-image-tag": {"alow": []}}}"#,
        r#"{"rules": {"low-user-id": {"min": "many"}}}"#,
        r#"{"rules": {"invalid-yaml": "off"}}"#,
        r#"{"rules": {"missing-network-policy": {"directions": ["ingres"]}}}"#,
        r#"{"overrides": [{"rules": {}}]}"#,
        r#"{"ignore": [{"reason": "x"}]}"#,
        r#"{"ignore": [{"rules": ["host-port"], "until": "tomorrow"}]}"#,
        r#"{"compat": ["other"]}"#,
        r#"{"fail_on": "sometimes"}"#,
    ] {
        assert_ne!(complaints(bad), [""; 0], "{bad}");
        let dir = tree(&[("manicheck.yaml", bad), ("pod.yaml", POD)]);
        assert_eq!(manicheck(dir.path(), &[".", "--fail-on", "never"]).status.code(), Some(2), "{bad}");
    }
}

#[test]
fn every_option_has_a_type_and_words() {
    let schema = schema();
    let rules = schema["definitions"]["rules"]["properties"].as_object().unwrap();
    let mut silent = Vec::new();
    for (id, rule) in rules {
        for (name, option) in rule["anyOf"][1]["properties"].as_object().unwrap() {
            if name != "severity" && option["description"].is_null() {
                silent.push(format!("{id}.{name}"));
            }
        }
    }
    assert!(silent.is_empty(), "options that their page does not describe under `## Options`: {silent:?}");
}

#[test]
fn it_is_printed_by_two_commands() {
    let dir = tree(&[]);
    let one = manicheck(dir.path(), &["schema"]);
    assert_eq!(one.stdout, manicheck(dir.path(), &["init", "--schema"]).stdout);
    assert_eq!(serde_json::from_slice::<Value>(&one.stdout).unwrap(), schema());
}
