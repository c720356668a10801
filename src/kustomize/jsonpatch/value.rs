//! The values of JSON patches: read as YAML 1.1, compared as JSON, and numbers as 64-bit floats.

use std::sync::Arc;

use super::number::format_g;
use crate::kustomize::transform_error::TransformError;
use crate::kustomize::update::{update_items, update_key};
use crate::yaml::node::{NO_TAG, STR_TAG};
use crate::yaml::resolve::{canonical_time, resolve};
use crate::yaml::{Dialect, Kind, Node, Origin, RawKind, RawNode, Scalar, Step, Style, Value, emit};

/// True for what JSON has as a string.
pub(super) fn is_string(node: &Node<'_>) -> bool {
    node.is_scalar() && matches!(node.resolve(Dialect::V1), Value::Str | Value::Timestamp | Value::Binary)
}

/// A value of a patch, rewritten where the reader of resources (YAML 1.2) would see another type than that of patches.
pub(in crate::kustomize) fn read(node: Node<'_>) -> Node<'_> {
    match node.kind() {
        Kind::Scalar => read_scalar(node),
        Kind::Map => {
            let entries: Vec<_> = node.entries().map(|(k, v)| (read_key(k), read(v))).collect();
            Node::map(entries, node.origin())
        }
        Kind::Seq => Node::seq(node.items().map(read).collect(), node.origin()),
    }
}

fn read_scalar(node: Node<'_>) -> Node<'_> {
    let (patch, resource) = (node.resolve(Dialect::V1), node.resolve(Dialect::V3));
    match patch {
        _ if patch == resource => unblocked(node),
        Value::Bool(value) => Node::plain(value.to_string(), node.origin()),
        Value::Int(value) => Node::plain(value.to_string(), node.origin()),
        Value::Float(value) => Node::plain(format_g(value), node.origin()),
        Value::Null => Node::plain("null", node.origin()),
        // What would be read as another type is written with quotes, which a later patch keeps.
        _ => Node::Scalar(Arc::new(Scalar {
            text: node.text().unwrap_or_default().into(),
            style: Style::DoubleQuoted,
            tag: Some(STR_TAG.into()),
            origin: node.origin(),
            pieces: node.pieces().to_vec(),
        })),
    }
}

/// A scalar that became JSON before it was ever written: a block scalar has its value as it stands, which writing it as a block and
/// reading it again may change.
pub(in crate::kustomize) fn unblocked(node: Node<'_>) -> Node<'_> {
    if !matches!(node.style(), Style::Literal | Style::Folded) || node.resolve(Dialect::V3) != Value::Str {
        return node;
    }
    let text = node.text().unwrap_or_default().into_owned();
    Node::Scalar(Arc::new(Scalar {
        style: emit::style_of(&text),
        text: text.into(),
        tag: Some(STR_TAG.into()),
        origin: node.origin(),
        pieces: node.pieces().to_vec(),
    }))
}

/// Keys are strings in JSON, whatever they look like.
fn read_key(node: Node<'_>) -> Node<'_> {
    let text = match node.resolve(Dialect::V1) {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => format_g(value),
        _ if node.resolve(Dialect::V3) == Value::Str => return node,
        _ => node.text().unwrap_or_default().into_owned(),
    };
    Node::string(text, node.origin())
}

/// True if two values are the same JSON. `json`: numbers of `patch` count as they are written.
pub(super) fn equal(found: &Node<'_>, patch: &Node<'_>, json: bool) -> bool {
    if found.kind() != patch.kind() {
        return false;
    }
    match found.kind() {
        Kind::Seq => found.len() == patch.len() && found.items().zip(patch.items()).all(|(a, b)| equal(&a, &b, json)),
        Kind::Map => {
            found.len() == patch.len()
                && found.entries().all(|(k, a)| {
                    let other = k.text().and_then(|key| patch.get(&key));
                    other.is_some_and(|b| equal(&a, &b, json))
                })
        }
        Kind::Scalar => {
            let (a, b) = (found.resolve(Dialect::V3), patch.resolve(Dialect::V3));
            match (number(&a), number(&b)) {
                (Some(a), Some(_)) if json => patch.text().is_some_and(|text| text == a),
                (Some(a), Some(b)) => a == b,
                (None, None) if is_text(&a) && is_text(&b) => found.text() == patch.text(),
                _ => a == b,
            }
        }
    }
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::Str | Value::Timestamp | Value::Binary)
}

/// A number as JSON has it.
fn number(value: &Value) -> Option<String> {
    match value {
        Value::Int(value) => Some(value.to_string()),
        Value::Float(value) => Some(value.to_string()),
        _ => None,
    }
}

/// What becomes of an object that was JSON: every number is what a 64-bit float of it is, and scalars have the quotes that they
/// need. What does not change stays as it is written.
///
/// # Errors
/// For infinities and what is no number: JSON has none.
pub(super) fn normalize<'s>(node: &mut Node<'s>, step: &Arc<Step<'s>>) -> Result<(), TransformError<'s>> {
    let styles = emit::size(node) <= WORTH_STYLES;
    normalized(node, step, styles).map(drop)
}

/// Objects of more bytes keep the quotes that they have. What they are shows only where a later patch writes a number over a
/// string, which is not worth a copy of every quoted scalar of a CRD.
const WORTH_STYLES: usize = 1 << 18;

fn normalized<'s>(node: &mut Node<'s>, step: &Arc<Step<'s>>, styles: bool) -> Result<bool, TransformError<'s>> {
    if is_normal(node, styles) {
        return Ok(false);
    }
    match node.kind() {
        Kind::Seq => update_items(node, |item| normalized(item, step, styles)),
        Kind::Map => {
            let keys: Vec<_> = node.entries().filter_map(|(k, _)| k.text()).collect();
            let mut changed = false;
            for key in keys {
                changed |= update_key(node, &key, |value| normalized(value, step, styles))?;
            }
            Ok(changed)
        }
        Kind::Scalar => {
            let number = match node.resolve(Dialect::V3) {
                Value::Int(value) => value as f64,
                Value::Float(value) if value.is_finite() => value,
                Value::Float(_) => return Err(TransformError::new("JSON has no such number").at(node)),
                _ => return Ok(typed(node, styles)),
            };
            let text = format_g(number);
            if node.has_text(&text) {
                return Ok(untagged(node));
            }
            *node = Node::Scalar(Arc::new(Scalar {
                text: text.into(),
                style: Style::Plain,
                tag: None,
                origin: node.origin().with(step, None),
                pieces: Vec::new(),
            }));
            Ok(true)
        }
    }
}

/// True for what stands in a file and certainly stays as it is: a look at its scalars in a row.
fn is_normal(node: &Node<'_>, styles: bool) -> bool {
    let Node::Source(src, _) = node else { return false };
    let (text, tree) = (src.source.text(), src.source.tree());
    let stays = |raw: &RawNode| {
        if raw.kind != RawKind::Scalar {
            return raw.kind != RawKind::Alias;
        }
        if raw.flags & RawNode::TAGGED != 0 {
            return false;
        }
        if raw.style != Style::Plain {
            let quoted = |text| matches!(emit::style_of(text), Style::SingleQuoted | Style::DoubleQuoted);
            return !styles || raw.bare(text).is_some_and(quoted);
        }
        raw.bare(text).is_some_and(|text| match resolve(text, Style::Plain, None, Dialect::V3) {
            Value::Int(value) => format_g(value as f64) == text,
            Value::Float(value) => value.is_finite() && format_g(value) == text,
            Value::Timestamp => false,
            Value::Str => emit::style_of(text) == Style::Plain,
            _ => true,
        })
    };
    tree.nodes[src.id as usize..src.raw().next as usize].iter().all(stays)
}

/// Gives a scalar that is no number the type, and the quotes, that it has after it was JSON. True if that is news.
fn typed(node: &mut Node<'_>, styles: bool) -> bool {
    let text = node.text().unwrap_or_default();
    let is_plain = node.style() == Style::Plain;
    let (time, style) = match node.resolve(Dialect::V3) {
        Value::Timestamp => match canonical_time(&text) {
            Some(time) => (Some(time), Style::DoubleQuoted),
            None => return false,
        },
        Value::Str if !styles && !is_plain => return false,
        Value::Str => (None, emit::style_of(&text)),
        _ => return untagged(node),
    };
    let quotes = |style: Style| matches!(style, Style::SingleQuoted | Style::DoubleQuoted);
    let restyled = node.style() != style && !(quotes(style) && quotes(node.style()));
    let made_without_tag = matches!(node, Node::Scalar(scalar) if scalar.tag.as_deref().is_none_or(str::is_empty));
    let retyped = is_plain && made_without_tag;
    if !(restyled || retyped) {
        return false;
    }
    let text = match time {
        Some(time) => time,
        // One that cannot be read again fails when it is printed.
        None => emit::read_again(text.clone(), node.style()).unwrap_or(text).into_owned(),
    };
    *node = Node::Scalar(Arc::new(Scalar {
        text: text.into(),
        style,
        tag: Some(STR_TAG.into()),
        origin: node.origin(),
        pieces: node.pieces().to_vec(),
    }));
    true
}

fn untagged(node: &mut Node<'_>) -> bool {
    let Node::Scalar(scalar) = node else { return false };
    let had_none = scalar.tag.as_deref() == Some(NO_TAG);
    if had_none {
        Arc::make_mut(scalar).tag = None;
    }
    had_none
}

/// `node` with `old` as what its newest step replaced.
pub(super) fn set_replaced<'s>(node: Node<'s>, old: Origin<'s>) -> Node<'s> {
    use crate::yaml::origin::via;
    let again = |origin: Origin<'s>| match &origin.via {
        Some(link) => Origin { span: origin.span, via: via(&link.prev, &link.step, Some(old.clone())) },
        None => origin,
    };
    match node {
        Node::Source(src, _) => Node::Source(src, again(node.origin()).via),
        Node::Scalar(mut scalar) => {
            let inner = Arc::make_mut(&mut scalar);
            inner.origin = again(std::mem::take(&mut inner.origin));
            Node::Scalar(scalar)
        }
        Node::Map(mut map) => {
            let inner = Arc::make_mut(&mut map);
            inner.origin = again(std::mem::take(&mut inner.origin));
            Node::Map(map)
        }
        Node::Seq(mut seq) => {
            let inner = Arc::make_mut(&mut seq);
            inner.origin = again(std::mem::take(&mut inner.origin));
            Node::Seq(seq)
        }
    }
}
