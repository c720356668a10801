//! `manicheck init` and `manicheck schema`

use super::args::InitArgs;
use super::{Status, Stop, output};
use crate::config;
use crate::discover::Input;
use crate::files::{Context, DiskFiles, FileKind, Files, normal};
use crate::rules::Registry;
use crate::run;
use crate::source::Sources;

/// Writes a first configuration, or prints the schema.
pub(super) fn init(args: &InitArgs) -> Result<Status, Stop> {
    if args.schema {
        return schema();
    }
    let dir = normal(&output::cwd()?, &args.dir);
    if !matches!(DiskFiles.kind(&dir), Ok(FileKind::Dir)) {
        return Err(Stop::Usage(format!("`{}` is no directory", args.dir.display())));
    }
    let path = dir.join(config::FILE_NAME);
    let shown = args.dir.join(config::FILE_NAME);
    let shown = shown.strip_prefix(".").unwrap_or(&shown).display();
    if DiskFiles.kind(&path).is_ok() && !args.force {
        return Err(Stop::Usage(format!("`{shown}` is there already; `--force` writes it anew")));
    }
    let sources = Sources::new();
    let ctx = Context { files: &DiskFiles, sources: &sources, cwd: &dir };
    let survey = run::survey(ctx, &[Input::Path(dir.clone())]);
    output::replace(&path, config::template(&survey).as_bytes())?;
    output::write(&format!("wrote {shown}\n"))?;
    Ok(Status::Clean)
}

/// Prints the JSON schema of the configuration.
pub(super) fn schema() -> Result<Status, Stop> {
    let mut text = serde_json::to_string_pretty(&config::schema(&Registry::builtin())).unwrap_or_default();
    text.push('\n');
    output::write(&text)?;
    Ok(Status::Clean)
}
