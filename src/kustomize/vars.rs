//! `vars`: `$(NAME)` replaced by a value of another object (upstream `api/internal/accumulator`, `api/filters/refvar`).

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::accumulate::{Accumulation, add_var};
use super::compose::Composer;
use super::error::{Error, ErrorKind, Result};
use super::facts::{Fact, FactKind};
use super::fieldspec::{Create, FieldSpec, visit_all};
use super::kustomization::Var;
use super::replacements::path::{lookup, split};
use super::resid::{Gvk, ResId};
use super::resource::Resource;
use super::schema::Schemas;
use super::transform::failed;
use super::transform_error::TransformError;
use super::update::{update_items, update_key};
use crate::yaml::node::STR_TAG;
use crate::yaml::{Dialect, Kind, Node, Scalar, Step, StepKind, Style, Value};

/// Adds the vars of a kustomization, and marks the objects that they take their values from. Which object it is, is decided
/// here: later it may have another name.
pub(super) fn add<'s>(acc: &mut Accumulation<'s>, vars: &[Var<'s>], schemas: &Schemas<'s>) -> Result<'s, ()> {
    for var in vars {
        let id = object_id(var, schemas);
        let any_namespace = id.namespace.is_empty() && !id.cluster;
        let is_it = |other: &ResId<'_>| if any_namespace { id.same_but_namespace(other) } else { id.same(other) };
        let mut found = acc.resources.iter_mut().filter(|r| r.any_id(schemas, is_it));
        match (found.next(), found.next()) {
            (Some(resource), None) => resource.vars.push(var.name.as_deref().unwrap_or_default().to_string()),
            (Some(a), Some(b)) => {
                let message = format!("the object of the var is not unique: {}, {}", a.id(schemas), b.id(schemas));
                let error = Error::new(ErrorKind::Conflict, var.object.span.or(var.entry()), message);
                return Err(error.note(a.node.span(), "one of them").note(b.node.span(), "another"));
            }
            // It may be missing until the end: then it is an error.
            (None, _) => {}
        }
    }
    vars.iter().try_for_each(|var| add_var(&mut acc.vars, var))
}

fn object_id<'s>(var: &Var<'s>, schemas: &Schemas<'s>) -> ResId<'s> {
    let text = |text: &Option<super::Text<'s>>| Cow::Owned(text.as_ref().map(|t| t.text.clone()).unwrap_or_default());
    let kind = text(&var.object.kind);
    let gvk = match var.api_version.as_deref().filter(|v| !v.is_empty()) {
        Some(api_version) => Gvk::new(api_version.to_string().into(), kind),
        None => Gvk { group: text(&var.object.group), version: text(&var.object.version), kind },
    };
    ResId::new(gvk, text(&var.object.name), text(&var.object.namespace), schemas)
}

/// Replaces all references to vars in the fields that `specs` name.
pub(super) fn resolve<'s>(
    resources: &mut [Resource<'s>],
    vars: &[Var<'s>],
    specs: &[FieldSpec],
    facts: &mut Vec<Fact<'s>>,
) -> Result<'s, ()> {
    if vars.is_empty() {
        return Ok(());
    }
    let mut known = vars.iter().map(|var| Known::find(resources, var)).collect::<Result<'s, Vec<_>>>()?;
    for resource in resources.iter_mut() {
        let entry = known.first().and_then(|k| k.step.at);
        let step = known.first().map_or_else(|| Step::new(StepKind::Var, None), |k| k.step.clone());
        visit_all(&mut resource.node, specs, Create::Never, &step, &mut |node| expand_field(node, &mut known))
            .map_err(|e| failed(e, entry))?;
        super::shared::sync(resource);
    }
    for known in known {
        if let Some(entry) = known.step.at {
            facts.push(Fact { kind: FactKind::Var, entry, matched: known.used, changed: known.used });
        }
    }
    Ok(())
}

