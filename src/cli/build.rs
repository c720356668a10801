//! `manicheck build DIR`

use super::args::{BuildArgs, Origins};
use super::{Status, Stop, config, output};
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
    let inputs = [Input::Path(args.dir.clone())];
    let configured = match config::load(ctx, &inputs, Registry::builtin, &args.config)? {
        Ok(config) => config.settings.kustomize,
        Err(failures) => {
            print(Report { failures, ..Report::default() })?;
            return Ok(Status::Failed);
        }
    };
    let options = Options {
        reorder: args.reorder.map(Into::into),
        load_restrictor: args.kustomize.load_restrictor.map_or(configured.load_restrictor, Into::into),
        managed_by_label: args.enable_managedby_label,
        helm: super::helm::runner(&args.kustomize),
        ..configured
    };
    let printed = Renderer::new(ctx, options).render(&dir).and_then(|build| match args.origins {
        None => build.to_yaml(),
        Some(Origins::Text) => build.origins_text(),
        Some(Origins::Json) => build.origins_json(),
    });
    match printed {
        Ok(text) => {
            output::write(args.output.as_deref(), &text)?;
            Ok(Status::Clean)
        }
        Err(error) => {
            explain(ctx, &error)?;
            Ok(Status::Failed)
        }
    }
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
pub(super) fn print(report: Report<'_>) -> Result<(), Stop> {
    let mut stderr = anstream::stderr().lock();
    let options = crate::output::Options { color: true, quiet: true, ..Default::default() };
    Ok(crate::output::render(Format::Text, &report, &|_| None, &options, &mut stderr)?)
}
