//! What is dropped because a more exact rule reports it: for the same object, in the same build, and nothing else.

use super::page::Fence;
use super::{active, run};
use manicheck::rules::Registry;

/// The findings of two rules over these files, as `path: rule`.
fn found(rules: [&str; 2], files: &[(&str, &str)]) -> Vec<String> {
    let registry = Registry::builtin();
    let rules: Vec<_> = rules.map(|id| registry.get(id).unwrap()).into();
    let rules: Vec<_> = rules.iter().map(|r| active(&r.page, r.make(serde_json::Value::Null).unwrap())).collect();
    let fence = |(path, text): &(&str, &str)| Fence {
        path: (*path).to_string(),
        partial: false,
        target: None,
        text: (*text).to_string(),
    };
    let files: Vec<Fence> = files.iter().map(fence).collect();
    let outcome = run::lint(&files, &rules);
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    outcome.findings.iter().map(|f| format!("{}:{}: {}", f.path, f.line, f.rule)).collect()
}

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: api}
spec:
  containers:
    - name: api
      image: ghcr.io/shop/api:1.4.2
      volumeMounts: [{name: v, mountPath: /v}]
  volumes:
    - name: v
      hostPath:
        path: /data
";

/// The volume of the base is the same entry in both overlays; only in one of them is its path sensitive.
#[test]
fn an_entry_is_covered_in_its_own_object_only() {
    let files = [
        ("base/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("base/pod.yaml", POD),
        ("a/kustomization.yaml", "resources: [../base]\n"),
        (
            "b/kustomization.yaml",
            "resources: [../base]
patches:
  - target: {kind: Pod}
    patch: |-
      - op: replace
        path: /spec/volumes/0/hostPath/path
        value: /etc
",
        ),
    ];
    assert_eq!(
        found(["host-path-volume", "sensitive-host-path"], &files),
        ["b/kustomization.yaml:7: sensitive-host-path", "base/pod.yaml:12: host-path-volume"]
    );
}

#[test]
fn a_container_is_covered_in_its_own_template_only() {
    let group = "\
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: {name: group}
spec:
  leaderWorkerTemplate:
    leaderTemplate:
      spec:
        containers:
          - name: leader
            image: ghcr.io/shop/leader:1.4.2
            securityContext: {runAsUser: 0}
    workerTemplate:
      spec:
        containers:
          - name: worker
            image: ghcr.io/shop/worker:1.4.2
";
    assert_eq!(
        found(["missing-run-as-non-root", "run-as-root-user"], &[("group.yaml", group)]),
        ["group.yaml:11: run-as-root-user", "group.yaml:15: missing-run-as-non-root"]
    );
}

/// A token is found in the text of a file, not in an object. What a rule says about the object that is made of that very text is the
/// same; of a text that the token is only a part of, it may be another secret.
#[test]
fn a_text_is_covered_by_what_is_found_in_it() {
    let token = format!("ghp_{}", "aZ3kD9xQ1mN7vB5tR2yU8iO4pL6sW0eXcJ7f");
    let pod = format!(
        "\
apiVersion: v1
kind: Pod
metadata: {{name: api}}
spec:
  containers:
    - name: api
      image: ghcr.io/shop/api:1.4.2
      args: [\"--password=b7Kq2xLm9TzV {token}\"]
      env:
        - name: GITHUB_TOKEN
          value: \"{token}\"
"
    );
    assert_eq!(
        found(["exposed-token", "hardcoded-secret"], &[("pod.yaml", &pod)]),
        ["pod.yaml:8: hardcoded-secret", "pod.yaml:8: exposed-token", "pod.yaml:11: exposed-token"]
    );
}
