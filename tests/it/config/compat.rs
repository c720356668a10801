//! Suppressions written for other tools.

use super::{POD, lines, manicheck, out, report, tree};

/// The findings of `mutable-image-tag` for a pod with this annotation, under this configuration.
fn found(annotation: &str, config: &str) -> Vec<String> {
    let pod = POD.replace("  name: api\nspec:", &format!("  name: api\n  annotations:\n    {annotation}\nspec:"));
    let dir = tree(&[("manicheck.yaml", config), ("pod.yaml", &pod)]);
    lines(&report(dir.path(), &[".", "--select", "mutable-image-tag,unused-suppression,invalid-suppression"]))
}

#[test]
fn they_count_if_the_configuration_lists_the_tool() {
    for (tool, annotation) in [
        ("kube-linter", "ignore-check.kube-linter.io/latest-tag: a canary"),
        ("kube-linter", "kube-linter.io/ignore-all: a canary"),
        ("kube-score", "kube-score/ignore: container-image-tag"),
        ("checkov", "checkov.io/skip1: CKV_K8S_14=a canary"),
        ("polaris", "polaris.fairwinds.com/tagNotSpecified-exempt: 'true'"),
        ("polaris", "polaris.fairwinds.com/exempt: 'true'"),
    ] {
        assert_eq!(found(annotation, "rules: {}\n").len(), 1, "{annotation}");
        assert_eq!(found(annotation, &format!("compat: [{tool}]\n")), [""; 0], "{annotation}");
        let other = if tool == "checkov" { "polaris" } else { "checkov" };
        assert_eq!(found(annotation, &format!("compat: {other}\n")).len(), 1, "{annotation}");
    }
}

#[test]
fn what_they_do_not_suppress_is_nobodys_mistake() {
    let all = "compat: [kube-linter, kube-score, checkov, polaris, trivy]\n";
    for annotation in ["ignore-check.kube-linter.io/no-such-check: x", "kube-score/ignore: pod-networkpolicy"] {
        assert_eq!(found(annotation, all), ["mutable-image-tag error pod.yaml:10"], "{annotation}");
    }
}

#[test]
fn comments_of_trivy() {
    let pod = POD.replace(":latest", ":latest # trivy:ignore:AVD-KSV-0013");
    let dir = tree(&[("manicheck.yaml", "compat: [trivy]\n"), ("pod.yaml", &pod)]);
    let select = [".", "--select", "mutable-image-tag"];
    assert_eq!(lines(&report(dir.path(), &select)), [""; 0]);
    std::fs::write(dir.path().join("manicheck.yaml"), "").unwrap();
    assert_eq!(lines(&report(dir.path(), &select)).len(), 1);
}

/// The findings of two rules for a pod under this configuration, with another tool's file beside it.
fn beside(config: &str, file: &str, text: &str) -> Vec<String> {
    let dir = tree(&[("manicheck.yaml", config), (file, text), ("k8s/pod.yaml", POD)]);
    let select = "mutable-image-tag,missing-memory-limit,unused-suppression,invalid-suppression";
    lines(&report(dir.path(), &["k8s", "--select", select]))
}

#[test]
fn what_their_own_configurations_exclude_is_off() {
    let memory = "missing-memory-limit warning k8s/pod.yaml:7";
    let tag = "mutable-image-tag error k8s/pod.yaml:8";
    let exclude = "checks:\n  addAllBuiltIn: true\n  exclude: [latest-tag, no-such-check]\n";
    let trivy = "# of the canary\n\n  AVD-KSV-0013\nCVE-2024-1\nKSV018 exp:2001-01-31\n";
    let polaris = "checks:\n  tagNotSpecified: danger\nexemptions:\n  - controllerNames: [ap]\n    containerNames: [api]\n    rules: [tagNotSpecified]\n  - namespace: kube-system\n    rules: [memoryLimitsMissing]\n  - controllerNames: [a*]\n";
    for (tool, file, text) in [
        ("kube-linter", ".kube-linter.yaml", exclude),
        ("kube-linter", ".kube-linter.yml", exclude),
        ("trivy", ".trivyignore", trivy),
        ("polaris", "polaris.yaml", polaris),
        ("polaris", "polaris-config.yaml", polaris),
    ] {
        assert_eq!(beside(&format!("compat: [{tool}]\n"), file, text), [memory], "{file}");
        assert_eq!(beside("compat: [checkov]\n", file, text), [memory, tag], "{file}");
    }
    let refused = format!("disallowExemptions: true\n{polaris}");
    assert_eq!(beside("compat: polaris\n", "polaris.yaml", &refused), [memory, tag]);
    let all = "exemptions:\n  - controllerNames: [api]\n";
    assert_eq!(beside("compat: polaris\n", "polaris.yaml", all), [""; 0]);
    // Only beside `manicheck.yaml`.
    assert_eq!(beside("compat: kube-linter\n", "k8s/.kube-linter.yaml", exclude), [memory, tag]);
    assert_eq!(beside("compat: kube-linter\n", ".kube-linter.yaml", ""), [memory, tag]);
    let until = |day: &str| beside("compat: trivy\n", ".trivyignore", &format!("KSV-0013 exp:{day}\n"));
    assert_eq!((until("2001-01-31").len(), until("2999-01-31").len()), (2, 1));
}

