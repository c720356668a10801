//! Replacements in a document that lies in a scalar: `data.config\.json.db.host` (upstream `setValueInStructuredData`).
//!
//! JSON is written anew, and so is YAML, with its comments and quotes, as upstream does. Where the layout of the YAML is too odd
//! to be written anew as upstream would, the text of the field is exchanged in place, which comes to the same in the usual layout.

use std::sync::Arc;

use super::json;
use super::path::{Matcher, first_root, lookup};
use crate::kustomize::compose::Composer;
use crate::kustomize::merge::type_name;
use crate::kustomize::transform_error::TransformError;
use crate::source::Source;
use crate::yaml::{Dialect, Kind, Node, Origin, Scalar, Step, Style, Value, emit};

type Result<'s, T> = std::result::Result<T, TransformError<'s>>;

/// The document in a source, if it can be read as one.
pub(super) fn root(source: &Source) -> Option<Node<'_>> {
    if source.tree().first_problem().is_none() { first_root(source) } else { None }
}

/// Writes a value into the document that a scalar on the path holds. None if no scalar on the path holds one that has the rest
/// of the path: then the path is meant as usual.
pub(super) fn write<'s>(
    object: &mut Node<'s>,
    path: &[String],
    create: Option<Kind>,
    value: &Node<'s>,
    step: &Arc<Step<'s>>,
) -> Result<'s, Option<bool>> {
    for at in 1..path.len() {
        let (outer, inner) = path.split_at(at);
        let Ok(Some(scalar)) = lookup(object, outer) else { continue };
        if !scalar.is_scalar() {
            continue;
        }
        let text = scalar.text().unwrap_or_default();
        let source = Source::new("".into(), String::new(), text.as_bytes().to_vec());
        if source.tree().first_problem().is_some() {
            continue;
        }
        let Some(new) = root(&source).and_then(|root| edited(root, &source, inner, create, value)) else {
            return Ok(None);
        };
        if new == text {
            return Ok(Some(false));
        }
        let made = spliced(&scalar, &text, &new, value, step);
        let mut matcher = Matcher::new(None, step);
        let mut visit = |node: &mut Node<'s>| {
            *node = made.clone();
            Ok(true)
        };
        matcher.visit(object, &exact(outer), &mut visit)?;
        return Ok(Some(true));
    }
    Ok(None)
}

/// The path again for the matcher, which takes filters as expressions.
fn exact(path: &[String]) -> Vec<String> {
    let part = |part: &String| match part.strip_prefix('[').and_then(|p| p.strip_suffix(']')?.split_once('=')) {
        Some((key, value)) => format!("[{key}=^['\"]?{}['\"]?$]", regex::escape(value)),
        None => part.clone(),
    };
    path.iter().map(part).collect()
}

/// The text of the document with the value in it; none if the path is not found, or the result cannot be written.
fn edited<'i>(
    mut root: Node<'i>,
    source: &Source,
    path: &[String],
    create: Option<Kind>,
    value: &Node<'_>,
) -> Option<String> {
    let text = source.text();
    let before = root.clone();
    let step: Arc<Step<'i>> = Step::new(crate::yaml::StepKind::Replacement, None);
    let mut targets: Vec<Node<'i>> = Vec::new();
    let mut fits = true;
    let found = Matcher::new(create, &step)
        .visit(&mut root, path, &mut |node| {
            targets.push(node.clone());
            *node = match value.text() {
                _ if !node.is_scalar() => detached(value),
                new => {
                    let new = new.unwrap_or_default();
                    fits &= keeps_type(node, &new);
                    retyped(node, &new)
                }
            };
            Ok(true)
        })
        .ok()?;
    if found == 0 {
        return None;
    }
    if !fits && text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    if text.trim_start().starts_with(['{', '[']) {
        let pretty = text.contains('\n') && text.contains("  ");
        let compact = emit::json(&root).ok()?;
        return Some(if pretty { json::pretty(&compact) } else { compact });
    }
    let collections = targets.iter().filter(|target| !target.is_scalar());
    let gone: Vec<_> =
        collections.filter_map(|t| t.span()).map(|span| span.start as usize..span.end as usize).collect();
    if !before.is_null()
        && let Some(text) = emit::layout(&root, source, &gone)
    {
        return Some(text.trim().to_string());
    }
    match exchanged(&targets, value, text) {
        Some(text) => Some(text),
        None if !fits => None,
        None if before.is_null() => Some(text.to_string()),
        None => emit::document(&root).ok().map(|text| text.trim().to_string()),
    }
}

