//! `deprecated-field`: see `rules/deprecated-field.md`.

use serde::Deserialize;

use crate::finding::Safety;
use crate::k8s::{Workload, ingress};
use crate::rule::{ObjectCx, Rule, Sink, Version, edit};
use crate::yaml::Node;

/// Reports fields, annotations and labels that others have replaced.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DeprecatedField {}

/// Volumes whose drivers are gone from Kubernetes, or go.
const VOLUMES: [(&str, &str); 9] = [
    ("gitRepo", "an init container that clones into an emptyDir"),
    ("glusterfs", "a CSI driver"),
    ("rbd", "the CSI driver of Ceph"),
    ("cephfs", "the CSI driver of Ceph"),
    ("flocker", "a CSI driver"),
    ("quobyte", "a CSI driver"),
    ("storageos", "a CSI driver"),
    ("scaleIO", "a CSI driver"),
    ("photonPersistentDisk", "a CSI driver"),
];

impl Rule for DeprecatedField {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        if ingress::is_ingress(object)
            && let Some((key, value)) = annotation(object.metadata(), "kubernetes.io/ingress.class")
        {
            let class = value.as_str().unwrap_or_default();
            let unset = object.spec().is_some_and(|s| s.get("ingressClassName").is_none());
            // The field names an IngressClass object, which need not have the name of the annotation's class.
            let set = edit::set(&object.node, &["spec", "ingressClassName"], &class).filter(|_| unset);
            let remove = edit::remove(&object.node, &["metadata", "annotations", "kubernetes.io/ingress.class"]);
            let mut draft = report(sink, &key, "annotation `kubernetes.io/ingress.class`", "`spec.ingressClassName`");
            if let (Some(set), Some(remove)) = (set, remove) {
                draft.fix(Safety::Unsafe, format!("set `ingressClassName: {class}` instead"), vec![remove, set]);
            }
        }
        if object.is("", "PersistentVolumeClaim") || object.is("", "PersistentVolume") {
            let key = "volume.beta.kubernetes.io/storage-class";
            if let Some((key, _)) = annotation(object.metadata(), key) {
                report(sink, &key, "annotation `volume.beta.kubernetes.io/storage-class`", "`spec.storageClassName`");
            }
        }
        if object.is("", "Service") {
            let key = "service.alpha.kubernetes.io/tolerate-unready-endpoints";
            if let Some((key, _)) = annotation(object.metadata(), key) {
                report(sink, &key, "annotation `tolerate-unready-endpoints`", "`spec.publishNotReadyAddresses`");
            }
            let address = object.spec().and_then(|s| s.entry("loadBalancerIP"));
            if let Some((key, _)) = address.filter(|(_, value)| !value.is_null()) {
                report(sink, &key, "`loadBalancerIP`", "an annotation of the load balancer's provider");
            }
        }
        for workload in cx.workloads {
            pod(workload, cx.env.target, sink);
        }
    }
}

