//! Decodes the entries of a kustomization's fields, one function for each.

use super::{
    FieldOptions, FieldSpecEntry, Generator, GeneratorOptions, HelmChart, Image, Labels, Patch, Replacement,
    ReplacementSource, ReplacementTarget, Replica, SortOptions, Target, Var,
};
use crate::kustomize::decode::Decoder;
use crate::yaml::Node;

pub(in crate::kustomize) fn each<'s, T>(
    d: &mut Decoder<'s>,
    node: &Node<'s>,
    what: &str,
    mut item: impl FnMut(&mut Decoder<'s>, &Node<'s>) -> T,
) -> Vec<T> {
    let items = d.list(node, what);
    items.iter().map(|n| item(d, n)).collect()
}

pub(in crate::kustomize) fn labels<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> Labels<'s> {
    let mut out = Labels { span: node.span(), ..Labels::default() };
    for (name, _, value) in
        d.fields(node, "an entry of `labels`", &["pairs", "includeSelectors", "includeTemplates", "fields"])
    {
        match name {
            "pairs" => out.pairs = d.pairs(&value, "`pairs`"),
            "includeSelectors" => out.include_selectors = d.bool(&value, "`includeSelectors`"),
            "includeTemplates" => out.include_templates = d.bool(&value, "`includeTemplates`"),
            _ => out.fields = each(d, &value, "`fields`", field_spec),
        }
    }
    out
}

pub(in crate::kustomize) fn field_spec<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> FieldSpecEntry<'s> {
    let mut out = FieldSpecEntry::default();
    for (name, _, value) in d.fields(node, "a field spec", &["group", "version", "kind", "path", "create"]) {
        match name {
            "group" => out.group = d.filled(&value, "`group`"),
            "version" => out.version = d.filled(&value, "`version`"),
            "kind" => out.kind = d.filled(&value, "`kind`"),
            "path" => out.path = d.filled(&value, "`path`"),
            _ => out.create = d.bool(&value, "`create`"),
        }
    }
    out
}

pub(in crate::kustomize) fn patch<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> Patch<'s> {
    let mut out = Patch { span: node.span(), ..Patch::default() };
    for (name, _, value) in d.fields(node, "a patch", &["path", "patch", "target", "options"]) {
        match name {
            "path" => out.path = d.filled(&value, "`path`"),
            "patch" => out.patch = d.filled(&value, "`patch`"),
            "target" => out.target = (!value.is_null()).then(|| target(d, &value, "`target`")),
            _ => {
                for (name, _, value) in d.fields(&value, "`options`", &["allowNameChange", "allowKindChange"]) {
                    match name {
                        "allowNameChange" => out.allow_name_change = d.bool(&value, "`allowNameChange`"),
                        _ => out.allow_kind_change = d.bool(&value, "`allowKindChange`"),
                    }
                }
            }
        }
    }
    out
}

const SELECTOR: &[&str] = &["group", "version", "kind", "name", "namespace", "annotationSelector", "labelSelector"];

pub(in crate::kustomize) fn target<'s>(d: &mut Decoder<'s>, node: &Node<'s>, what: &str) -> Target<'s> {
    let mut out = Target { span: node.span(), ..Target::default() };
    for (name, _, value) in d.fields(node, what, SELECTOR) {
        out.field(d, name, &value);
    }
    out
}

impl<'s> Target<'s> {
    fn field(&mut self, d: &mut Decoder<'s>, name: &str, value: &Node<'s>) {
        let text = d.filled(value, &format!("`{name}`"));
        match name {
            "group" => self.group = text,
            "version" => self.version = text,
            "kind" => self.kind = text,
            "name" => self.name = text,
            "namespace" => self.namespace = text,
            "annotationSelector" => self.annotation_selector = text,
            _ => self.label_selector = text,
        }
    }
}

pub(in crate::kustomize) fn image<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> Image<'s> {
    let mut out = Image { span: node.span(), ..Image::default() };
    let names = &["name", "newName", "tagSuffix", "newTag", "digest"];
    for (name, _, value) in d.fields(node, "an entry of `images`", names) {
        let text = d.filled(&value, &format!("`{name}`"));
        match name {
            "name" => out.name = text,
            "newName" => out.new_name = text,
            "tagSuffix" => out.tag_suffix = text,
            "newTag" => out.new_tag = text,
            _ => out.digest = text,
        }
    }
    out
}

