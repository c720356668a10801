//! `cached-mutable-image`: see `rules/cached-mutable-image.md`.

use serde::Deserialize;

use super::image;
use crate::finding::Safety;
use crate::k8s::{Class, ImageRef, PinLevel};
use crate::rule::{ContainerCx, Rule, Sink, edit};

/// Reports tags that move while nodes keep what they pulled once.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct CachedMutableImage {
    /// The loosest tag that counts as never moved: `floating-version`, `version`, `unique` or `digest`.
    pub(super) immutable: Immutable,
}

/// What counts as never moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Immutable {
    /// A version line (`1.27`) or anything firmer.
    #[default]
    FloatingVersion,
    /// A full version or anything firmer.
    Version,
    /// A tag made once, or a digest.
    Unique,
    /// A digest.
    Digest,
}

impl Immutable {
    fn help(self) -> &'static str {
        match self {
            Immutable::FloatingVersion | Immutable::Version => "name a version, a commit or a digest",
            Immutable::Unique => "name a commit, a build number or a digest",
            Immutable::Digest => "pin the digest",
        }
    }

    fn level(self) -> PinLevel {
        match self {
            Immutable::FloatingVersion => PinLevel::FloatingVersion,
            Immutable::Version => PinLevel::Version,
            Immutable::Unique => PinLevel::Unique,
            Immutable::Digest => PinLevel::Digest,
        }
    }
}

impl Rule for CachedMutableImage {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let container = cx.container;
        let Some(image) = image::image(cx).filter(|_| container.class != Class::Ephemeral) else { return };
        let reference = ImageRef::split(&image.text);
        let written = container.get("imagePullPolicy").filter(|n| !n.is_null());
        let policy = written.as_ref().and_then(|n| n.text());
        let always = reference.digest.is_none() && matches!(reference.tag, None | Some("latest"));
        let text = &image.text;
        let message = match policy.as_deref() {
            Some("Never") => format!("nodes never pull `{text}`: pull policy is Never"),
            Some("IfNotPresent") if image::level(&reference) < self.immutable.level() => {
                format!("nodes may keep an old `{text}`: pull policy is IfNotPresent")
            }
            None | Some("") if !always && image::level(&reference) < self.immutable.level() => {
                format!("nodes may keep an old `{text}`: pull policy is IfNotPresent by default")
            }
            _ => return,
        };
        let fix = edit::set(&container.node, &["imagePullPolicy"], "Always");
        let mut draft = match &written {
            Some(node) => sink.at(node, message),
            None => sink.at_part(&image.node, reference.tag_range(), message),
        };
        draft
            .related(&image.node, "the image")
            .help(format!(
                "{}; or let nodes ask the registry each time: `imagePullPolicy: Always`",
                self.immutable.help()
            ))
            .offer(Safety::Unsafe, "set `imagePullPolicy: Always`", fix);
    }
}
