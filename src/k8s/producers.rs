//! Objects that make other objects in the cluster: a Secret of an ExternalSecret, a claim of a StatefulSet.

use super::ingress;
use super::object::Object;
use crate::yaml::Node;

/// True if the object makes an object of this kind (`Secret`, `ConfigMap`, `PersistentVolumeClaim`, `Service`) with this name.
pub fn produces(object: &Object<'_>, kind: &str, name: &str) -> bool {
    match kind {
        "Secret" => makes_secret(object, name),
        "ConfigMap" => object.is("trust.cert-manager.io", "Bundle") && object.name().is_some_and(|n| n == name),
        "PersistentVolumeClaim" => makes_claim(object, name),
        "Service" => {
            let makes = object.is("serving.knative.dev", "Service")
                || matches!(object.kind(), "InferenceService" | "LeaderWorkerSet" | "JobSet");
            makes && object.name().is_some_and(|n| n == name)
        }
        _ => false,
    }
}

/// True for an object that is in every cluster or namespace.
pub fn is_always_there(kind: &str, name: &str) -> bool {
    match kind {
        "ConfigMap" => matches!(name, "kube-root-ca.crt" | "openshift-service-ca.crt" | "istio-ca-root-cert"),
        "ServiceAccount" => name == "default",
        "ClusterRole" => {
            matches!(name, "cluster-admin" | "admin" | "edit" | "view")
                || name.starts_with("system:")
                || is_openshift(name)
        }
        "Role" => name == "extension-apiserver-authentication-reader" || name.starts_with("system:"),
        "Service" => name == "kubernetes",
        _ => false,
    }
}

/// ClusterRoles that every OpenShift cluster has.
fn is_openshift(name: &str) -> bool {
    matches!(name, "basic-user" | "cluster-reader" | "cluster-status" | "self-provisioner" | "sudoer")
        || ["registry-", "cluster-monitoring-", "monitoring-"].iter().any(|p| name.starts_with(p))
}

fn makes_secret(object: &Object<'_>, name: &str) -> bool {
    // Of the built-in kinds only an Ingress does; asked first, because this is asked of every object of a run.
    if object.kind() != "Ingress" && !object.group().contains('.') {
        return false;
    }
    let spec = object.spec();
    let at =
        |path: &[&str]| spec.as_ref().and_then(|s| s.path(path)).filter(|n| n.as_str().is_some_and(|n| !n.is_empty()));
    let is = |node: Option<Node<'_>>| node.is_some_and(|n| n.has_text(name));
    let own = || object.name().is_some_and(|n| n == name);
    // A field names the Secret, or else it has the object's name.
    let or_own = |node: Option<Node<'_>>| node.map_or_else(own, |n| n.has_text(name));
    let listed = |list: &str, field: &str| {
        at_list(spec.as_ref(), list).iter().any(|item| item.get(field).is_some_and(|n| n.has_text(name)))
    };
    if is(at(&["writeConnectionSecretToRef", "name"])) {
        return true;
    }
    match object.kind() {
        "ExternalSecret" => or_own(at(&["target", "name"])),
        "ClusterExternalSecret" => {
            or_own(at(&["externalSecretName"])) || is(at(&["externalSecretSpec", "target", "name"]))
        }
        "SealedSecret" => or_own(at(&["template", "metadata", "name"])),
        "SopsSecret" => listed("secretTemplates", "name"),
        "VaultStaticSecret" | "VaultDynamicSecret" | "VaultPKISecret" => is(at(&["destination", "name"])),
        "OnePasswordItem" | "KafkaUser" => own(),
        "InfisicalSecret" => is(at(&["managedSecretReference", "secretName"])) || or_own(None),
        "DopplerSecret" => or_own(at(&["managedSecret", "name"])),
        "SecretProviderClass" => listed("secretObjects", "secretName"),
        "Certificate" => is(at(&["secretName"])),
        "Ingress" if ingress::asks_cert_manager(object) => {
            ingress::tls(object).iter().any(|entry| entry.get("secretName").is_some_and(|n| n.has_text(name)))
        }
        "Gateway" if ingress::asks_cert_manager(object) => at_list(spec.as_ref(), "listeners").iter().any(|listener| {
            let refs = listener.path(&["tls", "certificateRefs"]);
            refs.iter().flat_map(Node::items).any(|r| r.get("name").is_some_and(|n| n.has_text(name)))
        }),
        _ => false,
    }
}

/// A StatefulSet makes the claims `<template>-<set>-<n>`.
fn makes_claim(object: &Object<'_>, name: &str) -> bool {
    if object.kind() != "StatefulSet" {
        return false;
    }
    let set = object.name().unwrap_or_default();
    at_list(object.spec().as_ref(), "volumeClaimTemplates").iter().any(|template| {
        let template = template.path(&["metadata", "name"]).and_then(|n| n.as_str()).unwrap_or_default();
        let number =
            name.strip_prefix(&*template).and_then(|n| n.strip_prefix('-')).and_then(|n| n.strip_prefix(&*set));
        number.and_then(|n| n.strip_prefix('-')).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn at_list<'s>(spec: Option<&Node<'s>>, field: &str) -> Vec<Node<'s>> {
    spec.and_then(|s| s.get(field)).map(|l| l.items().collect()).unwrap_or_default()
}
