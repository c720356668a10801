//! `tls-verification-disabled`: see `rules/tls-verification-disabled.md`.

use serde::Deserialize;

use super::security::is_placeholder;
use crate::rule::{ContainerCx, ObjectCx, Rule, Sink};
use crate::yaml::Node;

/// Flags that switch the check off, alone or with `=true`.
const FLAGS: [&str; 5] = [
    "--insecure-skip-tls-verify",
    "--insecure-skip-verify",
    "--skip-tls-verify",
    "--tls-skip-verify",
    "--kubelet-insecure-tls",
];

/// Reports whatever switches the check of certificates off.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct TlsVerificationDisabled {}

impl Rule for TlsVerificationDisabled {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if cx.object.is("apiregistration.k8s.io", "APIService") {
            let field = cx.object.spec().and_then(|s| s.get("insecureSkipTLSVerify"));
            if let Some(node) = field.filter(is_true) {
                report(
                    sink,
                    &node,
                    "`insecureSkipTLSVerify`",
                    "set `caBundle` or let cert-manager inject it, and take this field out: the API refuses both together",
                );
            }
        } else if cx.object.is("", "Config") {
            for cluster in cx.object.node.get("clusters").iter().flat_map(Node::items) {
                if let Some(node) = cluster.path(&["cluster", "insecure-skip-tls-verify"]).filter(is_true) {
                    report(sink, &node, "`insecure-skip-tls-verify`", "set `certificate-authority-data`");
                }
            }
        }
    }

    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for entry in cx.container.get("env").iter().flat_map(Node::items) {
            let (Some(name), Some(value)) = (entry.get("name").and_then(|n| n.as_str()), entry.get("value")) else {
                continue;
            };
            let Some(text) = value.text().filter(|_| !is_placeholder(&value)) else { continue };
            let off = match &*name {
                "NODE_TLS_REJECT_UNAUTHORIZED" | "PYTHONHTTPSVERIFY" => text == "0",
                "GIT_SSL_NO_VERIFY" => text == "1" || text.eq_ignore_ascii_case("true"),
                _ => false,
            };
            if off {
                report(sink, &value, &format!("`{name}`"), "remove it, and give the program the certificate authority");
            }
        }
        for field in ["command", "args"] {
            for item in cx.container.get(field).iter().flat_map(Node::items) {
                if let Some(flag) = item.as_str().and_then(|text| flag_in(&text)) {
                    report(
                        sink,
                        &item,
                        &format!("`{flag}`"),
                        "remove it, and give the program the certificate authority",
                    );
                }
            }
        }
    }
}

fn report<'s>(sink: &mut Sink<'_, 's>, node: &Node<'s>, what: &str, help: &str) {
    sink.at(node, format!("TLS verification is switched off by {what}"))
        .label("anybody on the way can answer, read and change")
        .help(help)
        .suggest(format!("remove {what}"));
}

fn is_true(node: &Node<'_>) -> bool {
    node.as_bool() == Some(true)
}

/// The flag, if a word of the text is one that is not set to false. A command line given to a shell has several words.
fn flag_in(text: &str) -> Option<&'static str> {
    let words = text.split(|c: char| c.is_whitespace() || "\"';&|()".contains(c));
    words.map(|word| word.strip_suffix("=true").unwrap_or(word)).find_map(|word| FLAGS.into_iter().find(|f| *f == word))
}
