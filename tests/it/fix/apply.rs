//! Which fixes are taken, and in which files.

use super::{after, builds, fixed, select, text, tree};

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  selector:
    matchLabels: {app: api}
  template:
    metadata:
      labels: {app: api}
    spec:
      containers:
        - name: api
          image: shop/api:1.4.2
";

const HARDENING: [&str; 3] = ["privilege-escalation", "capabilities-not-dropped", "missing-run-as-non-root"];

fn kustomization(resources: &str, more: &str) -> String {
    format!("resources:\n  - {resources}\n{more}")
}

#[test]
fn one_edit_in_a_base_serves_all_overlays() {
    let base = kustomization("deployment.yaml", "");
    let dev = kustomization("../../base", "namePrefix: dev-\n");
    let prod = kustomization("../../base", "namePrefix: prod-\n");
    let files = tree(&[
        ("base/kustomization.yaml", &base),
        ("base/deployment.yaml", DEPLOYMENT),
        ("overlays/dev/kustomization.yaml", &dev),
        ("overlays/prod/kustomization.yaml", &prod),
    ]);
    let outcome = fixed(&files, &["."], &select(&HARDENING), true);
    let changed: Vec<&str> = outcome.files.iter().map(|f| f.display.as_str()).collect();
    assert_eq!(changed, ["base/deployment.yaml"], "{outcome:?}");
    assert!(outcome.refused.is_empty() && outcome.converged, "{outcome:?}");
    let expected = format!(
        "{DEPLOYMENT}          securityContext:\n            capabilities:\n              drop: [ALL]\n            \
         allowPrivilegeEscalation: false\n      securityContext:\n        runAsNonRoot: true\n"
    );
    let lines = |text: &str| text.lines().map(str::to_string).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(lines(text(&outcome, "base/deployment.yaml").unwrap()), lines(&expected));
    let again = fixed(&after(&files, &outcome), &["."], &select(&HARDENING), true);
    assert!(again.files.is_empty() && again.fixed.is_empty(), "{again:?}");
}

#[test]
fn without_unsafe_fixes_only_safe_ones_are_taken() {
    let text = DEPLOYMENT.replace("    spec:\n      con", "    spec:\n      serviceAccount: api\n      con");
    let files = tree(&[("api.yaml", &text)]);
    let rules = select(&["deprecated-field", "privilege-escalation"]);
    let outcome = fixed(&files, &["."], &rules, false);
    assert_eq!((outcome.fixed.len(), outcome.unsafe_left), (1, 1));
    assert_eq!(super::text(&outcome, "api.yaml").unwrap(), text.replace("serviceAccount:", "serviceAccountName:"));
}

#[test]
fn an_overlay_that_does_not_show_the_finding_stays_as_it_is() {
    // The edit would go to the base, and the API server refuses `rollingUpdate` beside `Recreate`.
    let recreate = "patches:\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: api}\n      \
                    spec:\n        strategy: {type: Recreate}\n";
    let (base, dev) = (kustomization("deployment.yaml", ""), kustomization("../base", ""));
    let prod = kustomization("../base", recreate);
    let many = DEPLOYMENT.replace("spec:\n  selector", "spec:\n  replicas: 8\n  selector");
    let mut list = vec![
        ("base/kustomization.yaml", base.as_str()),
        ("base/deployment.yaml", many.as_str()),
        ("dev/kustomization.yaml", &dev),
    ];
    let rules = select(&["implicit-rollout-settings"]);
    assert_eq!(fixed(&tree(&list), &["."], &rules, false).files.len(), 1);
    list.push(("prod/kustomization.yaml", &prod));
    let outcome = fixed(&tree(&list), &["."], &rules, false);
    assert!(outcome.files.is_empty(), "{outcome:?}");
    assert_eq!(outcome.refused[0].why, "it would change `prod`, which is to stay as it is");
    assert!(outcome.converged);
}

#[test]
fn what_would_break_a_build_is_left_out_alone() {
    // The patch names the old version: with the new one in the base it finds nothing.
    let budget = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata:\n  name: NAME\nspec:\n  maxUnavailable: 1\n  \
                  selector:\n    matchLabels: {app: api}\n";
    let patch =
        "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata:\n  name: a\nspec:\n  maxUnavailable: 2\n";
    let (a, b) = (budget.replace("NAME", "a"), budget.replace("NAME", "b"));
    let files = tree(&[
        ("kustomization.yaml", "resources: [a.yaml, b.yaml]\npatches:\n  - path: patch.yaml\n"),
        ("a.yaml", &a),
        ("b.yaml", &b),
        ("patch.yaml", patch),
    ]);
    let outcome = fixed(&files, &["."], &select(&["removed-api"]), false);
    let changed: Vec<&str> = outcome.files.iter().map(|f| f.display.as_str()).collect();
    assert_eq!(changed, ["b.yaml"], "{outcome:?}");
    assert_eq!(outcome.refused.len(), 1);
    assert!(outcome.refused[0].why.contains("does not build"), "{outcome:?}");
}

