//! What stands in the fields of a `kustomization.yaml`, each value with its place.

use crate::kustomize::decode::Text;
use crate::kustomize::fieldspec::FieldSpec;
use crate::kustomize::selector::SelectorText;
use crate::source::Span;
use crate::yaml::Node;

/// The place of the scalar that stands for an entry, or of all of the entry.
fn scalar_or<'s>(entry: Option<Span<'s>>, scalar: Option<&Text<'s>>) -> Option<Span<'s>> {
    scalar.map_or(entry, Text::span)
}

fn text(field: &Option<Text<'_>>) -> String {
    field.as_ref().map(|t| t.text.clone()).unwrap_or_default()
}

/// An entry of `helmCharts`, or `helmGlobals`.
#[derive(Clone, Debug, Default)]
pub struct HelmChart<'s> {
    /// The chart's name, or the entry.
    pub place: Option<Span<'s>>,
    /// The fields as they are written. Their types are checked when they are used.
    pub fields: Vec<(&'static str, Node<'s>)>,
}

/// An entry of `labels`.
#[derive(Clone, Debug, Default)]
pub struct Labels<'s> {
    /// `pairs`, sorted by key.
    pub pairs: Vec<(Text<'s>, Text<'s>)>,
    /// `includeSelectors`
    pub include_selectors: bool,
    /// `includeTemplates`
    pub include_templates: bool,
    /// `fields`
    pub fields: Vec<FieldSpecEntry<'s>>,
    /// The entry.
    pub span: Option<Span<'s>>,
}

/// A field spec as it is written in a kustomization.
#[derive(Clone, Debug, Default)]
pub struct FieldSpecEntry<'s> {
    /// `group`
    pub group: Option<Text<'s>>,
    /// `version`
    pub version: Option<Text<'s>>,
    /// `kind`
    pub kind: Option<Text<'s>>,
    /// `path`
    pub path: Option<Text<'s>>,
    /// `create`
    pub create: bool,
}

impl<'s> FieldSpecEntry<'s> {
    /// The field spec it says.
    pub(in crate::kustomize) fn spec(&self) -> FieldSpec {
        FieldSpec {
            group: text(&self.group).into(),
            version: text(&self.version).into(),
            kind: text(&self.kind).into(),
            path: text(&self.path).into(),
            create: self.create,
        }
    }
}

/// An entry of `patches` or `patchesJson6902`.
#[derive(Clone, Debug, Default)]
pub struct Patch<'s> {
    /// `path`
    pub path: Option<Text<'s>>,
    /// `patch`
    pub patch: Option<Text<'s>>,
    /// `target`
    pub target: Option<Target<'s>>,
    /// `options.allowNameChange`
    pub allow_name_change: bool,
    /// `options.allowKindChange`
    pub allow_kind_change: bool,
    /// The entry.
    pub span: Option<Span<'s>>,
}

impl<'s> Patch<'s> {
    /// The scalar that stands for the entry: its path, or its inline text, or all of it.
    pub fn entry(&self) -> Option<Span<'s>> {
        scalar_or(self.span, self.path.as_ref().or(self.patch.as_ref()))
    }
}

/// What a patch or replacement selects.
#[derive(Clone, Debug, Default)]
pub struct Target<'s> {
    /// `group`
    pub group: Option<Text<'s>>,
    /// `version`
    pub version: Option<Text<'s>>,
    /// `kind`
    pub kind: Option<Text<'s>>,
    /// `name`
    pub name: Option<Text<'s>>,
    /// `namespace`
    pub namespace: Option<Text<'s>>,
    /// `labelSelector`
    pub label_selector: Option<Text<'s>>,
    /// `annotationSelector`
    pub annotation_selector: Option<Text<'s>>,
    /// The mapping.
    pub span: Option<Span<'s>>,
}

impl Target<'_> {
    /// The texts of the selector, empty where nothing is written.
    pub(in crate::kustomize) fn texts(&self) -> SelectorText {
        SelectorText {
            group: text(&self.group),
            version: text(&self.version),
            kind: text(&self.kind),
            name: text(&self.name),
            namespace: text(&self.namespace),
            label_selector: text(&self.label_selector),
            annotation_selector: text(&self.annotation_selector),
        }
    }
}

/// An entry of `images`.
#[derive(Clone, Debug, Default)]
pub struct Image<'s> {
    /// `name`
    pub name: Option<Text<'s>>,
    /// `newName`
    pub new_name: Option<Text<'s>>,
    /// `newTag`
    pub new_tag: Option<Text<'s>>,
    /// `tagSuffix`
    pub tag_suffix: Option<Text<'s>>,
    /// `digest`
    pub digest: Option<Text<'s>>,
    /// The entry.
    pub span: Option<Span<'s>>,
}

impl<'s> Image<'s> {
    /// The scalar that stands for the entry: its name, or all of it.
    pub fn entry(&self) -> Option<Span<'s>> {
        scalar_or(self.span, self.name.as_ref())
    }
}

