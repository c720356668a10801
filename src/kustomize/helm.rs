//! `helmCharts`: what goes to `helm template`, and what comes back (upstream
//! `api/internal/builtins/HelmChartInflationGenerator.go`). The program itself is run by whoever gives a [`Helm`]; without one, a
//! chart is an error. Charts are never fetched.

use std::fmt;
use std::path::{Path, PathBuf};

use super::Text;
use super::build::Role;
use super::decode::Decoder;
use super::embed;
use super::error::{Error, ErrorKind, Result};
use super::history;
use super::jsonpatch;
use super::kustomization::HelmChart;
use super::load;
use super::loader::Loader;
use super::merge::{self, MergeOptions};
use super::resource::Resource;
use super::schema::Schemas;
use crate::files::{FileKind, normal};
use crate::source::{Source, Span};
use crate::yaml::{Node, Origin, Step, StepKind, emit};

/// Runs `helm`.
pub trait Helm: fmt::Debug + Send + Sync {
    /// What `helm template` prints.
    ///
    /// # Errors
    /// In words, if it cannot be run or fails.
    fn template(&self, call: &HelmCall) -> std::result::Result<Vec<u8>, String>;
}

/// A call of `helm template`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelmCall {
    /// All arguments but those that name values files, `template` first.
    pub arguments: Vec<String>,
    /// The content of the first values file.
    pub values: String,
    /// Further values files: absolute paths.
    pub more_values: Vec<PathBuf>,
    /// The directory of helm's own configuration; none for an empty one.
    pub config_home: Option<String>,
    /// The files of the chart and the further values files, if they are not on disk (those of a git revision): paths as the
    /// arguments have them, and content.
    pub files: Vec<(PathBuf, Vec<u8>)>,
}

/// The error for a chart without a `helm` to run.
pub(super) fn not_run<'s>(entry: Option<Span<'s>>) -> Box<Error<'s>> {
    let message = "a Helm chart is rendered by `helm`, which is only run if asked to (`--helm`); ask for it, render the chart beforehand, \
                   or skip this root";
    Error::new(ErrorKind::Helm, entry, message)
}

/// The objects that a chart gives. `globals` are `helmGlobals`; `namespace` is that of the kustomization, or of one above it.
pub(super) fn inflate<'s>(
    chart: &HelmChart<'s>,
    globals: &HelmChart<'s>,
    namespace: Option<&str>,
    loader: &mut Loader<'_, 's>,
) -> Result<'s, Vec<Resource<'s>>> {
    let Some(helm) = loader.options.helm.clone() else { return Err(not_run(chart.place)) };
    let fields = Fields { chart, globals };
    let call = call(&fields, namespace, loader)?;
    let fail = |message: String| Error::new(ErrorKind::Helm, chart.place, message);
    let output = helm.template(&call).map_err(|e| fail(format!("`helm {}` failed: {e}", call.arguments.join(" "))))?;

    let step = Step::new(StepKind::HelmChart, chart.place);
    let origin = Origin::default().with(&step, None);
    let source = Source::new("".into(), "helm template".into(), output);
    let made = match load::objects(&source) {
        Ok(nodes) => nodes.iter().map(|node| embed::detached(node, &origin)).collect(),
        // Helm may print messages before the first document.
        Err(error) => {
            let behind = source.text().split_once("\n---\n").map(|(_, text)| text.as_bytes().to_vec());
            let source = Source::new("".into(), "helm template".into(), behind.unwrap_or_default());
            let nodes = load::objects(&source).ok().filter(|nodes| !nodes.is_empty());
            let Some(nodes) = nodes else {
                return Err(fail(format!("the output of `helm template` is no stream of objects: {}", error.message)));
            };
            nodes.iter().map(|node| embed::detached(node, &origin)).collect::<Vec<_>>()
        }
    };
    let resource = |node| {
        let mut resource = history::read(node);
        resource.generated = true;
        resource.by_helm = true;
        resource
    };
    Ok(made.into_iter().map(resource).collect())
}

/// The fields of a chart and of `helmGlobals`, old names included.
struct Fields<'c, 's> {
    chart: &'c HelmChart<'s>,
    globals: &'c HelmChart<'s>,
}

impl<'s> Fields<'_, 's> {
    fn node(&self, names: &[&str]) -> Option<&Node<'s>> {
        let all = self.chart.fields.iter().chain(&self.globals.fields);
        all.into_iter().find(|(name, value)| names.contains(name) && !value.is_null()).map(|(_, value)| value)
    }

    fn texts(&self, name: &str) -> Result<'s, Vec<Text<'s>>> {
        self.decoded(&[name], |d, node| d.texts(node, name)).map(Option::unwrap_or_default)
    }

    fn text(&self, names: &[&str]) -> Result<'s, Option<Text<'s>>> {
        let text = self.decoded(names, |d, node| d.text(node, names.first().unwrap_or(&"")))?;
        Ok(text.flatten().filter(|t| !t.is_empty()))
    }

    fn flag(&self, name: &str) -> Result<'s, bool> {
        self.decoded(&[name], |d, node| d.bool(node, name)).map(|flag| flag == Some(true))
    }

    fn decoded<T>(&self, names: &[&str], read: impl FnOnce(&mut Decoder<'s>, &Node<'s>) -> T) -> Result<'s, Option<T>> {
        let mut decoder = Decoder::default();
        let value = self.node(names).map(|node| read(&mut decoder, node));
        match decoder.problems.into_iter().next() {
            Some(problem) => Err(Box::new(problem)),
            None => Ok(value),
        }
    }
}

