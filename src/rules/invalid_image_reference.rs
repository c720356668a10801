//! `invalid-image-reference`: see `rules/invalid-image-reference.md`.

use serde::Deserialize;

use super::image;
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{Container, ImageRef, Workload};
use crate::near;
use crate::rule::{ContainerCx, Rule, Sink};

/// Reports containers whose image is missing or is no image reference.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct InvalidImageReference {}

impl Rule for InvalidImageReference {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let container = cx.container.name();
        let value = cx.container.get("image").filter(|n| !n.is_null());
        let text = value.as_ref().and_then(|n| n.text()).unwrap_or_default();
        if is_placeholder(&text) || image::is_filled_in(cx, &text) {
            return;
        }
        match value {
            Some(node) if !text.is_empty() => {
                let Err(why) = ImageRef::parse(&text) else { return };
                sink.at(&node, format!("container `{container}` has no valid image: {why}"))
                    .help("write `registry.example.com/name:tag`: the name in lower case, without `https://`");
            }
            // A mapping or list in place of the image is a matter of types.
            Some(node) if !node.is_scalar() => {}
            Some(node) => {
                sink.at(&node, format!("container `{container}` has no valid image: `image` is empty"))
                    .help("write the image that the container runs");
            }
            None => missing(cx, &container, sink),
        }
    }
}

/// A container without an image is mostly one that a patch added by misspelling the name of another.
fn missing<'a, 's>(cx: &ContainerCx<'a, 's>, container: &str, sink: &mut Sink<'a, 's>) {
    let meant = misspelt(cx.workload, cx.container);
    let mut draft =
        sink.at(&cx.container.anchor(), format!("container `{container}` has no valid image: `image` is missing"));
    match meant {
        Some(other) => {
            let name = other.name().into_owned();
            draft
                .related(&other.anchor(), "this container may be meant")
                .help(format!("if a patch is meant for container `{name}`, spell its name like that"))
                .suggest(format!("write `name: {name}`"));
        }
        None => {
            draft.help("write the image that the container runs, or, in a patch, the name of a container that exists");
        }
    }
}

/// The container that has an image and whose name is nearest.
fn misspelt<'w, 's>(workload: &'w Workload<'s>, container: &Container<'s>) -> Option<&'w Container<'s>> {
    let name = container.name();
    let others = || workload.containers.iter().filter(|c| c.index != container.index && c.get("image").is_some());
    let names: Vec<_> = others().map(Container::name).collect();
    let nearest = near::nearest(&name, names.iter().map(|n| &**n))?;
    others().find(|c| c.name() == nearest)
}
