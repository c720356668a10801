//! `mutable-image-tag`: see `rules/mutable-image-tag.md`.

use serde::Deserialize;

use super::globs::Globs;
use super::image;
use crate::k8s::image::FLOATING_NAMES;
use crate::k8s::{ImageRef, PinLevel};
use crate::rule::{ContainerCx, Rule, Sink};

/// Reports images without a tag, or with one that is meant to move.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MutableImageTag {
    /// Words that name a moving tag, where they are a part of it between `-`, `.`, `_`. Replaces the built-in list.
    pub(super) mutable_words: Vec<String>,
    /// Globs on image names that may move.
    pub(super) allow: Globs,
}

impl Default for MutableImageTag {
    fn default() -> Self {
        MutableImageTag { mutable_words: FLOATING_NAMES.map(str::to_string).to_vec(), allow: Globs::default() }
    }
}

impl Rule for MutableImageTag {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(image) = image::image(cx) else { return };
        let (container, text) = (cx.container.name(), &image.text);
        let reference = ImageRef::split(text);
        let what = match reference.pin_level_with(&self.mutable_words) {
            PinLevel::None => format!("`{text}` without a tag, which means `latest`"),
            PinLevel::FloatingName => format!("`{text}`, whose tag can move"),
            _ => return,
        };
        if image.is_named_by(&self.allow) {
            return;
        }
        sink.at_part(&image.node, reference.tag_range(), format!("container `{container}` runs {what}"))
            .plural(format!("run {what}"))
            .label(if reference.tag.is_some() { "this tag is not immutable" } else { "no tag here" })
            .help("name a release that never moves, like `1.4.2` or a commit, or pin the digest: `@sha256:…`")
            .suggest("pin the image");
    }
}
