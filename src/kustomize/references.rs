//! The paths that a kustomization names, read without rendering it: what the graph of a tree is built from.

use crate::source::{Source, Span};
use crate::yaml::Node;

/// The names of a kustomization file.
pub const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// In which field a path stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReferenceKind {
    /// `resources` or `bases`: a file, a directory or a URL.
    Resource,
    /// `components`: a directory or a URL.
    Component,
    /// `patches[].path`, `patchesStrategicMerge[]`, `patchesJson6902[].path`.
    Patch,
    /// A file of `configMapGenerator` or `secretGenerator`.
    GeneratorInput,
    /// `configurations`
    Configuration,
    /// `crds`
    Crd,
    /// `openapi.path`
    OpenApi,
    /// `replacements[].path`
    Replacement,
    /// `generators`, `transformers`, `validators`: a file or a directory.
    Plugin,
    /// A values file of a Helm chart.
    HelmValues,
    /// The directory of local Helm charts.
    HelmChartHome,
}

/// A path or URL that a kustomization names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'s> {
    /// In which field.
    pub kind: ReferenceKind,
    /// As written, relative to the kustomization's directory.
    pub path: String,
    /// The scalar.
    pub span: Span<'s>,
}

/// Every path that a kustomization file names, in the order of the file. Never fails: what does not decode is left out.
/// Inline patches and plugin configurations are not among them.
pub fn references(source: &Source) -> Vec<Reference<'_>> {
    let mut out = References(Vec::new());
    if let Some(root) = crate::kustomize::kustomization::first_document(source) {
        for (key, value) in root.entries() {
            out.field(&key.text().unwrap_or_default().to_ascii_lowercase(), &value);
        }
    }
    out.0
}

struct References<'s>(Vec<Reference<'s>>);

impl<'s> References<'s> {
    fn field(&mut self, key: &str, value: &Node<'s>) {
        use ReferenceKind as K;
        match key {
            "resources" | "bases" => self.list(K::Resource, value),
            "components" => self.list(K::Component, value),
            "configurations" => self.list(K::Configuration, value),
            "crds" => self.list(K::Crd, value),
            "generators" | "transformers" | "validators" => self.list(K::Plugin, value),
            "patchesstrategicmerge" => self.list(K::Patch, value),
            "patches" | "patchesjson6902" => self.each(K::Patch, value, "path"),
            "replacements" => self.each(K::Replacement, value, "path"),
            "openapi" => self.scalar(K::OpenApi, child(value, "path")),
            "configmapgenerator" | "secretgenerator" => {
                for item in value.items() {
                    self.generator(&item);
                }
            }
            "helmcharts" | "helmchartinflationgenerator" => {
                for item in value.items() {
                    for key in ["valuesFile", "values"] {
                        self.scalar(K::HelmValues, child(&item, key));
                    }
                    if let Some(files) = child(&item, "additionalValuesFiles") {
                        self.list(K::HelmValues, &files);
                    }
                    self.scalar(K::HelmChartHome, child(&item, "chartHome"));
                }
            }
            "helmglobals" => self.scalar(K::HelmChartHome, child(value, "chartHome")),
            _ => {}
        }
    }

    fn generator(&mut self, item: &Node<'s>) {
        self.scalar(ReferenceKind::GeneratorInput, child(item, "env"));
        if let Some(envs) = child(item, "envs") {
            self.list(ReferenceKind::GeneratorInput, &envs);
        }
        for file in child(item, "files").iter().flat_map(|f| f.items()) {
            if let (Some(text), Some(span)) = (file.as_str(), file.span()) {
                let path = text.split_once('=').map_or(&*text, |(_, path)| path);
                self.0.push(Reference { kind: ReferenceKind::GeneratorInput, path: path.to_string(), span });
            }
        }
    }

    fn each(&mut self, kind: ReferenceKind, list: &Node<'s>, key: &str) {
        for item in list.items() {
            self.scalar(kind, child(&item, key));
        }
    }

    fn list(&mut self, kind: ReferenceKind, list: &Node<'s>) {
        for item in list.items() {
            self.scalar(kind, Some(item));
        }
    }

    /// Inline YAML has a line break; a path has none.
    fn scalar(&mut self, kind: ReferenceKind, node: Option<Node<'s>>) {
        if let Some(node) = node
            && let (Some(path), Some(span)) = (node.as_str(), node.span())
            && !path.is_empty()
            && !path.contains('\n')
        {
            self.0.push(Reference { kind, path: path.into_owned(), span });
        }
    }
}

/// The value of a field, its name in any case, as upstream reads it.
fn child<'s>(node: &Node<'s>, key: &str) -> Option<Node<'s>> {
    node.entries().filter(|(k, _)| k.text().is_some_and(|t| t.eq_ignore_ascii_case(key))).last().map(|(_, v)| v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_path_and_no_inline_text() {
        let text = "resources: [a.yaml, ../base]\nPatches:\n- path: p.yaml\n- patch: |-\n    a: b\n\
                    patchesStrategicMerge:\n- |-\n  kind: A\n  x: y\nconfigMapGenerator:\n- name: c\n  files: [k=f.txt, g.txt]\n  \
                    envs: [e.env]\nopenapi:\n  path: s.json\nimages: 3\n";
        let source = Source::new("k".into(), "k".into(), text.into());
        let got: Vec<_> = references(&source).into_iter().map(|r| (r.kind, r.path)).collect();
        use ReferenceKind as K;
        let want = [
            (K::Resource, "a.yaml"),
            (K::Resource, "../base"),
            (K::Patch, "p.yaml"),
            (K::GeneratorInput, "e.env"),
            (K::GeneratorInput, "f.txt"),
            (K::GeneratorInput, "g.txt"),
            (K::OpenApi, "s.json"),
        ];
        assert_eq!(got, want.map(|(k, p)| (k, p.to_string())));
    }
}
