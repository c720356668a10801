//! Triggers of OpenShift, which put images into containers.

use super::object::Object;
use crate::yaml::Node;

/// The image stream tag (`web:latest`) that a trigger of the object puts into the container of this name: an `imageChange` trigger of
/// a DeploymentConfig, or the annotation for other kinds. Empty if the trigger names none.
pub fn image_trigger(object: &Object<'_>, container: &str) -> Option<String> {
    if !object.is("apps.openshift.io", "DeploymentConfig") {
        return annotated(&object.annotation("image.openshift.io/triggers")?, container);
    }
    let triggers = object.spec().and_then(|s| s.get("triggers"));
    let parameters = triggers.iter().flat_map(Node::items).filter_map(|t| t.get("imageChangeParams"));
    let names = |p: &Node<'_>| p.get("containerNames").iter().flat_map(Node::items).any(|n| n.has_text(container));
    let found = parameters.into_iter().find(names)?;
    Some(found.path(&["from", "name"]).and_then(|n| n.as_str()).unwrap_or_default().into_owned())
}

/// The annotation is a JSON list whose `fieldPath` names the container: `spec.template.spec.containers[?(@.name=="web")].image`.
fn annotated(annotation: &str, container: &str) -> Option<String> {
    let triggers: Vec<serde_json::Value> = serde_json::from_str(annotation).unwrap_or_default();
    let names = |trigger: &&serde_json::Value| {
        let path = trigger.get("fieldPath").and_then(|p| p.as_str()).unwrap_or_default();
        path.split_once("@.name==").is_some_and(|(_, rest)| {
            let rest = rest.trim_start_matches(['"', '\'']);
            rest.strip_prefix(container).is_some_and(|rest| rest.starts_with(['"', '\'', ')']))
        })
    };
    let found = triggers.iter().find(names)?;
    Some(found.pointer("/from/name").and_then(|n| n.as_str()).unwrap_or_default().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_annotation_names_a_container() {
        let annotation = r#"[{"from":{"kind":"ImageStreamTag","name":"web:latest"},"fieldPath":"spec.template.spec.containers[?(@.name==\"web\")].image"}]"#;
        assert_eq!(annotated(annotation, "web").as_deref(), Some("web:latest"));
        assert_eq!(annotated(annotation, "we"), None);
        assert_eq!(annotated("nonsense", "web"), None);
    }
}