/// A var and its value.
struct Known<'s> {
    name: String,
    /// None for a value that cannot stand in a text: then references stay as they are.
    value: Option<Node<'s>>,
    step: Arc<Step<'s>>,
    used: usize,
}

impl<'s> Known<'s> {
    fn find(resources: &[Resource<'s>], var: &Var<'s>) -> Result<'s, Self> {
        let name = var.name.as_deref().unwrap_or_default();
        let Some(resource) = resources.iter().find(|r| r.vars.iter().any(|v| v == name)) else {
            let message = format!("the var `{name}` takes its value from an object that is not there");
            return Err(Error::new(ErrorKind::NoMatch, var.object.span.or(var.entry()), message));
        };
        let path = var.field_path.as_deref().filter(|p| !p.is_empty()).unwrap_or("metadata.name");
        let at = var.field_path.as_ref().and_then(|p| p.span()).or(var.entry());
        let keys: Vec<String> = split(path).into_iter().flat_map(indexed).collect();
        let found = lookup(&resource.node, &keys).map_err(|e| failed(e, at))?;
        let Some(value) = found else {
            let message = format!("the object of the var `{name}` has nothing at `{path}`");
            return Err(Error::new(ErrorKind::NoMatch, at, message).note(resource.node.span(), "the object"));
        };
        let fits = value.is_scalar()
            && matches!(value.resolve(Dialect::V3), Value::Str | Value::Int(_) | Value::Float(_) | Value::Bool(_));
        let step = Step::new(StepKind::Var, var.entry());
        Ok(Known { name: name.to_string(), value: fits.then_some(value), step, used: 0 })
    }
}

/// `ports[0]` as the two keys that it means.
fn indexed(key: String) -> Vec<String> {
    let parts = key.strip_suffix(']').and_then(|k| k.rsplit_once('['));
    match parts {
        Some((name, index)) if !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()) => {
            let name = Some(name.to_string()).filter(|n| !n.is_empty());
            name.into_iter().chain([index.to_string()]).collect()
        }
        _ => vec![key],
    }
}

fn expand_field<'s>(node: &mut Node<'s>, known: &mut [Known<'s>]) -> std::result::Result<bool, TransformError<'s>> {
    match node.kind() {
        Kind::Scalar => Ok(is_text(node) && expand(node, known)),
        Kind::Map => {
            let keys: Vec<Node<'s>> = node.entries().map(|(key, _)| key).collect();
            let mut changed = false;
            for key in keys {
                if !is_string(&key) {
                    return Err(TransformError::new("the key must be a string to have vars in its value").at(&key));
                }
                let text = key.text().unwrap_or_default();
                changed |= update_key(node, &text, |value| {
                    Ok::<bool, TransformError<'s>>(is_text(value) && expand(value, known))
                })?;
            }
            Ok(changed)
        }
        Kind::Seq => update_items(node, |item| {
            if !is_text(item) {
                return Err(TransformError::new("the item must be a string to have vars in it").at(item));
            }
            Ok(expand(item, known))
        }),
    }
}

/// True for what upstream looks for references in: strings, and scalars that were made just now and have no type yet.
fn is_text(node: &Node<'_>) -> bool {
    node.is_untyped() || is_string(node)
}

fn is_string(node: &Node<'_>) -> bool {
    node.is_scalar() && node.resolve(Dialect::V3) == Value::Str
}

/// Replaces the references in a string. One that is all of the string gives it the type of the value.
fn expand<'s>(node: &mut Node<'s>, known: &mut [Known<'s>]) -> bool {
    let untyped = node.is_untyped();
    if let Node::Scalar(scalar) = &*node
        && untyped
    {
        // That it is looked at makes it a string.
        *node = Node::Scalar(Arc::new(Scalar { tag: Some(STR_TAG.into()), ..Scalar::clone(scalar) }));
    }
    let text = node.text().unwrap_or_default().into_owned();
    if !text.contains('$') {
        return untyped;
    }
    let mut made = Composer::new();
    let mut origin = node.origin();
    let parts = parts(&text);
    for part in &parts {
        let (range, name) = match part {
            Part::Text(range) => {
                made.slice(node, range.clone());
                continue;
            }
            Part::Var(range, name) => (range, name),
        };
        let var = known.iter_mut().find(|k| k.name == *name);
        let Some((var, value)) = var.and_then(|k| Some((k.value.clone()?, k))).map(|(v, k)| (k, v)) else {
            made.slice(node, range.clone());
            continue;
        };
        var.used += 1;
        if *range == (0..text.len()) {
            *node = whole(&value, node, &var.step);
            return true;
        }
        made.node(&canonical(&value));
        origin = origin.with(&var.step, None);
    }
    if made.text() == text {
        return untyped;
    }
    *node = made.finish(Style::Plain, Some(STR_TAG.into()), origin);
    true
}

/// The value in the place of a string that is nothing but a reference.
fn whole<'s>(value: &Node<'s>, old: &Node<'s>, step: &Arc<Step<'s>>) -> Node<'s> {
    let tag = is_string(value).then(|| STR_TAG.into());
    let value = canonical(value);
    Node::Scalar(Arc::new(Scalar {
        text: value.text().unwrap_or_default().into(),
        style: Style::Plain,
        tag,
        origin: value.origin().with(step, Some(old.origin())),
        pieces: value.pieces().to_vec(),
    }))
}