pub(in crate::kustomize) fn replica<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> Replica<'s> {
    let mut out = Replica { span: node.span(), ..Replica::default() };
    for (name, _, value) in d.fields(node, "an entry of `replicas`", &["name", "count"]) {
        match name {
            "name" => out.name = d.filled(&value, "`name`"),
            _ => {
                d.int(&value, "`count`");
                out.count = Some(value);
            }
        }
    }
    out
}

pub(in crate::kustomize) fn generator<'s>(d: &mut Decoder<'s>, node: &Node<'s>, secret: bool) -> Generator<'s> {
    let mut out = Generator { span: node.span(), ..Generator::default() };
    let names: &[&'static str] =
        &["namespace", "name", "behavior", "literals", "files", "envs", "env", "options", "type"];
    let names = if secret { names } else { &names[..names.len() - 1] };
    let what = if secret { "an entry of `secretGenerator`" } else { "an entry of `configMapGenerator`" };
    let mut env = None;
    for (name, _, value) in d.fields(node, what, names) {
        let what = &format!("`{name}`");
        match name {
            "namespace" => out.namespace = d.filled(&value, what),
            "name" => out.name = d.filled(&value, what),
            "behavior" => out.behavior = d.filled(&value, what),
            "literals" => out.literals = d.texts(&value, what),
            "files" => out.files = d.texts(&value, what),
            "envs" => out.envs = d.texts(&value, what),
            "env" => env = d.filled(&value, what),
            "type" => out.type_ = d.filled(&value, what),
            _ => out.options = options(d, &value, what),
        }
    }
    out.envs.extend(env);
    out
}

pub(in crate::kustomize) fn options<'s>(
    d: &mut Decoder<'s>,
    node: &Node<'s>,
    what: &str,
) -> Option<GeneratorOptions<'s>> {
    if node.is_null() {
        return None;
    }
    let mut out = GeneratorOptions::default();
    for (name, _, value) in d.fields(node, what, &["labels", "annotations", "disableNameSuffixHash", "immutable"]) {
        match name {
            "labels" => out.labels = d.pairs(&value, "`labels`"),
            "annotations" => out.annotations = d.pairs(&value, "`annotations`"),
            "disableNameSuffixHash" => out.disable_name_suffix_hash = d.bool(&value, "`disableNameSuffixHash`"),
            _ => (out.immutable, out.immutable_span) = (d.bool(&value, "`immutable`"), value.span()),
        }
    }
    Some(out)
}

pub(in crate::kustomize) fn replacement<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> Replacement<'s> {
    let mut out = Replacement { span: node.span(), ..Replacement::default() };
    for (name, _, value) in d.fields(node, "a replacement", &["source", "targets", "sourceValue", "path"]) {
        match name {
            "source" => out.source = (!value.is_null()).then(|| replacement_source(d, &value)),
            "targets" => {
                out.targets = (!value.is_null()).then(|| each(d, &value, "`targets`", replacement_target));
            }
            "sourceValue" => out.source_value = d.text(&value, "`sourceValue`"),
            _ => out.path = d.filled(&value, "`path`"),
        }
    }
    out
}

fn replacement_source<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> ReplacementSource<'s> {
    let mut out = ReplacementSource::default();
    out.object.span = node.span();
    let names = &["group", "version", "kind", "name", "namespace", "fieldPath", "options"];
    for (name, _, value) in d.fields(node, "`source`", names) {
        match name {
            "fieldPath" => out.field_path = d.filled(&value, "`fieldPath`"),
            "options" => out.options = field_options(d, &value),
            _ => out.object.field(d, name, &value),
        }
    }
    out
}

fn replacement_target<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> ReplacementTarget<'s> {
    let mut out = ReplacementTarget { span: node.span(), ..ReplacementTarget::default() };
    for (name, _, value) in d.fields(node, "an entry of `targets`", &["select", "reject", "fieldPaths", "options"]) {
        match name {
            "select" => out.select = (!value.is_null()).then(|| target(d, &value, "`select`")),
            "reject" => out.reject = each(d, &value, "`reject`", |d, n| target(d, n, "`reject`")),
            "fieldPaths" => out.field_paths = d.texts(&value, "`fieldPaths`"),
            _ => out.options = field_options(d, &value),
        }
    }
    out
}

