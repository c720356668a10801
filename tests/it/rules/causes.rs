//! A finding that an overlay causes by taking something out is reported at the line that does so, whatever the rule.

use std::path::Path;

use manicheck::discover::Input;
use manicheck::files::{Context, MemoryFiles};
use manicheck::rules::Registry;
use manicheck::settings::Settings;
use manicheck::source::{Sources, Span};

use super::active;

fn place(span: Span<'_>) -> String {
    format!("{}:{} {}", span.source.display(), span.start_pos().line, span.text())
}

/// The findings of a rule in what is below a directory: the place, what is said beside it, and the first related place.
fn found(rule: &str, files: &[(&str, &str)], below: &str) -> Vec<String> {
    let registry = Registry::builtin();
    let rule = registry.get(rule).unwrap();
    let rules = [active(&rule.page, rule.make(serde_json::Value::Null).unwrap())];
    let mut memory = MemoryFiles::new();
    files.iter().for_each(|(path, text)| memory.insert(Path::new("/t").join(path), *text));
    let sources = Sources::new();
    let ctx = Context { files: &memory, sources: &sources, cwd: Path::new("/t") };
    let inputs = [Input::Path(below.into())];
    let report = manicheck::run::run(ctx, &inputs, &Settings::default(), &registry, &rules);
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    let shown = |f: &manicheck::finding::Finding<'_>| {
        let related = f.related.first().map(|l| format!(" <- {}", place(l.span))).unwrap_or_default();
        let label = Some(&f.primary.message).filter(|m| !m.is_empty()).map(|m| format!(" ({m})")).unwrap_or_default();
        format!("{}{label}{related}", place(f.primary.span))
    };
    report.findings.iter().map(shown).collect()
}

/// What a rule finds in an overlay of a base in which it finds nothing.
fn caused(rule: &str, base: &str, overlay: &str) -> Vec<String> {
    let files = [
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        ("base/app.yaml", base),
        ("overlay/kustomization.yaml", overlay),
    ];
    assert_eq!(found(rule, &files, "base"), [""; 0], "the base is sound");
    found(rule, &files, ".")
}

/// A workload with all that the tests take out of it or from around it.
const APP: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers:
        - name: web
          image: ghcr.io/shop/web:1.4.2
          env:
            - {name: HOST, value: db}
            - {name: URL, value: 'http://$(HOST)/'}
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /, port: http}}
          envFrom: [{configMapRef: {name: settings}}]
          volumeMounts: [{name: data, mountPath: /data}]
      volumes:
        - name: data
          emptyDir: {}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports:
    - {name: http, port: 80, targetPort: http}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
    - host: shop.example.org
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: web, port: {name: http}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: b}
";

/// An overlay of the base that deletes an object.
fn deletes(more: &str, api_version: &str, kind: &str, name: &str) -> String {
    format!(
        "resources: [../base]\n{more}patches:\n  - patch: |\n      apiVersion: {api_version}\n      kind: {kind}\n      metadata: {{name: {name}}}\n      $patch: delete\n"
    )
}

#[test]
fn a_deleted_object_is_named_where_it_is_deleted() {
    let settings = deletes("", "v1", "ConfigMap", "settings");
    let removed =
        "overlay/kustomization.yaml:7 delete (this removes ConfigMap `settings`) <- base/app.yaml:19 settings";
    assert_eq!(caused("dangling-config-map", APP, &settings), [removed]);
    let web = deletes("", "apps/v1", "Deployment", "web");
    let selector = "overlay/kustomization.yaml:7 delete (this removes Deployment `web`) <- base/app.yaml:29 web";
    assert_eq!(caused("dangling-service-selector", APP, &web), [selector]);
    let service = deletes("", "v1", "Service", "web");
    let backend = "overlay/kustomization.yaml:7 delete (this removes Service `web`) <- base/app.yaml:43 web";
    assert_eq!(caused("dangling-backend", APP, &service), [backend]);
    let budget = deletes("", "policy/v1", "PodDisruptionBudget", "web");
    let pdb = "overlay/kustomization.yaml:7 delete (this removes PodDisruptionBudget `web`) <- base/app.yaml:3 web";
    assert_eq!(caused("missing-pdb", APP, &budget), [pdb]);
}