/// The value as upstream prints it: `0x10` is `16`.
fn canonical<'s>(value: &Node<'s>) -> Node<'s> {
    let text = match value.resolve(Dialect::V3) {
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return value.clone(),
    };
    if value.has_text(&text) { value.clone() } else { Node::plain(text, value.origin()) }
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Bytes that stay.
    Text(Range<usize>),
    /// `$(NAME)`
    Var(Range<usize>, String),
}

/// Splits a text at its references. `$$` stands for one `$`; a `$` before anything else is one.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    let bytes = text.as_bytes();
    while let Some(next) = bytes.get(at..).and_then(|rest| memchr::memchr(b'$', rest)) {
        let dollar = at + next;
        match bytes.get(dollar + 1) {
            Some(b'$') => {
                parts.push(Part::Text(from..dollar + 1));
                from = dollar + 2;
                at = from;
            }
            Some(b'(') => match text.get(dollar..).and_then(|rest| rest.find(')')) {
                Some(end) => {
                    let end = dollar + end + 1;
                    parts.push(Part::Text(from..dollar));
                    let name = text.get(dollar + 2..end - 1).unwrap_or_default();
                    parts.push(Part::Var(dollar..end, name.to_string()));
                    from = end;
                    at = end;
                }
                None => at = dollar + 2,
            },
            // The byte behind is taken with it, even the first half of a character.
            Some(_) => at = dollar + 2,
            None => break,
        }
    }
    parts.push(Part::Text(from..text.len()));
    parts.retain(|part| !matches!(part, Part::Text(range) if range.is_empty()));
    parts
}

#[cfg(test)]
mod tests {
    use super::{Part, parts};

    fn show(text: &str) -> Vec<String> {
        let show = |part: &Part| match part {
            Part::Text(range) => text[range.clone()].to_string(),
            Part::Var(_, name) => format!("<{name}>"),
        };
        parts(text).iter().map(show).collect()
    }

    #[test]
    fn references_and_escapes() {
        assert_eq!(show("a $(B) c$(D)"), ["a ", "<B>", " c", "<D>"]);
        assert_eq!(show("$(A)"), ["<A>"]);
        assert_eq!(show("$$(A) $ $"), ["$", "(A) $ $"]);
        assert_eq!(show("$(A $x$()"), ["<A $x$(>"]);
        assert_eq!(show("$( $ö"), ["$( $ö"]);
        assert_eq!(show("$$$(A)"), ["$", "<A>"]);
    }
}
