//! Claims: access modes, and the storage that they ask for.

use super::{Part, Reject, items, set};
use crate::k8s::{Object, Workload};
use crate::yaml::Node;

pub(super) fn check<'s>(object: &Object<'s>, reject: &mut Reject<'_, '_, 's>) {
    if object.is("", "PersistentVolumeClaim") {
        if let Some(spec) = object.spec() {
            claim("", &spec, &object.anchor(), reject);
        }
        return;
    }
    // The API takes a StatefulSet with any claims; its controller cannot make them.
    if object.is("apps", "StatefulSet") {
        reject.part = Part::Claims;
        for template in object.spec().iter().flat_map(|s| items(s, "volumeClaimTemplates")) {
            let name = template.path(&["metadata", "name"]);
            let title = name.as_ref().and_then(|n| n.text()).unwrap_or_default();
            if let Some(spec) = template.get("spec") {
                let anchor = name.clone().unwrap_or_else(|| template.clone());
                claim(&format!(" `{title}`"), &spec, &anchor, reject);
            }
        }
        reject.part = Part::Object;
    }
}

/// The claims of volumes that live as long as the pod.
pub(super) fn of_pod<'s>(workload: &Workload<'s>, reject: &mut Reject<'_, '_, 's>) {
    for volume in items(&workload.spec, "volumes") {
        let spec = volume.path(&["ephemeral", "volumeClaimTemplate", "spec"]);
        if let (Some(spec), Some(name)) = (spec, volume.get("name")) {
            claim(&format!(" `{}`", name.text().unwrap_or_default()), &spec, &name, reject);
        }
    }
}

/// `name` is empty for the claim that the object is, else a space and the name of one in it.
fn claim<'s>(name: &str, spec: &Node<'s>, anchor: &Node<'s>, reject: &mut Reject<'_, '_, 's>) {
    let owner = if name.is_empty() { "it".to_owned() } else { format!("claim{name}") };
    let modes = items(spec, "accessModes");
    if modes.is_empty() && spec.get("accessModes").is_none_or(|m| m.is_null() || m.is_seq()) {
        reject.at(anchor, format!("{owner} has no `accessModes`"));
    }
    let pod = modes.iter().find(|m| m.has_text("ReadWriteOncePod"));
    if let Some(pod) = pod.filter(|_| modes.len() > 1) {
        reject.at(pod, "ReadWriteOncePod cannot stand beside another access mode");
    }
    let requests = spec.path(&["resources", "requests"]);
    if requests.is_none_or(|r| !r.is_scalar() && set(&r, "storage").is_none() || r.is_null()) {
        reject.at(anchor, format!("{owner} requests no storage"));
    }
}