fn call<'s>(fields: &Fields<'_, 's>, namespace: Option<&str>, loader: &mut Loader<'_, 's>) -> Result<'s, HelmCall> {
    let entry = fields.chart.place;
    let Some(name) = fields.text(&["name", "chartName"])? else {
        return Err(Error::new(ErrorKind::Invalid, entry, "a chart needs a `name`"));
    };
    let (version, repo) = (fields.text(&["version", "chartVersion"])?, fields.text(&["repo", "chartRepoUrl"])?);
    let mut home = PathBuf::from(fields.text(&["chartHome"])?.map_or_else(|| "charts".to_string(), |t| t.text));
    if let (Some(version), Some(_)) = (&version, &repo) {
        home.push(format!("{}-{}", name.text, version.text));
    }
    let directory = home.join(&name.text);
    let absolute = normal(&loader.root.canonical, &directory);
    if !matches!(loader.ctx.files.kind(&absolute), Ok(FileKind::Dir)) {
        let message = format!(
            "the chart `{}` is not at `{}`, and nothing is fetched; put it there (`helm pull --untar --untardir {}`), or skip this root",
            name.text,
            directory.display(),
            home.display()
        );
        return Err(Error::new(ErrorKind::Helm, entry, message));
    }
    let values = values(fields, &directory, loader)?;
    let mut more_values = Vec::new();
    for file in fields.texts("additionalValuesFiles")? {
        loader.file(&file, Role::GeneratorInput, file.span())?;
        more_values.push(normal(&loader.root.canonical, Path::new(&*file)));
    }

    let release = fields.text(&["releaseName"])?;
    // Helm would take it for an option, and some of its options run programs.
    if let Some(bad) = release.as_ref().filter(|name| name.starts_with('-')) {
        let message = format!("`{}` is no name of a release", bad.text);
        return Err(Error::new(ErrorKind::Invalid, bad.span().or(entry), message));
    }
    let mut arguments = vec!["template".to_string()];
    arguments.push(release.map_or_else(|| "--generate-name".to_string(), |t| t.text));
    arguments.push(absolute.display().to_string());
    let namespace = fields.text(&["namespace"])?.map(|t| t.text).or(namespace.map(String::from));
    let option =
        |flag: &str, value: Option<String>| value.into_iter().flat_map(|v| [flag.to_string(), v]).collect::<Vec<_>>();
    arguments.extend(option("--namespace", namespace));
    arguments.extend(option("--name-template", fields.text(&["nameTemplate"])?.map(|t| t.text)));
    for version in fields.texts("apiVersions")? {
        arguments.extend(option("--api-versions", Some(version.text)));
    }
    arguments.extend(option("--kube-version", fields.text(&["kubeVersion"])?.map(|t| t.text)));
    let flags = [
        ("includeCRDs", "--include-crds"),
        ("skipTests", "--skip-tests"),
        ("skipHooks", "--no-hooks"),
        ("debug", "--debug"),
        ("devel", "--devel"),
    ];
    for (field, flag) in flags {
        if fields.flag(field)? {
            arguments.push(flag.to_string());
        }
    }
    let config_home = fields.text(&["configHome", "helmHome"])?.map(|t| t.text);
    let all = loader.ctx.files;
    let mut files = Vec::new();
    if let Some(paths) = all.not_on_disk(&absolute) {
        // What cannot be read (a link to a directory) is left to helm to miss.
        let read = |path: &PathBuf| Some((path.clone(), all.read(path).ok()?));
        files = paths.iter().chain(&more_values).filter_map(read).collect();
    }
    Ok(HelmCall { arguments, values, more_values, config_home, files })
}

/// The values file, with the inline values over it or under it.
fn values<'s>(fields: &Fields<'_, 's>, directory: &Path, loader: &mut Loader<'_, 's>) -> Result<'s, String> {
    let inline = fields.node(&["valuesInline", "valuesLocal"]).filter(|n| n.is_map() && !n.is_empty());
    let inline = inline.map(|node| jsonpatch::read_json(node.clone()));
    let order = fields.text(&["valuesMerge"])?;
    let order = order.as_ref().map_or("override", |t| t.text.as_str());
    if !["merge", "override", "replace"].contains(&order) {
        let span = fields.node(&["valuesMerge"]).and_then(Node::span).or(fields.chart.place);
        return Err(Error::new(ErrorKind::Invalid, span, "`valuesMerge` is one of merge, override, replace"));
    }
    let printed = |node: &Node<'s>| {
        emit::document(node).map_err(|e| Error::new(ErrorKind::Invalid, e.span.or(fields.chart.place), e.message))
    };
    if let (Some(inline), "replace") = (&inline, order) {
        return printed(inline);
    }
    let named = fields.text(&["valuesFile", "values"])?;
    let path = named.as_ref().map_or_else(|| directory.join("values.yaml").display().to_string(), |t| t.text.clone());
    let file = loader.file(&path, Role::GeneratorInput, named.as_ref().and_then(Text::span).or(fields.chart.place))?;
    let Some(inline) = inline else { return Ok(file.text().to_string()) };
    if let Some(bad) = file.problems().first() {
        return Err(load::syntax(file, bad).note(fields.chart.place, "read from here"));
    }
    let file = super::kustomization::first_document(file).filter(Node::is_map);
    let file = file.unwrap_or_else(|| Node::map(Vec::new(), Origin::default()));
    let (under, over) = if order == "merge" { (inline, file) } else { (file, inline) };
    let step = Step::new(StepKind::HelmChart, fields.chart.place);
    let options = MergeOptions { append: true, ..MergeOptions::default() };
    let merged = merge::merge_with(under, &over, &Schemas::builtin(), &step, options);
    let merged = merged.map_err(|e| super::transform::failed(e, fields.chart.place))?;
    merged.map_or_else(|| Ok("{}\n".into()), |node| printed(&node))
}
