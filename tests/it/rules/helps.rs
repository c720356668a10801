//! What a finding advises, where that depends on the object: advice that breaks things is worse than none.

use manicheck::rules::Registry;

use super::page::Fence;
use super::{active, run};

/// The help of the one finding of a rule in an object.
fn help(rule: &str, text: &str) -> String {
    let registry = Registry::builtin();
    let registered = registry.get(rule).unwrap();
    let rules = [active(&registered.page, registered.make(serde_json::Value::Null).unwrap())];
    let fence = Fence { path: "manifests.yaml".into(), partial: false, target: None, text: text.into() };
    let findings = run::lint(&[fence], &rules).findings;
    let [one] = &findings[..] else { panic!("{rule}: {} findings", findings.len()) };
    one.help.clone().unwrap()
}

/// A pod whose container has these lines.
fn pod(lines: &str) -> String {
    let lines = lines.replace('\n', "\n      ");
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: api}}\nspec:\n  containers:\n    - name: api\n      {lines}\n"
    )
}

#[test]
fn agents_of_the_node_are_told_how_to_keep_what_they_need() {
    let with = |kind: &str, class: &str| {
        format!(
            "\
apiVersion: apps/v1
kind: {kind}
metadata: {{name: network}}
spec:
  selector: {{matchLabels: {{app: network}}}}
  template:
    metadata: {{labels: {{app: network}}}}
    spec:
      priorityClassName: {class}
      containers:
        - name: network
          image: ghcr.io/shop/network:1.4.2
          securityContext:
            privileged: true
            runAsUser: 0
            appArmorProfile: {{type: Unconfined}}
            capabilities: {{drop: [ALL], add: [NET_ADMIN]}}
          volumeMounts: [{{name: etc, mountPath: /host/etc}}]
      volumes:
        - name: etc
          hostPath: {{path: /etc}}
"
        )
    };
    for rule in [
        "added-capability",
        "apparmor-disabled",
        "dangerous-capability",
        "host-path-volume",
        "privileged-container",
        "run-as-root-user",
        "sensitive-host-path",
    ] {
        let keeps = |kind, class| help(rule, &with(kind, class)).starts_with("if it is a node agent that needs this, ");
        assert!(keeps("DaemonSet", "system-node-critical"), "{rule}");
        assert!(!keeps("DaemonSet", "low"), "{rule}");
        assert!(!keeps("Deployment", "system-cluster-critical"), "{rule}");
    }
}

#[test]
fn what_is_the_least_already_is_not_asked_to_be_less() {
    let of = |name: &str| {
        help("dangerous-capability", &pod(&format!("image: a:1\nsecurityContext: {{capabilities: {{add: [{name}]}}}}")))
    };
    assert!(of("IPC_LOCK").contains("if the program locks memory, suppress"), "{}", of("IPC_LOCK"));
    assert!(of("SYS_ADMIN").contains("gives less"));
}

#[test]
fn a_container_that_enters_the_node_is_not_asked_for_a_capability() {
    let of = |command: &str| {
        help(
            "privileged-container",
            &pod(&format!("image: a:1\ncommand: {command}\nsecurityContext: {{privileged: true}}")),
        )
    };
    assert!(of("[chroot, /host, /bin/setup]").contains("change the node"));
    assert!(of("[sh, -c, 'exec chroot /host setup']").contains("change the node"));
    assert!(!of("[serve]").contains("change the node"));
}

/// Argo CD makes again what is gone, and a Job that is made again runs again.
#[test]
fn no_ttl_is_advised_where_argo_cd_applies_the_job() {
    let of = |annotations: &str| {
        help(
            "job-without-ttl",
            &format!(
                "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: setup, annotations: {annotations}}}\n\
                 spec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{{name: setup, image: 'a:1'}}]\n"
            ),
        )
    };
    let synced = of("{argocd.argoproj.io/sync-wave: '2'}");
    assert!(synced.contains("hook-delete-policy") && !synced.contains("set `ttl"), "{synced}");
    assert!(of("{}").contains("set `ttlSecondsAfterFinished`"));
}

#[test]
fn databases_are_checked_by_a_command_or_a_socket() {
    for rule in ["missing-liveness-probe", "missing-readiness-probe"] {
        let of = |image: &str| help(rule, &pod(&format!("image: {image}\nports: [{{containerPort: 5432}}]")));
        assert!(of("postgres:16.4").contains("`tcpSocket`"), "{rule}");
        assert!(of("shop/api:1.4.2").contains("endpoint"), "{rule}");
    }
}

#[test]
fn a_slow_start_is_mentioned_where_there_may_be_one() {
    let of = |numbers: &str| {
        help(
            "fragile-liveness-probe",
            &pod(&format!("image: a:1\nlivenessProbe: {{httpGet: {{path: /livez, port: 80}}, {numbers}}}")),
        )
    };
    assert!(!of("periodSeconds: 3").contains("startupProbe"));
    assert!(of("periodSeconds: 3, initialDelaySeconds: 60").contains("startupProbe"));
    assert!(of("failureThreshold: 1").contains("startupProbe"));
}

#[test]
fn a_variable_of_the_command_line_is_no_file() {
    let of = |line: &str| {
        help(
            "secret-as-env",
            &pod(&format!(
                "image: a:1\n{line}\nenv: [{{name: PASSWORD, valueFrom: {{secretKeyRef: {{name: db, key: password}}}}}}]"
            )),
        )
    };
    assert!(of("args: ['--password=$(PASSWORD)']").contains("suppress"));
    assert!(of("args: [serve]").contains("_FILE"));
}

#[test]
fn the_owner_of_a_claim_is_not_changed_by_a_number_alone() {
    let of = |volume: &str| {
        let container = "image: a:1\nsecurityContext: {runAsUser: 999}\nvolumeMounts: [{name: data, mountPath: /data}]";
        help("low-user-id", &format!("{}  volumes: [{{name: data, {volume}}}]\n", pod(container)))
    };
    assert!(of("persistentVolumeClaim: {claimName: db}").contains("the data on the claim"));
    assert!(of("emptyDir: {}").starts_with("use 10000 or above"));
}

#[test]
fn a_cron_job_has_two_deadlines() {
    let job = "template: {spec: {restartPolicy: Never, containers: [{name: a, image: 'a:1'}]}}";
    let cron = format!(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: a}}\nspec: {{schedule: '0 3 * * *', jobTemplate: {{spec: {{{job}}}}}}}\n"
    );
    let both = help("missing-job-deadline", &cron);
    assert!(both.contains("`activeDeadlineSeconds`") && both.contains("`startingDeadlineSeconds`"), "{both}");
    let one = help(
        "missing-job-deadline",
        &format!("apiVersion: batch/v1\nkind: Job\nmetadata: {{name: a}}\nspec: {{{job}}}\n"),
    );
    assert_eq!(one, "set `activeDeadlineSeconds` a little above the longest run so far");
}
