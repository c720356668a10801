//! Small trees of a base, an overlay and perhaps a component, made at random.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Texts of files by path.
pub(super) type Files = BTreeMap<String, String>;

/// Adds to a tree something that names these objects.
pub(super) type Change = fn(&mut Random, &mut Files, &[&'static str]);

/// A xorshift generator: the same trees everywhere.
pub(super) struct Random {
    state: u64,
    /// The kinds of the workloads, by name, for what fails if there is none of a kind.
    kinds: BTreeMap<String, &'static str>,
}

const NAMES: [&str; 4] = ["web", "api", "job-runner", "db"];
pub(super) const SCALARS: [&str; 14] = [
    "1",
    "\"1\"",
    "0o17",
    "1.50",
    "true",
    "\"yes\"",
    "on",
    "~",
    "a b",
    "'a: b'",
    "\"line\\nbreak\"",
    "2020-01-02",
    "0x1f",
    "1e3",
];

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, kinds: BTreeMap::new() }
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % limit
    }

    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn pick<'p>(&mut self, of: &[&'p str]) -> &'p str {
        of[self.below(of.len())]
    }

    /// A workload of one of these kinds, if there is one.
    pub(super) fn workload_of(&mut self, kinds: &[&str], names: &[&'static str]) -> Option<&'static str> {
        let fitting: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| self.kinds.get(*name).is_some_and(|kind| kinds.contains(kind)))
            .collect();
        if fitting.is_empty() { None } else { Some(self.pick(&fitting)) }
    }

    /// The kind of a workload.
    pub(super) fn kind(&self, name: &str) -> &'static str {
        self.kinds.get(name).copied().unwrap_or("Deployment")
    }

    /// Makes each of these changes in so many of a hundred trees.
    pub(super) fn some_of(&mut self, percent: usize, files: &mut Files, names: &[&'static str], changes: &[Change]) {
        for change in changes {
            if self.chance(percent) {
                change(self, files, names);
            }
        }
    }

    /// A base with one or two objects of each kind, and an overlay over it.
    pub(super) fn tree(&mut self) -> Files {
        let mut files = Files::new();
        let mut objects = Vec::new();
        let mut names: Vec<&'static str> = NAMES.to_vec();
        names.truncate(1 + self.below(3));
        for name in &names {
            objects.push(self.workload(name));
            if self.chance(60) {
                let port = self.below(9000);
                objects.push(format!(
                    "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  ports:\n  - port: {port}\n"
                ));
            }
        }
        if self.chance(40) {
            let (a, b) = (self.pick(&SCALARS), self.pick(&SCALARS));
            let first = if self.chance(50) { format!("{b}, ") } else { String::new() };
            objects.push(format!(
                "apiVersion: acme.dev/v1\nkind: Thing\nmetadata:\n  name: thing\n  annotations: {{a: \"x\"}}\nspec:\n  a: {a}\n  list: [{first}{{name: x, v: {a}}}]\n"
            ));
        }
        files.insert("base/objects.yaml".into(), objects.join("---\n"));
        let mut base = "resources: [objects.yaml]\n".to_string();
        self.settings(&mut base, "settings", false);
        if self.chance(30) {
            self.transformers(&mut base, &names);
        }
        files.insert("base/kustomization.yaml".into(), base);
        let mut overlay = "resources: [../base]\n".to_string();
        if self.chance(30) {
            let mut component =
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nmetadata: {name: c}\n".to_string();
            self.transformers(&mut component, &names);
            files.insert("component/kustomization.yaml".into(), component);
            overlay.push_str("components: [../component]\n");
        }
        self.settings(&mut overlay, "settings", true);
        self.patches(&mut overlay, &names, &mut files);
        self.transformers(&mut overlay, &names);
        files.insert("overlay/kustomization.yaml".into(), overlay);
        self.add_more(&mut files, &names);
        self.add_rarer(&mut files, &names);
        files
    }

    fn workload(&mut self, name: &str) -> String {
        let (api, kind) =
            [("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("apps/v1", "DaemonSet")][self.below(3)];
        self.kinds.insert(name.into(), kind);
        let mut out = format!("apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: {name}\n");
        if self.chance(50) {
            let value = self.pick(&["\"1\"", "x", "'on'"]);
            writeln!(out, "  labels: {{app: {name}, k: {value}}}").unwrap();
        }
        out.push_str("spec:\n");
        if kind != "DaemonSet" && self.chance(50) {
            writeln!(out, "  replicas: {}", self.below(5)).unwrap();
        }
        writeln!(out, "  selector:\n    matchLabels: {{app: {name}}}").unwrap();
        writeln!(out, "  template:\n    metadata:\n      labels: {{app: {name}}}\n    spec:\n      containers:")
            .unwrap();
        for container in ["main", "side"].iter().take(1 + self.below(2)) {
            let tag = self.pick(&["", ":1.0", ":v2", "@sha256:abc"]);
            writeln!(out, "      - name: {container}\n        image: shop/{name}{tag}").unwrap();
            if self.chance(60) {
                let value = self.pick(&["\"1\"", "x", "'a: b'", "\"\""]);
                writeln!(
                    out,
                    "        env:\n        - {{name: A, value: {value}}}\n        - name: B\n          valueFrom:"
                )
                .unwrap();
                writeln!(out, "            configMapKeyRef: {{name: settings, key: a}}").unwrap();
            }
            if self.chance(40) {
                writeln!(
                    out,
                    "        ports:\n        - {{containerPort: 80}}\n        - {{containerPort: 81, protocol: UDP}}"
                )
                .unwrap();
            }
        }
        if self.chance(40) {
            out.push_str("      volumes:\n      - name: v\n        configMap: {name: settings}\n");
        }
        out
    }

    fn settings(&mut self, out: &mut String, name: &str, over: bool) {
        if over && self.chance(50) {
            return;
        }
        let behavior = if over { self.pick(&["merge", "replace"]) } else { "create" };
        writeln!(out, "configMapGenerator:\n- name: {name}\n  behavior: {behavior}\n  literals:").unwrap();
        let values = ["a=1", "b=two words", "c='quoted'", "\"d=x\\ny\"", "e=", "\"f=1: 2\"", "g=ä"];
        for value in values.iter().take(1 + self.below(values.len())) {
            writeln!(out, "  - {value}").unwrap();
        }
        if self.chance(25) {
            out.push_str("  options: {disableNameSuffixHash: true, labels: {gen: l}}\n");
        }
    }

    fn patches(&mut self, out: &mut String, names: &[&'static str], files: &mut Files) {
        let mut entries = String::new();
        for at in 0..self.below(4) {
            let name = self.pick(names);
            match self.below(3) {
                0 => {
                    let object = self.strategic(name);
                    files.insert(format!("overlay/patch{at}.yaml"), object);
                    writeln!(
                        entries,
                        "- path: patch{at}.yaml\n  target: {{name: {name}, kind: Deployment|StatefulSet}}"
                    )
                    .unwrap();
                }
                1 => {
                    writeln!(entries, "- target: {{kind: Deployment|DaemonSet}}\n  patch: |-").unwrap();
                    for line in self.strategic(name).lines() {
                        writeln!(entries, "    {line}").unwrap();
                    }
                }
                _ => {
                    writeln!(
                        entries,
                        "- target: {{kind: Deployment|StatefulSet|DaemonSet, name: {name}}}\n  patch: |-"
                    )
                    .unwrap();
                    let value = self.pick(&SCALARS);
                    let operation = self.pick(&[
                        "{op: add, path: /metadata/annotations, value: {x: \"y\"}}",
                        "{op: replace, path: /spec/template/spec/containers/0/image, value: other:2}",
                        "{op: add, path: /spec/template/spec/containers/-, value: {name: new, image: new}}",
                        "{op: copy, from: /spec/selector/matchLabels, path: /spec/template/metadata/annotations}",
                        "{op: test, path: /apiVersion, value: apps/v1}",
                        "{op: remove, path: /spec/template/metadata/labels/app}",
                    ]);
                    writeln!(entries, "    - {operation}\n    - {{op: add, path: /spec/extra, value: {value}}}")
                        .unwrap();
                }
            }
        }
        if !entries.is_empty() {
            write!(out, "patches:\n{entries}").unwrap();
        }
    }

    fn strategic(&mut self, name: &str) -> String {
        let mut out = format!("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n");
        let value = self.pick(&SCALARS);
        writeln!(out, "  added: {value}\n  template:\n    spec:").unwrap();
        out.push_str(self.pick(&[
            "      containers:\n      - name: main\n        env:\n        - {name: A, value: changed}\n        - {name: C, value: c}\n",
            "      containers:\n      - name: main\n        $patch: delete\n",
            "      containers:\n      - name: third\n        image: third\n      - name: main\n        image: null\n",
            "      containers:\n      - $patch: replace\n      - name: only\n        image: only\n",
            "      containers:\n      - name: main\n        ports:\n        - {containerPort: 80, name: web}\n        - {containerPort: 82}\n",
            "      $patch: replace\n      containers: [{name: x, image: y}]\n",
            "      volumes:\n      - name: v\n        $retainKeys: [name, emptyDir]\n        emptyDir: {}\n",
            "      volumes: null\n      hostNetwork: true\n",
        ]));
        out
    }

    pub(super) fn transformers(&mut self, out: &mut String, names: &[&'static str]) {
        if self.chance(40) {
            writeln!(out, "namespace: {}", self.pick(&["prod", "\"1\"", "default"])).unwrap();
        }
        if self.chance(40) {
            writeln!(out, "namePrefix: {}", self.pick(&["p-", "q-"])).unwrap();
        }
        if self.chance(30) {
            writeln!(out, "nameSuffix: {}", self.pick(&["-s", "-t"])).unwrap();
        }
        if self.chance(40) {
            let selectors = self.chance(50);
            let templates = self.chance(50);
            let value = self.pick(&["\"1\"", "x", "\"on\""]);
            writeln!(
                out,
                "labels:\n- pairs: {{env: {value}}}\n  includeSelectors: {selectors}\n  includeTemplates: {templates}"
            )
            .unwrap();
        }
        if self.chance(30) {
            writeln!(out, "commonAnnotations: {{note: {}}}", self.pick(&["\"1\"", "a b", "\"true\""])).unwrap();
        }
        if self.chance(40) {
            let name = self.pick(names);
            let change =
                self.pick(&["newTag: \"3\"", "newName: else/where", "digest: sha256:def", "newName: a, newTag: b"]);
            writeln!(out, "images:\n- {{name: shop/{name}, {change}}}").unwrap();
        }
        if self.chance(15)
            && let Some(name) = self.workload_of(&["Deployment", "StatefulSet"], names)
        {
            writeln!(out, "replicas:\n- {{name: {name}, count: {}}}", self.below(9)).unwrap();
        }
        if self.chance(25) {
            let path = self.pick(&[
                "metadata.annotations.from",
                "spec.copied",
                "spec.template.spec.containers.0.env.[name=A].value",
            ]);
            writeln!(out, "replacements:\n- source: {{kind: ConfigMap, name: settings, fieldPath: data.a}}\n  targets:\n  - select: {{kind: Deployment}}").unwrap();
            writeln!(out, "    fieldPaths: ['{path}']\n    options: {{create: true}}").unwrap();
        }
    }
}
