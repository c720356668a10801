//! The decoded `kustomization.yaml`.

mod entries;
pub(super) mod fields;

pub use entries::{
    FieldOptions, FieldSpecEntry, Generator, GeneratorOptions, HelmChart, Image, Labels, Patch, Replacement,
    ReplacementSource, ReplacementTarget, Replica, SortOptions, Target, Var,
};

use fields::{
    HELM_CHART, HELM_CHART_ARGS, HELM_ENTRY, each, generator, helm_chart, image, labels, options, patch, replacement,
    replica, sort_options, var,
};

use super::decode::{Decoder, DuplicateKey, Text};
use super::error::{Error, ErrorKind, Result};
use crate::source::{Source, Span};
use crate::yaml::{Node, SrcNode, expanded};

/// A `kustomization.yaml`, decoded, each value with its place.
#[derive(Clone, Debug)]
pub struct Kustomization<'s> {
    /// The file.
    pub source: &'s Source,
    /// Its first document; none if it is empty.
    pub root: Option<Node<'s>>,
    /// True for `kind: Component`.
    pub component: bool,
    /// `namePrefix`
    pub name_prefix: Option<Text<'s>>,
    /// `nameSuffix`
    pub name_suffix: Option<Text<'s>>,
    /// `namespace`
    pub namespace: Option<Text<'s>>,
    /// `resources`, then `bases`.
    pub resources: Vec<Text<'s>>,
    /// `components`
    pub components: Vec<Text<'s>>,
    /// `crds`
    pub crds: Vec<Text<'s>>,
    /// `configurations`
    pub configurations: Vec<Text<'s>>,
    /// `generators`
    pub generators: Vec<Text<'s>>,
    /// `transformers`
    pub transformers: Vec<Text<'s>>,
    /// `validators`
    pub validators: Vec<Text<'s>>,
    /// `labels`
    pub labels: Vec<Labels<'s>>,
    /// `commonLabels`, sorted by key.
    pub common_labels: Vec<(Text<'s>, Text<'s>)>,
    /// `commonAnnotations`, sorted by key.
    pub common_annotations: Vec<(Text<'s>, Text<'s>)>,
    /// `patchesStrategicMerge`: paths or inline YAML.
    pub patches_strategic_merge: Vec<Text<'s>>,
    /// `patchesJson6902`
    pub patches_json6902: Vec<Patch<'s>>,
    /// `patches`
    pub patches: Vec<Patch<'s>>,
    /// `images`, then `imageTags`.
    pub images: Vec<Image<'s>>,
    /// `replicas`
    pub replicas: Vec<Replica<'s>>,
    /// `replacements`
    pub replacements: Vec<Replacement<'s>>,
    /// `vars`
    pub vars: Vec<Var<'s>>,
    /// `configMapGenerator`
    pub config_map_generator: Vec<Generator<'s>>,
    /// `secretGenerator`
    pub secret_generator: Vec<Generator<'s>>,
    /// `generatorOptions`
    pub generator_options: Option<GeneratorOptions<'s>>,
    /// `openapi`
    pub openapi: Vec<(Text<'s>, Text<'s>)>,
    /// `sortOptions`
    pub sort_options: Option<SortOptions<'s>>,
    /// `buildMetadata`
    pub build_metadata: Vec<Text<'s>>,
    /// Entries of `helmCharts` and `helmChartInflationGenerator`.
    pub helm_charts: Vec<HelmChart<'s>>,
    /// `helmGlobals`
    pub helm_globals: HelmChart<'s>,
    /// Deprecated fields that are used: the key, and the field to use instead.
    pub deprecated: Vec<(Span<'s>, &'static str, &'static str)>,
    /// Keys without effect because they are written again.
    pub duplicates: Vec<DuplicateKey<'s>>,
}

const FIELDS: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "openapi",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "commonAnnotations",
    "patchesStrategicMerge",
    "patchesJson6902",
    "patches",
    "images",
    "imageTags",
    "replacements",
    "replicas",
    "vars",
    "sortOptions",
    "resources",
    "components",
    "crds",
    "bases",
    "configMapGenerator",
    "secretGenerator",
    "helmGlobals",
    "helmCharts",
    "helmChartInflationGenerator",
    "generatorOptions",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "buildMetadata",
];

/// The root of a file's first document.
pub(super) fn first_document(source: &Source) -> Option<Node<'_>> {
    let tree = source.tree();
    let doc = tree.documents.first()?;
    let root = Node::Source(SrcNode { source, id: doc.root? }, None);
    Some(if doc.aliased { expanded(&root) } else { root })
}

