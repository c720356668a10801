//! `unsafe-ingress-annotation`: see `rules/unsafe-ingress-annotation.md`.

use serde::Deserialize;

use crate::k8s::controller::Controller;
use crate::k8s::{body_size, ingress};
use crate::rule::{ObjectCx, Rule, Sink};

/// Reports annotations whose text becomes configuration of the controller.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnsafeIngressAnnotation {}

/// Annotations of ingress-nginx whose values stand in nginx directives.
const DIRECTIVES: [&str; 5] = ["auth-url", "auth-signin", "auth-tls-match-cn", "mirror-target", "mirror-host"];

impl Rule for UnsafeIngressAnnotation {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        if ingress::is_ingress(object) {
            for (key, value) in object.annotations().iter().flat_map(|a| a.entries()) {
                let text = key.text().unwrap_or_default();
                let written = value.as_str().unwrap_or_default();
                if written.trim().is_empty() {
                    continue;
                }
                if is_snippet(&text) {
                    sink.at(&key, format!("`{text}` lets the Ingress inject controller configuration")).help(
                        "use the annotation for what the snippet does, or set it once in the controller's ConfigMap",
                    );
                } else if let Some(mark) = escapes(&text, &written) {
                    let message =
                        format!("`{text}` lets the Ingress inject controller configuration: its value holds {mark}");
                    sink.at(&value, message).help("write a plain URL or name");
                }
            }
        } else if body_size::configured_by(object) == Some(Controller::IngressNginx)
            && let Some(node) = object.node.path(&["data", "allow-snippet-annotations"])
            && node.text().is_some_and(|t| ingress::parse_bool(t.trim()) == Some(true))
        {
            sink.at(&node, "`allow-snippet-annotations` lets every Ingress inject controller configuration")
                .help("set `allow-snippet-annotations: \"false\"`");
        }
    }
}

fn is_snippet(key: &str) -> bool {
    match key.split_once('/') {
        Some(("nginx.ingress.kubernetes.io", name)) => name.ends_with("-snippet"),
        Some(("nginx.org", name)) => name.ends_with("-snippets"),
        _ => false,
    }
}

/// What in a value ends the directive it is written into, in words.
fn escapes(key: &str, value: &str) -> Option<&'static str> {
    let name = key.strip_prefix("nginx.ingress.kubernetes.io/")?;
    if !DIRECTIVES.contains(&name) {
        return None;
    }
    let marks = [('\n', "a line break"), (';', "`;`"), ('{', "`{`"), ('}', "`}`")];
    let value = value.trim();
    marks.iter().find(|(mark, _)| value.contains(*mark)).map(|(_, words)| *words)
}
