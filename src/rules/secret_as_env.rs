//! `secret-as-env`: see `rules/secret-as-env.md`.

use serde::Deserialize;

use crate::k8s::Container;
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
        let env = list("env");
        let from = |e: &Node<'s>| e.path(&["valueFrom", "secretKeyRef", "name"]);
        let one_by_one = env.iter().filter_map(from);
        let whole = list("envFrom").into_iter().filter_map(|e| e.path(&["secretRef", "name"]));
        let mut seen = Vec::new();
        for node in one_by_one.chain(whole) {
            let Some(name) = node.as_str().filter(|n| !is_placeholder(n)) else { continue };
            if seen.contains(&name) {
                continue;
            }
            let container = cx.container.name();
            let of_this = env.iter().filter(|e| from(e).is_some_and(|n| n.has_text(&name)));
            let expanded = of_this.filter_map(|e| e.get("name")?.as_str()).find(|v| is_expanded(cx.container, v));
            let mut draft = sink.at(&node, format!("`{container}` gets Secret `{name}` as environment, not as a file"));
            match expanded {
                Some(variable) => draft.help(format!(
                    "`$({variable})` is put into the command line: unless the program can read a file instead, suppress the finding with that reason"
                )),
                None => draft.help("mount the Secret as a volume, and let the program read the file: many take `…_FILE` variables"),
            };
            seen.push(name);
        }
    }
}

/// True if the kubelet puts the variable into the command line.
fn is_expanded(container: &Container<'_>, variable: &str) -> bool {
    let reference = format!("$({variable})");
    let holds = |field: &str| {
        let words = container.get(field);
        words.iter().flat_map(Node::items).filter_map(|w| w.text()).any(|w| w.contains(&reference))
    };
    ["command", "args"].into_iter().any(holds)
}
