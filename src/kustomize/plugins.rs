//! `generators`, `transformers` and `validators`: built-in ones written out with all their options. Anything else is a program
//! that is not run (upstream `api/internal/plugins/loader`).

use super::Text;
use super::accumulate::{Accumulation, Accumulator};
use super::build::Role;
use super::decode::Decoder;
use super::error::{Error, ErrorKind, Result};
use super::facts::FactKind;
use super::fieldspec::FieldSpec;
use super::filters::namespace::{NamespaceOptions, SubjectMode};
use super::finish;
use super::generators::{self, Kind};
use super::helm;
use super::kustomization::fields::{self, each, field_spec};
use super::kustomization::{Generator, Image, Patch, Replacement, Replica};
use super::load;
use super::loader::{Loader, Root};
use super::metadata::Place;
use super::metadata::{self, Configured};
use super::patches::{self, LoadedPatch};
use super::replacements;
use super::resource::Resource;
use super::same::same;
use super::transform::Transform;
use super::value_add::{self, ValueAdd};
use crate::source::Span;
use crate::yaml::{Node, Step, StepKind};

/// A transformer, ready to run.
pub(super) enum Transformer<'s> {
    Namespace(Option<Text<'s>>, Vec<FieldSpec>, NamespaceOptions),
    Affixes { prefix: Option<Text<'s>>, suffix: Option<Text<'s>>, specs: Vec<FieldSpec> },
    Labels(Vec<(Text<'s>, Text<'s>)>, Vec<FieldSpec>),
    Annotations(Vec<(Text<'s>, Text<'s>)>, Vec<FieldSpec>),
    Patches(Vec<LoadedPatch<'s>>),
    Replicas(Box<Replica<'s>>, Vec<FieldSpec>),
    Image(Box<Image<'s>>, Vec<FieldSpec>),
    Replacements(Vec<Replacement<'s>>),
    ValueAdd(ValueAdd<'s>),
    Hash,
}

/// The transformers that a field lists, with what they are configured by where the build notes that. `file` is the
/// kustomization then.
pub(super) fn transformers<'s>(
    accumulator: &mut Accumulator<'_, 's>,
    acc: &mut Accumulation<'s>,
    root: &Root,
    entries: &[Text<'s>],
    file: Option<&Place>,
) -> Result<'s, Vec<(Transformer<'s>, Option<Configured>)>> {
    let mut out = Vec::new();
    for (config, entry) in configs(accumulator, acc, root, entries, file)? {
        let mut loader = accumulator.loader(root, &mut acc.files);
        let transformer = transformer(&config, entry, &mut loader)?;
        out.push((transformer, Configured::by(&config)));
    }
    Ok(out)
}

/// What the generators that a field lists give, each with its entry.
pub(super) fn generators<'s>(
    accumulator: &mut Accumulator<'_, 's>,
    acc: &mut Accumulation<'s>,
    root: &Root,
    entries: &[Text<'s>],
    file: Option<&Place>,
) -> Result<'s, Vec<(Resource<'s>, Option<Span<'s>>)>> {
    let mut out = Vec::new();
    for (config, entry) in configs(accumulator, acc, root, entries, file)? {
        let mut loader = accumulator.loader(root, &mut acc.files);
        let made = if config.api_version() == "builtin" && config.kind() == "HelmChartInflationGenerator" {
            let mut d = Decoder::lenient();
            let globals = fields::helm_chart(&mut d, &config.node, "", "chartHome", &["chartHome", "configHome"]);
            let mut chart = fields::helm_chart(&mut d, &config.node, "", "name", fields::HELM_CHART);
            chart.place = chart.place.or(entry);
            helm::inflate(&chart, &globals, None, &mut loader)?
        } else {
            vec![generator(&config, entry, &mut loader)?]
        };
        for mut made in made {
            if let Some(by) = Configured::by(&config) {
                metadata::generated(&mut made, &by)?;
            }
            out.push((made, entry));
        }
    }
    Ok(out)
}

/// The configurations that a field lists: those that are written there, then those of files and directories.
fn configs<'s>(
    accumulator: &mut Accumulator<'_, 's>,
    acc: &mut Accumulation<'s>,
    root: &Root,
    entries: &[Text<'s>],
    file: Option<&Place>,
) -> Result<'s, Vec<(Resource<'s>, Option<Span<'s>>)>> {
    let mut out: Vec<(Resource<'s>, Option<Span<'s>>)> = Vec::new();
    let mut paths = Vec::new();
    let mut inner = Accumulation::default();
    for entry in entries {
        match load::inline_objects(&entry.node) {
            Ok(objects) => {
                for object in objects {
                    let mut config = Resource::new(object);
                    config.place = file.cloned();
                    out.push((config, entry.span()));
                }
            }
            Err(error) if entry.contains('\n') => return Err(error),
            Err(_) => paths.push(entry),
        }
    }
    let mut ids = accumulator.ids(&inner.resources);
    for path in paths {
        let before = inner.resources.len();
        accumulator.resources(&mut inner, &mut ids, root, std::iter::once(path))?;
        out.extend(inner.resources.iter().skip(before).map(|r| (r.clone(), path.span())));
    }
    for file in &mut inner.files {
        if file.role == Role::Resource {
            file.role = Role::Plugin;
        }
    }
    acc.files.append(&mut inner.files);
    acc.kustomizations.append(&mut inner.kustomizations);
    acc.facts.append(&mut inner.facts);
    acc.dirs.append(&mut inner.dirs);
    Ok(out)
}

fn transformer<'s>(
    config: &Resource<'s>,
    entry: Option<Span<'s>>,
    loader: &mut Loader<'_, 's>,
) -> Result<'s, Transformer<'s>> {
    builtin(config, entry)?;
    let mut d = Decoder::lenient();
    let node = &config.node;
    let specs = |d: &mut Decoder<'s>| -> Vec<FieldSpec> {
        let list = field(node, "fieldSpecs");
        list.map(|n| each(d, &n, "`fieldSpecs`", field_spec)).unwrap_or_default().iter().map(|s| s.spec()).collect()
    };
    let made = match config.kind().as_str() {
        "NamespaceTransformer" => {
            let metadata = field(node, "metadata");
            let namespace = metadata.and_then(|m| text(&mut d, &m, "namespace"));
            let specs = specs(&mut d);
            Transformer::Namespace(namespace, specs, namespace_options(&mut d, node))
        }
        kind @ ("PrefixTransformer" | "SuffixTransformer" | "PrefixSuffixTransformer") => {
            if field(node, "fieldSpecs").is_none() {
                return Err(Error::new(
                    ErrorKind::Invalid,
                    node.span().or(entry),
                    format!("a {kind} needs `fieldSpecs`"),
                ));
            }
            let prefix = if kind == "SuffixTransformer" { None } else { text(&mut d, node, "prefix") };
            let suffix = if kind == "PrefixTransformer" { None } else { text(&mut d, node, "suffix") };
            Transformer::Affixes { prefix, suffix, specs: specs(&mut d) }
        }
        "LabelTransformer" => Transformer::Labels(pairs(&mut d, node, "labels"), specs(&mut d)),
        "AnnotationsTransformer" => Transformer::Annotations(pairs(&mut d, node, "annotations"), specs(&mut d)),
        "PatchTransformer" => {
            let patch = Patch { span: node.span().or(entry), ..fields::patch(&mut d, node) };
            Transformer::Patches(vec![patches::any(&patch, loader)?])
        }
        "PatchJson6902Transformer" => {
            let mut patch = Patch { span: node.span().or(entry), ..fields::patch(&mut d, node) };
            patch.patch = text(&mut d, node, "jsonOp");
            Transformer::Patches(vec![patches::json(&patch, loader)?])
        }
        "PatchStrategicMergeTransformer" => Transformer::Patches(strategic_merge(&mut d, node, entry, loader)?),
        "ReplicaCountTransformer" => {
            let replica = field(node, "replica").map(|n| fields::replica(&mut d, &n)).unwrap_or_default();
            Transformer::Replicas(Box::new(Replica { span: replica.span.or(entry), ..replica }), specs(&mut d))
        }
        "ImageTagTransformer" => {
            let image = field(node, "imageTag").map(|n| fields::image(&mut d, &n)).unwrap_or_default();
            Transformer::Image(Box::new(Image { span: image.span.or(entry), ..image }), specs(&mut d))
        }
        "ReplacementTransformer" => {
            let listed = field(node, "replacements")
                .map(|n| each(&mut d, &n, "`replacements`", fields::replacement))
                .unwrap_or_default();
            Transformer::Replacements(replacements::load(&listed, loader)?)
        }
        "ValueAddTransformer" => Transformer::ValueAdd(value_add::load(&mut d, node, entry, loader)?),
        "HashTransformer" => Transformer::Hash,
        kind => {
            let message = format!("there is no built-in transformer `{kind}`");
            return Err(Error::new(ErrorKind::Invalid, node.get("kind").and_then(|k| k.span()).or(entry), message));
        }
    };
    checked(d, made)
}

