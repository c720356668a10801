//! The configuration of a run: the file, with the command line over it.

use std::borrow::Borrow;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::args::{CheckArgs, ConfigArgs};
use super::{Stop, helm};
use crate::config::{self, Config, FailOn};
use crate::discover::Input;
use crate::files::{Context, normal};
use crate::finding::{Failure, Severity};
use crate::rules::Registry;
use crate::settings::{PathGlobs, Settings};
use crate::suppress::Date;

/// The configuration for the inputs; an empty one if there is none. The inner error is what is wrong with the file. The rules are
/// asked for only if there is one: reading their pages takes as long as rendering a small overlay.
pub(super) fn load<'s, R: Borrow<Registry>>(
    ctx: Context<'s>,
    inputs: &[Input],
    registry: impl FnOnce() -> R,
    args: &ConfigArgs,
) -> Result<Result<Config<'s>, Vec<Failure<'s>>>, Stop> {
    let path = match &args.config {
        Some(path) => Some(normal(ctx.cwd, path)),
        None if args.no_config => None,
        None => config::find(ctx, inputs),
    };
    let Some(path) = path else { return Ok(Ok(empty())) };
    let unreadable = |e| Stop::Usage(format!("the configuration `{}` cannot be read: {e}", ctx.display(&path)));
    let source = ctx.load(&path).map_err(unreadable)?;
    Ok(config::read(ctx, source, registry().borrow(), today()))
}

fn empty<'s>() -> Config<'s> {
    Config {
        settings: Settings::default(),
        exemptions: Vec::new(),
        fail_on: None,
        exclude: PathGlobs::default(),
        compat: Vec::new(),
    }
}

fn today() -> Date {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    Date::from_days(seconds / 86_400)
}

/// Puts the command line over the settings of the file.
pub(super) fn overlay(settings: &mut Settings, args: &CheckArgs) {
    if !args.profile.is_empty() {
        settings.profiles.clone_from(&args.profile);
        settings.overrides.iter_mut().for_each(|o| o.profiles = None);
    }
    settings.select.clone_from(&args.select);
    settings.ignore.clone_from(&args.ignore);
    if let Some(target) = args.kubernetes {
        settings.env.target = target;
    }
    args.kustomize.put_over(&mut settings.kustomize);
    // Fixes compare runs.
    let helm = if args.fix.is_asked() { helm::remembering } else { helm::runner };
    settings.kustomize.helm = helm(&args.kustomize);
}

/// The least severity that counts; none if nothing does.
pub(super) fn fail_on(args: &CheckArgs, config: &Config<'_>) -> Option<Severity> {
    match (args.fail_on, config.fail_on) {
        (Some(given), _) => given.severity(),
        (None, Some(FailOn::At(severity))) => Some(severity),
        (None, Some(FailOn::Never)) => None,
        (None, None) => Some(Severity::Warning),
    }
}

/// True if a walk takes the file: the configuration does not exclude it.
pub(super) fn takes(path: &Path, exclude: &PathGlobs, dir: &Path) -> bool {
    exclude.is_empty() || !exclude.matches(&crate::files::display_path(path, dir))
}
