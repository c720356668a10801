//! `images` on one object (upstream `api/filters/imagetag`, `api/internal/image`).

use std::sync::Arc;

use regex::Regex;

use crate::kustomize::compose::Composer;
use crate::kustomize::fieldspec::{Create, FieldSpec, visit_all};
use crate::kustomize::selector::{Literal, regex};
use crate::kustomize::transform_error::TransformError;
use crate::kustomize::update::{update_items, update_key};
use crate::yaml::node::NO_TAG;
use crate::yaml::{Kind, Node, RawKind, Step, Style};

/// Which references an entry changes.
#[derive(Clone)]
enum Matcher {
    /// Those of this name, whatever their tag and digest.
    Name(Literal),
    Regex(Regex),
}

/// An entry of `images`. Empty texts are as good as none.
#[derive(Clone)]
pub struct Image<'s> {
    matcher: Matcher,
    new_name: Option<Node<'s>>,
    new_tag: Option<Node<'s>>,
    tag_suffix: Option<Node<'s>>,
    digest: Option<Node<'s>>,
}

impl<'s> Image<'s> {
    /// An entry by its fields.
    ///
    /// # Errors
    /// If `name` makes no regular expression: upstream puts it into one unescaped (and panics then).
    pub fn new(
        name: &str,
        new_name: Option<Node<'s>>,
        new_tag: Option<Node<'s>>,
        tag_suffix: Option<Node<'s>>,
        digest: Option<Node<'s>>,
    ) -> Result<Self, TransformError<'s>> {
        let matcher = match Literal::new(name) {
            Some(name) => Matcher::Name(name),
            None => Matcher::Regex(expression(name)?),
        };
        let given = |n: Option<Node<'s>>| n.filter(|n| n.as_str().is_some_and(|t| !t.is_empty()));
        Ok(Image {
            matcher,
            new_name: given(new_name),
            new_tag: given(new_tag),
            tag_suffix: given(tag_suffix),
            digest: given(digest),
        })
    }

    /// True if an image reference is one that the entry changes.
    pub fn matches(&self, image: &str) -> bool {
        match &self.matcher {
            Matcher::Name(name) => name.rest(image).is_some_and(is_tag_and_digest),
            Matcher::Regex(regex) => regex.is_match(image),
        }
    }
}

/// The expression for references to `name`.
fn expression<'s>(name: &str) -> Result<Regex, TransformError<'s>> {
    regex(&format!("^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$"))
        .map_err(|_| TransformError::new(format!("the image name `{name}` is not a valid regular expression")))
}

/// What [`expression`] takes behind the name.
fn is_tag_and_digest(text: &str) -> bool {
    let behind = |text: &str| text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_.{}-".contains(c)).len();
    let rest = match text.strip_prefix(':') {
        Some(tag) => &tag[tag.len() - behind(tag)..],
        None => text,
    };
    rest.is_empty() || rest.strip_prefix("@sha256:").is_some_and(|digest| behind(digest) == 0)
}

/// Changes the image references of an object: every `image` in a list called `containers` or `initContainers`, at any
/// depth; then the fields that `specs` name. Custom resource definitions are left alone. Returns whether one matched.
///
/// # Errors
/// If a path meets a scalar before its end, or an image is no scalar.
pub fn apply<'s>(
    object: &mut Node<'s>,
    image: &Image<'s>,
    specs: &[FieldSpec],
    step: &Arc<Step<'s>>,
) -> Result<bool, TransformError<'s>> {
    let legacy = apply_legacy(object, image, step)?;
    Ok(apply_specs(object, image, specs, step)? | legacy)
}

/// The first half of [`apply`].
///
/// # Errors
/// As [`apply`].
pub fn apply_legacy<'s>(
    object: &mut Node<'s>,
    image: &Image<'s>,
    step: &Arc<Step<'s>>,
) -> Result<bool, TransformError<'s>> {
    if is_crd(object) || !may_hold_containers(object) { Ok(false) } else { containers(object, image, step) }
}

/// False if there certainly is no list of containers in a node: for one that stands in a file, a look at its scalars in a row.
fn may_hold_containers(node: &Node<'_>) -> bool {
    let Node::Source(src, _) = node else { return true };
    let text = src.source.text();
    src.source.tree().nodes[src.id as usize..src.raw().next as usize].iter().any(|raw| match raw.bare(text) {
        Some(text) => text == "containers" || text == "initContainers",
        None => raw.kind == RawKind::Scalar && !matches!(raw.style, Style::Literal | Style::Folded),
    })
}

/// The second half of [`apply`].
///
/// # Errors
/// As [`apply`].
pub fn apply_specs<'s>(
    object: &mut Node<'s>,
    image: &Image<'s>,
    specs: &[FieldSpec],
    step: &Arc<Step<'s>>,
) -> Result<bool, TransformError<'s>> {
    if is_crd(object) {
        return Ok(false);
    }
    // A null list becomes an empty one on the way: a change, but no match.
    let mut matched = false;
    visit_all(object, specs, Create::Never, step, &mut |node| {
        let changed = set_image(node, image, step)?;
        matched |= changed;
        Ok(changed)
    })?;
    Ok(matched)
}

fn is_crd(object: &Node<'_>) -> bool {
    object.get("kind").is_some_and(|k| k.has_text("CustomResourceDefinition"))
}