fn strategic_merge<'s>(
    d: &mut Decoder<'s>,
    node: &Node<'s>,
    entry: Option<Span<'s>>,
    loader: &mut Loader<'_, 's>,
) -> Result<'s, Vec<LoadedPatch<'s>>> {
    let paths = field(node, "paths").map(|n| d.texts(&n, "`paths`")).unwrap_or_default();
    let inline = text(d, node, "patches");
    let mut out = Vec::new();
    for path in paths.iter().chain(&inline) {
        out.push(patches::strategic(path, loader)?);
    }
    if out.iter().all(LoadedPatch::is_empty) {
        return Err(Error::new(ErrorKind::Invalid, node.span().or(entry), "the patch is empty"));
    }
    Ok(out)
}

fn namespace_options<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> NamespaceOptions {
    let unset_only = field(node, "unsetOnly").is_some_and(|n| d.bool(&n, "`unsetOnly`"));
    let mode = text(d, node, "setRoleBindingSubjects");
    let subjects = mode.as_ref().map_or(Some(SubjectMode::default()), |m| SubjectMode::from_name(m));
    if let (None, Some(mode)) = (subjects, &mode) {
        let message = "`setRoleBindingSubjects` must be `defaultOnly`, `allServiceAccounts` or `none`";
        d.problem(&mode.node, message.into());
    }
    NamespaceOptions { unset_only, subjects: subjects.unwrap_or_default() }
}

