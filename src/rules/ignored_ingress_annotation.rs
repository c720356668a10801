//! `ignored-ingress-annotation`: see `rules/ignored-ingress-annotation.md`.

use serde::Deserialize;

use super::network::Network;
use crate::finding::Safety;
use crate::k8s::Object;
use crate::k8s::controller::{Controller, Known};
use crate::k8s::ingress::annotations;
use crate::rule::{BuildCx, Rule, Sink, edit};
use crate::yaml::Node;

/// Reports annotations that the controller of an Ingress does not read.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct IgnoredIngressAnnotation {}

/// The prefix of the time before controllers had their own.
const LEGACY: &str = "ingress.kubernetes.io";

impl Rule for IgnoredIngressAnnotation {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let network = Network::new(cx);
        for object in network.ingresses() {
            let Some(map) = object.annotations().filter(|a| !a.is_empty()) else { continue };
            sink.on(object, None);
            let known = network.controller(object);
            let served =
                known.filter(|k| k.certain && k.controller != Controller::Other && !addresses(&map, k.controller));
            for (node, _) in map.entries() {
                let key = node.text().unwrap_or_default();
                let Some((prefix, name)) = key.split_once('/') else { continue };
                if prefix == LEGACY {
                    legacy(object, &node, name, known, sink);
                } else if let Some(owner) = Controller::of_prefix(prefix) {
                    match served {
                        Some(served) if served.controller != owner => {
                            foreign(&node, &key, served.controller, owner, sink)
                        }
                        _ => misspelt(&node, prefix, name, owner, sink),
                    }
                }
            }
        }
    }
}

/// (a) The old prefix, and a controller that left it behind.
fn legacy<'a, 's>(object: &'a Object<'s>, node: &Node<'s>, name: &str, known: Option<Known>, sink: &mut Sink<'a, 's>) {
    let Some(controller) = known.map(|k| k.controller) else { return };
    let ignored = match controller {
        Controller::NginxInc => name != "ssl-redirect",
        Controller::Contour => name != "force-ssl-redirect",
        // GKE writes its state under this prefix; the others read some of it.
        _ => matches!(
            controller,
            Controller::IngressNginx | Controller::Traefik | Controller::Alb | Controller::Agic | Controller::OpenShift
        ),
    };
    if !ignored {
        return;
    }
    let mut draft = sink.at(node, format!("{} ignores `{LEGACY}/{name}`", controller.name()));
    let own = "nginx.ingress.kubernetes.io";
    if controller != Controller::IngressNginx || !annotations::is_known(controller, own, name) {
        draft.help("no controller in use reads this prefix: use the annotation of your controller, or remove it");
        return;
    }
    let new = format!("{own}/{name}");
    let order = format!("rename the annotation to `{new}`");
    draft.help(order.clone());
    match edit::replace(node, &new).filter(|_| object.annotation_node(&new).is_none()) {
        // It has been without effect so far, so that making it work changes what the controller does.
        Some(edit) => draft.fix(Safety::Unsafe, order, vec![edit]),
        None => draft.suggest(order),
    };
}

/// (b) Written for another controller.
fn foreign<'a, 's>(node: &Node<'s>, key: &str, served: Controller, owner: Controller, sink: &mut Sink<'a, 's>) {
    sink.at(node, format!("{} ignores `{key}`", served.name()))
        .label(format!("read by {} only", owner.name()))
        .help("use the annotation of the controller that serves the Ingress, or remove it");
}

/// (c) A name that its controller does not have.
fn misspelt<'a, 's>(node: &Node<'s>, prefix: &str, name: &str, owner: Controller, sink: &mut Sink<'a, 's>) {
    if annotations::is_known(owner, prefix, name) {
        return;
    }
    let mut draft = sink.at(node, format!("{} ignores `{prefix}/{name}`", owner.name()));
    match annotations::nearest(owner, prefix, name) {
        Some(near) => {
            draft.help(format!("did you mean `{prefix}/{near}`?")).suggest(format!("write `{prefix}/{near}`"))
        }
        None => draft.help("the controller has no annotation of this name: remove it"),
    };
}

/// True if one of the annotations is meant for the controller: the Ingress serves several controllers then.
fn addresses(annotations: &Node<'_>, controller: Controller) -> bool {
    annotations.entries().any(|(key, _)| {
        let key = key.text().unwrap_or_default();
        key.split_once('/').is_some_and(|(prefix, _)| Controller::of_prefix(prefix) == Some(controller))
    })
}