/// Names, namespaces and labels that the overlay gives to everything do not hide what it deleted.
#[test]
fn what_an_overlay_gives_to_all_objects_is_given_to_deleted_ones() {
    let more = "namespace: prod\nnamePrefix: prod-\nlabels: [{pairs: {env: prod}, includeSelectors: true}]\n";
    let settings = deletes(more, "v1", "ConfigMap", "settings");
    let removed =
        "overlay/kustomization.yaml:10 delete (this removes ConfigMap `settings`) <- base/app.yaml:19 settings";
    assert_eq!(caused("dangling-config-map", APP, &settings), [removed]);
    let web = deletes(more, "apps/v1", "Deployment", "web");
    let found = caused("dangling-service-selector", APP, &web);
    assert!(found[0].starts_with("overlay/kustomization.yaml:10 delete "), "{found:?}");
}

/// What would be missing without the patch too is not the fault of the patch.
#[test]
fn a_deletion_that_changes_nothing_is_not_blamed() {
    let other = APP.replace("configMapRef: {name: settings}", "configMapRef: {name: sundries}");
    let files = [
        ("base/kustomization.yaml", "resources: [app.yaml]\n".to_string()),
        ("base/app.yaml", other),
        ("overlay/kustomization.yaml", deletes("", "v1", "ConfigMap", "settings")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(found("dangling-config-map", &files, "."), ["base/app.yaml:19 sundries"]);
    // Another object of the name takes its place.
    let replaced = format!(
        "{}configMapGenerator: [{{name: settings, literals: [a=b]}}]\n",
        deletes("", "v1", "ConfigMap", "settings")
    );
    let component = replaced.replace("configMapGenerator", "components: [more]\n#");
    let files = [
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        ("base/app.yaml", APP),
        ("overlay/kustomization.yaml", &component),
        ("overlay/more/kustomization.yaml", "kind: Component\nresources: [other.yaml]\n"),
        ("overlay/more/other.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\ndata: {a: b}\n"),
    ];
    let found = found("dangling-config-map", &files, ".");
    assert!(found[0].starts_with("overlay/kustomization.yaml:7 delete"), "{found:?}");
}

/// What is found with and without the namespace that a patch takes out is found for another reason.
#[test]
fn a_namespace_that_is_taken_out_is_not_blamed_for_all_else() {
    let base = APP.replace(
        "metadata: {name: web}\nspec:\n  replicas",
        "metadata: {name: web, namespace: web}\nspec:\n  replicas",
    );
    let files = [
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        ("base/app.yaml", base.as_str()),
        (
            "overlay/kustomization.yaml",
            "resources: [../base]\npatches: [{path: none.yaml, target: {kind: Deployment}}]\n",
        ),
        ("overlay/none.yaml", "- op: remove\n  path: /metadata/namespace\n"),
    ];
    assert_eq!(found("missing-memory-limit", &files, "."), ["base/app.yaml:12 web (no `resources.limits.memory`)"]);
}

/// The one patch of several that matters is found.
#[test]
fn of_several_patches_the_one_that_matters_is_blamed() {
    let overlay = "\
resources: [../base]
patches:
  - target: {kind: Deployment}
    patch: |
      - {op: remove, path: /spec/template/spec/containers/0/readinessProbe}
      - {op: remove, path: /spec/template/spec/volumes/0}
  - target: {kind: Service}
    patch: '- {op: remove, path: /spec/ports/0/name}'
  - patch: |
      {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web}, $patch: delete}
  - patch: |
      {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, $patch: delete}
";
    let at = |rule| caused(rule, APP, overlay).iter().map(|f| f[27..29].trim().to_string()).collect::<Vec<_>>();
    assert_eq!(at("missing-readiness-probe"), ["5"]);
    assert_eq!(at("dangling-volume-mount"), ["6"]);
    assert_eq!(at("dangling-backend"), ["8"]);
    assert_eq!(at("missing-pdb"), ["10"]);
    assert_eq!(at("dangling-config-map"), ["12"]);
}

fn patched(patch: &str) -> String {
    let patch: String = patch.lines().map(|line| format!("      {line}\n")).collect();
    format!("resources: [../base]\npatches:\n  - target: {{name: web, kind: Deployment}}\n    patch: |\n{patch}")
}

const HEAD: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";

#[test]
fn an_item_that_a_patch_takes_out_of_a_list_is_named() {
    let at = "overlay/kustomization.yaml:5 /spec/template/spec/volumes/0 (this removes `data` of `volumes`)";
    let mount = format!("{at} <- base/app.yaml:20 data");
    assert_eq!(
        caused("dangling-volume-mount", APP, &patched("- {op: remove, path: /spec/template/spec/volumes/0}")),
        [mount]
    );
    let body = "spec:\n  template:\n    spec:\n      volumes:\n        - {name: data, $patch: delete}\n";
    let found = caused("dangling-volume-mount", APP, &patched(&format!("{HEAD}{body}")));
    assert_eq!(
        found,
        ["overlay/kustomization.yaml:12 delete (this removes `data` of `volumes`) <- base/app.yaml:20 data"]
    );
    let body = "spec:\n  template:\n    spec:\n      volumes:\n        - $patch: replace\n        - {name: other, emptyDir: {}}\n";
    let found = caused("dangling-volume-mount", APP, &patched(&format!("{HEAD}{body}")));
    assert!(found[0].starts_with("overlay/kustomization.yaml:12 replace "), "{found:?}");
    let ports = "- {op: remove, path: /spec/template/spec/containers/0/ports/0}";
    let found = caused("dangling-port-name", APP, &patched(ports));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("overlay/kustomization.yaml:5 "), "{found:?}");
}

