//! `dangling-issuer`: see `rules/dangling-issuer.md`.

use serde::Deserialize;

use super::absence::{Absence, Presence, Target};
use crate::k8s::issuers::{GROUP, issuer_references};
use crate::rule::{BuildCx, Rule, Sink};

/// Reports certificates that are asked of an issuer that does not exist.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingIssuer {}

impl Rule for DanglingIssuer {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(absence) = Absence::new(cx) else { return };
        for object in &cx.scope.objects {
            for (node, kind) in issuer_references(object) {
                let Some(name) = node.as_str().filter(|n| !n.is_empty()) else { continue };
                let namespace = object.namespace().filter(|_| kind == "Issuer");
                let target = Target { groups: &[GROUP], kind, name: &name, namespace: namespace.as_deref() };
                // Whoever asks the one kind and has the other mixed them up.
                let other = if kind == "Issuer" { "ClusterIssuer" } else { "Issuer" };
                let twin = absence.find(&Target { kind: other, namespace: None, ..target });
                let presence = if twin.is_some() { Presence::Any } else { Presence::Owned };
                let Some(missing) = absence.missing(&target, presence, object) else { continue };
                sink.on(object, None);
                let title = object.name().unwrap_or_default();
                let message = format!("{} `{title}` asks {kind} `{name}`, which does not exist", object.kind());
                let mut draft = sink.at(&node, message);
                match twin {
                    Some(twin) => {
                        draft
                            .related(&twin.anchor(), format!("this is a {other}"))
                            .help(format!("ask the {other} `{name}`"));
                    }
                    None => missing.show(&mut draft, "name an issuer that exists"),
                }
            }
        }
    }
}