fn generator<'s>(
    config: &Resource<'s>,
    entry: Option<Span<'s>>,
    loader: &mut Loader<'_, 's>,
) -> Result<'s, Resource<'s>> {
    builtin(config, entry)?;
    let mut d = Decoder::lenient();
    let node = &config.node;
    let kind = match config.kind().as_str() {
        "ConfigMapGenerator" => Kind::ConfigMap,
        "SecretGenerator" => Kind::Secret,
        "IAMPolicyGenerator" => return checked_iam(d, node, entry),
        kind => {
            let message = format!("there is no built-in generator `{kind}`");
            return Err(Error::new(ErrorKind::Invalid, node.get("kind").and_then(|k| k.span()).or(entry), message));
        }
    };
    let mut args: Generator<'s> = fields::generator(&mut d, node, kind == Kind::Secret);
    let metadata = field(node, "metadata");
    if let Some(metadata) = metadata {
        args.name = args.name.or_else(|| text(&mut d, &metadata, "name"));
        args.namespace = args.namespace.or_else(|| text(&mut d, &metadata, "namespace"));
    }
    let args = checked(d, args)?;
    generators::generate(kind, &args, None, loader)
}

/// The ServiceAccount that an `IAMPolicyGenerator` makes for GKE.
fn checked_iam<'s>(mut d: Decoder<'s>, node: &Node<'s>, entry: Option<Span<'s>>) -> Result<'s, Resource<'s>> {
    let part =
        |d: &mut Decoder<'s>, section: &str, name: &'static str| field(node, section).and_then(|n| text(d, &n, name));
    let cloud = text(&mut d, node, "cloud");
    if cloud.as_deref() != Some("gke") {
        let span = cloud.as_ref().and_then(Text::span).or(entry);
        return Err(Error::new(ErrorKind::Invalid, span, "`cloud` must be `gke`"));
    }
    let name = part(&mut d, "kubernetesService", "name");
    let namespace = part(&mut d, "kubernetesService", "namespace");
    let account = part(&mut d, "serviceAccount", "name");
    let project = part(&mut d, "serviceAccount", "projectId");
    let made = generators::iam_service_account(name, namespace, account, project, node.span().or(entry));
    checked(d, made)
}

