//! Objects that make other objects in the cluster: a Secret of an ExternalSecret, a claim of a StatefulSet.

use super::ingress;
use super::object::Object;
use crate::yaml::Node;

/// True if the object makes an object of this kind (`Secret`, `ConfigMap`, `PersistentVolumeClaim`, `Service`) with this name.
pub fn produces(object: &Object<'_>, kind: &str, name: &str) -> bool {
    let key = product_key(kind, name);
    let mut found = false;
    products(object, &mut |made, text| found |= made == kind && text == key);
    found
}

/// Calls `add` with the kind and the name of everything that an object makes; a claim of a StatefulSet goes without its number, as
/// [`product_key`] has it.
pub fn products(object: &Object<'_>, add: &mut dyn FnMut(&'static str, &str)) {
    make_secrets(object, &mut |name| add("Secret", name));
    let own = || object.name().unwrap_or_default();
    if object.is("trust.cert-manager.io", "Bundle") {
        add("ConfigMap", &own());
    }
    let of_template = |template: &Node<'_>| Some(template.path(&["metadata", "name"])?.as_str()?.into_owned());
    if object.kind() == "StatefulSet" {
        for template in at_list(object.spec().as_ref(), "volumeClaimTemplates").iter().filter_map(of_template) {
            add("PersistentVolumeClaim", &format!("{template}-{}", own()));
        }
    }
    if object.is("serving.knative.dev", "Service")
        || matches!(object.kind(), "InferenceService" | "LeaderWorkerSet" | "JobSet")
    {
        add("Service", &own());
    }
}

/// What [`products`] calls an object of this kind and name: that of a claim, which a StatefulSet numbers, without the number.
pub fn product_key<'n>(kind: &str, name: &'n str) -> &'n str {
    if kind != "PersistentVolumeClaim" {
        return name;
    }
    let numbered = name.rsplit_once('-').filter(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    numbered.map_or("", |(claim, _)| claim)
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

fn make_secrets(object: &Object<'_>, add: &mut dyn FnMut(&str)) {
    // Of the built-in kinds only an Ingress does; asked first, because this is asked of every object of a run.
    if object.kind() != "Ingress" && !object.group().contains('.') {
        return;
    }
    let spec = object.spec();
    let at = |path: &[&str]| spec.as_ref().and_then(|s| s.path(path)?.as_str()).filter(|n| !n.is_empty());
    let own = || object.name();
    let listed = |list: &str, field: &str| -> Vec<_> {
        at_list(spec.as_ref(), list).iter().filter_map(|item| item.get(field)?.as_str()).collect()
    };
    if let Some(name) = at(&["writeConnectionSecretToRef", "name"]) {
        add(&name);
    }
    // A field names the Secret, or else it has the object's name.
    let one = match object.kind() {
        "ExternalSecret" => at(&["target", "name"]).or_else(own),
        "ClusterExternalSecret" => {
            at(&["externalSecretSpec", "target", "name"]).iter().for_each(|name| add(name));
            at(&["externalSecretName"]).or_else(own)
        }
        "SealedSecret" => at(&["template", "metadata", "name"]).or_else(own),
        "VaultStaticSecret" | "VaultDynamicSecret" | "VaultPKISecret" => at(&["destination", "name"]),
        "OnePasswordItem" | "KafkaUser" => own(),
        "InfisicalSecret" => {
            at(&["managedSecretReference", "secretName"]).iter().for_each(|name| add(name));
            own()
        }
        "DopplerSecret" => at(&["managedSecret", "name"]).or_else(own),
        "Certificate" => at(&["secretName"]),
        _ => None,
    };
    one.iter().for_each(|name| add(name));
    match object.kind() {
        "SopsSecret" => listed("secretTemplates", "name").iter().for_each(|name| add(name)),
        "SecretProviderClass" => listed("secretObjects", "secretName").iter().for_each(|name| add(name)),
        "Ingress" if ingress::asks_cert_manager(object) => {
            let names = ingress::tls(object);
            names.iter().filter_map(|entry| entry.get("secretName")?.as_str()).for_each(|name| add(&name));
        }
        "Gateway" if ingress::asks_cert_manager(object) => {
            for listener in at_list(spec.as_ref(), "listeners") {
                let refs = listener.path(&["tls", "certificateRefs"]);
                refs.iter().flat_map(Node::items).filter_map(|r| r.get("name")?.as_str()).for_each(|name| add(&name));
            }
        }
        _ => {}
    }
}

fn at_list<'s>(spec: Option<&Node<'s>>, field: &str) -> Vec<Node<'s>> {
    spec.and_then(|s| s.get(field)).map(|l| l.items().collect()).unwrap_or_default()
}