/// An entry of `replicas`.
#[derive(Clone, Debug, Default)]
pub struct Replica<'s> {
    /// `name`
    pub name: Option<Text<'s>>,
    /// `count`: an integer.
    pub count: Option<Node<'s>>,
    /// The entry.
    pub span: Option<Span<'s>>,
}

impl<'s> Replica<'s> {
    /// The scalar that stands for the entry: its name, or all of it.
    pub fn entry(&self) -> Option<Span<'s>> {
        scalar_or(self.span, self.name.as_ref())
    }
}

/// An entry of `configMapGenerator` or `secretGenerator`.
#[derive(Clone, Debug, Default)]
pub struct Generator<'s> {
    /// `name`
    pub name: Option<Text<'s>>,
    /// `namespace`
    pub namespace: Option<Text<'s>>,
    /// `behavior`
    pub behavior: Option<Text<'s>>,
    /// `type` of a Secret.
    pub type_: Option<Text<'s>>,
    /// `envs`, then `env`.
    pub envs: Vec<Text<'s>>,
    /// `literals`
    pub literals: Vec<Text<'s>>,
    /// `files`
    pub files: Vec<Text<'s>>,
    /// `options`
    pub options: Option<GeneratorOptions<'s>>,
    /// The entry.
    pub span: Option<Span<'s>>,
}

impl<'s> Generator<'s> {
    /// The scalar that stands for the entry: its name, or all of it.
    pub fn entry(&self) -> Option<Span<'s>> {
        scalar_or(self.span, self.name.as_ref())
    }
}

/// `generatorOptions`, or `options` of a generator.
#[derive(Clone, Debug, Default)]
pub struct GeneratorOptions<'s> {
    /// `labels`, sorted by key.
    pub labels: Vec<(Text<'s>, Text<'s>)>,
    /// `annotations`, sorted by key.
    pub annotations: Vec<(Text<'s>, Text<'s>)>,
    /// `disableNameSuffixHash`
    pub disable_name_suffix_hash: bool,
    /// `immutable`
    pub immutable: bool,
    /// The scalar of `immutable`.
    pub immutable_span: Option<Span<'s>>,
}

/// An entry of `replacements`.
#[derive(Clone, Debug, Default)]
pub struct Replacement<'s> {
    /// `path`: the entry is in a file of its own.
    pub path: Option<Text<'s>>,
    /// `source`
    pub source: Option<ReplacementSource<'s>>,
    /// `sourceValue`
    pub source_value: Option<Text<'s>>,
    /// `targets`; none if the field is not written.
    pub targets: Option<Vec<ReplacementTarget<'s>>>,
    /// The entry.
    pub span: Option<Span<'s>>,
}

/// `source` of a replacement.
#[derive(Clone, Debug, Default)]
pub struct ReplacementSource<'s> {
    /// The object.
    pub object: Target<'s>,
    /// `fieldPath`
    pub field_path: Option<Text<'s>>,
    /// `options`
    pub options: Option<FieldOptions<'s>>,
}

/// An entry of `targets` of a replacement.
#[derive(Clone, Debug, Default)]
pub struct ReplacementTarget<'s> {
    /// `select`
    pub select: Option<Target<'s>>,
    /// `reject`
    pub reject: Vec<Target<'s>>,
    /// `fieldPaths`
    pub field_paths: Vec<Text<'s>>,
    /// `options`
    pub options: Option<FieldOptions<'s>>,
    /// The entry.
    pub span: Option<Span<'s>>,
}

/// `options` of a replacement's source or target.
#[derive(Clone, Debug, Default)]
pub struct FieldOptions<'s> {
    /// `delimiter`
    pub delimiter: Option<Text<'s>>,
    /// `index`
    pub index: i64,
    /// `create`
    pub create: bool,
}

/// An entry of `vars`.
#[derive(Clone, Debug, Default)]
pub struct Var<'s> {
    /// `name`
    pub name: Option<Text<'s>>,
    /// `objref.apiVersion`
    pub api_version: Option<Text<'s>>,
    /// The rest of `objref`.
    pub object: Target<'s>,
    /// `fieldref.fieldPath`
    pub field_path: Option<Text<'s>>,
    /// The entry.
    pub span: Option<Span<'s>>,
}

impl<'s> Var<'s> {
    /// The scalar that stands for the entry: its name, or all of it.
    pub fn entry(&self) -> Option<Span<'s>> {
        scalar_or(self.span, self.name.as_ref())
    }
}

/// `sortOptions`
#[derive(Clone, Debug, Default)]
pub struct SortOptions<'s> {
    /// `order`
    pub order: Option<Text<'s>>,
    /// `legacySortOptions`: the kinds that come first and last.
    pub legacy: Option<(Vec<String>, Vec<String>)>,
    /// The mapping.
    pub span: Option<Span<'s>>,
}
