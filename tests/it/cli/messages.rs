//! What is said to who asks for something that cannot be done, or that does less than it seems.

use std::fs;
use std::process::Command;

use super::{POD, manicheck, stderr, stdout, tree};

#[test]
fn a_directory_without_a_kustomization_gets_one_that_has() {
    let dir = tree(&[
        ("k8s/overlays/dev/kustomization.yaml", "resources: [../pod.yaml]\n"),
        ("k8s/overlays/prod/kustomization.yaml", "resources: [../pod.yaml]\n"),
        ("k8s/overlays/pod.yaml", POD),
        ("plain/pod.yaml", POD),
    ]);
    for command in ["build", "why"] {
        for (path, said) in [
            ("nodir", "there is no `nodir` in `"),
            ("k8s/nope", "there is no `k8s/nope` in `"),
            ("plain", "`plain` has no `kustomization.yaml`; name the directory of a kustomization"),
            ("k8s", "`k8s` has no `kustomization.yaml`; name one below it: `k8s/overlays/dev`, `k8s/overlays/prod`"),
            (
                "k8s/overlays/dev/kustomization.yaml",
                "is a file; name the directory of a kustomization, as `k8s/overlays/dev`",
            ),
            ("https://example.com/k8s?ref=main", "is not fetched; clone the repository"),
        ] {
            let output = manicheck(dir.path(), &[command, path]);
            assert!(stderr(&output).contains(said), "{command} {path}: {}", stderr(&output));
            assert!(!stderr(&output).contains("os error"), "{}", stderr(&output));
            assert_eq!(output.status.code(), Some(2));
        }
    }
}

#[test]
fn a_name_near_to_no_rule_gets_the_list() {
    let dir = tree(&[("pod.yaml", POD)]);
    for args in [["--select", "zzzzz", "."], ["--ignore", "zzzzz", "."]] {
        let output = manicheck(dir.path(), &args);
        assert_eq!(stderr(&output), "manicheck: error: unknown rule `zzzzz`; `manicheck rules` lists them\n");
    }
}

#[test]
fn a_version_that_is_not_known_is_judged_as_the_newest_and_said_so() {
    let dir = tree(&[("pod.yaml", POD)]);
    let output = manicheck(dir.path(), &["--kubernetes", "1.99", "pod.yaml"]);
    assert!(stderr(&output).starts_with("manicheck: Kubernetes 1.99 is not known yet"), "{}", stderr(&output));
    assert_eq!(output.status.code(), Some(1));
    let output = manicheck(dir.path(), &["--kubernetes", "1.99", "--quiet", "pod.yaml"]);
    assert_eq!(stderr(&output), "");
    let output = manicheck(dir.path(), &["--kubernetes", "2.0", "pod.yaml"]);
    assert!(stderr(&output).contains("there is no Kubernetes 2.0; versions are 1.0 up to 1."), "{}", stderr(&output));
    assert_eq!(output.status.code(), Some(2));
    let output = manicheck(dir.path(), &["--kubernetes", "1.33", "pod.yaml"]);
    assert_eq!(stderr(&output), "");
    fs::write(dir.path().join("manicheck.yaml"), "kubernetes: '2.0'\n").unwrap();
    let output = manicheck(dir.path(), &["pod.yaml"]);
    assert!(stdout(&output).contains("there is no Kubernetes 2.0"), "{}", stdout(&output));
}