/// `$patch: replace` on a mapping, and a JSON `replace`, take out what they do not repeat.
#[test]
fn what_a_replacement_leaves_out_is_named() {
    let body = "spec:\n  template:\n    spec:\n      $patch: replace\n      serviceAccountName: web\n      containers:\n        - name: web\n          image: ghcr.io/shop/web:1.4.2\n          ports: [{name: http, containerPort: 8080}]\n";
    let found = caused("missing-readiness-probe", APP, &patched(&format!("{HEAD}{body}")));
    assert!(found[0].starts_with("overlay/kustomization.yaml:11 replace (this patch removes it)"), "{found:?}");
    let container = "- op: replace\n  path: /spec/template/spec/containers/0\n  value: {name: web, image: 'ghcr.io/shop/web:1.4.2', ports: [{name: http, containerPort: 8080}]}\n";
    let found = caused("missing-readiness-probe", APP, &patched(container));
    assert!(found[0].starts_with("overlay/kustomization.yaml:6 /spec/template/spec/containers/0"), "{found:?}");
}

/// A generator that replaces a ConfigMap of the base takes out its keys.
#[test]
fn keys_that_a_generator_replaces_are_named() {
    let files = [
        ("base/kustomization.yaml", "resources: [app.yaml]\nconfigMapGenerator: [{name: c, literals: [a=1, b=2]}]\n"),
        (
            "base/app.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: web:1\n      env:\n        - {name: A, valueFrom: {configMapKeyRef: {name: c, key: b}}}\n",
        ),
        (
            "overlay/kustomization.yaml",
            "resources: [../base]\nconfigMapGenerator:\n  - name: c\n    behavior: replace\n    literals: [a=3]\n",
        ),
    ];
    assert_eq!(found("missing-config-key", &files, "base"), [""; 0]);
    let found = found("missing-config-key", &files, ".");
    assert_eq!(found, ["overlay/kustomization.yaml:3 c (this removes `b`) <- base/app.yaml:9 b"]);
}

/// An overlay that patches an object of the base by JSON operations.
fn operations(kind: &str, operations: &str) -> String {
    let operations: String = operations.lines().map(|line| format!("      - {line}\n")).collect();
    format!("resources: [../base]\npatches:\n  - target: {{kind: {kind}}}\n    patch: |\n{operations}")
}

const MONITOR: &str = "\
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  endpoints: [{port: http}]
";

#[test]
fn of_two_sides_the_one_that_an_overlay_changed_is_named() {
    let said = "(what this writes no longer fits)";
    let port = operations("Service", "{op: replace, path: /spec/ports/0/name, value: web}");
    let backend = format!("overlay/kustomization.yaml:5 web {said} <- base/app.yaml:43 http");
    assert_eq!(caused("dangling-backend", APP, &port), [backend]);
    let app = APP.replace(
        "metadata: {name: web}\nspec:\n  selector: {app",
        "metadata: {name: web, labels: {app: web}}\nspec:\n  selector: {app",
    );
    let monitored = format!("{app}{MONITOR}");
    let monitor = format!("overlay/kustomization.yaml:5 web {said} <- base/app.yaml:60 http");
    assert_eq!(caused("dangling-service-monitor", &monitored, &port), [monitor]);
    let label = operations("Service", "{op: replace, path: /metadata/labels/app, value: shop}");
    let monitor = format!("overlay/kustomization.yaml:5 shop {said} <- base/app.yaml:59 web");
    assert_eq!(caused("dangling-service-monitor", &monitored, &label), [monitor]);
    let pods = operations("Deployment", "{op: replace, path: /spec/template/metadata/labels/app, value: shop}");
    let selector = format!("overlay/kustomization.yaml:5 shop {said} <- base/app.yaml:29 web");
    assert_eq!(caused("dangling-service-selector", APP, &pods), [selector]);
    let mismatch = format!("overlay/kustomization.yaml:5 shop {said} <- base/app.yaml:6 web");
    assert_eq!(caused("selector-mismatch", APP, &pods), [mismatch]);
    // A strategic merge that takes the label out is a removal.
    let gone = format!("{HEAD}spec:\n  template:\n    metadata:\n      labels: {{app: null, tier: web}}\n");
    let found = caused("dangling-service-selector", APP, &patched(&gone));
    assert!(found[0].starts_with("overlay/kustomization.yaml:11 app (this removes `app`)"), "{found:?}");
}

