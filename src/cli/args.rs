//! Arguments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::finding::Severity;
use crate::kustomize::{LoadRestrictor, Options, Reorder};
use crate::output::Format;
use crate::rule::Version;

/// Check Kubernetes manifests and kustomize overlays before they are merged.
#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = true, disable_help_subcommand = true, max_term_width = 100)]
#[command(after_help = "Exit status: 0 nothing at or above --fail-on, 1 findings, 2 not all was checked.")]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) check: CheckArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print what `kustomize build` prints
    Build(BuildArgs),
    /// Show who wrote a field of a rendered object
    Why(WhyArgs),
    /// Show the page of a rule
    Explain(ExplainArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Write a commented manicheck.yaml that fits the tree
    Init(InitArgs),
    /// Print the JSON schema of manicheck.yaml
    Schema,
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    #[command(hide = true)]
    Man,
}

/// The default command: lint.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Files and directories to check; `-` is standard input
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) fix: FixArgs,

    /// recommended (default), production, pss-*, all
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Rules")]
    pub(super) profile: Vec<String>,
    /// Only these: rules, categories, other tools' ids
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub(super) select: Vec<String>,
    /// Do not run these
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub(super) ignore: Vec<String>,
    /// Version to judge for [default: newest known]
    #[arg(long, value_name = "VERSION", value_parser = kubernetes, help_heading = "Rules")]
    pub(super) kubernetes: Option<Version>,

    /// text, concise, json, sarif, github, junit, gitlab or markdown; to a file if named; repeatable
    #[arg(long, value_name = "NAME[=FILE]", help_heading = "Output")]
    pub(super) format: Vec<FormatArg>,
    /// Fail at error, warning (default), note or never
    #[arg(long, hide_possible_values = true, value_name = "SEVERITY", help_heading = "Output")]
    pub(super) fail_on: Option<FailOn>,
    /// Show suppressed findings too
    #[arg(long, help_heading = "Output")]
    pub(super) show_suppressed: bool,
    /// Count findings per rule instead of showing them
    #[arg(long, help_heading = "Output")]
    pub(super) statistics: bool,
    /// Colours: auto, always or never
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true,
        help_heading = "Output"
    )]
    pub(super) color: Color,
    /// Print findings only
    #[arg(short, long, help_heading = "Output")]
    pub(super) quiet: bool,
    /// Name everything that was skipped
    #[arg(short, long, conflicts_with = "quiet", help_heading = "Output")]
    pub(super) verbose: bool,

    #[command(flatten)]
    pub(super) known: KnownArgs,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    #[command(flatten)]
    pub(super) kustomize: KustomizeArgs,
}

/// Fixes.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct FixArgs {
    /// Apply safe fixes to the files
    #[arg(long)]
    pub(super) fix: bool,
    /// Apply unsafe fixes too
    #[arg(long)]
    pub(super) unsafe_fixes: bool,
    /// Print what --fix would change; write nothing
    #[arg(long, conflicts_with_all = ["format", "statistics", "write_baseline"])]
    pub(super) diff: bool,
}

impl FixArgs {
    /// True if fixes are to be worked out.
    pub(super) fn is_asked(self) -> bool {
        self.fix || self.diff
    }
}

/// Findings that are known already.
#[derive(Clone, Debug, Args)]
pub(super) struct KnownArgs {
    /// Findings in this file do not count
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub(super) baseline: Option<PathBuf>,
    /// Write what counts now to a file for --baseline
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub(super) write_baseline: Option<PathBuf>,
    /// Findings at this git revision do not count
    #[arg(long, value_name = "REV", help_heading = "Configuration")]
    pub(super) since: Option<String>,
}

/// Where the configuration is.
#[derive(Clone, Debug, Args)]
pub(super) struct ConfigArgs {
    /// Configuration [default: nearest manicheck.yaml]
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub(super) config: Option<PathBuf>,
    /// Take no configuration file
    #[arg(long, conflicts_with = "config", help_heading = "Configuration")]
    pub(super) no_config: bool,
}

