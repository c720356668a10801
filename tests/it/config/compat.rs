//! Suppressions written for other tools.

use super::{POD, lines, report, tree};

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
