//! `secret-as-env`: see `rules/secret-as-env.md`.

use serde::Deserialize;

use crate::k8s::placeholder::is_placeholder;
use crate::rule::{ContainerCx, Rule, Sink};
use crate::yaml::Node;

/// Reports Secrets that containers get as environment variables.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct SecretAsEnv {}

impl Rule for SecretAsEnv {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let list = |field: &str| cx.container.get(field).iter().flat_map(Node::items).collect::<Vec<_>>();
        let one_by_one = list("env").into_iter().filter_map(|e| e.path(&["valueFrom", "secretKeyRef", "name"]));
        let whole = list("envFrom").into_iter().filter_map(|e| e.path(&["secretRef", "name"]));
        let mut seen = Vec::new();
        for node in one_by_one.chain(whole) {
            let Some(name) = node.as_str().filter(|n| !is_placeholder(n)) else { continue };
            if seen.contains(&name) {
                continue;
            }
            let container = cx.container.name();
            sink.at(&node, format!("`{container}` gets Secret `{name}` as environment, not as a file"))
                .help("mount the Secret as a volume, and let the program read the file");
            seen.push(name);
        }
    }
}
