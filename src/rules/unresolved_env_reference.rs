//! `unresolved-env-reference`: see `rules/unresolved-env-reference.md`.

use serde::Deserialize;

use super::config::imported;
use crate::rule::{BuildCx, Rule, Sink};
use crate::yaml::Node;

/// Reports `$(NAME)` that the kubelet leaves as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnresolvedEnvReference {}

impl Rule for UnresolvedEnvReference {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for workload in &cx.scope.workloads {
            for container in &workload.containers {
                let imported = imported(cx, workload, container);
                if !imported.complete {
                    continue;
                }
                let entries: Vec<Node<'s>> = container.get("env").iter().flat_map(Node::items).collect();
                let names: Vec<String> = entries
                    .iter()
                    .map(|e| e.get("name").and_then(|n| n.text()).unwrap_or_default().into_owned())
                    .collect();
                sink.on(&workload.object, Some(container));
                let of = container.name();
                for (at, entry) in entries.iter().enumerate() {
                    let Some(value) = entry.get("value") else { continue };
                    for name in references(&value) {
                        let earlier = names.iter().take(at).any(|n| *n == name);
                        if earlier || imported.known.contains(&name) || is_service(&name) {
                            continue;
                        }
                        let later = names.iter().skip(at).position(|n| *n == name);
                        let message = format!("`$({name})` in `{of}` stays as literal text");
                        match later {
                            Some(0) => sink.at(&value, format!("{message}: it is this variable itself")),
                            Some(_) => sink.at(&value, format!("{message}: it is defined later")),
                            None => sink.at(&value, message),
                        }
                        .help("a variable can use those that stand before it; write `$$(NAME)` for the text itself")
                        .suggest(if later.is_some() {
                            "move the definition before this one"
                        } else {
                            "define it before"
                        });
                    }
                }
                if runs_shell(&container.node) {
                    continue;
                }
                for field in ["command", "args"] {
                    for item in container.get(field).iter().flat_map(Node::items) {
                        for name in references(&item) {
                            if !names.contains(&name) && !imported.known.contains(&name) && !is_service(&name) {
                                sink.at(&item, format!("`$({name})` in `{of}` stays as literal text"))
                                    .help("no variable of the container has this name")
                                    .suggest("define it in `env`");
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The names in `$(NAME)`, those after an escaping `$` left out.
fn references(node: &Node<'_>) -> Vec<String> {
    let mut out = Vec::new();
    let Some(text) = node.as_str() else { return out };
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte != b'$' {
            at += 1;
            continue;
        }
        if bytes.get(at + 1) == Some(&b'(')
            && let Some(end) = text.get(at + 2..).and_then(|rest| rest.find(')'))
        {
            let name = text.get(at + 2..at + 2 + end).unwrap_or_default();
            let named = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
            let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            if named && starts && !out.iter().any(|n| n == name) {
                out.push(name.to_string());
            }
            at += 3 + end;
        } else {
            // `$$` is a dollar, and hides the next character.
            at += 2;
        }
    }
    out
}

/// Variables that the kubelet adds for Services.
fn is_service(name: &str) -> bool {
    name.ends_with("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.contains("_PORT_")
}

/// True if `$(…)` may be for a shell: it runs a command there.
fn runs_shell(container: &Node<'_>) -> bool {
    ["command", "args"].iter().any(|field| {
        container.get(field).iter().flat_map(Node::items).any(|item| {
            let text = item.as_str().unwrap_or_default();
            let name = text.rsplit('/').next().unwrap_or_default();
            text.trim().contains([' ', '\n']) || matches!(name, "sh" | "bash" | "ash" | "dash" | "ksh" | "zsh")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Origin;

    #[test]
    fn names_are_read_as_the_kubelet_does() {
        let read = |text: &str| references(&Node::plain(text, Origin::default()));
        assert_eq!(read("a$(B)c$(D_1)"), ["B", "D_1"]);
        assert_eq!(read("$$(B) $$$(C)"), ["C"]);
        assert!(read("$(date +%s) $( B ) $B ${B} $(").is_empty());
    }
}