fn pod<'s>(workload: &Workload<'s>, target: Version, sink: &mut Sink<'_, 's>) {
    if let Some((key, value)) = workload.spec.entry("serviceAccount").filter(|(_, value)| !value.is_null()) {
        let name = value.text().unwrap_or_default();
        let other = workload.get("serviceAccountName").filter(|n| !n.is_null());
        let (text, change) = match &other {
            None => ("rename it to `serviceAccountName`", edit::replace(&key, "serviceAccountName")),
            Some(other) if other.has_text(&name) => {
                ("remove it: `serviceAccountName` says the same", edit::remove(&workload.spec, &["serviceAccount"]))
            }
            Some(_) => ("", None),
        };
        let mut draft = report(sink, &key, "`serviceAccount`", "`serviceAccountName`");
        if other.is_some() {
            draft.help("`serviceAccountName` is there, and the one that counts: remove this one");
        }
        draft.offer(Safety::Safe, text, change);
    }
    for (key, _) in
        workload.metadata.iter().filter_map(|m| m.get("annotations")).flat_map(|a| a.entries().collect::<Vec<_>>())
    {
        let Some(name) = key.text() else { continue };
        if name.starts_with("seccomp.security.alpha.kubernetes.io/")
            || name.starts_with("container.seccomp.security.alpha.kubernetes.io/")
        {
            let mut draft = report(sink, &key, &format!("annotation `{name}`"), "`securityContext.seccompProfile`");
            if target >= Version::v1(27) {
                draft.help("Kubernetes ignores it from 1.27");
            }
        } else if name.starts_with("container.apparmor.security.beta.kubernetes.io/") && target >= Version::v1(30) {
            report(sink, &key, &format!("annotation `{name}`"), "`securityContext.appArmorProfile`");
        } else if name == "scheduler.alpha.kubernetes.io/critical-pod" {
            report(sink, &key, &format!("annotation `{name}`"), "`priorityClassName`");
        }
    }
    for volume in workload.get("volumes").iter().flat_map(Node::items) {
        for (field, to) in VOLUMES {
            if let Some((key, _)) = volume.entry(field).filter(|(_, value)| !value.is_null()) {
                report(sink, &key, &format!("volume type `{field}`"), to);
            }
        }
    }
    let selector = workload.get("nodeSelector");
    for (key, _) in selector.iter().flat_map(Node::entries) {
        node_label(&key, selector.as_ref(), sink);
    }
    for toleration in workload.get("tolerations").iter().flat_map(Node::items) {
        // A cluster may have the old taint still: a toleration of both is how one moves.
        let others = workload.get("tolerations");
        let both = others
            .iter()
            .flat_map(Node::items)
            .any(|t| t.get("key").is_some_and(|k| k.has_text("node-role.kubernetes.io/control-plane")));
        if let Some(key) = toleration.get("key").filter(|_| !both) {
            node_label(&key, None, sink);
        }
    }
    for constraint in workload.get("topologySpreadConstraints").iter().flat_map(Node::items) {
        if let Some(key) = constraint.get("topologyKey") {
            node_label(&key, None, sink);
        }
    }
    if let Some(affinity) = workload.get("affinity") {
        keys(&affinity, sink);
    }
}

/// Judges every `key` and `topologyKey` below an affinity.
fn keys<'s>(node: &Node<'s>, sink: &mut Sink<'_, 's>) {
    for (key, value) in node.entries() {
        if value.is_scalar() && (key.has_text("key") || key.has_text("topologyKey")) {
            node_label(&value, None, sink);
        }
        keys(&value, sink);
    }
    for item in node.items() {
        keys(&item, sink);
    }
}

/// `beside`: the mapping that has the label as a key.
fn node_label<'s>(node: &Node<'s>, beside: Option<&Node<'s>>, sink: &mut Sink<'_, 's>) {
    let Some(text) = node.as_str() else { return };
    let (to, same) = match &*text {
        "beta.kubernetes.io/os" => ("kubernetes.io/os", true),
        "beta.kubernetes.io/arch" => ("kubernetes.io/arch", true),
        "failure-domain.beta.kubernetes.io/zone" => ("topology.kubernetes.io/zone", false),
        "failure-domain.beta.kubernetes.io/region" => ("topology.kubernetes.io/region", false),
        "node-role.kubernetes.io/master" => ("node-role.kubernetes.io/control-plane", false),
        _ => return,
    };
    let mut draft = report(sink, node, &format!("node label `{text}`"), &format!("`{to}`"));
    if same {
        let free = beside.is_none_or(|map| map.get(to).is_none());
        draft.offer(Safety::Safe, format!("write `{to}`"), edit::replace(node, to).filter(|_| free));
    } else {
        draft.suggest(format!("write `{to}`"));
    }
}

fn report<'d, 's>(sink: &'d mut Sink<'_, 's>, node: &Node<'s>, field: &str, to: &str) -> crate::rule::Draft<'d, 's> {
    sink.at(node, format!("{field} is superseded by {to}"))
}

fn annotation<'s>(metadata: Option<&Node<'s>>, key: &str) -> Option<(Node<'s>, Node<'s>)> {
    metadata?.get("annotations")?.entry(key)
}
