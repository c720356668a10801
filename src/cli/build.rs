//! `manicheck build DIR`

use std::path::Path;

use super::args::{BuildArgs, ConfigArgs, KustomizeArgs, Origins};
use super::{Status, Stop, config, helm, output};
use crate::discover::Input;
use crate::files::{Context, DiskFiles};
use crate::finding::{Failure, Label, Report};
use crate::kustomize::{Error, Options, Renderer};
use crate::output::Format;
use crate::rules::Registry;
use crate::source::Sources;

/// Prints the rendered kustomization, or why it does not build.
pub(super) fn build(args: &BuildArgs) -> Result<Status, Stop> {
    let cwd = output::cwd()?;
    let dir = output::kustomization(&cwd, &args.dir)?;
    let sources = Sources::new();
    let ctx = Context { files: &DiskFiles, sources: &sources, cwd: &cwd };
    let Some(options) = rendering(ctx, &args.dir, &args.config, &args.kustomize)? else { return Ok(Status::Failed) };
    let options =
        Options { reorder: args.reorder.map(Into::into), managed_by_label: args.enable_managedby_label, ..options };
    let printed = Renderer::new(ctx, options).render(&dir).and_then(|build| match args.origins {
        None => build.to_yaml_pieces(),
        Some(Origins::Text) => Ok(vec![build.origins_text()?]),
        Some(Origins::Json) => Ok(vec![build.origins_json()?]),
    });
    match printed {
        Ok(pieces) => {
            output::write_pieces(args.output.as_deref(), &pieces)?;
            Ok(Status::Clean)
        }
        Err(error) => {
            explain(ctx, &error)?;
            Ok(Status::Failed)
        }
    }
}

/// How the configuration and the command line have a kustomization rendered; none if the configuration is wrong, which is printed.
pub(super) fn rendering(
    ctx: Context<'_>,
    dir: &Path,
    config: &ConfigArgs,
    args: &KustomizeArgs,
) -> Result<Option<Options>, Stop> {
    let mut options = match config::load(ctx, &[Input::Path(dir.into())], Registry::builtin, config)? {
        Ok(config) => config.settings.kustomize,
        Err(failures) => {
            print(Report { failures, ..Report::default() })?;
            return Ok(None);
        }
    };
    args.put_over(&mut options);
    options.helm = helm::runner(args);
    Ok(Some(options))
}

/// The error on standard error, as a report shows it.
pub(super) fn explain<'s>(ctx: Context<'s>, error: &Error<'s>) -> Result<(), Stop> {
    let failure = |error: &Error<'s>| {
        let related = error.related.iter().map(|n| Label { span: n.span, message: n.message.clone() }).collect();
        let path = error.span.map_or_else(|| ctx.display(&error.path), |s| s.source.display().to_string());
        Failure { path, span: error.span, message: error.message.clone(), related }
    };
    print(Report { failures: error.all().map(failure).collect(), ..Report::default() })
}

/// A report on standard error.
fn print(report: Report<'_>) -> Result<(), Stop> {
    let mut stderr = anstream::stderr().lock();
    let options = crate::output::Options { color: true, quiet: true, ..Default::default() };
    Ok(crate::output::render(Format::Text, &report, &|_| None, &options, &mut stderr)?)
}