#[test]
fn what_checkov_skips_is_off() {
    let tag = "mutable-image-tag error k8s/pod.yaml:8";
    let memory = "missing-memory-limit warning k8s/pod.yaml:7";
    for (file, text, left) in [
        (".checkov.yaml", "skip-check:\n  - CKV_K8S_14\n  - CKV_AWS_1\n", &[memory][..]),
        (".checkov.yml", "skip-check: CKV_AWS_1, CKV_K8S_14\n", &[memory]),
        (".checkov.yaml", "skip-check: [CKV_K8S_*]\n", &[]),
        (".checkov.yaml", "skip-check: ['CKV_K8S_?3']\n", &[tag]),
        (".checkov.yaml", "skip-check: [MEDIUM, '[']\ncheck: [CKV_K8S_1]\n", &[memory, tag]),
        (".checkov.yaml", "framework: [kubernetes]\n", &[memory, tag]),
    ] {
        assert_eq!(beside("compat: checkov\n", file, text), left, "{text}");
        assert_eq!(beside("compat: trivy\n", file, text), [memory, tag], "{text}");
    }
}

#[test]
fn without_its_defaults_kube_linter_has_what_it_includes() {
    let tag = "mutable-image-tag error k8s/pod.yaml:8";
    let memory = "missing-memory-limit warning k8s/pod.yaml:7";
    for (checks, left) in [
        ("{doNotAutoAddDefaults: true, include: [latest-tag]}", &[tag][..]),
        ("{doNotAutoAddDefaults: true, include: [latest-tag], exclude: [latest-tag]}", &[]),
        ("{doNotAutoAddDefaults: true}", &[]),
        ("{doNotAutoAddDefaults: true, addAllBuiltIn: true}", &[memory, tag]),
        ("{doNotAutoAddDefaults: false, include: [latest-tag]}", &[memory, tag]),
        ("{include: [latest-tag]}", &[memory, tag]),
    ] {
        let text = format!("checks: {checks}\n");
        assert_eq!(beside("compat: kube-linter\n", ".kube-linter.yaml", &text), left, "{checks}");
    }
}

#[test]
fn the_reason_names_their_file() {
    let dir = tree(&[
        ("manicheck.yaml", "compat: kube-linter\n"),
        (".kube-linter.yaml", "checks: {exclude: [latest-tag]}\n"),
        ("pod.yaml", POD),
    ]);
    let report = report(dir.path(), &[".", "--select", "mutable-image-tag", "--show-suppressed"]);
    assert_eq!(report["findings"][0]["suppressed"], "excluded in .kube-linter.yaml", "{report:#}");
}

#[test]
fn mistakes_in_their_files_have_places() {
    for (tool, file, text, message) in [
        (
            "kube-linter",
            ".kube-linter.yaml",
            "checks:\n  exclude: {a: b}\n",
            "2:12: failure: `exclude` is a string or a list",
        ),
        ("kube-linter", ".kube-linter.yaml", "checks: [a\n", "failure: not valid YAML"),
        ("kube-linter", ".kube-linter.yaml", "- a\n", "1:1: failure: the configuration of kube-linter is a mapping"),
        ("trivy", ".trivyignore", "# x\nKSV-0013 exp:soon\n", "2:1: failure: `soon` is no date"),
        ("polaris", "polaris.yaml", "exemptions:\n  rules: [a]\n", "2:3: failure: `exemptions` is a list"),
    ] {
        let dir = tree(&[("manicheck.yaml", &format!("compat: {tool}\n")), (file, text), ("pod.yaml", POD)]);
        let output = manicheck(dir.path(), &["pod.yaml", "--format", "concise"]);
        assert_eq!(output.status.code(), Some(2), "{text}");
        let printed = out(&output);
        assert!(printed.contains(file) && printed.contains(message), "{message}\n{printed}");
    }
}
