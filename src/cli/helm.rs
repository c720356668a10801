//! Runs `helm` for `--helm`.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::args::KustomizeArgs;
use crate::kustomize::{Helm, HelmCall};

/// What runs `helm`, if it is asked for.
pub(super) fn runner(args: &KustomizeArgs) -> Option<Arc<dyn Helm>> {
    args.helm.then(|| Arc::new(Program) as Arc<dyn Helm>)
}

/// The `helm` on the path.
#[derive(Debug)]
struct Program;

impl Helm for Program {
    fn template(&self, call: &HelmCall) -> Result<Vec<u8>, String> {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let number = CALLS.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("manicheck-helm-{}-{number}", std::process::id()));
        std::fs::create_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        let done = run(call, &dir);
        // Nothing depends on its removal.
        _ = std::fs::remove_dir_all(&dir);
        done
    }
}

fn run(call: &HelmCall, dir: &Path) -> Result<Vec<u8>, String> {
    let values = dir.join("values.yaml");
    std::fs::write(&values, &call.values).map_err(|e| format!("{}: {e}", values.display()))?;
    let home = call.config_home.as_ref().map_or_else(|| dir.join("helm"), Into::into);
    let mut command = Command::new("helm");
    command.args(&call.arguments).arg("-f").arg(&values);
    for file in &call.more_values {
        command.arg("-f").arg(file);
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
