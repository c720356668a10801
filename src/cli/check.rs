//! `manicheck PATH…`

use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use anstream::AutoStream;
use supports_hyperlinks::Stream;
use terminal_size::{Width, terminal_size_of};

use super::args::{CheckArgs, Color, FormatArg};
use super::fix::{self, Work};
use super::known::Known;
use super::{Status, Stop, config, helm, note, output, progress};
use crate::discover::Input;
use crate::files::{Context, DiskFiles, Filtered};
use crate::finding::{Report, Severity};
use crate::output::{Format, Options, RuleInfo};
use crate::progress::Progress;
use crate::rule::Version;
use crate::rules::Registry;
use crate::run;
use crate::source::Sources;

/// Lints, reports in every format asked for, and says how it came out.
pub(super) fn check(args: &CheckArgs) -> Result<Status, Stop> {
    let formats = formats(args)?;
    let mut inputs = inputs(args)?;
    let registry = Registry::builtin();
    let cwd = output::cwd()?;
    // Never freed: the process ends when the report is written.
    let sources: &Sources = Box::leak(Box::default());
    let ctx = Context { files: &DiskFiles, sources, cwd: &cwd };
    let mut config = match config::load(ctx, &inputs, || &registry, &args.config)? {
        Ok(config) => config,
        Err(failures) => {
            emit(&Report { failures, ..Report::default() }, &formats, &registry, args, &cwd)?;
            return Ok(Status::Failed);
        }
    };
    config::overlay(&mut config.settings, args);
    remark(args, config.settings.env.target);
    let takes = |path: &Path| config::takes(path, &config.exclude, &config.settings.dir);
    let known = Known::load(args, &inputs, &config, &registry, &cwd, &takes)?;
    let mut fixed = true;
    if args.fix.is_asked() {
        let (quiet, unsafe_fixes) = (args.quiet, args.fix.unsafe_fixes);
        let (config, registry) = (&config, &registry);
        let work = Work { config, registry, cwd: &cwd, takes: &takes, known: &known, unsafe_fixes, quiet };
        let outcome = work.fix(&inputs)?;
        if args.fix.diff {
            return fix::diff(&outcome, args.quiet);
        }
        fixed = fix::write(&outcome, &mut inputs, args.quiet)?;
    }
    config.settings.kustomize.helm = helm::runner(&args.kustomize);
    let files = Filtered { files: &DiskFiles, takes: &takes };
    let ctx = Context { files: &files, sources, cwd: &cwd };
    let suppressions = (&config.exemptions[..], &config.compat[..]);
    let (shown, progress) = (progress::wanted(args.quiet), Progress::default());
    let run = || run::run_plan(ctx, &inputs, &config.settings, &registry, suppressions, &progress);
    let mut report = progress::watched(shown, &progress, sources, run).map_err(|e| Stop::Usage(e.0))?;
    known.apply(&mut report, &args.known)?;
    emit(&report, &formats, &registry, args, &cwd)?;
    let status = status(&report, config::fail_on(args, &config));
    Ok(if fixed { status } else { Status::Failed })
}

/// Says which options do less than they seem to.
fn remark(args: &CheckArgs, target: Version) {
    if args.quiet {
        return;
    }
    if args.fix.unsafe_fixes && !args.fix.is_asked() {
        note("`--unsafe-fixes` changes nothing by itself; add `--fix`, or `--diff` to see what that would do");
    }
    if target > Version::LATEST {
        note(&format!(
            "Kubernetes {target} is not known yet: judged by what is known up to {}; a newer manicheck may know more",
            Version::LATEST
        ));
    }
}

/// Writes the report in every format, to files and to standard output.
fn emit(
    report: &Report<'_>,
    formats: &[FormatArg],
    registry: &Registry,
    args: &CheckArgs,
    cwd: &Path,
) -> Result<(), Stop> {
    for FormatArg { format, file } in formats {
        match file {
            Some(path) => {
                let mut bytes = Vec::new();
                write(*format, report, registry, args, None, cwd, &mut bytes)?;
                output::replace(path, &bytes)?;
            }
            None => match print(*format, report, registry, args, cwd) {
                // Whoever reads has seen enough, as in `manicheck … | head`. The exit status still tells what was found.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
                result => result?,
            },
        }
    }
    Ok(())
}