fn field_options<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> Option<FieldOptions<'s>> {
    if node.is_null() {
        return None;
    }
    let mut out = FieldOptions::default();
    for (name, _, value) in d.fields(node, "`options`", &["delimiter", "index", "encoding", "create"]) {
        match name {
            "delimiter" => out.delimiter = d.filled(&value, "`delimiter`"),
            "index" => out.index = d.int(&value, "`index`"),
            "encoding" => drop(d.text(&value, "`encoding`")),
            _ => out.create = d.bool(&value, "`create`"),
        }
    }
    Some(out)
}

pub(in crate::kustomize) fn var<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> Var<'s> {
    let mut out = Var { span: node.span(), ..Var::default() };
    for (name, _, value) in d.fields(node, "an entry of `vars`", &["name", "objref", "fieldref"]) {
        match name {
            "name" => out.name = d.filled(&value, "`name`"),
            "objref" => {
                out.object.span = value.span();
                let names = &["apiVersion", "group", "version", "kind", "name", "namespace"];
                for (name, _, value) in d.fields(&value, "`objref`", names) {
                    match name {
                        "apiVersion" => out.api_version = d.filled(&value, "`apiVersion`"),
                        _ => out.object.field(d, name, &value),
                    }
                }
            }
            _ => {
                for (_, _, value) in d.fields(&value, "`fieldref`", &["fieldPath"]) {
                    out.field_path = d.filled(&value, "`fieldPath`");
                }
            }
        }
    }
    out
}

pub(in crate::kustomize) fn sort_options<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> SortOptions<'s> {
    let mut out = SortOptions { span: node.span(), ..SortOptions::default() };
    for (name, _, value) in d.fields(node, "`sortOptions`", &["order", "legacySortOptions"]) {
        match name {
            "order" => out.order = d.filled(&value, "`order`"),
            _ if value.is_null() => {}
            _ => {
                let (mut first, mut last) = (Vec::new(), Vec::new());
                for (name, _, value) in d.fields(&value, "`legacySortOptions`", &["orderFirst", "orderLast"]) {
                    let kinds = d.texts(&value, &format!("`{name}`")).into_iter().map(|t| t.text).collect();
                    if name == "orderFirst" {
                        first = kinds;
                    } else {
                        last = kinds;
                    }
                }
                out.legacy = Some((first, last));
            }
        }
    }
    out
}

pub(in crate::kustomize) const HELM_CHART: &[&str] = &[
    "name",
    "version",
    "repo",
    "releaseName",
    "namespace",
    "additionalValuesFiles",
    "valuesFile",
    "valuesInline",
    "valuesMerge",
    "includeCRDs",
    "skipHooks",
    "apiVersions",
    "kubeVersion",
    "nameTemplate",
    "skipTests",
    "debug",
    "devel",
];

pub(super) const HELM_CHART_ARGS: &[&str] = &[
    "chartName",
    "chartVersion",
    "chartRepoUrl",
    "chartHome",
    "chartRepoName",
    "helmBin",
    "helmHome",
    "values",
    "valuesLocal",
    "valuesMerge",
    "releaseName",
    "releaseNamespace",
    "extraArgs",
];

/// What an entry is called in messages.
pub(super) const HELM_ENTRY: &str = "an entry of `helmCharts`";

/// A chart, or `helmGlobals`. `name` is the field to point at.
pub(in crate::kustomize) fn helm_chart<'s>(
    d: &mut Decoder<'s>,
    node: &Node<'s>,
    what: &str,
    name: &str,
    names: &[&'static str],
) -> HelmChart<'s> {
    let fields: Vec<_> = d.fields(node, what, names).into_iter().map(|(name, _, value)| (name, value)).collect();
    let place = fields.iter().find(|(n, _)| *n == name).and_then(|(_, value)| value.span()).or(node.span());
    HelmChart { place, fields }
}
