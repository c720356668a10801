//! Where an issuer of cert-manager is named.

use super::ingress;
use super::object::Object;
use crate::yaml::Node;

/// The group of cert-manager's objects.
pub const GROUP: &str = "cert-manager.io";

/// The scalars of an object that name an issuer, with its kind (`Issuer`, `ClusterIssuer`): `issuerRef` of a Certificate, the
/// annotations of an Ingress or a Gateway. Issuers of other groups are left out.
pub fn issuer_references<'s>(object: &Object<'s>) -> Vec<(Node<'s>, &'static str)> {
    let mut out = Vec::new();
    if object.is(GROUP, "Certificate") {
        let Some(issuer) = object.spec().and_then(|s| s.get("issuerRef")) else { return out };
        let foreign = issuer.get("group").and_then(|g| g.as_str()).is_some_and(|g| g != GROUP);
        let kind = match issuer.get("kind").and_then(|k| k.as_str()).as_deref() {
            Some("ClusterIssuer") => "ClusterIssuer",
            None | Some("Issuer") => "Issuer",
            Some(_) => return out,
        };
        out.extend(issuer.get("name").filter(|_| !foreign).map(|name| (name, kind)));
    } else if ingress::is_ingress(object) || object.is("gateway.networking.k8s.io", "Gateway") {
        if object.annotation("cert-manager.io/issuer-group").is_some_and(|g| g != GROUP) {
            return out;
        }
        out.extend(object.annotation_node("cert-manager.io/issuer").map(|node| (node, "Issuer")));
        out.extend(object.annotation_node("cert-manager.io/cluster-issuer").map(|node| (node, "ClusterIssuer")));
    }
    out
}
