//! What the rules about images share.

use std::borrow::Cow;

use super::globs::Globs;
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{Container, ImageRef, Workload};
use crate::rule::ContainerCx;
use crate::yaml::Node;

/// The image of a container.
pub(super) struct Image<'s> {
    /// Its scalar.
    pub(super) node: Node<'s>,
    /// Its text.
    pub(super) text: Cow<'s, str>,
}

impl Image<'_> {
    /// True if one of the globs matches the name, in full or as it is written (`nginx`).
    pub(super) fn is_named_by(&self, globs: &Globs) -> bool {
        let reference = ImageRef::split(&self.text);
        let written = self.text.get(..reference.name_len()).unwrap_or_default();
        globs.matches(&reference.name()) || globs.matches(written)
    }
}

/// The image of a container, if it is a valid reference that stands for itself: no placeholder, and nothing else fills it in.
pub(super) fn image<'s>(cx: &ContainerCx<'_, 's>) -> Option<Image<'s>> {
    let node = cx.container.get("image")?;
    let text = node.as_str()?;
    if is_placeholder(&text) || is_filled_in(cx, &text) || ImageRef::parse(&text).is_err() {
        return None;
    }
    Some(Image { node, text })
}

/// Image streams of an OpenShift release: their tags name what belongs to the cluster's own version.
const OF_RELEASE: &str = "image-registry.openshift-image-registry.svc:5000/openshift/";

/// True if something else puts the image in: Istio's injector (`auto` in a gateway), an image trigger or the release of OpenShift,
/// Skaffold.
pub(super) fn is_filled_in(cx: &ContainerCx<'_, '_>, image: &str) -> bool {
    let injected = image == "auto" && cx.workload.annotation("inject.istio.io/templates").is_some();
    let name = image.get(..ImageRef::split(image).name_len()).unwrap_or_default();
    let released = image.starts_with(OF_RELEASE);
    injected || released || cx.env.toolchain.built_images.contains(name) || is_triggered(cx.workload, cx.container)
}

/// True for a container whose image an `imageChange` trigger of a DeploymentConfig, or the annotation for other kinds, keeps up
/// to date.
fn is_triggered(workload: &Workload<'_>, container: &Container<'_>) -> bool {
    let object = &workload.object;
    let name = container.name();
    if object.is("apps.openshift.io", "DeploymentConfig") {
        let triggers = object.spec().and_then(|s| s.get("triggers"));
        return triggers.iter().flat_map(Node::items).any(|trigger| {
            let names = trigger.path(&["imageChangeParams", "containerNames"]);
            names.iter().flat_map(Node::items).any(|n| n.has_text(&name))
        });
    }
    object.annotation("image.openshift.io/triggers").is_some_and(|annotation| triggers_name(&annotation, &name))
}

/// The annotation is a JSON list whose `fieldPath` names the container: `spec.template.spec.containers[?(@.name=="web")].image`.
fn triggers_name(annotation: &str, name: &str) -> bool {
    let triggers: Vec<serde_json::Value> = serde_json::from_str(annotation).unwrap_or_default();
    triggers.iter().filter_map(|t| t.get("fieldPath")?.as_str()).any(|path| {
        path.split_once("@.name==").is_some_and(|(_, rest)| {
            let rest = rest.trim_start_matches(['"', '\'']);
            rest.strip_prefix(name).is_some_and(|rest| rest.starts_with(['"', '\'', ')']))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_triggers_name_a_container() {
        let annotation = r#"[{"from":{"kind":"ImageStreamTag","name":"web:latest"},"fieldPath":"spec.template.spec.containers[?(@.name==\"web\")].image"}]"#;
        assert!(triggers_name(annotation, "web"));
        assert!(!triggers_name(annotation, "we"));
        assert!(!triggers_name("nonsense", "web"));
    }
}
