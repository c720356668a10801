//! `unmatched-image`: see `rules/unmatched-image.md`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::finding::{Edit, Safety};
use crate::k8s::{ImageRef, placeholder};
use crate::kustomize::{FactKind, Text};
use crate::near::nearest;
use crate::rule::{KustomizationCx, Rule, Sink};
use crate::yaml::{Node, Style};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnmatchedImage {}

impl Rule for UnmatchedImage {
    fn kustomization<'a, 's>(&self, cx: &KustomizationCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let mut images = None;
        for entry in &cx.usage.kustomization.images {
            let Some(effect) = cx.usage.effect(FactKind::Image, entry.entry()) else { continue };
            let Some(name) = &entry.name else { continue };
            let Some(span) = entry.entry() else { continue };
            if effect.matched > 0 || placeholder::is_placeholder(name) {
                continue;
            }
            let images = images.get_or_insert_with(|| images_of(cx));
            let found = Mismatch::of(name, images);
            let message = format!("`images` entry `{}` matches no image{}", &**name, found.why);
            let mut draft = sink.at_span(span, message);
            draft.help("the name is that of the image in the manifests, without tag and digest");
            if let Some(image) = found.image.as_deref().and_then(|n| images.get(n)) {
                draft.related(image, "the nearest image");
            }
            if let Some(better) = found.better {
                let edit = rename(name, &better);
                draft.fix(Safety::Suggestion, format!("write `name: {better}`"), edit.into_iter().collect());
            }
        }
    }
}

/// Names of the images in the builds, each with one place. Before an entry renamed them, where that is known.
fn images_of<'s>(cx: &KustomizationCx<'_, 's>) -> BTreeMap<String, Node<'s>> {
    let mut images = BTreeMap::new();
    for workload in cx.scopes.iter().flat_map(|scope| &scope.workloads) {
        for image in workload.containers.iter().filter_map(|c| c.get("image")) {
            let text = match image.origin().replaced().and_then(|o| o.span) {
                Some(before) => before.text().trim_matches(['"', '\'']).to_string(),
                None => image.text().unwrap_or_default().into_owned(),
            };
            let reference = ImageRef::split(&text);
            if let Some(name) = text.get(..reference.name_len()).filter(|n| !n.is_empty()) {
                images.entry(name.to_string()).or_insert(image);
            }
        }
    }
    images
}

/// Why an entry does not match.
struct Mismatch {
    why: String,
    /// The image that was meant.
    image: Option<String>,
    /// The name to write.
    better: Option<String>,
}

impl Mismatch {
    fn of(name: &str, images: &BTreeMap<String, Node<'_>>) -> Self {
        let reference = ImageRef::split(name);
        let bare = name.get(..reference.name_len()).unwrap_or(name);
        if bare != name && !bare.is_empty() {
            let what = if reference.digest.is_some() { "digest" } else { "tag" };
            let image = images.contains_key(bare).then(|| bare.to_string());
            let why = format!(": a name has no {what}");
            return Mismatch { why, image, better: Some(bare.to_string()) };
        }
        let longer = images.keys().find(|image| image.ends_with(&format!("/{name}")));
        let shorter = images.keys().find(|image| name.ends_with(&format!("/{image}")));
        if let Some(image) = longer.or(shorter) {
            let why = format!(": the manifests have `{image}`, and names are compared as they are written");
            return Mismatch { why, image: Some(image.clone()), better: Some(image.clone()) };
        }
        let near = nearest(name, images.keys().map(String::as_str)).map(str::to_string);
        Mismatch { why: String::new(), image: near.clone(), better: near }
    }
}

fn rename<'s>(name: &Text<'s>, better: &str) -> Option<Edit<'s>> {
    let span = name.span()?;
    (matches!(name.node.style(), Style::Plain) && span.text() == name.text)
        .then(|| Edit { span, text: better.to_string() })
}