/// Neither side is wrong by itself if the overlay wrote both.
#[test]
fn two_sides_that_an_overlay_wrote_stay_where_the_rule_says() {
    let both = "\
resources: [../base]
patches:
  - target: {kind: Service}
    path: port.yaml
  - target: {kind: Ingress}
    patch: |
      - {op: replace, path: /spec/rules/0/http/paths/0/backend/service/port/name, value: www}
";
    let files = [
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        ("base/app.yaml", APP),
        ("overlay/kustomization.yaml", both),
        ("overlay/port.yaml", "- {op: replace, path: /spec/ports/0/name, value: web}\n"),
    ];
    let found = found("dangling-backend", &files, ".");
    assert_eq!(found, ["overlay/kustomization.yaml:7 www <- base/app.yaml:43 http"]);
}

const BINDING: &str = "\
apiVersion: v1
kind: ServiceAccount
metadata: {name: ci}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: ci}
rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ci}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ci}
subjects:
  - {kind: ServiceAccount, name: ci, namespace: build}
";

/// kustomize lets a subject follow its account only from the namespace that the account had.
#[test]
fn an_account_that_is_moved_away_from_its_subject_is_named() {
    let moved = "resources: [../base]\nnamespace: prod\n";
    let found = caused("dangling-rbac-reference", BINDING, moved);
    assert_eq!(found, ["overlay/kustomization.yaml:2 prod (what this writes no longer fits) <- base/app.yaml:15 ci"]);
    let fits = "resources: [../base]\nnamespace: build\n";
    assert_eq!(caused("dangling-rbac-reference", BINDING, fits), [""; 0]);
    let follows = BINDING.replace("metadata: {name: ci}\n---", "metadata: {name: ci, namespace: build}\n---");
    assert_eq!(caused("dangling-rbac-reference", &follows, moved), [""; 0]);
    // An account that another subject finds is where it should be: this one means another of its name.
    let both = BINDING.replace("subjects:\n", "subjects:\n  - {kind: ServiceAccount, name: ci, namespace: prod}\n");
    assert_eq!(caused("dangling-rbac-reference", &both, moved), [""; 0]);
    let elsewhere = BINDING.replace("name: ci, namespace: build", "name: prometheus, namespace: monitoring");
    assert_eq!(caused("dangling-rbac-reference", &elsewhere, moved), [""; 0]);
}

/// A removal that is enough by itself is blamed even if another one is enough too; of two that are needed, neither is.
#[test]
fn a_removal_is_blamed_if_it_is_enough() {
    let either = "\
resources: [../base]
patches:
  - patch: |
      {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, $patch: delete}
  - patch: |
      {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web}, $patch: delete}
  - patch: |
      {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: second}, $patch: delete}
";
    let budget = "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: second}\nspec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}\n";
    let found = caused("missing-pdb", &format!("{APP}{budget}"), either);
    assert!(found[0].starts_with("overlay/kustomization.yaml:6 "), "{found:?}");
    let both = "\
resources: [../base]
patches:
  - patch: |
      {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web}, spec: {selector: null}}
  - patch: |
      {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web}, $patch: delete}
";
    let found = caused("missing-pdb", APP, both);
    assert!(found[0].starts_with("base/app.yaml:3 web"), "{found:?}");
}

/// What was taken out would be found as well if it were put back: the defect is that of the base.
#[test]
fn a_removal_of_what_is_as_wrong_is_not_blamed() {
    let base = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  securityContext: {runAsUser: 1000}
  containers:
    - name: web
      image: ghcr.io/shop/web:1.4.2
      securityContext: {runAsUser: 1000, runAsNonRoot: true}
";
    let overlay = operations(
        "Pod",
        "{op: add, path: /spec/containers/0/securityContext, value: {allowPrivilegeEscalation: false}}",
    );
    let files = [
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        ("base/app.yaml", base),
        ("overlay/kustomization.yaml", &overlay),
    ];
    let found = found("low-user-id", &files, "overlay");
    assert_eq!(found, ["base/app.yaml:5 1000 (the node may know somebody else as user 1000) <- base/app.yaml:7 web"]);
}
