//! What the sections of the configuration do.

use super::{POD, lines, manicheck, out, report, tree};

#[test]
fn excluded_files_are_not_walked() {
    let config = "exclude: [vendor, '*.gen.yaml']\n";
    let dir =
        tree(&[("manicheck.yaml", config), ("vendor/x/pod.yaml", POD), ("a/pod.gen.yaml", POD), ("pod.yaml", POD)]);
    let found = lines(&report(dir.path(), &[".", "--select", "mutable-image-tag"]));
    assert_eq!(found, ["mutable-image-tag error pod.yaml:8"]);
    let named = lines(&report(dir.path(), &["a/pod.gen.yaml", "--select", "mutable-image-tag"]));
    assert_eq!(named, ["mutable-image-tag error a/pod.gen.yaml:8"]);
}

#[test]
fn custom_kinds_have_pod_templates() {
    let custom = "apiVersion: shop.dev/v1\nkind: Worker\nmetadata:\n  name: w\nspec:\n  pools:\n    - template:\n        spec:\n          containers:\n            - name: w\n              image: shop/w:latest\n";
    let config =
        "pod_templates:\n  - {group: shop.dev, kind: Worker, path: 'spec.pools[].template', traits: [long-running]}\n";
    let dir = tree(&[("manicheck.yaml", config), ("worker.yaml", custom)]);
    let select = ["--select", "mutable-image-tag"];
    assert_eq!(lines(&report(dir.path(), &[&["."], &select[..]].concat())), ["mutable-image-tag error worker.yaml:11"]);
    assert!(lines(&report(dir.path(), &[&[".", "--no-config"], &select[..]].concat())).is_empty());
}

#[test]
fn components_bring_the_ends_of_their_versions() {
    let certificate = "apiVersion: cert-manager.io/v1alpha2\nkind: Certificate\nmetadata:\n  name: shop\n";
    let secret = "apiVersion: external-secrets.io/v1beta1\nkind: ExternalSecret\nmetadata:\n  name: shop\n";
    let select = ["--select", "removed-api,deprecated-api"];
    for (config, expected) in [
        ("components: {cert-manager: '1.3', external-secrets: '0.15'}\n", &[][..]),
        (
            "components: {cert-manager: '1.5', external-secrets: '0.16'}\n",
            &["deprecated-api warning certificate.yaml:1", "deprecated-api warning secret.yaml:1"],
        ),
        ("components: {cert-manager: 'v1.14.2'}\n", &["removed-api error certificate.yaml:1"]),
        ("components: {external-secrets: '0.17.0'}\n", &["removed-api error secret.yaml:1"]),
        ("components: {}\n", &[]),
    ] {
        let dir = tree(&[("manicheck.yaml", config), ("certificate.yaml", certificate), ("secret.yaml", secret)]);
        let report = report(dir.path(), &[&["."], &select[..]].concat());
        assert_eq!(lines(&report), expected, "{config}");
        for found in report["findings"].as_array().unwrap() {
            let text = found["message"].as_str().unwrap();
            assert!(text.contains("cert-manager 1.") || text.contains("external-secrets 0.17"), "{text}");
        }
    }
}

/// Rules on objects look at the containers of custom kinds as well.
#[test]
fn object_rules_know_custom_pod_templates() {
    let custom = "\
apiVersion: shop.dev/v1
kind: Worker
metadata:
  name: w
spec:
  template:
    metadata: {}
    spec:
      serviceAccount: w
      containers:
        - name: w
          image: ghcr.io/shop/w:1.4.2
          ports:
            - containerPort: 99999
          resources:
            requests: {cpu: 0.5x, memory: 64Mi}
          env:
            - {name: CORS_ORIGIN, value: '*'}
            - {name: WORKERS, value: 4}
            - {name: API_URL, value: https://api.example.com}
            - {name: PAYMENT_URL, value: https://pay.staging.shop.dev}
";
    let config = "\
pod_templates:
  - {group: shop.dev, kind: Worker, path: spec.template, traits: [long-running]}
rules:
  missing-required-metadata: {labels: {team: ''}, kinds: [workloads], template: true}
";
    let dir = tree(&[("manicheck.yaml", config), ("worker.yaml", custom)]);
    let rules = [
        "deprecated-field",
        "example-host",
        "invalid-port",
        "invalid-quantity",
        "missing-required-metadata",
        "non-production-endpoint",
        "non-string-value",
        "permissive-cors",
    ];
    let select = rules.join(",");
    let found = lines(&report(dir.path(), &[".", "--select", &select]));
    for rule in rules {
        assert!(found.iter().any(|f| f.starts_with(&format!("{rule} "))), "{rule}: {found:#?}");
    }
    let without = report(dir.path(), &[".", "--no-config", "--profile", "all", "--select", &select]);
    assert!(lines(&without).is_empty(), "{without}");
}

#[test]
fn a_root_can_be_skipped_and_a_remote_base_vendored() {
    let files = [
        ("legacy/kustomization.yaml", "resources: [nowhere.yaml]\n"),
        ("prod/kustomization.yaml", "resources: ['https://github.com/shop/base//k8s?ref=v1']\n"),
        ("vendor/base/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("vendor/base/pod.yaml", POD),
    ];
    let config = "kustomize:\n  vendor:\n    https://github.com/shop/base//k8s?ref=v1: vendor/base\n  skip:\n    - path: legacy\n      reason: it goes away in May\n";
    let dir = tree(&[&files[..], &[("manicheck.yaml", config)]].concat());
    let select = ["--select", "mutable-image-tag"];
    let without = manicheck(dir.path(), &[&[".", "--no-config"], &select[..]].concat());
    assert_eq!(without.status.code(), Some(2), "{}", out(&without));
    let with = report(dir.path(), &[&["."], &select[..]].concat());
    assert_eq!(with["failures"].as_array().unwrap().len(), 0, "{with}");
    let found = lines(&with);
    assert!(found.iter().any(|f| f.contains("vendor/base/pod.yaml:8") && f.ends_with("prod")), "{found:?}");
    assert_eq!(with["skipped"][0]["path"], "legacy");
    assert_eq!(with["skipped"][0]["reason"], "it goes away in May");
    let built = manicheck(dir.path(), &["build", "prod"]);
    assert!(out(&built).contains("shop/api:latest"), "{}", out(&built));
}

#[test]
fn contradicting_rules_are_an_error() {
    let registry = manicheck::rules::Registry::builtin();
    if registry.get("cpu-limit-set").is_none() || registry.get("missing-cpu-limit").is_none() {
        return;
    }
    let config = "rules:\n  cpu-limit-set: on\n  missing-cpu-limit: on\n";
    let dir = tree(&[("manicheck.yaml", config), ("pod.yaml", POD)]);
    let output = manicheck(dir.path(), &["."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(out(&output).contains("contradict each other"), "{}", out(&output));
}

#[test]
fn what_the_cluster_holds_is_not_missing() {
    let pod = POD.replace(
        "image: shop/api:latest",
        "image: shop/api:1.4.2\n      envFrom:\n        - configMapRef: {name: shop-settings}",
    );
    let dir = tree(&[("pod.yaml", &pod)]);
    let select = [".", "--select", "dangling-config-map"];
    assert_eq!(lines(&report(dir.path(), &select)).len(), 1);
    std::fs::write(dir.path().join("manicheck.yaml"), "external:\n  - {kind: ConfigMap, name: 'shop-*'}\n").unwrap();
    assert_eq!(lines(&report(dir.path(), &select)).len(), 0);
}
