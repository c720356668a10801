//! `mutable-image-tag`: see `rules/mutable-image-tag.md`.

use serde::Deserialize;

use crate::rule::{ContainerCx, Rule, Sink};

/// Reports images without a tag, or with one that is meant to move.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MutableImageTag {}

impl Rule for MutableImageTag {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(image) = cx.container.get("image") else { return };
        let Some(text) = image.as_str() else { return };
        if text.ends_with(":latest") {
            let name = cx.container.name();
            sink.at(&image, format!("container `{name}` runs image `{text}`, whose tag can move"))
                .label("this tag is not immutable")
                .help("pin a digest (`digest: sha256:…`) or a tag that never moves");
        }
    }
}
