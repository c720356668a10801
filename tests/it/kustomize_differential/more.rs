//! The rarer fields of a kustomization, added to a random tree.

use std::fmt::Write as _;

use super::trees::{Files, Random, SCALARS};

pub(super) const BASE: &str = "base/kustomization.yaml";
pub(super) const OVERLAY: &str = "overlay/kustomization.yaml";

impl Random {
    /// Adds some of the rarer fields, each to a kustomization that does not have it.
    pub(super) fn add_more(&mut self, files: &mut Files, names: &[&'static str]) {
        self.some_of(
            11,
            files,
            names,
            &[
                Self::references,
                Self::second_base,
                Self::vars,
                Self::configurations,
                Self::replacements,
                Self::secrets,
                Self::sort_options,
                Self::labels_with_fields,
                Self::old_labels,
                Self::old_patches,
                Self::selected_patches,
                Self::metadata,
                Self::plugins,
                Self::outer,
            ],
        );
    }

    /// Either kustomization.
    pub(super) fn either(&mut self) -> &'static str {
        if self.chance(50) { BASE } else { OVERLAY }
    }

    /// Objects that name others.
    fn references(&mut self, files: &mut Files, names: &[&'static str]) {
        let name = self.pick(names);
        let scope = self.pick(&["", "\n  namespace: other"]);
        files.insert(
            "base/references.yaml".into(),
            format!(
                "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: runner{scope}\nimagePullSecrets: [{{name: keys}}]\n---\n\
                 apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: runner}}\nrules:\n\
                 - {{apiGroups: [''], resources: [configmaps], resourceNames: [settings], verbs: [get]}}\n---\n\
                 apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: runner}}\n\
                 roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: runner}}\n\
                 subjects: [{{kind: ServiceAccount, name: runner{}}}, {{kind: ServiceAccount, name: default}}]\n---\n\
                 apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: runner}}\n\
                 roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}}\n\
                 subjects: [{{kind: ServiceAccount, name: runner, namespace: other}}]\n---\n\
                 apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: {name}}}\n\
                 spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}}}\n---\n\
                 apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}}}\nspec:\n  tls: [{{secretName: keys}}]\n  \
                 rules: [{{http: {{paths: [{{path: /, backend: {{service: {{name: {name}, port: {{number: 80}}}}}}}}]}}}}]\n",
                if scope.is_empty() { "" } else { ", namespace: other" },
            ),
        );
        add_resource(files, BASE, "references.yaml");
    }

    /// A second base with objects of the same names, under a prefix of its own.
    fn second_base(&mut self, files: &mut Files, names: &[&'static str]) {
        let name = self.pick(names);
        let affix = self.pick(&["namePrefix: two-", "nameSuffix: -two", "namespace: two"]);
        files.insert(
            "second/kustomization.yaml".into(),
            format!(
                "{affix}\nresources: [objects.yaml]\nconfigMapGenerator:\n- name: settings\n  literals: [a=second]\n"
            ),
        );
        files.insert(
            "second/objects.yaml".into(),
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}-second, labels: {{app: second}}}}\nspec:\n  template:\n    \
                 spec:\n      containers:\n      - name: main\n        image: shop/{name}:1\n        \
                 envFrom: [{{configMapRef: {{name: settings}}}}]\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}-second}}\n\
                 spec: {{ports: [{{port: 1}}], selector: {{app: second}}}}\n"
            ),
        );
        add_resource(files, OVERLAY, "../second");
    }

    fn vars(&mut self, files: &mut Files, _: &[&'static str]) {
        let value =
            self.pick(&["$(SETTING)", "a-$(SETTING)-$(PORT)", "$$(SETTING)", "$(PORT)", "$(ABSENT) $(SETTING)"]);
        files.insert(
            "base/uses.yaml".into(),
            format!(
                "apiVersion: v1\nkind: Service\nmetadata: {{name: uses}}\nspec: {{ports: [{{port: 8080}}]}}\n---\n\
                 apiVersion: v1\nkind: Pod\nmetadata: {{name: uses}}\nspec:\n  containers:\n  - name: main\n    image: main\n    \
                 args: ['{value}', plain]\n    env: [{{name: X, value: '{value}'}}]\n"
            ),
        );
        add_resource(files, BASE, "uses.yaml");
        let path = self.pick(&["metadata.name", "data.a"]);
        let at = self.either();
        append(
            files,
            at,
            "vars",
            &format!(
                "- name: SETTING\n  objref: {{kind: ConfigMap, name: settings, apiVersion: v1}}\n  fieldref: {{fieldpath: {path}}}\n\
                 - name: PORT\n  objref: {{kind: Service, name: uses, apiVersion: v1}}\n  fieldref: {{fieldpath: 'spec.ports[0].port'}}\n"
            ),
        );
    }

    fn configurations(&mut self, files: &mut Files, names: &[&'static str]) {
        let name = self.pick(names);
        let at = self.either();
        files.insert(
            at.replace("kustomization", "configuration"),
            format!(
                "nameReference:\n- kind: ConfigMap\n  version: v1\n  fieldSpecs: [{{path: spec/settings, kind: Widget}}]\n\
                 - kind: Deployment\n  fieldSpecs: [{{path: spec/workloads/name, kind: Widget}}]\n\
                 images: [{{path: spec/picture, kind: Widget}}, {{path: 'spec/pictures[]/image', kind: Widget}}]\n\
                 commonLabels: [{{path: spec/labels, create: {}, kind: Widget}}]\n\
                 commonAnnotations: [{{path: spec/notes, create: true, kind: Widget}}]\n\
                 namePrefix: [{{path: spec/prefixed, kind: Widget}}]\n\
                 namespace: [{{path: spec/space, create: true, kind: Widget}}]\n\
                 replicas: [{{path: spec/count, create: true, kind: Widget}}]\n\
                 varReference: [{{path: spec/text, kind: Widget}}]\n",
                self.chance(50)
            ),
        );
        append(files, at, "configurations", "- configuration.yaml\n");
        files.insert(
            "base/widget.yaml".into(),
            format!(
                "apiVersion: acme.dev/v1\nkind: Widget\nmetadata: {{name: {name}}}\nspec:\n  settings: settings\n  \
                 workloads: [{{name: {name}}}, {{name: absent}}]\n  picture: shop/{name}:0\n  \
                 pictures: [{{image: shop/{name}}}]\n  prefixed: {}\n  text: $(SETTING)\n",
                self.pick(&["x", "'1'", "2"])
            ),
        );
        add_resource(files, BASE, "widget.yaml");
    }

    fn replacements(&mut self, files: &mut Files, _: &[&'static str]) {
        let at = self.either();
        files.insert(
            at.replace("kustomization", "source"),
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: source, labels: {of: source}}\ndata:\n  path: one/two/three\n  number: \"8\"\n  \
             json: '{\"host\": \"a\", \"ports\": [1, 2]}'\n  yaml: |\n    host: a\n    # kept?\n    list: [{name: x, v: 1}]\n"
                .into(),
        );
        add_resource(files, at, "source.yaml");
        let mut out = String::new();
        for _ in 0..1 + self.below(3) {
            let source = self.pick(&[
                "source: {kind: ConfigMap, name: source, fieldPath: data.path}",
                "source: {kind: ConfigMap, name: source, fieldPath: data.path, options: {delimiter: /, index: 1}}",
                "source: {kind: ConfigMap, name: source, fieldPath: data.number}",
                "source: {kind: ConfigMap, name: source}",
                "source: {kind: ConfigMap, name: source, fieldPath: metadata.labels}",
                "sourceValue: fixed",
                "sourceValue: \"5\"",
            ]);
            let select = self.pick(&[
                "select: {kind: Deployment|StatefulSet|DaemonSet}",
                "select: {kind: Deployment}\n    reject: [{name: absent}]",
                "select: {kind: Deployment|DaemonSet}\n    reject: [{labelSelector: k=x}]",
                "select: {group: apps, version: v1}",
            ]);
            let path = match self.below(9) {
                0 => "spec.template.spec.containers.*.image".to_string(),
                1 => format!("spec.template.spec.containers.[name=main].env.[name={}].value", self.pick(&["A", "N"])),
                2 => "metadata.annotations.[a.b/c]".into(),
                3 => "spec.replicas".into(),
                4 => "spec.template.metadata.labels.app".into(),
                5 => "spec.made.0.deep".into(),
                6 => "spec.selector.matchLabels.env".into(),
                7 => "metadata.name".into(),
                _ => "spec.made.list.[=x]".into(),
            };
            let options = self.pick(&[
                "options: {create: true}",
                "options: {create: true}",
                "options: {create: true}",
                "options: {delimiter: /, index: 0}",
                "options: {delimiter: ':', index: 1}",
                "options: {delimiter: '-', index: -1}",
                "options: {delimiter: '-', index: 9, create: true}",
                "options: {}",
            ]);
            writeln!(out, "- {source}\n  targets:\n  - {select}\n    fieldPaths: [\"{path}\"]\n    {options}").unwrap();
        }
        if self.chance(40) {
            let path =
                self.pick(&["data.json.host", "data.json.ports.0", "data.yaml.host", "data.yaml.list.[name=x].v"]);
            writeln!(
                out,
                "- sourceValue: {}\n  targets:\n  - select: {{kind: ConfigMap, name: source}}\n    fieldPaths: [\"{path}\"]",
                self.pick(&["new", "\"3\"", "\"true\""])
            )
            .unwrap();
        }
        if self.chance(30) {
            files.insert(at.replace("kustomization", "moved"), out);
            out = "- path: moved.yaml\n".into();
        }
        append(files, at, "replacements", &out);
    }

    fn secrets(&mut self, files: &mut Files, _: &[&'static str]) {
        files.insert("base/some.env".into(), "A=1\n  # no\nB = x\nEMPTY\nQ=\"q\"\n".into());
        files.insert(
            "base/file.txt".into(),
            format!("{}\n", self.pick(&["text", "tab\there", "", "x ".repeat(80).trim()])),
        );
        let kind = self.pick(&[
            "type: kubernetes.io/tls\n  literals: [tls.crt=a, tls.key=b]",
            "literals: [a=b]",
            "envs: [some.env]",
        ]);
        append(
            files,
            BASE,
            "secretGenerator",
            &format!("- name: keys\n  {kind}\n- name: files\n  files: [file.txt, renamed=file.txt]\n"),
        );
        if self.chance(50) {
            let options = self.pick(&[
                "{disableNameSuffixHash: true}",
                "{labels: {l: \"1\"}, annotations: {note: \"true\"}}",
                "{immutable: true}",
            ]);
            append_line(files, BASE, "generatorOptions", &format!("generatorOptions: {options}\n"));
        }
        if self.chance(50) {
            let behavior = self.pick(&["merge", "replace"]);
            append(
                files,
                OVERLAY,
                "secretGenerator",
                &format!("- name: keys\n  behavior: {behavior}\n  literals: [more=1]\n"),
            );
        }
    }

    fn sort_options(&mut self, files: &mut Files, _: &[&'static str]) {
        let order = self.pick(&[
            "{order: fifo}",
            "{order: legacy}",
            "{order: legacy, legacySortOptions: {orderFirst: [Service, Deployment], orderLast: [ConfigMap]}}",
        ]);
        append_line(files, OVERLAY, "sortOptions", &format!("sortOptions: {order}\n"));
    }

    fn labels_with_fields(&mut self, files: &mut Files, _: &[&'static str]) {
        let at = self.either();
        let create = self.chance(50);
        append(
            files,
            at,
            "labels",
            &format!(
                "- pairs: {{env: fields, extra: \"1\"}}\n  fields:\n  - {{path: spec/more/labels, create: {create}, kind: Deployment}}\n  \
                 - {{path: spec/template/metadata/labels, create: {create}}}\n  - {{path: 'spec/list[]/labels', create: true, group: acme.dev}}\n\
                 - pairs: {{last: x}}\n  includeTemplates: true\n"
            ),
        );
    }

    fn old_labels(&mut self, files: &mut Files, _: &[&'static str]) {
        let at = self.either();
        let value = self.pick(&["x", "\"2\"", "\"null\""]);
        append_line(files, at, "commonLabels", &format!("commonLabels: {{env: {value}, app: all}}\n"));
    }

    fn old_patches(&mut self, files: &mut Files, names: &[&'static str]) {
        let Some(name) = self.workload_of(&["Deployment"], names) else { return };
        let at = self.either();
        let (added, label) = (self.pick(&SCALARS), self.pick(&["env", "app", "k"]));
        if self.chance(50) {
            append(
                files,
                at,
                "patchesStrategicMerge",
                &format!(
                    "- |-\n  apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: {name}\n    labels: {{{label}: patched}}\n  \
                     spec:\n    added: {added}\n    template: {{metadata: {{labels: {{{label}: patched}}}}}}\n"
                ),
            );
        } else {
            append(
                files,
                at,
                "patchesJson6902",
                &format!(
                    "- target: {{group: apps, version: v1, kind: Deployment, name: {name}}}\n  patch: |-\n    \
                     - {{op: add, path: /metadata/labels, value: {{{label}: json}}}}\n    - {{op: add, path: /spec/added, value: {added}}}\n"
                ),
            );
        }
    }

    fn selected_patches(&mut self, files: &mut Files, names: &[&'static str]) {
        let name = self.pick(names);
        let at = self.either();
        let target = self.pick(&[
            "{kind: '.*Set|Deployment'}",
            "{name: '[a-z]+', group: apps}",
            "{labelSelector: 'app in (web, api), k!=x'}",
            "{labelSelector: app}",
            "{annotationSelector: 'note=a'}",
            "{namespace: default, kind: Deployment}",
            "{kind: Deploy}",
            "{version: v1, kind: Service}",
        ]);
        let options =
            self.pick(&["{}", "{allowNameChange: true}", "{allowKindChange: true}", "{allowNameChange: false}"]);
        let kind = self.pick(&["Deployment", "StatefulSet", "Other"]);
        let (label, value) = (self.pick(&["env", "app"]), self.pick(&SCALARS));
        let body = self.pick(&[
            "spec: {replicas: 7}",
            "spec: {selector: {matchLabels: {app: s}}}",
            "spec: {template: {spec: {containers: [{name: side, image: s}, {name: main, env: [{name: A, $patch: delete}]}]}}}",
            "metadata: {finalizers: [a, b], annotations: {p: q}, name: renamed}",
            "$patch: delete",
            "spec: {$patch: replace, only: 1}",
        ]);
        let renamed = if body.starts_with("metadata") {
            String::new()
        } else {
            format!("metadata: {{name: {name}-new, labels: {{{label}: {value}}}}}\n    ")
        };
        append(
            files,
            at,
            "patches",
            &format!(
                "- target: {target}\n  options: {options}\n  patch: |-\n    apiVersion: apps/v1\n    kind: {kind}\n    {renamed}{body}\n"
            ),
        );
    }

    fn metadata(&mut self, files: &mut Files, _: &[&'static str]) {
        let asked =
            self.pick(&["[originAnnotations]", "[originAnnotations, transformerAnnotations]", "[managedByLabel]"]);
        append_line(files, OVERLAY, "buildMetadata", &format!("buildMetadata: {asked}\n"));
    }

    fn plugins(&mut self, files: &mut Files, names: &[&'static str]) {
        let at = self.either();
        let name = self.workload_of(&["Deployment"], names).unwrap_or("absent");
        let config = self.pick(&[
            "kind: PrefixTransformer\n  metadata: {name: t}\n  prefix: t-\n  fieldSpecs: [{path: metadata/name}]",
            "kind: LabelTransformer\n  metadata: {name: t}\n  labels: {t: \"1\"}\n  fieldSpecs: [{path: metadata/labels, create: true}, {path: spec/made, create: true}]",
            "kind: NamespaceTransformer\n  metadata: {name: t, namespace: space}\n  unsetOnly: true\n  setRoleBindingSubjects: allServiceAccounts",
            "kind: ImageTagTransformer\n  metadata: {name: t}\n  imageTag: {name: shop/web, newTag: t}",
            "kind: PatchTransformer\n  metadata: {name: t}\n  target: {kind: Service}\n  patch: '[{\"op\": \"add\", \"path\": \"/spec/type\", \"value\": \"NodePort\"}]'",
            "kind: ReplicaCountTransformer\n  metadata: {name: t}\n  replica: {name: NAME, count: 4}\n  fieldSpecs: [{path: spec/replicas, create: true, kind: Deployment}]",
        ]);
        let config = config.replace("NAME", name);
        append(files, at, "transformers", &format!("- |-\n  apiVersion: builtin\n  {config}\n"));
    }

    /// One more layer around the overlay, so that what it made is worked on again.
    fn outer(&mut self, files: &mut Files, names: &[&'static str]) {
        let Some(overlay) = files.remove(OVERLAY) else { return };
        let inner: Vec<(String, String)> = files
            .iter()
            .filter(|(path, _)| path.starts_with("overlay/"))
            .map(|(path, text)| (path.replacen("overlay/", "inner/", 1), text.clone()))
            .collect();
        files.retain(|path, _| !path.starts_with("overlay/"));
        files.extend(inner);
        files.insert("inner/kustomization.yaml".into(), overlay);
        let mut outer = "resources: [../inner]\n".to_string();
        self.transformers(&mut outer, names);
        let name = self.pick(names);
        files.insert(OVERLAY.into(), outer);
        if self.chance(50) {
            let label = self.pick(&["env", "app"]);
            append(
                files,
                OVERLAY,
                "patches",
                &format!(
                    "- target: {{kind: Deployment|StatefulSet|DaemonSet, name: {name}}}\n  patch: |-\n    apiVersion: apps/v1\n    \
                     kind: Any\n    metadata: {{name: any}}\n    spec: {{selector: {{matchLabels: {{{label}: outer}}}}, z: 1}}\n"
                ),
            );
        }
    }
}

/// Adds a list, unless the kustomization has one of that name.
pub(super) fn append(files: &mut Files, at: &str, field: &str, items: &str) {
    append_line(files, at, field, &format!("{field}:\n{items}"));
}

pub(super) fn append_line(files: &mut Files, at: &str, field: &str, text: &str) {
    let Some(kustomization) = files.get_mut(at) else { return };
    if !kustomization.lines().any(|line| line.starts_with(&format!("{field}:"))) {
        kustomization.push_str(text);
    }
}

pub(super) fn add_resource(files: &mut Files, at: &str, path: &str) {
    if let Some(kustomization) = files.get_mut(at)
        && !kustomization.contains(&format!(", {path}]"))
    {
        *kustomization = kustomization.replacen(']', &format!(", {path}]"), 1);
    }
}
