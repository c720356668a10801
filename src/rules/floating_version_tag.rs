//! `floating-version-tag`: see `rules/floating-version-tag.md`.

use serde::Deserialize;

use super::globs::Globs;
use super::image;
use crate::k8s::{ImageRef, PinLevel};
use crate::rule::{ContainerCx, Rule, Sink};

/// Reports tags that name a version line instead of a version, or nothing that can be told.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct FloatingVersionTag {
    /// Globs on image names to leave alone.
    pub(super) exempt: Globs,
}

impl Default for FloatingVersionTag {
    fn default() -> Self {
        // A tag of this registry never moves once it is there.
        FloatingVersionTag { exempt: Globs::of(&["registry.k8s.io/**"]) }
    }
}

impl Rule for FloatingVersionTag {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(image) = image::image(cx) else { return };
        let reference = ImageRef::split(&image.text);
        let (text, tag) = (&image.text, reference.tag.unwrap_or_default());
        let message = match reference.pin_level() {
            PinLevel::FloatingVersion if is_before_one(tag) || is_release(&reference, tag) => return,
            PinLevel::FloatingVersion => format!("tag `{tag}` of `{text}` names a moving version line"),
            PinLevel::Opaque => format!("tag `{tag}` of `{text}` names no version, commit or build"),
            _ => return,
        };
        if image.is_named_by(&self.exempt) {
            return;
        }
        sink.at_part(&image.node, reference.tag_range(), message)
            .help("name the full version, like `1.27.3`, a commit, or a digest")
            .suggest("pin the version");
    }
}

/// Images whose releases have two numbers, and the first release of which that holds.
const TWO_NUMBERS: [(&str, u32); 3] =
    [("docker.io/chrislusf/seaweedfs", 1), ("docker.io/library/debian", 4), ("docker.io/library/postgres", 10)];

/// True if the two numbers of the tag are all that a release has: `postgres:16.3`.
fn is_release(image: &ImageRef<'_>, tag: &str) -> bool {
    let name = image.name();
    let Some((_, since)) = TWO_NUMBERS.iter().find(|(known, _)| *known == name) else { return false };
    let version = tag.split(['-', '_']).next().unwrap_or_default();
    let mut numbers = version.split('.').map(str::parse::<u32>);
    let major = numbers.next().is_some_and(|n| n.is_ok_and(|n| n >= *since));
    major && numbers.next().is_some_and(|n| n.is_ok())
}

/// True for `0.N`: before their first release, many name versions by two numbers.
fn is_before_one(tag: &str) -> bool {
    let version = tag.strip_prefix('v').unwrap_or(tag);
    version.strip_prefix("0.").is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit()))
}