/// The text with each target's own text exchanged; none if that does not do: a target that is new, no scalar, or in several
/// lines.
fn exchanged(targets: &[Node<'_>], value: &Node<'_>, text: &str) -> Option<String> {
    let new = value.text()?;
    let mut edits = Vec::new();
    for target in targets {
        let Node::Source(src, _) = target else { return None };
        let raw = src.raw();
        let written = match raw.style {
            Style::DoubleQuoted => double_quoted(&new),
            Style::SingleQuoted if !new.contains('\n') => format!("'{}'", new.replace('\'', "''")),
            Style::Plain if raw.start < raw.end => plain(&new, target)?,
            _ => return None,
        };
        edits.push((raw.start as usize, raw.end as usize, written));
    }
    let mut out = text.to_string();
    edits.sort_by_key(|edit| edit.0);
    for (start, end, written) in edits.into_iter().rev() {
        if out.get(start..end)?.contains('\n') {
            return None;
        }
        out.replace_range(start..end, &written);
    }
    Some(out.trim().to_string())
}

/// A plain scalar with a new text, quoted if it needs that to stay what it was.
fn plain(new: &str, old: &Node<'_>) -> Option<String> {
    let typed = Node::plain(new, Origin::default()).resolve(Dialect::V3);
    let was_string = old.resolve(Dialect::V3) == Value::Str;
    if new.contains('\n') || new.is_empty() {
        return None;
    }
    if was_string && typed != Value::Str {
        return Some(double_quoted(new));
    }
    if !keeps_type(old, new) {
        // The type stays, and has to be told now.
        let name = match old.resolve(Dialect::V3) {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            _ => return None,
        };
        let mark = new.contains([':', '#', '\'', '"', ',', '{', '}', '[', ']']);
        return (!mark).then(|| format!("!!{name} {new}"));
    }
    let indicator = new.starts_with(|c| "-?:,[]{}#&*!|>'\"%@` ".contains(c));
    if indicator || new.ends_with([' ', ':']) || new.contains(": ") || new.contains(" #") {
        let like_text = new.starts_with('-') && new.len() > 1 && !new.starts_with("- ");
        if !like_text || new.contains(": ") || new.contains(" #") {
            return Some(format!("'{}'", new.replace('\'', "''")));
        }
    }
    Some(new.to_string())
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// True if a scalar of this type can have the new text.
fn keeps_type(old: &Node<'_>, new: &str) -> bool {
    let was = old.resolve(Dialect::V3);
    let made = matches!(old, Node::Scalar(_));
    let is = Node::plain(new, Origin::default()).resolve(Dialect::V3);
    made || was == Value::Str
        || std::mem::discriminant(&was) == std::mem::discriminant(&is)
        || matches!((&was, &is), (Value::Float(_), Value::Int(_)))
}

/// The scalar with another text. Quotes and type stay, so a type that the text does not show has to be told.
fn retyped<'i>(old: &Node<'i>, new: &str) -> Node<'i> {
    let tag = match old.resolve(Dialect::V3) {
        _ if matches!(old, Node::Scalar(_)) => None,
        Value::Str => Some("str"),
        _ if keeps_type(old, new) => None,
        value => type_name(&value),
    };
    Node::Scalar(Arc::new(Scalar {
        text: new.into(),
        style: old.style(),
        tag: tag.map(|name| format!("{}{name}", crate::yaml::resolve::TAG_PREFIX).into()),
        origin: old.origin(),
        pieces: Vec::new(),
    }))
}

/// The node without where it comes from.
fn detached<'i>(node: &Node<'_>) -> Node<'i> {
    let none = Origin::default();
    match node.kind() {
        Kind::Map => Node::map(node.entries().map(|(k, v)| (detached(&k), detached(&v))).collect(), none),
        Kind::Seq => Node::seq(node.items().map(|item| detached(&item)).collect(), none),
        Kind::Scalar => {
            let text = node.text().unwrap_or_default();
            if node.resolve(Dialect::V3) == Value::Str {
                Node::string(text.as_ref(), none)
            } else {
                Node::plain(text.as_ref(), none)
            }
        }
    }
}

/// The scalar with its new text: what is the same at both ends is written where it was, the rest where the value is.
fn spliced<'s>(old: &Node<'s>, text: &str, new: &str, value: &Node<'s>, step: &Arc<Step<'s>>) -> Node<'s> {
    let head: usize = text.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (rest_old, rest_new) = (text.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let backwards = rest_old.chars().rev().zip(rest_new.chars().rev());
    let tail: usize = backwards.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let mut made = Composer::new();
    made.slice(old, 0..head);
    made.at(rest_new.get(..rest_new.len() - tail).unwrap_or_default(), value.origin().span);
    made.slice(old, text.len() - tail..text.len());
    let tag = super::tag_of(old);
    made.finish(old.style(), tag, value.origin().with(step, Some(old.origin())))
}
