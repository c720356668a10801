//! What is rarer still: scalars that are written several times, YAML in scalars, plugins in files and directories, schemas, files of
//! generators, and mistakes.

use std::fmt::Write as _;

use super::more::{BASE, OVERLAY, add_resource, append, append_line};
use super::trees::{Files, Random, SCALARS};

/// Scalars in every style, at the end of a line or, for blocks, with lines that are indented by four.
const STYLES: [&str; 22] = [
    "1",
    "\"1\"",
    "'1'",
    "x",
    "\"x y\"",
    "'a: b'",
    "yes",
    "\"yes\"",
    "~",
    "\"~\"",
    "null",
    "1e3",
    "\"1e3\"",
    "1.50",
    "2020-01-02",
    "\"2020-01-02\"",
    "=",
    "!!str 5",
    "!!int \"5\"",
    "|\n    one\n    two",
    "|-\n    one\n     two",
    ">\n    one\n    two\n     three",
];

impl Random {
    /// Adds some of what is rarer still.
    pub(super) fn add_rarer(&mut self, files: &mut Files, names: &[&'static str]) {
        self.some_of(
            9,
            files,
            names,
            &[
                Self::rewritten,
                Self::rewritten,
                Self::embedded,
                Self::operations,
                Self::directives,
                Self::plugins_in_files,
                Self::schemas,
                Self::generator_files,
                Self::affixed_images,
            ],
        );
        if self.chance(2) {
            self.mistake(files);
        }
    }

    /// An object whose fields are written by several patches and replacements, of both kinds.
    fn rewritten(&mut self, files: &mut Files, _: &[&'static str]) {
        let head = "apiVersion: acme.dev/v1\nkind: Chain\nmetadata: {name: chain}\nspec:\n";
        if !files.contains_key("base/chain.yaml") {
            let mut object = head.to_string();
            for key in ["a", "b"] {
                writeln!(object, "  {key}: {}", self.pick(&STYLES)).unwrap();
            }
            files.insert("base/chain.yaml".into(), object);
            add_resource(files, BASE, "chain.yaml");
        }
        let (mut patches, mut replacements) = (String::new(), String::new());
        for at in 0..2 + self.below(3) {
            let (key, value) = (self.pick(&["a", "b", "c"]), self.pick(&STYLES));
            match self.below(4) {
                0 => {
                    let object = format!("{head}  {key}: {value}\n").replace('\n', "\n    ");
                    writeln!(patches, "- patch: |\n    {}", object.trim_end()).unwrap();
                }
                1 => {
                    let key = self.pick(&[key, "other"]);
                    let operation =
                        format!("- op: add\n  path: /spec/{key}\n  value: {value}\n").replace('\n', "\n    ");
                    writeln!(patches, "- target: {{name: chain}}\n  patch: |\n    {}", operation.trim_end()).unwrap();
                }
                2 => {
                    let path = format!("overlay/chain{at}{}.yaml", patches.len());
                    writeln!(patches, "- path: {}\n  target: {{kind: Chain}}", path.trim_start_matches("overlay/"))
                        .unwrap();
                    files.insert(path, format!("{head}  {key}: {value}\n"));
                }
                _ => {
                    let value = self.pick(&["x", "\"5\"", "\"a: b\"", "\"true\"", "\"1.5\""]);
                    writeln!(
                        replacements,
                        "- sourceValue: {value}\n  targets:\n  - select: {{kind: Chain}}\n    fieldPaths: [spec.{key}]\n    \
                         options: {{create: true}}"
                    )
                    .unwrap();
                }
            }
        }
        append(files, OVERLAY, "patches", &patches);
        if !replacements.is_empty() {
            append(files, OVERLAY, "replacements", &replacements);
        }
    }

    /// A replacement into YAML in a scalar, in whatever layout.
    fn embedded(&mut self, files: &mut Files, _: &[&'static str]) {
        let comment = |random: &mut Self, indent: &str| match random.below(4) {
            0 => format!("{indent}# of what follows\n"),
            1 => format!("\n{indent}# of what follows\n{indent}# more\n"),
            2 => format!("\n{indent}# apart\n\n"),
            _ => String::new(),
        };
        let mut document = String::new();
        if self.chance(30) {
            document.push_str("# of the document\n\n");
        }
        let step = self.pick(&["  ", "    ", " "]);
        for key in ["one", "two", "three"] {
            document.push_str(&comment(self, ""));
            let value = self.pick(&[
                "x",
                "'x'",
                "\"x\"",
                "1",
                "~",
                "",
                "[ a,  b ]",
                "{a: 'b',   c: [d]}",
                "|\n    text\n    more",
                "TRUE",
            ]);
            let behind = if value.contains('\n') { "" } else { self.pick(&["", "", " # behind", "   # behind"]) };
            let key_comment = self.pick(&["", "", " # of the key"]);
            match self.below(3) {
                0 => writeln!(document, "{key}: {value}{behind}").unwrap(),
                1 => writeln!(document, "{key}:{key_comment}\n{}{step}in:   {value}{behind}", comment(self, step))
                    .unwrap(),
                _ => writeln!(
                    document,
                    "{key}:{key_comment}\n{step}- x{behind}\n{step}- in: {}\n{step}  y: z",
                    value.replace('\n', "\n  ")
                )
                .unwrap(),
            }
        }
        let text = document.trim_start_matches('\n').replace('\n', "\n    ");
        files.insert(
            "base/document.yaml".into(),
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: document}}\ndata:\n  yaml: |\n    {}\n",
                text.trim_end()
            ),
        );
        add_resource(files, BASE, "document.yaml");
        let value = self.pick(&[
            "new",
            "\"5\"",
            "\"a: b\"",
            "\"two\\nlines\"",
            "\"- x\"",
            "\"#\"",
            "\"\"",
            "\"é\"",
            "\"a, b\"",
        ]);
        let path = self.pick(&["one", "two.in", "three.1.in", "two", "three.0", "one.in", "four"]);
        let options = self.pick(&["options: {create: true}", "options: {create: true}", "options: {}"]);
        append(
            files,
            OVERLAY,
            "replacements",
            &format!(
                "- sourceValue: {value}\n  targets:\n  - select: {{name: document}}\n    fieldPaths: [data.yaml.{path}]\n    {options}\n"
            ),
        );
    }

