//! `image-without-digest`: see `rules/image-without-digest.md`.

use serde::Deserialize;

use super::globs::Globs;
use super::image;
use crate::k8s::{ImageRef, PinLevel};
use crate::rule::{ContainerCx, Rule, Sink};

/// Reports images that are not pinned by digest.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ImageWithoutDigest {
    /// What counts as good as a digest: `unique` (a commit, a build number, a date) or `version` (which includes `unique`).
    pub(super) accept: Vec<Accepted>,
    /// Globs on image names to leave alone.
    pub(super) exempt: Globs,
}

/// What may stand for a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Accepted {
    /// A tag made once.
    Unique,
    /// A full version.
    Version,
}

impl Rule for ImageWithoutDigest {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(image) = image::image(cx) else { return };
        let reference = ImageRef::split(&image.text);
        let level = image::level(&reference);
        let enough = self.accept.iter().any(|accepted| match accepted {
            Accepted::Unique => level >= PinLevel::Unique,
            Accepted::Version => level >= PinLevel::Version,
        });
        if level == PinLevel::Digest || enough || image.is_named_by(&self.exempt) {
            return;
        }
        let help = if image::is_of_entry(&image.node, reference.tag_range()) {
            "add `digest: sha256:…` to this entry; `newTag` may stay beside it for people to read"
        } else {
            "append the digest, `@sha256:…`; the tag may stay in front of it for people to read"
        };
        sink.at_part(&image.node, reference.tag_range(), format!("`{}` is not pinned by digest", image.text))
            .help(help)
            .suggest("pin the digest");
    }
}
