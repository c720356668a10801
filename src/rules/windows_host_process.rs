//! `windows-host-process`: see `rules/windows-host-process.md`.

use serde::Deserialize;

use super::security::report;
use crate::rule::{PodCx, Rule, Sink};

const FIELD: &str = "windowsOptions";

/// Reports `windowsOptions.hostProcess: true`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct WindowsHostProcess {}

impl Rule for WindowsHostProcess {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for setting in cx.workload.security_settings(FIELD) {
            let Some(node) = setting.node.get("hostProcess").filter(|n| n.as_bool() == Some(true)) else { continue };
            let message = match setting.container {
                Some(container) => format!("Windows {} runs as a host process", container.title()),
                None => "Windows containers of the pod run as host processes".to_string(),
            };
            report(sink, (cx.workload, FIELD), &setting, (&node, &message), |draft| {
                draft.label("it is a process of the node, with its files and network").help("remove `hostProcess`");
            });
        }
    }
}