#[test]
fn files_that_are_not_to_be_edited() {
    let why = |files: &[(&str, &str)], paths: &[&str]| {
        let outcome = fixed(&tree(files), paths, &select(&HARDENING[..1]), true);
        assert!(outcome.files.is_empty(), "{outcome:?}");
        outcome.withheld.first().map(|w| w.why)
    };
    let overlay = kustomization("../base", "");
    let files = [
        ("base/kustomization.yaml", "resources: [d.yaml]\n"),
        ("base/d.yaml", DEPLOYMENT),
        ("prod/kustomization.yaml", &overlay),
    ];
    assert!(why(&files, &["prod"]).unwrap().contains("outside of what was named"));
    let generated = format!("# Generated by a program. DO NOT EDIT.\n{DEPLOYMENT}");
    assert!(why(&[("d.yaml", &generated)], &["."]).unwrap().contains("generated"));
    let broken = format!("{DEPLOYMENT}---\na: [\n");
    assert!(why(&[("d.yaml", &broken)], &["."]).unwrap().contains("cannot be read"));
    let json = "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\"},\n \"spec\": {\"containers\": \
                [{\"name\": \"a\", \"image\": \"a:1\"}]}}\n";
    assert!(why(&[("pod.json", json)], &["."]).unwrap().contains("JSON"));
    let anchored = "apiVersion: v1\nkind: List\nitems:\n  - &pod\n    apiVersion: v1\n    kind: Pod\n    metadata: {name: a}\n    spec:\n      \
                    containers:\n        - name: a\n          image: a:1\n  - <<: *pod\n    metadata: {name: b}\n    spec: {containers: \
                    [{name: b, image: b:1, securityContext: {allowPrivilegeEscalation: false}}]}\n";
    assert!(why(&[("pod.yaml", anchored)], &["."]).unwrap().contains("anchor"));
}

#[test]
fn a_copy_of_a_remote_base_is_left_alone() {
    let files = tree(&[
        ("prod/kustomization.yaml", "resources: [\"https://github.com/o/r//base?ref=v1\"]\n"),
        ("vendor/base/kustomization.yaml", "resources: [d.yaml]\n"),
        ("vendor/base/d.yaml", DEPLOYMENT),
    ]);
    let mut settings = select(&HARDENING[..1]);
    let vendored = [("https://github.com/o/r//base?ref=v1".to_string(), "/tree/vendor/base".into())];
    settings.kustomize.vendor = vendored.into_iter().collect();
    let outcome = fixed(&files, &["."], &settings, true);
    assert!(outcome.files.is_empty());
    assert_eq!(outcome.withheld[0].why, "the file is a copy of a remote base");
}

#[test]
fn suppressed_findings_are_left_alone() {
    let ignored =
        DEPLOYMENT.replace("- name: api", "# manicheck: ignore[privilege-escalation] it needs it\n        - name: api");
    let two = format!("{ignored}---\n{}", DEPLOYMENT.replace("name: api\nspec", "name: web\nspec"));
    let outcome = fixed(&tree(&[("d.yaml", &two)]), &["."], &select(&HARDENING[..1]), true);
    assert_eq!(outcome.fixed.len(), 1, "{outcome:?}");
    assert!(text(&outcome, "d.yaml").unwrap().starts_with(&ignored));
}

