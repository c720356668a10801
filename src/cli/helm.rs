//! Runs `helm` for `--helm`.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use super::args::KustomizeArgs;
use crate::kustomize::{Helm, HelmCall};

/// What runs `helm`, if it is asked for.
pub(super) fn runner(args: &KustomizeArgs) -> Option<Arc<dyn Helm>> {
    args.helm.then(|| Arc::new(Program) as Arc<dyn Helm>)
}

/// As [`runner`], but what `helm` said once is said again: for runs that compare what came before and after a change of files that
/// charts do not read. A release without a name gets a random one from helm, and would look changed each time.
pub(super) fn remembering(args: &KustomizeArgs) -> Option<Arc<dyn Helm>> {
    runner(args).map(|helm| Arc::new(Remembering { helm, said: Mutex::default() }) as Arc<dyn Helm>)
}

/// Calls and what came of them.
type Said = Vec<(HelmCall, Result<Vec<u8>, String>)>;

#[derive(Debug)]
struct Remembering {
    helm: Arc<dyn Helm>,
    said: Mutex<Said>,
}

impl Helm for Remembering {
    fn template(&self, call: &HelmCall) -> Result<Vec<u8>, String> {
        let known = |said: &Said| said.iter().find(|(known, _)| known == call).map(|(_, result)| result.clone());
        if let Some(result) = self.said.lock().ok().and_then(|said| known(&said)) {
            return result;
        }
        let result = self.helm.template(call);
        let Ok(mut said) = self.said.lock() else { return result };
        // Of two calls at a time the first counts.
        known(&said).unwrap_or_else(|| {
            said.push((call.clone(), result.clone()));
            result
        })
    }
}

/// The `helm` on the path.
#[derive(Debug)]
struct Program;

impl Helm for Program {
    fn template(&self, call: &HelmCall) -> Result<Vec<u8>, String> {
        // For its owner only, as values may be secret, and gone at the end.
        let dir = tempfile::Builder::new().prefix("manicheck-helm-").tempdir();
        run(call, dir.map_err(|e| format!("no directory for the values: {e}"))?.path())
    }
}

fn run(call: &HelmCall, dir: &Path) -> Result<Vec<u8>, String> {
    let values = dir.join("values.yaml");
    std::fs::write(&values, &call.values).map_err(|e| format!("{}: {e}", values.display()))?;
    let home = call.config_home.as_ref().map_or_else(|| dir.join("helm"), Into::into);
    for (path, content) in &call.files {
        let path = inside(dir, path);
        let done = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, content));
        done.map_err(|e| format!("{}: {e}", path.display()))?;
    }
    let place = |path: &Path| if call.files.is_empty() { path.to_path_buf() } else { inside(dir, path) };
    let mut command = Command::new("helm");
    for argument in &call.arguments {
        let path = Path::new(argument);
        let is_ours = call.files.iter().any(|(file, _)| path.is_absolute() && file.starts_with(path));
        command.arg(if is_ours { place(path).into_os_string() } else { argument.into() });
    }
    command.arg("-f").arg(&values);
    for file in &call.more_values {
        command.arg("-f").arg(place(file));
    }
    command.env("HELM_CONFIG_HOME", &home);
    command.env("HELM_CACHE_HOME", home.join(".cache")).env("HELM_DATA_HOME", home.join(".data"));
    let output = command.output().map_err(|e| match e.kind() {
        ErrorKind::NotFound => "there is no `helm` on the PATH".to_string(),
        _ => e.to_string(),
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_string())
}

/// Where a file that is not on disk is put.
fn inside(dir: &Path, path: &Path) -> PathBuf {
    let below: PathBuf = path.components().filter(|c| matches!(c, Component::Normal(_))).collect();
    dir.join("files").join(below)
}