/// An error unless the configuration is that of a built-in.
fn builtin<'s>(config: &Resource<'s>, entry: Option<Span<'s>>) -> Result<'s, ()> {
    if config.api_version() == "builtin" {
        return Ok(());
    }
    let own = config.node.get("kind").and_then(|k| k.span());
    let message = format!(
        "`{}` is a program (a plugin or a KRM function), and none is run; render it beforehand, or skip this root",
        config.kind()
    );
    // Of a configuration in the entry itself, the kind is the more exact place.
    match (entry, own) {
        (Some(asked), Some(kind)) if !std::ptr::eq(asked.source, kind.source) => {
            Err(Error::new(ErrorKind::Plugin, entry, message).note(own, "its configuration"))
        }
        _ => Err(Error::new(ErrorKind::Plugin, own.or(entry), message)),
    }
}

fn checked<'s, T>(d: Decoder<'s>, made: T) -> Result<'s, T> {
    Error::first_of(d.problems).map_or(Ok(made), Err)
}

/// The value of a field that is not null.
pub(super) fn field<'s>(node: &Node<'s>, name: &str) -> Option<Node<'s>> {
    let found = node.entries().filter(|(k, _)| k.text().is_some_and(|t| t.eq_ignore_ascii_case(name))).last();
    found.map(|(_, value)| value).filter(|v| !v.is_null())
}

/// The text of a field that is not empty.
pub(super) fn text<'s>(d: &mut Decoder<'s>, node: &Node<'s>, name: &str) -> Option<Text<'s>> {
    let value = field(node, name)?;
    d.filled(&value, &format!("`{name}`"))
}

fn pairs<'s>(d: &mut Decoder<'s>, node: &Node<'s>, name: &str) -> Vec<(Text<'s>, Text<'s>)> {
    field(node, name).map(|n| d.pairs(&n, &format!("`{name}`"))).unwrap_or_default()
}

impl<'s> Transformer<'s> {
    /// Runs it.
    pub(super) fn run(&self, t: &mut Transform<'_, 's>) -> Result<'s, ()> {
        match self {
            Transformer::Namespace(Some(namespace), specs, options) => t.namespace(namespace, specs, *options)?,
            Transformer::Namespace(None, ..) => {}
            Transformer::Affixes { prefix, suffix, specs } => {
                if let Some(prefix) = prefix {
                    t.prefix(prefix, specs)?;
                }
                if let Some(suffix) = suffix {
                    t.suffix(suffix, specs)?;
                }
            }
            Transformer::Labels(pairs, specs) => t.pairs(FactKind::Labels, StepKind::Labels, pairs, specs)?,
            Transformer::Annotations(pairs, specs) => {
                t.pairs(FactKind::Annotations, StepKind::Annotations, pairs, specs)?;
            }
            Transformer::Patches(patches) => patches.iter().try_for_each(|p| t.patch(p))?,
            Transformer::Replicas(replica, specs) => t.replicas(replica, specs)?,
            Transformer::Image(image, specs) => t.image(image, specs)?,
            Transformer::Replacements(entries) => t.replacements(entries)?,
            Transformer::ValueAdd(value) => {
                let step = Step::new(StepKind::Transformer, value.entry());
                value.run(t, &step)?;
            }
            Transformer::Hash => {
                for resource in t.resources.iter_mut().filter(|r| r.needs_hash) {
                    finish::add_hash(resource, t.schemas)?;
                }
            }
        }
        t.drop_gone();
        Ok(())
    }

    /// Runs it as a validator, which must leave everything as it is.
    pub(super) fn validate(&self, t: &mut Transform<'_, 's>) -> Result<'s, ()> {
        let before: Vec<Node<'s>> = t.resources.iter().map(|r| r.node.clone()).collect();
        self.run(t)?;
        let unchanged =
            before.len() == t.resources.len() && before.iter().zip(t.resources.iter()).all(|(a, b)| same(a, &b.node));
        if unchanged {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Invalid, None, "a validator must not change anything, and this one does"))
    }
}