/// Writes to standard output; to standard error if that is for a fixed stream.
fn print(
    format: Format,
    report: &Report<'_>,
    registry: &Registry,
    args: &CheckArgs,
    cwd: &Path,
) -> std::io::Result<()> {
    let aside = args.fix.is_asked() && args.paths.iter().any(|p| p.as_path() == Path::new("-"));
    let color = color(args.color, aside);
    // Old Windows consoles have to be told, or have escape sequences translated.
    let out: Box<dyn Write> = match (aside, color) {
        (false, true) => Box::new(AutoStream::always(std::io::stdout().lock())),
        (false, false) => Box::new(std::io::stdout().lock()),
        (true, true) => Box::new(AutoStream::always(std::io::stderr().lock())),
        (true, false) => Box::new(std::io::stderr().lock()),
    };
    let mut out = std::io::BufWriter::new(out);
    if args.statistics {
        statistics(report, &mut out)?;
    } else {
        write(format, report, registry, args, Some(Shown { color, aside }), cwd, &mut out)?;
    }
    out.flush()
}

fn status(report: &Report<'_>, fail_on: Option<Severity>) -> Status {
    if !report.failures.is_empty() {
        return Status::Failed;
    }
    let counts = |limit| report.findings.iter().any(|f| f.suppressed.is_none() && f.severity >= limit);
    if fail_on.is_some_and(counts) { Status::Findings } else { Status::Clean }
}

/// The formats asked for; one at most goes to standard output.
fn formats(args: &CheckArgs) -> Result<Vec<FormatArg>, Stop> {
    let mut formats = args.format.clone();
    if args.statistics && formats.iter().any(|f| f.file.is_none() && f.format != Format::Text) {
        let message = "`--statistics` prints counts as text; give the format a file: `--format json=results.json`";
        return Err(Stop::Usage(message.into()));
    }
    if formats.iter().all(|f| f.file.is_some()) && (formats.is_empty() || args.statistics) {
        formats.push(FormatArg { format: Format::Text, file: None });
    }
    if formats.iter().filter(|f| f.file.is_none()).count() > 1 {
        let message = "two formats for standard output; give all but one a file: `--format sarif=results.sarif`";
        return Err(Stop::Usage(message.into()));
    }
    Ok(formats)
}

fn inputs(args: &CheckArgs) -> Result<Vec<Input>, Stop> {
    if args.paths.is_empty() {
        let message = "nothing to check; name a directory or a file, as in `manicheck k8s/`, or `-` for standard input";
        return Err(Stop::Usage(message.into()));
    }
    let mut inputs = Vec::new();
    let mut stdin = false;
    for path in &args.paths {
        if path.as_path() != Path::new("-") {
            inputs.push(Input::Path(path.clone()));
        } else if !stdin {
            stdin = true;
            let mut bytes = Vec::new();
            std::io::stdin().lock().take(crate::files::MAX_FILE_SIZE + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > crate::files::MAX_FILE_SIZE {
                let limit = crate::files::MAX_FILE_SIZE >> 20;
                return Err(Stop::Usage(format!("standard input has more than {limit} MiB; split it")));
            }
            inputs.push(Input::Stdin(bytes));
        }
    }
    Ok(inputs)
}

/// How a report is shown that goes to no file.
#[derive(Clone, Copy)]
struct Shown {
    color: bool,
    /// On standard error.
    aside: bool,
}

fn color(when: Color, aside: bool) -> bool {
    match when {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if aside => AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never,
        Color::Auto => AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never,
    }
}

/// Renders in a format.
fn write(
    format: Format,
    report: &Report<'_>,
    registry: &Registry,
    args: &CheckArgs,
    shown: Option<Shown>,
    cwd: &Path,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let lookup = |id: &str| registry.get(id).map(|r| RuleInfo::from_page(&r.page));
    let prefix = output::prefix(cwd);
    let defaults = Options::default();
    let aside = shown.is_some_and(|s| s.aside);
    let size = || if aside { terminal_size_of(std::io::stderr()) } else { terminal_size_of(std::io::stdout()) };
    let terminal = shown.and_then(|_| size());
    let color = shown.is_some_and(|s| s.color);
    let stream = if aside { Stream::Stderr } else { Stream::Stdout };
    let options = Options {
        color,
        hyperlinks: color && supports_hyperlinks::on(stream),
        width: terminal.map_or(defaults.width, |(Width(columns), _)| columns.into()),
        wrap: terminal.is_some(),
        show_suppressed: args.show_suppressed,
        verbose: args.verbose,
        quiet: args.quiet,
        prefix: &prefix,
        ..defaults
    };
    crate::output::render(format, report, &lookup, &options, out)
}

/// How often each rule found something, most first.
fn statistics(report: &Report<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let mut counts: std::collections::BTreeMap<(&str, &str), usize> = Default::default();
    for finding in report.findings.iter().filter(|f| f.suppressed.is_none()) {
        *counts.entry((finding.rule, finding.severity.name())).or_default() += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(key, count)| (std::cmp::Reverse(*count), *key));
    for ((rule, severity), count) in rows {
        writeln!(out, "{count:>6}  {severity:<7}  {rule}")?;
    }
    Ok(())
}
