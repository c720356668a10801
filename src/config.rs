//! `manicheck.yaml`: finding it, and reading it into settings with every problem at its place.

mod cluster;
mod kustomize;
mod peers;
mod problems;
mod rules;
mod schema;
mod scoped;
mod template;

pub use schema::schema;
pub use template::{Survey, template};

use std::path::{Path, PathBuf};

use crate::discover::Input;
use crate::files::{Context, FileKind, normal};
use crate::finding::{Failure, Severity};
use crate::rule::Version;
use crate::rules::Registry;
use crate::settings::{Override, PathGlobs, Settings};
use crate::source::{Source, Span};
use crate::suppress::{Date, Exemption, Tool};
use crate::yaml::{Node, expand};
use problems::{Field, Problems};

/// The name of the configuration file.
pub const FILE_NAME: &str = "manicheck.yaml";

/// The keys of the file, in the order of the documentation.
pub const KEYS: [&str; 13] = [
    "kubernetes",
    "profile",
    "rules",
    "overrides",
    "ignore",
    "fail_on",
    "exclude",
    "external",
    "components",
    "pod_templates",
    "ingress",
    "kustomize",
    "compat",
];

/// What a configuration says.
pub struct Config<'s> {
    /// Settings of the run; paths in it are absolute.
    pub settings: Settings,
    /// `ignore`, and what the configurations of the tools in `compat` leave out.
    pub exemptions: Vec<Exemption<'s>>,
    /// `fail_on`, if it is set.
    pub fail_on: Option<FailOn>,
    /// `exclude`: files that a walk leaves out.
    pub exclude: PathGlobs,
    /// `compat`: tools whose suppressions count too.
    pub compat: Vec<Tool>,
}

/// Which findings make a run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// Those of this severity and above.
    At(Severity),
    /// None.
    Never,
}

/// The configuration for these inputs: the nearest one above the first of them, no higher than the root of its repository.
pub fn find(ctx: Context<'_>, inputs: &[Input]) -> Option<PathBuf> {
    let first = match inputs.first() {
        Some(Input::Path(path)) => normal(ctx.cwd, path),
        _ => ctx.cwd.to_path_buf(),
    };
    for dir in first.ancestors() {
        let file = dir.join(FILE_NAME);
        if matches!(ctx.files.kind(&file), Ok(FileKind::File)) {
            return Some(file);
        }
        if ctx.files.kind(&dir.join(".git")).is_ok() {
            return None;
        }
    }
    None
}

/// Reads a configuration, and those of the tools in its `compat`. `today` decides which exemptions have ended.
///
/// # Errors
/// Everything that is wrong with it and with the files that `compat` makes it read, in the order of each.
pub fn read<'s>(
    ctx: Context<'s>,
    source: &'s Source,
    registry: &Registry,
    today: Date,
) -> Result<Config<'s>, Vec<Failure<'s>>> {
    let dir = source.path().parent().unwrap_or(Path::new("/")).to_path_buf();
    let mut reader = Reader {
        ctx,
        registry,
        today,
        settings: Settings { dir: dir.clone(), ..Settings::default() },
        dir,
        exemptions: Vec::new(),
        override_places: Vec::new(),
        fail_on: None,
        exclude: PathGlobs::default(),
        compat: Vec::new(),
        problems: Problems::default(),
    };
    if let Some(root) = reader.document(source).filter(|root| !root.is_null()) {
        reader.root(&root);
    }
    peers::read(&mut reader);
    let mut problems = reader.problems.0;
    if problems.is_empty() {
        return Ok(Config {
            settings: reader.settings,
            exemptions: reader.exemptions,
            fail_on: reader.fail_on,
            exclude: reader.exclude,
            compat: reader.compat,
        });
    }
    problems.sort_by(|a, b| (&a.path, a.span.map(|s| s.start)).cmp(&(&b.path, b.span.map(|s| s.start))));
    Err(problems)
}

/// Reads a configuration.
struct Reader<'r, 's> {
    ctx: Context<'s>,
    registry: &'r Registry,
    today: Date,
    /// The directory of the file.
    dir: PathBuf,
    settings: Settings,
    exemptions: Vec<Exemption<'s>>,
    override_places: Vec<Span<'s>>,
    fail_on: Option<FailOn>,
    exclude: PathGlobs,
    compat: Vec<Tool>,
    problems: Problems<'s>,
}

impl<'s> Reader<'_, 's> {
    /// The one document of a file.
    fn document(&mut self, source: &'s Source) -> Option<Node<'s>> {
        for problem in source.problems() {
            let span = source.span(problem.start..problem.end);
            self.problems.at_span(span, format!("not valid YAML: {}", problem.message));
        }
        let documents = expand::documents(source);
        if let Some(second) = documents.get(1) {
            self.problems.at_span(second.span.first_line(), "a configuration is one document");
        }
        documents.into_iter().next().map(|d| d.node)
    }

    fn root(&mut self, node: &Node<'s>) {
        let fields = self.problems.fields(node, "a configuration", &KEYS);
        for field in &fields {
            self.field(field);
        }
        if self.problems.0.is_empty() {
            self.contradictions(node, &fields);
        }
    }

    fn field(&mut self, field: &Field<'s>) {
        let value = &field.value;
        match field.name.as_str() {
            "kubernetes" => match cluster::version(value, &mut self.problems).map(Version::as_kubernetes) {
                Some(Ok(version)) => self.settings.env.target = version,
                Some(Err(message)) => self.problems.at(value, message),
                None => {}
            },
            "profile" => self.settings.profiles = scoped::profiles(value, self),
            "rules" => self.settings.rules = rules::read(value, self.registry, &mut self.problems),
            "overrides" => {
                for item in self.problems.items(value, "`overrides`") {
                    scoped::override_(&item, self);
                }
            }
            "ignore" => {
                for item in self.problems.items(value, "`ignore`") {
                    scoped::ignore(&item, self);
                }
            }
            "fail_on" => {
                let words = ["error", "warning", "note", "never"];
                self.fail_on = self.problems.word(value, "`fail_on`", &words).map(|word| match word.as_str() {
                    "error" => FailOn::At(Severity::Error),
                    "warning" => FailOn::At(Severity::Warning),
                    "note" => FailOn::At(Severity::Note),
                    _ => FailOn::Never,
                });
            }
            "exclude" => {
                self.exclude = self.problems.globs(value, "`exclude`", |globs| PathGlobs::new(globs.iter().copied()));
            }
            "kustomize" => kustomize::read(field, self),
            "compat" => {
                let known = Tool::ALL.map(Tool::name);
                let items = if value.is_seq() { value.items().collect() } else { vec![value.clone()] };
                for item in items {
                    let tool = self.problems.word(&item, "a tool", &known).and_then(|name| Tool::from_name(&name));
                    self.compat.extend(tool);
                }
            }
            _ => cluster::read(field, &mut self.settings.env, &mut self.problems),
        }
    }

    /// Rule sets that cannot be: those of the file as it stands, and with each override.
    fn contradictions(&mut self, root: &Node<'s>, fields: &[Field<'s>]) {
        let none: [&Override; 0] = [];
        if let Err(error) = self.settings.chosen(&none, self.registry) {
            let rules = fields.iter().find(|f| f.name == "rules").map_or(root, |f| &f.key);
            self.problems.at(rules, error.0);
            return;
        }
        for (layer, place) in self.settings.overrides.iter().zip(&self.override_places) {
            if let Err(error) = self.settings.chosen(&[layer], self.registry) {
                self.problems.at_span(place.first_line(), error.0);
            }
        }
    }
}