#[test]
fn unsafe_fixes_alone_are_not_silent() {
    let dir = tree(&[("pod.yaml", POD)]);
    let output = manicheck(dir.path(), &["--unsafe-fixes", "pod.yaml"]);
    assert!(stderr(&output).contains("`--unsafe-fixes` changes nothing by itself; add `--fix`"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(dir.path().join("pod.yaml")).unwrap(), POD);
    for more in ["--fix", "--diff"] {
        let output = manicheck(dir.path(), &["--unsafe-fixes", more, "pod.yaml"]);
        assert!(!stderr(&output).contains("by itself"), "{}", stderr(&output));
    }
}

#[test]
fn values_of_a_chart_are_no_manifests_and_helm_is_named() {
    let dir = tree(&[("chart/values.yaml", "replicas: 3\n"), ("other/values-prod.yaml", "replicas: 3\n")]);
    for path in ["chart", "chart/values.yaml"] {
        let output = manicheck(dir.path(), &[path]);
        assert!(stdout(&output).contains("helm template … | manicheck -"), "{}", stdout(&output));
        assert_eq!(output.status.code(), Some(2));
    }
    assert!(!stdout(&manicheck(dir.path(), &["other"])).contains("helm"));
}

#[test]
fn what_was_skipped_can_be_named() {
    let chart = [("c/Chart.yaml", "name: c\n"), ("c/templates/a.yaml", "{{ x }}\n"), ("pod.yaml", POD)];
    let dir = tree(&chart);
    let output = manicheck(dir.path(), &["."]);
    assert!(stdout(&output).contains("(1) (-v names them)\n"), "{}", stdout(&output));
    let output = manicheck(dir.path(), &["-v", "."]);
    assert!(stdout(&output).contains("skipped c: Helm chart"), "{}", stdout(&output));
}

/// A full or closed standard error takes nothing; the report is not its victim.
#[cfg(target_os = "linux")]
#[test]
fn standard_error_that_takes_nothing_is_no_failure() {
    let dir = tree(&[("pod.yaml", POD)]);
    for args in
        [&["--fix"][..], &["--diff", "--unsafe-fixes"], &["--write-baseline", "known.json"], &["--unsafe-fixes"]]
    {
        let usual = manicheck(dir.path(), &[args, &["pod.yaml"]].concat());
        let mut command = Command::new(env!("CARGO_BIN_EXE_manicheck"));
        let command = command.args(args).arg("pod.yaml").current_dir(dir.path());
        let full = command.stderr(fs::File::options().write(true).open("/dev/full").unwrap()).output().unwrap();
        assert_eq!((stdout(&full), full.status.code()), (stdout(&usual), usual.status.code()), "{args:?}");
        assert!(!stdout(&full).is_empty() || args.contains(&"--diff"), "{args:?}");
    }
}

/// Helm gives a release without a name a random one, which is no change that a fix made.
#[cfg(unix)]
#[test]
fn fixes_are_compared_with_one_answer_of_helm() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tree(&[
        ("k/kustomization.yaml", "resources: [pod.yaml]\nhelmCharts:\n- name: shop\n"),
        ("k/pod.yaml", &POD.replace("spec:", "spec:\n  serviceAccount: api")),
        ("k/charts/shop/Chart.yaml", "name: shop\n"),
        ("k/charts/shop/values.yaml", "a: 1\n"),
        (
            "bin/helm",
            "#!/bin/sh\necho x >>\"$CALLS\"\nprintf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: r-%s}\\n' $$\n",
        ),
    ]);
    fs::set_permissions(dir.path().join("bin/helm"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", dir.path().join("bin").display(), std::env::var("PATH").unwrap());
    let output = Command::new(env!("CARGO_BIN_EXE_manicheck"))
        .args(["--fix", "--helm", "--select", "deprecated-field", "k"])
        .current_dir(dir.path())
        .env("PATH", path)
        .env("CALLS", dir.path().join("calls"))
        .output()
        .unwrap();
    assert_eq!(stderr(&output), "manicheck: fixed 1 finding in 1 file\n", "{}", stdout(&output));
    assert!(fs::read_to_string(dir.path().join("k/pod.yaml")).unwrap().contains("serviceAccountName: api"));
    // One for all that is compared, one for the report.
    assert_eq!(fs::read_to_string(dir.path().join("calls")).unwrap(), "x\nx\n");
}