impl<'s> Kustomization<'s> {
    /// Decodes a file; the first problem is the error, and has the others.
    pub(super) fn read(source: &'s Source) -> Result<'s, Self> {
        let (kustomization, problems) = Self::decode(source);
        match Error::first_of(problems) {
            None => Ok(kustomization),
            Some(mut error) => {
                error.path = source.path().to_path_buf();
                Err(error)
            }
        }
    }

    /// Decodes a file, as far as it can be, and everything that is wrong with it: YAML syntax, unknown fields, wrong types,
    /// a wrong `kind` or `apiVersion`, no content.
    pub fn decode(source: &'s Source) -> (Self, Vec<Error<'s>>) {
        let mut kustomization = Kustomization::empty(source);
        let tree = source.tree();
        if let Some(error) = tree.errors.first()
            && tree.documents.first().is_none_or(|d| d.start > error.start)
        {
            return (kustomization, vec![*super::load::syntax(source, error)]);
        }
        let known = |directive: &str| {
            directive.starts_with("%TAG ") || directive.split_whitespace().take(2).eq(["%YAML", "1.1"])
        };
        if let Some(directive) = super::load::directives(source).find(|span| !known(span.text())) {
            let message = "kustomize cannot read this directive; leave it out";
            return (kustomization, vec![*Error::new(ErrorKind::Syntax, Some(directive), message)]);
        }
        let mut d = Decoder::default();
        kustomization.root = first_document(source);
        let mut filled = false;
        let mut type_meta: [Option<Text<'s>>; 2] = [None, None];
        if let Some(root) = kustomization.root.clone() {
            for (name, key, value) in d.fields(&root, "a kustomization", FIELDS) {
                match name {
                    "apiVersion" => type_meta[0] = d.filled(&value, "`apiVersion`"),
                    "kind" => type_meta[1] = d.filled(&value, "`kind`"),
                    _ => filled |= kustomization.field(&mut d, name, &key, &value),
                }
            }
        }
        kustomization.check(&mut d, &type_meta, filled);
        kustomization.duplicates = d.duplicates;
        d.problems.sort_by_key(|e| e.span.map(|s| s.start));
        (kustomization, d.problems)
    }

    fn check(&mut self, d: &mut Decoder<'s>, [api_version, kind]: &[Option<Text<'s>>; 2], filled: bool) {
        if !filled && d.problems.is_empty() {
            let span = self.source.span(0..0);
            d.problems.push(*Error::new(ErrorKind::Empty, Some(span), "the kustomization is empty"));
        }
        match kind.as_deref() {
            None | Some("Kustomization") => {}
            Some("Component") => self.component = true,
            Some(other) => {
                let message = format!("`kind` must be `Kustomization` or `Component`, and this is `{other}`");
                if let Some(kind) = kind {
                    d.problem(&kind.node, message);
                }
            }
        }
        let wanted =
            if self.component { "kustomize.config.k8s.io/v1alpha1" } else { "kustomize.config.k8s.io/v1beta1" };
        if let Some(version) = api_version
            && version.text != wanted
        {
            let kind = if self.component { "Component" } else { "Kustomization" };
            d.problem(&version.node, format!("`apiVersion` of a {kind} must be `{wanted}`"));
        }
    }

    /// Decodes one field; true if upstream takes the kustomization for non-empty because of it.
    fn field(&mut self, d: &mut Decoder<'s>, name: &'static str, key: &Node<'s>, value: &Node<'s>) -> bool {
        let what = &format!("`{name}`");
        if let (Some((_, instead)), Some(span)) = (DEPRECATED.iter().find(|(n, _)| *n == name), key.span())
            && !value.is_null()
        {
            self.deprecated.push((span, name, instead));
        }
        match name {
            "metadata" => drop(d.fields(value, what, &["name", "namespace", "labels", "annotations"])),
            "openapi" => self.openapi = d.pairs(value, what),
            "namePrefix" => self.name_prefix = d.filled(value, what),
            "nameSuffix" => self.name_suffix = d.filled(value, what),
            "namespace" => self.namespace = d.filled(value, what),
            "commonLabels" => self.common_labels = d.pairs(value, what),
            "labels" => self.labels = each(d, value, what, labels),
            "commonAnnotations" => self.common_annotations = d.pairs(value, what),
            "patchesStrategicMerge" => self.patches_strategic_merge = d.texts(value, what),
            "patchesJson6902" => self.patches_json6902 = each(d, value, what, patch),
            "patches" => self.patches = each(d, value, what, patch),
            "images" => {
                let listed = each(d, value, what, image);
                self.images.splice(0..0, listed);
            }
            "imageTags" => self.images.extend(each(d, value, what, image)),
            "replacements" => self.replacements = each(d, value, what, replacement),
            "replicas" => self.replicas = each(d, value, what, replica),
            "vars" => self.vars = each(d, value, what, var),
            "sortOptions" => self.sort_options = (!value.is_null()).then(|| sort_options(d, value)),
            "resources" => {
                let listed = d.texts(value, what);
                self.resources.splice(0..0, listed);
            }
            "bases" => self.resources.extend(d.texts(value, what)),
            "components" => self.components = d.texts(value, what),
            "crds" => self.crds = d.texts(value, what),
            "configMapGenerator" => {
                self.config_map_generator = each(d, value, what, |d, n| generator(d, n, false));
            }
            "secretGenerator" => self.secret_generator = each(d, value, what, |d, n| generator(d, n, true)),
            "helmGlobals" => self.helm_globals = helm_chart(d, value, what, "chartHome", &["chartHome", "configHome"]),
            "helmCharts" => {
                self.helm_charts.extend(each(d, value, what, |d, n| helm_chart(d, n, HELM_ENTRY, "name", HELM_CHART)))
            }
            "helmChartInflationGenerator" => {
                let old =
                    |d: &mut Decoder<'s>, n: &Node<'s>| helm_chart(d, n, HELM_ENTRY, "chartName", HELM_CHART_ARGS);
                self.helm_charts.extend(each(d, value, what, old));
            }
            "generatorOptions" => self.generator_options = options(d, value, what),
            "configurations" => self.configurations = d.texts(value, what),
            "generators" => self.generators = d.texts(value, what),
            "transformers" => self.transformers = d.texts(value, what),
            "validators" => self.validators = d.texts(value, what),
            "buildMetadata" => self.build_metadata = d.texts(value, what),
            _ => {}
        }
        match name {
            "namePrefix" | "nameSuffix" | "namespace" => value.as_str().is_some_and(|t| !t.is_empty()),
            "bases" | "imageTags" | "helmChartInflationGenerator" => !value.is_empty(),
            _ => !value.is_null(),
        }
    }

    fn empty(source: &'s Source) -> Self {
        Kustomization {
            source,
            root: None,
            component: false,
            name_prefix: None,
            name_suffix: None,
            namespace: None,
            resources: Vec::new(),
            components: Vec::new(),
            crds: Vec::new(),
            configurations: Vec::new(),
            generators: Vec::new(),
            transformers: Vec::new(),
            validators: Vec::new(),
            labels: Vec::new(),
            common_labels: Vec::new(),
            common_annotations: Vec::new(),
            patches_strategic_merge: Vec::new(),
            patches_json6902: Vec::new(),
            patches: Vec::new(),
            images: Vec::new(),
            replicas: Vec::new(),
            replacements: Vec::new(),
            vars: Vec::new(),
            config_map_generator: Vec::new(),
            secret_generator: Vec::new(),
            generator_options: None,
            openapi: Vec::new(),
            sort_options: None,
            build_metadata: Vec::new(),
            helm_charts: Vec::new(),
            helm_globals: HelmChart::default(),
            deprecated: Vec::new(),
            duplicates: Vec::new(),
        }
    }
}

/// Deprecated fields and what takes their place (upstream warns about each).
const DEPRECATED: &[(&str, &str)] = &[
    ("bases", "resources"),
    ("commonLabels", "labels"),
    ("imageTags", "images"),
    ("patchesJson6902", "patches"),
    ("patchesStrategicMerge", "patches"),
    ("vars", "replacements"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let source = Source::new("k".into(), "k".into(), text.into());
        let (_, problems) = Kustomization::decode(&source);
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn wrong_types_and_unknown_fields_are_named_with_their_place() {
        assert_eq!(
            problems("images:\n- name: a\n  newTag: 1.10\n  nweTag: x\n"),
            [
                "k:3:11: `newTag` must be a string, and this is the number `1.10`; quote it: \"1.10\"",
                "k:4:3: unknown field `nweTag` in an entry of `images`; did you mean `newTag`?",
            ]
        );
        assert_eq!(
            problems("namespace: y\n"),
            ["k:1:12: `namespace` must be a string, and this is the boolean `y`; quote it: \"y\""]
        );
        assert_eq!(problems("patches: [a.yaml]\n"), ["k:1:11: a patch must be a mapping, and this is a string"]);
    }

    #[test]
    fn empty_is_what_upstream_takes_for_empty() {
        for text in ["", "# only\n", "kind: Kustomization\n", "bases: []\n", "namePrefix: ''\n", "resources:\n"] {
            assert_eq!(problems(text), ["k:1:1: the kustomization is empty"], "{text:?}");
        }
        for text in ["resources: []\n", "commonLabels: {}\n", "metadata: {name: x}\n", "nameprefix: x\n"] {
            assert_eq!(problems(text), Vec::<String>::new(), "{text:?}");
        }
    }

    #[test]
    fn the_last_duplicate_counts_and_the_first_is_kept() {
        let source =
            Source::new("k".into(), "k".into(), "namePrefix: a\nbases: [b]\nresources: [r]\nnamePrefix: c\n".into());
        let (k, problems) = Kustomization::decode(&source);
        assert!(problems.is_empty());
        assert_eq!(k.name_prefix.as_deref(), Some("c"));
        assert_eq!(k.resources.iter().map(|t| &*t.text).collect::<Vec<_>>(), ["r", "b"]);
        assert_eq!(k.duplicates.len(), 1);
        assert_eq!(k.deprecated.len(), 1);
    }
}
