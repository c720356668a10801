//! What is wrong with a configuration is shown at its place.

use super::{POD, manicheck, out, tree};

/// The lines `line:column: message` of the failures for a configuration.
fn problems(config: &str) -> Vec<String> {
    let dir = tree(&[("manicheck.yaml", config), ("pod.yaml", POD)]);
    let output = manicheck(dir.path(), &[".", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2), "{config}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let failures = report["failures"].as_array().unwrap();
    failures
        .iter()
        .map(|f| {
            assert_eq!(f["path"], "manicheck.yaml");
            format!("{}:{}: {}", f["line"], f["column"], f["message"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn all_problems_are_reported_with_place_and_hint() {
    let config = "\
kubernets: 1.30
profile: [recommended, prodution]
rules:
  mutable-image-tags: off
  mutable-image-tag: {alow: [x], severity: warn}
  low-user-id: {min: many}
  missing-network-policy: {directions: [ingres]}
  invalid-yaml: off
  CKV_K8S_14: off
fail_on: sometimes
overrides:
  - rules: {}
ignore:
  - rules: [no-such-rule]
    until: 2027-02-30
    path: [a]
  - reason: no rules
exclude: ['[']
";
    assert_eq!(
        problems(config),
        [
            "1:1: unknown key `kubernets`; did you mean `kubernetes`?",
            "2:24: unknown profile `prodution`; did you mean `production`?",
            "4:3: unknown rule `mutable-image-tags`; did you mean `mutable-image-tag`?",
            "5:23: rule `mutable-image-tag` has no option `alow`; did you mean `allow`?",
            "5:44: a severity is one of off, on, note, warning, error, not `warn`; did you mean `warning`?",
            "6:22: `min` takes a whole number",
            "7:41: an item of `directions` takes one of ingress, egress, not `ingres`; did you mean `ingress`?",
            "8:17: rule `invalid-yaml` cannot be switched off",
            "9:3: unknown rule `CKV_K8S_14`; it stands for `mutable-image-tag`: name those",
            "10:10: `fail_on` is one of error, warning, note, never, not `sometimes`",
            "12:5: an override needs `paths` or `overlays`: globs that say for what it holds",
            "14:13: unknown rule `no-such-rule`",
            "15:12: `2027-02-30` is no date; write it like `2027-01-31`",
            "16:5: unknown key `path`; did you mean `paths`?",
            "17:5: an entry of `ignore` needs `rules`: what it ignores",
            "18:11: `[` is no glob: unclosed character class; missing ']'",
        ]
    );
}

#[test]
fn wrong_types_and_yaml_errors() {
    assert_eq!(problems("- a\n"), ["1:1: a configuration is a mapping"]);
    assert_eq!(problems("rules: [a]\n"), ["1:8: `rules` is a mapping"]);
    assert_eq!(problems("ignore: {}\n"), ["1:9: `ignore` is a list"]);
    assert_eq!(problems("profile: {a: b}\n"), ["1:10: `profile` is a string or a list of strings"]);
    assert_eq!(problems("profile: all\nprofile: all\n"), ["2:1: key `profile` occurs twice"]);
    assert_eq!(problems("rules: {}\n---\nrules: {}\n").len(), 1);
    assert!(problems("rules: {\n")[0].contains("not valid YAML"));
    let twice = problems("external:\n  - kind: Secret\npod_templates:\n  - kind: Shop\n    path: spec..x\n");
    assert_eq!(twice.len(), 2, "{twice:?}");
}

#[test]
fn places_that_do_not_exist() {
    let found = problems(
        "kustomize:\n  vendor:\n    github.com/a/b: vendor/b\n  skip:\n    - {path: nowhere, reason: x}\n    - path: .\n",
    );
    assert_eq!(
        found,
        [
            "3:21: `vendor/b` is neither a file nor a directory",
            "5:14: no kustomization in `nowhere`",
            "6:7: an entry of `skip` needs `path` and `reason`",
            "6:13: no kustomization in `.`",
        ]
    );
}

#[test]
fn the_excerpt_is_shown() {
    let dir = tree(&[("manicheck.yaml", "rules:\n  mutable-image-tags: off\n"), ("pod.yaml", POD)]);
    let output = manicheck(dir.path(), &["."]);
    let text = out(&output);
    assert!(text.contains("manicheck.yaml:2:3") && text.contains("mutable-image-tags: off"), "{text}");
}