fn containers<'s>(node: &mut Node<'s>, image: &Image<'s>, step: &Arc<Step<'s>>) -> Result<bool, TransformError<'s>> {
    match node.kind() {
        Kind::Scalar => Ok(false),
        _ if !may_hold_containers(node) => Ok(false),
        Kind::Seq => update_items(node, |item| containers(item, image, step)),
        Kind::Map => {
            let keys: Vec<_> = node.entries().filter(|(_, v)| !v.is_scalar()).filter_map(|(k, _)| k.text()).collect();
            let mut changed = false;
            for key in keys {
                changed |= update_key(node, &key, |value| {
                    let mut changed = containers(value, image, step)?;
                    if (key == "containers" || key == "initContainers") && value.is_seq() {
                        changed |= update_items(value, |item| {
                            if item.is_null() {
                                return Ok(false);
                            }
                            if !item.is_map() {
                                return Err(TransformError::wrong_kind(Kind::Map, item).context("a container"));
                            }
                            update_key(item, "image", |n| set_image(n, image, step))
                        })?;
                    }
                    Ok(changed)
                })?;
            }
            Ok(changed)
        }
    }
}

fn set_image<'s>(node: &mut Node<'s>, image: &Image<'s>, step: &Arc<Step<'s>>) -> Result<bool, TransformError<'s>> {
    let Some(text) = node.text().filter(|_| node.is_scalar()) else {
        return Err(TransformError::wrong_kind(Kind::Scalar, node).context("an image"));
    };
    if !image.matches(&text) {
        return Ok(false);
    }
    let parts = split(&text);
    let mut made = Composer::new();
    match &image.new_name {
        Some(name) => made.node(name),
        None => made.slice(node, 0..parts.name),
    }
    let keep_tag = |made: &mut Composer<'s>| {
        if parts.tag.len() > 1 {
            made.slice(node, parts.tag.clone());
        }
    };
    let put = |made: &mut Composer<'s>, mark: &str, value: &Node<'s>| {
        made.literal(mark);
        made.node(value);
    };
    match (&image.new_tag, &image.digest, &image.tag_suffix) {
        (Some(tag), Some(digest), _) => {
            put(&mut made, ":", tag);
            put(&mut made, "@", digest);
        }
        (Some(tag), None, _) => put(&mut made, ":", tag),
        (None, Some(digest), _) => put(&mut made, "@", digest),
        (None, None, Some(suffix)) => {
            if parts.tag.len() > 1 {
                made.slice(node, parts.tag.clone());
            } else {
                made.literal(":");
            }
            made.node(suffix);
        }
        (None, None, None) => {
            keep_tag(&mut made);
            if parts.digest.len() > 1 {
                made.slice(node, parts.digest.clone());
            }
        }
    }
    // Both halves of `apply` meet the usual fields: the second finds the work done.
    if made.text() == text
        && node.origin().links().next().is_some_and(|l| l.step.kind == step.kind && l.step.at == step.at)
    {
        return Ok(true);
    }
    let step = &matched_by(node, &parts, image, step);
    // The most specific of what the entry says: that is what a reader would change.
    let writer =
        image.digest.as_ref().or(image.new_tag.as_ref()).or(image.tag_suffix.as_ref()).or(image.new_name.as_ref());
    let origin = match writer {
        Some(writer) => writer.origin().with(step, Some(node.origin())),
        None if made.text() == text => return Ok(true),
        None => node.origin().with(step, None),
    };
    *node = made.finish(node.style(), Some(NO_TAG.into()), origin);
    Ok(true)
}

/// The step for one field. A name that is replaced is still what the entry matched, so the value depends on it.
fn matched_by<'s>(node: &Node<'s>, parts: &Parts, image: &Image<'s>, step: &Arc<Step<'s>>) -> Arc<Step<'s>> {
    let name = node.origin().span.and_then(|_| node.part(0..parts.name));
    match (&image.new_name, name) {
        (Some(_), Some(name)) => Arc::new(Step { inputs: vec![name], ..Step::clone(step) }),
        _ => step.clone(),
    }
}

/// The parts of an image reference: the end of its name, its tag with the `:`, its digest with the `@`.
struct Parts {
    name: usize,
    tag: std::ops::Range<usize>,
    digest: std::ops::Range<usize>,
}

/// Splits as upstream does: what is before the first `/` (a host with a port) is always part of the name.
fn split(image: &str) -> Parts {
    let from = image.find('/').filter(|&at| at > 0).unwrap_or(0);
    let end = image.len();
    let find = |mark: char| image[from..].find(mark).map(|at| at + from);
    match (find(':'), find('@')) {
        (None, None) => Parts { name: end, tag: end..end, digest: end..end },
        (None, Some(at)) => Parts { name: at, tag: at..at, digest: at..end },
        (Some(colon), Some(at)) if at < colon => Parts { name: at, tag: at..at, digest: at..end },
        (Some(colon), Some(at)) => Parts { name: colon, tag: colon..at, digest: at..end },
        (Some(colon), None) => Parts { name: colon, tag: colon..end, digest: end..end },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_matches_as_its_expression_does() {
        let texts = [
            "",
            "nginx",
            "nginx:",
            "nginx:1.2",
            "nginx@sha256:",
            "nginx@sha256:abc",
            "nginx:1@sha256:ab{}",
            "nginx@sha256:a:1",
            "nginx:a:b",
            "nginx@sha1:a",
            "nginx2",
            "x/nginx",
            "nginx:1 ",
            "nginx:é",
            "nginx@sha256:a@sha256:b",
            "nginx\n",
        ];
        for name in ["nginx", "ngin.", "x/nginx", "", "nginx:1"] {
            let image = Image::new(name, None, None, None, None).ok().unwrap();
            let expression = expression(name).ok().unwrap();
            assert!(matches!(image.matcher, Matcher::Name(_)));
            for text in texts {
                assert_eq!(image.matches(text), expression.is_match(text), "{name} {text:?}");
            }
        }
    }
}
