//! What the rules about kustomizations share.

use std::borrow::Cow;

use crate::k8s::Object;
use crate::kustomize::kustomization::{Patch, Target};
use crate::rule::Scope;
use crate::source::Span;
use crate::yaml::Node;

/// The name that an object had before prefixes, suffixes and the hash; none if none of them changed it.
pub(super) fn original_name(object: &Object<'_>) -> Option<String> {
    crate::kustomize::original_name(&object.name_node()?)
}

/// The name of an object as a kustomization of a base knows it: the original one, else the one it has.
pub(super) fn known_name<'s>(object: &Object<'s>) -> Cow<'s, str> {
    original_name(object).map(Cow::Owned).or_else(|| object.name()).unwrap_or_default()
}

/// A selector in words: `Deployment/api`, or its parts one by one.
pub(super) fn selector_text(target: &Target<'_>) -> String {
    let parts = [
        ("group", &target.group),
        ("version", &target.version),
        ("kind", &target.kind),
        ("name", &target.name),
        ("namespace", &target.namespace),
        ("labelSelector", &target.label_selector),
        ("annotationSelector", &target.annotation_selector),
    ];
    let written: Vec<(&str, &str)> =
        parts.iter().filter_map(|(key, text)| Some((*key, text.as_deref().filter(|t| !t.is_empty())?))).collect();
    if let [("kind", kind), ("name", name)] = written.as_slice() {
        return format!("`{kind}/{name}`");
    }
    let written: Vec<String> = written.iter().map(|(key, text)| format!("{key}: {text}")).collect();
    format!("`{}`", written.join(", "))
}

/// The scalar that identifies a selector: its name, else its kind, else another part.
pub(super) fn selector_place<'s>(target: &Target<'s>) -> Option<Span<'s>> {
    let parts = [
        &target.name,
        &target.kind,
        &target.label_selector,
        &target.annotation_selector,
        &target.namespace,
        &target.group,
        &target.version,
    ];
    parts.into_iter().flatten().find_map(|text| text.span()).or(target.span)
}

/// The scalar that identifies a patch: its path, else what it is for, else its first line.
pub(super) fn patch_place<'s>(patch: &Patch<'s>) -> Option<Span<'s>> {
    let path = patch.path.as_ref().and_then(|p| p.span());
    path.or_else(|| patch.target.as_ref().and_then(selector_place)).or_else(|| patch.entry().map(|e| e.first_line()))
}

/// Every scalar below a node, with the mapping key that it stands under.
pub(super) fn scalars<'s>(node: &Node<'s>, key: &str, visit: &mut impl FnMut(&str, &Node<'s>)) {
    for (k, value) in node.entries() {
        scalars(&value, &k.text().unwrap_or_default(), visit);
    }
    for item in node.items() {
        scalars(&item, key, visit);
    }
    if node.is_scalar() {
        visit(key, node);
    }
}

/// The objects of several scopes.
pub(super) fn objects<'a, 's>(scopes: &[&'a Scope<'s>]) -> impl Iterator<Item = &'a Object<'s>> {
    scopes.iter().flat_map(|scope| &scope.objects)
}
