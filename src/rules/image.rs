//! What the rules about images share.

use std::borrow::Cow;
use std::ops::Range;

use super::globs::Globs;
use crate::k8s::image_trigger::image_trigger;
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{ImageRef, PinLevel};
use crate::rule::ContainerCx;
use crate::yaml::{Node, StepKind};

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

/// How firmly a reference names one image: a tag of a registry that never moves one once it is there is as good as made once.
pub(super) fn level(reference: &ImageRef<'_>) -> PinLevel {
    let level = reference.pin_level();
    let kept = reference.registry == Some("registry.k8s.io") && level > PinLevel::FloatingName;
    if kept { level.max(PinLevel::Unique) } else { level }
}

/// True if a part of an image is written by an `images` entry of a kustomization.
pub(super) fn is_of_entry(node: &Node<'_>, part: Range<usize>) -> bool {
    let origin = node.origin();
    let mut entries = origin.links().filter(|l| l.step.kind == StepKind::Images).filter_map(|l| l.step.at);
    let place = node.part(part).or_else(|| node.span());
    place.is_some_and(|place| entries.any(|entry| std::ptr::eq(entry.source, place.source)))
}

/// Image streams of an OpenShift release: their tags name what belongs to the cluster's own version.
const OF_RELEASE: &str = "image-registry.openshift-image-registry.svc:5000/openshift/";

/// True if something else puts the image in: Istio's injector (`auto` in a gateway), an image trigger or the release of OpenShift,
/// Skaffold.
pub(super) fn is_filled_in(cx: &ContainerCx<'_, '_>, image: &str) -> bool {
    let injected = image == "auto" && cx.workload.annotation("inject.istio.io/templates").is_some();
    let name = image.get(..ImageRef::split(image).name_len()).unwrap_or_default();
    let released = image.starts_with(OF_RELEASE);
    injected || released || cx.env.toolchain.built_images.contains(name) || is_triggered(cx)
}

fn is_triggered(cx: &ContainerCx<'_, '_>) -> bool {
    image_trigger(&cx.workload.object, &cx.container.name()).is_some()
}
