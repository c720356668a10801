//! `ignore`: by path, overlay, object and container, with a reason and an end.

use super::{POD, lines, report, shop, tree};

const SELECT: [&str; 3] = [".", "--select", "mutable-image-tag,unused-suppression,suppression-without-reason"];

#[test]
fn by_path_and_object() {
    let of = |criteria: &str| {
        let config = format!("ignore:\n  - rules: [mutable-image-tag]\n    reason: it moves\n    {criteria}\n");
        let dir = tree(&[
            ("manicheck.yaml", &config),
            ("a/pod.yaml", POD),
            ("b.yaml", &POD.replace("name: api", "name: web")),
        ]);
        lines(&report(dir.path(), &SELECT))
    };
    let (a, b) = ("mutable-image-tag error a/pod.yaml:8", "mutable-image-tag error b.yaml:8");
    let unused = "unused-suppression warning manicheck.yaml:2";
    assert_eq!(of("paths: [a]"), [b]);
    assert_eq!(of("names: ['w*']"), [a]);
    assert_eq!(of("kinds: [Pod]").len(), 0);
    assert_eq!(of("containers: [api]"), [b]);
    assert_eq!(of("names: [api]\n    paths: [b.yaml]"), [a, b, unused]);
}

#[test]
fn by_overlay() {
    let config = "ignore:\n  - rules: [mutable-image-tag]\n    overlays: [overlays/dev]\n    reason: developers push\n";
    let dir = shop(config);
    let found = lines(&report(dir.path(), &SELECT));
    assert_eq!(found, ["mutable-image-tag error base/pod.yaml:8 overlays/prod"]);
    let all = report(dir.path(), &["overlays/dev", "--select", "mutable-image-tag"]);
    assert_eq!(lines(&all).len(), 0);
    assert_eq!(all["summary"]["suppressed"], 1);
}

#[test]
fn what_it_covers_has_the_severity_of_what_is_left() {
    let config = "rules: {mutable-image-tag: note}\noverrides:\n  - overlays: [prod]\n    rules: {mutable-image-tag: error}\nignore:\n  - rules: [mutable-image-tag]\n    overlays: [prod]\n    reason: the release job pins it\n";
    let dir = shop(config);
    let found = lines(&report(dir.path(), &SELECT));
    assert_eq!(found, ["mutable-image-tag note base/pod.yaml:8 overlays/dev"]);
}

#[test]
fn entries_end_and_useless_ones_are_reported() {
    let entry = |more: &str| format!("ignore:\n  - rules: [mutable-image-tag]\n{more}");
    let of = |config: &str, input: &str| {
        let dir = tree(&[("manicheck.yaml", config), ("k8s/pod.yaml", POD), ("k8s/x/pod.yaml", POD)]);
        lines(&report(dir.path(), &[&[input], &SELECT[1..]].concat()))
    };
    let pods = ["mutable-image-tag error k8s/pod.yaml:8", "mutable-image-tag error k8s/x/pod.yaml:8"];
    let over = of(&entry("    reason: x\n    until: 2020-01-31\n"), ".");
    assert_eq!(over, [pods[0], pods[1], "unused-suppression warning manicheck.yaml:2"]);
    assert_eq!(of(&entry("    reason: x\n    until: 2999-01-31\n"), "."), [""; 0]);
    assert_eq!(of(&entry(""), "."), ["suppression-without-reason note manicheck.yaml:2"]);
    let useless = entry("    reason: x\n    names: [nobody]\n    paths: [k8s/y]\n");
    assert!(of(&useless, ".").contains(&"unused-suppression warning manicheck.yaml:2".to_string()));
    assert!(of(&useless, "k8s").contains(&"unused-suppression warning manicheck.yaml:2".to_string()));
    // The run did not look where the entry points to.
    assert!(!of(&useless, "k8s/x").iter().any(|l| l.starts_with("unused")));
}