#[test]
fn line_breaks_and_the_byte_order_mark_stay() {
    let windows = format!("\u{feff}{}", DEPLOYMENT.replace('\n', "\r\n"));
    let files = tree(&[("d.yaml", &windows)]);
    let outcome = fixed(&files, &["."], &select(&HARDENING), true);
    let text = text(&outcome, "d.yaml").unwrap();
    assert!(text.starts_with('\u{feff}') && text.contains("runAsNonRoot: true\r\n"), "{text:?}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
}

#[test]
fn an_entry_of_a_patch_is_mended_in_the_patch() {
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\nspec:\n  template:\n    spec:\n      containers:\n        \
                 - name: api\n          securityContext:\n            allowPrivilegeEscalation: true\n";
    let kustomization = "resources: [d.yaml]\npatches:\n  - path: patch.yaml\n";
    let files = tree(&[("kustomization.yaml", kustomization), ("d.yaml", DEPLOYMENT), ("patch.yaml", patch)]);
    let outcome = fixed(&files, &["."], &select(&HARDENING[..1]), true);
    assert_eq!(text(&outcome, "patch.yaml").unwrap(), patch.replace("Escalation: true", "Escalation: false"));
    assert_eq!(outcome.files.len(), 1);
}

#[test]
fn a_value_inside_a_folded_patch_is_left_alone() {
    // Where in such a text the value stands is not known; the whole text must not be taken for it.
    let kustomization = "resources: [d.yaml]\npatches:\n  - patch: \"[{\\\"op\\\": \\\"add\\\", \\\"path\\\": \\\"/spec/template/spec/containers/0/securityContext\\\", \
                         \\\"value\\\": {\\\"allowPrivilegeEscalation\\\": true}}]\"\n    target: {kind: Deployment}\n";
    let files = tree(&[("kustomization.yaml", kustomization), ("d.yaml", DEPLOYMENT)]);
    let outcome = fixed(&files, &["."], &select(&HARDENING[..1]), true);
    assert!(outcome.files.is_empty() && outcome.refused.is_empty(), "{outcome:?}");
    assert_eq!(builds(&files).len(), 1);
}

const AUTOSCALED: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  template:
    spec:
      containers:
        - name: api
          image: shop/api:1.4.2
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  maxReplicas: 9
";

/// What becomes of an overlay with these patches when `replicas` is to go; none if it stays as it is.
fn without_replicas(patches: &str) -> Option<String> {
    let overlay = format!("resources:\n  - ../base\n{patches}");
    let files = tree(&[
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        ("base/app.yaml", AUTOSCALED),
        ("overlay/kustomization.yaml", &overlay),
        ("overlay/patch.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {replicas: 4}\n"),
    ]);
    let outcome = fixed(&files, &["."], &select(&["contested-replicas"]), true);
    assert!(outcome.refused.is_empty(), "{outcome:?}");
    let text = text(&outcome, "overlay/kustomization.yaml").map(str::to_string);
    assert_eq!(text.is_some(), outcome.fixed.len() == 1, "{outcome:?}");
    text
}

/// A patch that wrote only what is removed would be left to do nothing, so it goes; one that does more stays as it is.
#[test]
fn an_inline_patch_goes_with_the_only_thing_that_it_writes() {
    const HEAD: &str = "      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: api}\n";
    let only = format!("  - patch: |-\n{HEAD}      spec:\n        replicas: 4\n");
    let other =
        "  - target: {kind: Deployment}\n    patch: |-\n      - {op: add, path: /metadata/labels, value: {a: b}}\n";
    let left = |patches: &str| format!("resources:\n  - ../base\n{patches}");
    assert_eq!(without_replicas(&format!("patches:\n{only}")), Some(left("")));
    assert_eq!(without_replicas(&format!("patches:\n{only}{other}")), Some(left(&format!("patches:\n{other}"))));
    assert_eq!(without_replicas(&format!("patches:\n{other}{only}")), Some(left(&format!("patches:\n{other}"))));
    let targeted = only.replace("  - patch", "  - target:\n      kind: Deployment\n    patch");
    assert_eq!(without_replicas(&format!("patches:\n{targeted}")), Some(left("")));
    let old =
        format!("patchesStrategicMerge:\n  - |-\n{}", HEAD.replace("      ", "    ")) + "    spec: {replicas: 4}\n";
    assert_eq!(without_replicas(&old), Some(left("")));
    let flow =
        "patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: api}, spec: {replicas: 4}}'}]\n";
    assert_eq!(without_replicas(flow), Some(left("")));
    let more = only.replace("replicas: 4\n", "replicas: 4\n        paused: false\n");
    assert_eq!(without_replicas(&format!("patches:\n{more}")), None);
    let two = format!("{only}      ---\n{HEAD}      spec: {{paused: false}}\n");
    assert_eq!(without_replicas(&format!("patches:\n{two}")), None);
    assert_eq!(without_replicas("patches:\n  - path: patch.yaml\n"), None);
    let operation = "patches:\n  - target: {kind: Deployment}\n    patch: '[{\"op\": \"add\", \"path\": \"/spec/replicas\", \"value\": 4}]'\n";
    assert_eq!(without_replicas(operation), None);
}
