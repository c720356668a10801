//! `untrusted-registry`: see `rules/untrusted-registry.md`.

use serde::Deserialize;

use super::image;
use crate::k8s::ImageRef;
use crate::rule::{ContainerCx, Rule, Sink};

/// Reports images from elsewhere than the registries that the configuration allows.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UntrustedRegistry {
    /// Starts of full image references that are allowed. Empty: all that are not denied.
    pub(super) allow: Vec<String>,
    /// Starts of full image references that are denied.
    pub(super) deny: Vec<String>,
}

impl Rule for UntrustedRegistry {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(image) = image::image(cx) else { return };
        let reference = ImageRef::split(&image.text);
        let text = &image.text;
        let full = format!("{}{}", reference.name(), text.get(reference.name_len()..).unwrap_or_default());
        let denied = self.deny.iter().find(|prefix| starts(&full, prefix));
        let message = match denied {
            Some(prefix) => format!("`{text}` comes from `{prefix}`, which is denied"),
            None if !self.allow.is_empty() && !self.allow.iter().any(|prefix| starts(&full, prefix)) => {
                format!("`{text}` does not come from an allowed registry")
            }
            None => return,
        };
        let mut draft = sink.at_part(&image.node, 0..reference.name_len(), message);
        if !self.allow.is_empty() {
            draft.help(format!("take it from {}", self.allow.join(", ")));
        }
    }
}

/// True if the reference starts with the prefix and goes on with `/`, `:` or `@`, or ends.
fn starts(full: &str, prefix: &str) -> bool {
    full.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':', '@']) || prefix.ends_with(['/', ':', '@']))
}