    /// A JSON patch of random operations on random places.
    fn operations(&mut self, files: &mut Files, names: &[&'static str]) {
        const THERE: [&str; 4] = [
            "/spec/template/spec/containers/0",
            "/spec/template/spec/containers/0/image",
            "/spec/selector/matchLabels",
            "/spec/template/metadata/labels/app",
        ];
        const NEW: [&str; 9] = [
            "/metadata/labels",
            "/metadata/annotations",
            "/spec/replicas",
            "/spec/template/spec/containers/-",
            "/spec/template/spec/containers/-1",
            "/spec/template/spec/containers/0/env",
            "/spec/new~1a~0b",
            "/spec/template/spec/volumes",
            "/spec/template/spec/containers/0/ports/0",
        ];
        let mut patch = String::new();
        for _ in 0..1 + self.below(2) {
            let (path, from, value) = (self.pick(&NEW), self.pick(&THERE), self.pick(&SCALARS));
            match self.below(5) {
                0 => writeln!(patch, "    - {{op: add, path: {path}, value: {{name: v, value: {value}}}}}").unwrap(),
                1 => writeln!(patch, "    - {{op: replace, path: {from}, value: {value}}}").unwrap(),
                2 => writeln!(patch, "    - {{op: remove, path: {from}}}").unwrap(),
                3 => writeln!(patch, "    - {{op: copy, from: {from}, path: {path}}}").unwrap(),
                _ => writeln!(patch, "    - {{op: move, from: {from}, path: {path}}}").unwrap(),
            }
        }
        let name = self.pick(names);
        append(
            files,
            OVERLAY,
            "patches",
            &format!("- target: {{kind: Deployment|StatefulSet|DaemonSet, name: {name}}}\n  patch: |-\n{patch}"),
        );
    }

    /// Directives in strategic merge patches, those included that upstream does not know.
    fn directives(&mut self, files: &mut Files, names: &[&'static str]) {
        let name = self.pick(names);
        // Of a namespace that looks like a number, upstream makes one then: a known difference.
        let replace = if files.values().any(|text| text.contains("namespace: \"1\"")) { "" } else { "$patch: replace" };
        let body = self.pick(&[
            replace,
            "$patch: delete",
            "metadata: {name: x, $patch: delete}",
            "metadata: {name: x, labels: {$patch: replace, k: v}}",
            "spec: {$patch: merge, replicas: 3}",
            "spec: {selector: {$patch: delete}}",
            "spec: {template: {spec: {containers: [{$patch: delete}]}}}",
            "spec: {template: {spec: {containers: [{name: main, $patch: replace, image: only}]}}}",
            "spec: {template: {spec: {containers: [{name: main, env: [{name: A, $patch: delete}]}, {$patch: merge}]}}}",
            "spec: {template: {spec: {$setElementOrder/containers: [{name: side}, {name: main}], containers: [{name: side, image: s}]}}}",
            "spec: {template: {spec: {containers: [{name: main, $deleteFromPrimitiveList/args: [a]}]}}}",
            "spec: {strategy: {$retainKeys: [type], type: Recreate}}",
        ]);
        let named =
            if body.starts_with("metadata") { String::new() } else { format!("    metadata: {{name: {name}}}\n") };
        append(
            files,
            OVERLAY,
            "patches",
            &format!(
                "- target: {{kind: Deployment|StatefulSet|DaemonSet, name: {name}}}\n  patch: |-\n    apiVersion: apps/v1\n    kind: Any\n{named}    \
                 {body}\n"
            ),
        );
    }

    fn plugins_in_files(&mut self, files: &mut Files, names: &[&'static str]) {
        let name = self.pick(names);
        let config = match self.below(7) {
            0 => "kind: LabelTransformer\nlabels: {t: \"1\"}\nfieldSpecs: [{path: metadata/annotations}, {path: metadata/labels, create: true}]".into(),
            1 => "kind: AnnotationsTransformer\nannotations: {t: \"1\"}\nfieldSpecs: [{path: metadata/annotations, create: true}]".into(),
            2 => format!("kind: ValueAddTransformer\nvalue: v\ntargets: [{{selector: {{name: {name}}}, fieldPath: metadata/labels/x}}]"),
            3 => "kind: SuffixTransformer\nsuffix: -t\nfieldSpecs: [{path: metadata/name}, {path: spec/made}]".into(),
            4 => format!("kind: PatchJson6902Transformer\ntarget: {{kind: {}, name: {name}}}\njsonOp: '[{{\"op\":\"add\",\"path\":\"/spec/x\",\"value\":1}}]'", self.kind(name)),
            5 => "kind: ReplacementTransformer\nreplacements: [{sourceValue: r, targets: [{select: {kind: Service}, fieldPaths: [metadata.annotations.r], options: {create: true}}]}]".into(),
            _ => "kind: ConfigMapGenerator\nliterals: [a=1]".to_string(),
        };
        let field = if config.contains("Generator") {
            "generators"
        } else {
            self.pick(&["transformers", "transformers", "validators"])
        };
        let text = format!("apiVersion: builtin\nmetadata: {{name: t}}\n{config}\n");
        let at = self.either();
        let dir = at.trim_end_matches("/kustomization.yaml");
        if self.chance(50) {
            files.insert(format!("{dir}/plugin.yaml"), text);
            append(files, at, field, "- plugin.yaml\n");
        } else {
            files.insert("plugins/plugin.yaml".into(), text);
            files.insert("plugins/kustomization.yaml".into(), "resources: [plugin.yaml]\n".into());
            append(files, at, field, "- ../plugins\n");
        }
    }

    /// `crds` and `openapi`.
    fn schemas(&mut self, files: &mut Files, names: &[&'static str]) {
        let (at, name) = (self.either(), self.pick(names));
        let dir = at.trim_end_matches("/kustomization.yaml");
        files.insert(
            "base/gadget.yaml".into(),
            format!(
                "apiVersion: acme.dev/v1\nkind: Gadget\nmetadata: {{name: gadget}}\nspec:\n  settings: {{name: settings}}\n  selector: {{app: {name}}}\n  \
                 parts: [{{name: a, v: 1}}, {{name: b, v: 2}}]\n"
            ),
        );
        add_resource(files, BASE, "gadget.yaml");
        append(
            files,
            OVERLAY,
            "patches",
            "- patch: |-\n    apiVersion: acme.dev/v1\n    kind: Gadget\n    metadata: {name: gadget}\n    spec: {parts: [{name: b, v: 3}, {name: c}]}\n",
        );
        if self.chance(50) {
            files.insert(
                format!("{dir}/crds.json"),
                r##"{"acme.Gadget":{"Schema":{"properties":{"kind":{"type":"string"},"apiVersion":{"type":"string"},"metadata":{"type":"object"},"spec":{"$ref":"acme.Spec"}}}},"acme.Spec":{"Schema":{"properties":{"settings":{"x-kubernetes-object-ref-api-version":"v1","x-kubernetes-object-ref-kind":"ConfigMap","type":"object","x-kubernetes-object-ref-name-key":"name"},"selector":{"x-kubernetes-label-selector":"","type":"object"}}}}}"##.into(),
            );
            append(files, at, "crds", "- crds.json\n");
            return;
        }
        files.insert(
            format!("{dir}/schema.json"),
            r##"{"definitions":{"acme.Gadget":{"properties":{"spec":{"properties":{"parts":{"items":{"$ref":"#/definitions/part"},"type":"array","x-kubernetes-patch-merge-key":"name","x-kubernetes-patch-strategy":"merge"}}}},"x-kubernetes-group-version-kind":[{"group":"acme.dev","kind":"Gadget","version":"v1"}]},"part":{"properties":{"name":{"type":"string"}}}}}"##.into(),
        );
        append_line(files, at, "openapi", "openapi: {path: schema.json}\n");
    }

    fn generator_files(&mut self, files: &mut Files, _: &[&'static str]) {
        let at = self.either();
        let dir = at.trim_end_matches("/kustomization.yaml");
        files.insert(
            format!("{dir}/data.txt"),
            self.pick(&["text\n", "  lead\n", "trail \nx\n", "", "tab\t\n", "é", "\r\nwin\r\n", "{\"j\": 1}\n"]).into(),
        );
        files.insert(
            format!("{dir}/data.env"),
            self.pick(&[
                "A=1\nB=2\n",
                "# c\nA=x y\n\nB=\n",
                "A=\"q\"\n",
                "  A=1\n",
                "A=1 # c\n",
                "A= 1\n",
                "\u{feff}A=1\n",
            ])
            .into(),
        );
        let options = self.pick(&[
            "{}",
            "{immutable: true, annotations: {ga: \"1\"}}",
            "{disableNameSuffixHash: true, labels: {gl: \"yes\"}}",
        ]);
        let file = self.pick(&["data.txt", "key=data.txt"]);
        let kind = self.pick(&["configMapGenerator", "secretGenerator"]);
        append(
            files,
            at,
            kind,
            &format!("- name: data\n  files: [{file}]\n  envs: [data.env]\n  options: {options}\n"),
        );
        if self.chance(40) {
            append_line(
                files,
                OVERLAY,
                "generatorOptions",
                self.pick(&[
                    "generatorOptions: {immutable: true}\n",
                    "generatorOptions: {labels: {go: x}, annotations: {go: z}}\n",
                ]),
            );
        }
    }

    fn affixed_images(&mut self, files: &mut Files, names: &[&'static str]) {
        let name = self.pick(names);
        let change = self.pick(&[
            "tagSuffix: -s",
            "newTag: x, tagSuffix: -s",
            "newTag: x, digest: sha256:d",
            "newName: 'r:5000/n', digest: sha256:d",
            "newName: a:b",
        ]);
        let at = self.either();
        append(
            files,
            at,
            "images",
            &format!("- {{name: 'shop/{name}', {change}}}\n- {{name: shop/.*, newName: any}}\n"),
        );
    }

    /// One thing that upstream refuses, most of the time.
    fn mistake(&mut self, files: &mut Files) {
        let line = self.pick(&[
            "resource: [x]\n",
            "namespace: yes\n",
            "namePrefix: 1\n",
            "crds: [absent.json]\n",
            "images: [{name: a, newtag: b}]\n",
            "kind: Bogus\n",
            "NAMEPREFIX: up-\n",
            "patches: [absent.yaml]\n",
            "sortOptions: {order: bogus}\n",
            "vars: [{name: X, objref: {kind: Absent, apiVersion: v1, name: x}}]\n",
        ]);
        if let Some(text) = files.get_mut(OVERLAY) {
            text.push_str(line);
        }
    }
}
