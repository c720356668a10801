//! `dangling-secret`: see `rules/dangling-secret.md`.

use serde::Deserialize;

use super::absence::{Absence, Presence, Target, judge_pods};
use crate::k8s::{Object, ingress};
use crate::rule::{BuildCx, Rule, Sink};
use crate::yaml::Node;

/// Reports pods, Ingresses and Gateways that need a Secret that does not exist.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingSecret {
    /// When the Secret of a pod is reported: `any`, `owned` or `near`.
    pub presence: Presence,
    /// The same for the Secrets of Ingresses and Gateways.
    pub tls_presence: Presence,
}

impl Default for DanglingSecret {
    fn default() -> Self {
        DanglingSecret { presence: Presence::Near, tls_presence: Presence::Near }
    }
}

impl Rule for DanglingSecret {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        judge_pods(cx, "Secret", self.presence, sink, |who, name| {
            format!("{who} needs Secret `{name}`, which does not exist")
        });
        let Some(absence) = Absence::new(cx) else { return };
        for object in &cx.scope.objects {
            for (node, namespace) in certificates(object) {
                let Some(name) = node.as_str().filter(|n| !n.is_empty()) else { continue };
                let namespace = namespace.or_else(|| object.namespace().map(|n| n.into_owned()));
                let target = Target { groups: &[""], kind: "Secret", name: &name, namespace: namespace.as_deref() };
                let Some(missing) = absence.missing(&target, self.tls_presence, object) else { continue };
                sink.on(object, None);
                let title = object.name().unwrap_or_default();
                let message = format!("{} `{title}` needs Secret `{name}`, which does not exist", object.kind());
                let mut draft = sink.at(&node, message);
                missing.show(&mut draft, "add the Secret with the certificate, or have cert-manager make it");
            }
        }
    }
}

/// The scalars that name Secrets with certificates, with the namespace where one is written.
fn certificates<'s>(object: &Object<'s>) -> Vec<(Node<'s>, Option<String>)> {
    if ingress::is_ingress(object) {
        return ingress::tls(object).iter().filter_map(|entry| Some((entry.get("secretName")?, None))).collect();
    }
    if !object.is("gateway.networking.k8s.io", "Gateway") {
        return Vec::new();
    }
    let listeners = object.spec().and_then(|s| s.get("listeners"));
    let references = listeners.iter().flat_map(Node::items).filter_map(|l| l.path(&["tls", "certificateRefs"]));
    let references: Vec<Node<'s>> = references.flat_map(|r| r.items().collect::<Vec<_>>()).collect();
    references
        .iter()
        .filter(|r| r.get("kind").is_none_or(|k| k.has_text("Secret")) && r.get("group").is_none_or(|g| g.has_text("")))
        .filter_map(|r| {
            let namespace = r.get("namespace").and_then(|n| n.as_str()).map(|n| n.into_owned());
            Some((r.get("name")?, namespace))
        })
        .collect()
}