/// How kustomizations are rendered.
#[derive(Clone, Debug, Args)]
pub(super) struct KustomizeArgs {
    /// What may be loaded: root-only (default) or none
    #[arg(long, hide_possible_values = true, value_name = "MODE", help_heading = "Configuration")]
    pub(super) load_restrictor: Option<LoadRestrictorArg>,
    /// Run `helm` for `helmCharts`; nothing is pulled
    #[arg(long, help_heading = "Configuration")]
    pub(super) helm: bool,
}

impl KustomizeArgs {
    /// Puts what is given over the options of the configuration. What runs `helm` depends on the command.
    pub(super) fn put_over(&self, options: &mut Options) {
        if let Some(restrictor) = self.load_restrictor {
            options.load_restrictor = restrictor.into();
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    /// Directory of the kustomization
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
    /// Print the origin of every field beside it, as text or as one JSON object a line
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    pub(super) origins: Option<Origins>,
    /// Order of the objects [default: sortOptions of the kustomization, else legacy]
    #[arg(long, value_name = "ORDER")]
    pub(super) reorder: Option<ReorderArg>,
    /// Label all objects with `app.kubernetes.io/managed-by`
    #[arg(long)]
    pub(super) enable_managedby_label: bool,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    #[command(flatten)]
    pub(super) kustomize: KustomizeArgs,
}

#[derive(Debug, Args)]
pub(super) struct WhyArgs {
    /// Directory of the kustomization
    #[arg(value_name = "DIR")]
    pub(super) dir: PathBuf,
    /// Object, as Kind/name or namespace/Kind/name, by its name in the output or in the base
    #[arg(value_name = "RESOURCE")]
    pub(super) resource: Option<String>,
    /// Field, as spec.replicas, spec.template.spec.containers[name=api].image, metadata.annotations.foo\.bar/baz
    #[arg(value_name = "FIELD", requires = "resource")]
    pub(super) field: Option<String>,
    /// text or json
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: WhyFormat,
    #[command(flatten)]
    pub(super) kustomize: KustomizeArgs,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum WhyFormat {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Id of the rule, or another tool's id for the same check
    pub(super) rule: String,
}

#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    /// text or json
    #[arg(long, default_value = "text")]
    pub(super) format: RulesFormat,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Directory to write it in
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    pub(super) force: bool,
    /// Print the JSON schema of manicheck.yaml instead
    #[arg(long)]
    pub(super) schema: bool,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// Shell
    pub(super) shell: clap_complete::Shell,
}

fn kubernetes(text: &str) -> Result<Version, String> {
    text.parse::<Version>()?.as_kubernetes()
}

/// `FORMAT` or `FORMAT=FILE`.
#[derive(Clone, Debug)]
pub(super) struct FormatArg {
    pub(super) format: Format,
    pub(super) file: Option<PathBuf>,
}

impl std::str::FromStr for FormatArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("no file name behind `=`".into()),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        Ok(FormatArg { format: name.parse()?, file })
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

impl FailOn {
    /// The least severity that counts; none for never.
    pub(super) fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Note => Some(Severity::Note),
            FailOn::Never => None,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Origins {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum RulesFormat {
    Text,
    Json,
}

/// Upstream's spellings are accepted too.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum LoadRestrictorArg {
    #[value(alias = "LoadRestrictionsRootOnly")]
    RootOnly,
    #[value(alias = "LoadRestrictionsNone")]
    None,
}

impl From<LoadRestrictorArg> for LoadRestrictor {
    fn from(arg: LoadRestrictorArg) -> Self {
        match arg {
            LoadRestrictorArg::RootOnly => LoadRestrictor::RootOnly,
            LoadRestrictorArg::None => LoadRestrictor::None,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ReorderArg {
    Legacy,
    None,
}

impl From<ReorderArg> for Reorder {
    fn from(arg: ReorderArg) -> Self {
        match arg {
            ReorderArg::Legacy => Reorder::Legacy,
            ReorderArg::None => Reorder::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_fits_one_screen() {
        let help = Cli::command().term_width(80).render_help().to_string();
        assert!(help.lines().count() <= 50, "{} lines:\n{help}", help.lines().count());
        assert!(help.lines().all(|line| line.chars().count() <= 80), "wider than 80 columns:\n{help}");
    }
}
