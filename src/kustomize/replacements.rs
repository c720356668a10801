//! `replacements`: values copied from one object into others (upstream `api/filters/replacement`).

mod embedded;
mod json;
pub(super) mod path;

use std::cell::Cell;
use std::sync::Arc;

use super::accumulate::place;
use super::build::Role;
use super::candidates::{hint, note_objects};
use super::compose::Composer;
use super::decode::Decoder;
use super::error::{Error, ErrorKind, Result};
use super::facts::{Fact, FactKind};
use super::kustomization::{FieldOptions, Replacement, ReplacementSource, ReplacementTarget, Target};
use super::loader::Loader;
use super::merge::type_name;
use super::resid::{Gvk, ResId};
use super::resource::Resource;
use super::schema::Schemas;
use super::selector::Selector;
use super::shared;
use super::transform::failed;
use super::transform_error::TransformError;
use crate::source::Span;
use crate::yaml::resolve::TAG_PREFIX;
use crate::yaml::{Dialect, Kind, Node, Step, StepKind, Style, Value};
use path::{Matcher, lookup, split};

/// The field that is meant if none is given.
const DEFAULT_PATH: &str = "metadata.name";

/// The entries of a kustomization, those that are in files of their own (one entry, or a list) read from there.
pub(super) fn load<'s>(listed: &[Replacement<'s>], loader: &mut Loader<'_, 's>) -> Result<'s, Vec<Replacement<'s>>> {
    let mut entries = Vec::new();
    for entry in listed {
        let Some(path) = entry.path.as_ref().filter(|p| !p.is_empty()) else {
            entries.push(entry.clone());
            continue;
        };
        if entry.source.is_some() || entry.targets.as_ref().is_some_and(|t| !t.is_empty()) {
            let message = "a replacement has `path`, or `source` and `targets`, not both";
            return Err(Error::new(ErrorKind::Invalid, path.span(), message));
        }
        let source = loader.file(path, Role::Replacement, path.span())?;
        if let Some(bad) = source.tree().first_problem() {
            return Err(super::load::syntax(source, bad).note(path.span(), "read from here"));
        }
        let Some(root) = super::kustomization::first_document(source) else {
            return Err(Error::new(ErrorKind::Invalid, path.span(), "the file has no replacement in it"));
        };
        // Upstream reads these files leniently: what it does not know, it ignores.
        let mut decoder = Decoder::lenient();
        match root.kind() {
            Kind::Map => entries.push(super::kustomization::fields::replacement(&mut decoder, &root)),
            Kind::Seq => {
                entries.extend(root.items().map(|n| super::kustomization::fields::replacement(&mut decoder, &n)))
            }
            Kind::Scalar => {
                let message = "the file must have a replacement in it, or a list of them";
                return Err(Error::new(ErrorKind::Decode, root.span(), message).note(path.span(), "read from here"));
            }
        }
        if let Some(problem) = Error::first_of(decoder.problems) {
            return Err(problem.note(path.span(), "read from here"));
        }
    }
    Ok(entries)
}

/// Does the entries in order; those with a `path` must be loaded before.
pub(super) fn run<'s>(
    resources: &mut [Resource<'s>],
    entries: &[Replacement<'s>],
    schemas: &Schemas<'s>,
    facts: &mut Vec<Fact<'s>>,
) -> Result<'s, ()> {
    for entry in entries {
        let (Some(targets), true) = (&entry.targets, entry.source.is_some() || entry.source_value.is_some()) else {
            let message = "a replacement needs `source` or `sourceValue`, and `targets`";
            return Err(Error::new(ErrorKind::Invalid, entry.span, message));
        };
        let value = value(resources, entry, schemas)?;
        for target in targets {
            apply(resources, &value, target, schemas, facts)?;
        }
    }
    Ok(())
}

/// The value to copy.
fn value<'s>(resources: &[Resource<'s>], entry: &Replacement<'s>, schemas: &Schemas<'s>) -> Result<'s, Node<'s>> {
    let source = match (&entry.source, &entry.source_value) {
        (Some(_), Some(value)) => {
            let message = "`source` and `sourceValue` exclude each other";
            return Err(Error::new(ErrorKind::Invalid, value.span().or(entry.span), message));
        }
        (None, Some(value)) => return Ok(Node::untyped(value.text.as_str(), value.node.origin())),
        (Some(source), None) => source,
        (None, None) => return Err(Error::new(ErrorKind::Invalid, entry.span, "a replacement needs `source`")),
    };
    let asked = source.object.span.or(entry.span);
    let resource = select_source(resources, source, schemas, asked)?;
    let path = source.field_path.as_deref().filter(|p| !p.is_empty()).unwrap_or(DEFAULT_PATH);
    let at = source.field_path.as_ref().and_then(|p| p.span()).or(asked);
    let found = lookup(&resource.node, &split(path)).map_err(|e| failed(e, at))?;
    let Some(found) = found.filter(|n| !n.is_null() && (n.is_scalar() || !n.is_empty())) else {
        let hint = hint(&resource.node, &split(path));
        let message =
            format!("the source of the replacement, {}, has nothing at `{path}`{}", resource.id(schemas), hint.words);
        let error = Error::new(ErrorKind::NoMatch, at, message);
        return Err(error.note(hint.at.or(resource.node.span()), "the source"));
    };
    refine(found, source.options.as_ref()).map_err(|e| failed(e, at))
}

fn select_source<'r, 's>(
    resources: &'r [Resource<'s>],
    source: &ReplacementSource<'s>,
    schemas: &Schemas<'s>,
    place: Option<Span<'s>>,
) -> Result<'s, &'r Resource<'s>> {
    let text = source.object.texts();
    let gvk = Gvk { group: text.group.into(), version: text.version.into(), kind: text.kind.into() };
    let or_default = |namespace: &str| if namespace.is_empty() { "default".to_string() } else { namespace.to_string() };
    let selected = |id: &ResId<'_>| {
        id.gvk.is_selected(&gvk)
            && (text.name.is_empty() || id.name == text.name)
            && (text.namespace.is_empty() || or_default(&id.namespace) == or_default(&text.namespace))
    };
    let may_be = |r: &&Resource<'s>| r.may_be_of(|kind| kind.is_selected(&gvk));
    let mut found = resources.iter().filter(may_be).filter(|r| r.any_id(schemas, selected));
    match (found.next(), found.next()) {
        (Some(resource), None) => Ok(resource),
        (Some(a), Some(b)) => {
            let message = format!(
                "the source of the replacement selects more than one object: {}, {}",
                a.id(schemas),
                b.id(schemas)
            );
            let error = Error::new(ErrorKind::Conflict, place, message);
            Err(error.note(a.node.span(), "one of them").note(b.node.span(), "another"))
        }
        (None, _) => {
            let error = Error::new(ErrorKind::NoMatch, place, "the source of the replacement selects nothing");
            Err(note_objects(error, resources, schemas, &gvk.kind, &text.name))
        }
    }
}

/// The part of the value that `options` ask for.
fn refine<'s>(
    value: Node<'s>,
    options: Option<&FieldOptions<'s>>,
) -> std::result::Result<Node<'s>, TransformError<'s>> {
    let Some((options, delimiter)) = delimiter(options) else { return Ok(value) };
    if !value.is_scalar() {
        return Err(TransformError::new("`delimiter` needs a scalar").at(&value));
    }
    let text = value.text().unwrap_or_default();
    let part = usize::try_from(options.index).ok().and_then(|index| text.split(delimiter).nth(index));
    let Some(part) = part else {
        return Err(TransformError::new(format!("`index` {} is out of bounds for `{text}`", options.index)).at(&value));
    };
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    let mut made = Composer::new();
    made.slice(&value, start..start + part.len());
    // The type that the whole had stays.
    let tag = value.tag().or_else(|| tag_of(&value));
    Ok(made.finish(value.style(), tag, value.origin()))
}

fn delimiter<'o, 's>(options: Option<&'o FieldOptions<'s>>) -> Option<(&'o FieldOptions<'s>, &'o str)> {
    let options = options?;
    let delimiter = options.delimiter.as_deref().filter(|d| !d.is_empty())?;
    Some((options, delimiter))
}

/// Writes the value into the fields of the objects that a target selects.
fn apply<'s>(
    resources: &mut [Resource<'s>],
    value: &Node<'s>,
    target: &ReplacementTarget<'s>,
    schemas: &Schemas<'s>,
    facts: &mut Vec<Fact<'s>>,
) -> Result<'s, ()> {
    let Some(select) = &target.select else {
        return Err(Error::new(ErrorKind::Invalid, target.span, "a target of a replacement needs `select`"));
    };
    let compile = |selector: &Target<'s>| {
        let error =
            |e: TransformError<'static>| Error::new(ErrorKind::Invalid, selector.span.or(target.span), e.message);
        let text = selector.texts();
        let by_metadata = !text.label_selector.is_empty() || !text.annotation_selector.is_empty();
        Selector::new(&text).map(|s| (s, by_metadata)).map_err(error)
    };
    let (selector, _) = compile(select)?;
    let rejects = target.reject.iter().map(compile).collect::<Result<'s, Vec<_>>>()?;
    let of_kind = |gvk: &Gvk<'_>| selector.matches_kind(&gvk.group, &gvk.version, &gvk.kind);
    let matches = |selector: &Selector, id: &ResId<'_>| {
        selector.matches_kind(&id.gvk.group, &id.gvk.version, &id.gvk.kind)
            && selector.matches_name(&id.name)
            && selector.matches_namespace(&id.namespace)
    };
    let default = [DEFAULT_PATH];
    let paths: Vec<(&str, Option<Span<'s>>)> = if target.field_paths.is_empty() {
        default.iter().map(|p| (*p, None)).collect()
    } else {
        target.field_paths.iter().map(|p| (p.text.as_str(), p.span())).collect()
    };
    let (mut matched, mut changed) = (0, 0);
    for resource in resources.iter_mut().filter(|resource| resource.may_be_of(of_kind)) {
        let rejected = rejects.iter().any(|(reject, by_metadata)| {
            (*by_metadata && reject.matches_metadata(&resource.node))
                || (!reject.is_empty_id() && resource.any_id(schemas, |id| matches(reject, id)))
        });
        if rejected
            || !selector.matches_metadata(&resource.node)
            || !resource.any_id(schemas, |id| matches(&selector, id))
        {
            continue;
        }
        matched += 1;
        let mut any = false;
        for &(path, span) in &paths {
            let step = Step::new(StepKind::Replacement, span.or(target.span));
            let write = Write { value, options: target.options.as_ref(), step: &step, misfit: Cell::new(false) };
            match write.path(&mut resource.node, path) {
                Ok(done) => any |= done,
                // The entry is what is wrong, and the object shows it.
                Err(error) => {
                    let at = error.spans.first().copied().or(place(resource));
                    let out = Error::new(ErrorKind::Invalid, span.or(target.span).or(at), error.message);
                    return Err(out.note(at, format!("looked for in {}", resource.id(schemas))));
                }
            }
            resource.misfit |= write.misfit.get();
            shared::sync(resource);
        }
        changed += usize::from(any);
    }
    if let Some(entry) = target.span {
        facts.push(Fact { kind: FactKind::ReplacementTarget, entry, matched, changed });
    }
    Ok(())
}

/// A value on its way into a field.
struct Write<'w, 's> {
    value: &'w Node<'s>,
    options: Option<&'w FieldOptions<'s>>,
    step: &'w Arc<Step<'s>>,
    /// Set if it was written into a field whose type it does not fit.
    misfit: Cell<bool>,
}

impl<'s> Write<'_, 's> {
    /// Writes into all fields that a path names. False if it only reaches into a document that lies in a document.
    fn path(&self, object: &mut Node<'s>, path: &str) -> std::result::Result<bool, TransformError<'s>> {
        let create = self.options.filter(|o| o.create).map(|_| self.value.kind());
        let parts = split(path);
        if let Some(done) = embedded::write(object, &parts, create, self.value, self.step)? {
            return Ok(done);
        }
        let mut matcher = Matcher::new(create, self.step);
        let what = if create.is_some() { "find or create" } else { "find" };
        let found = matcher
            .visit(object, &parts, &mut |node| self.field(node))
            .map_err(|e| e.context(format_args!("unable to {what} `{path}` in the target of the replacement")))?;
        if found == 0 {
            let hint = hint(object, &parts);
            let message = format!("unable to {what} `{path}` in the target of the replacement{}", hint.words);
            return Err(TransformError { spans: hint.at.into_iter().collect(), ..TransformError::new(message) });
        }
        Ok(true)
    }

    fn field(&self, target: &mut Node<'s>) -> std::result::Result<bool, TransformError<'s>> {
        let mut text = Composer::new();
        match delimiter(self.options) {
            Some((options, delimiter)) => {
                if !target.is_scalar() {
                    return Err(TransformError::new("`delimiter` needs a scalar").at(target));
                }
                self.joined(&mut text, target, options.index, delimiter);
            }
            None if !target.is_scalar() => {
                let replaced = (!target.is_empty()).then(|| target.origin());
                *target = self.value.clone().with_step(self.step, replaced);
                return Ok(true);
            }
            None => text.node(self.value),
        }
        *target = in_place_of(target, text, self.value, self.step);
        let fits = target.resolve(Dialect::V3) != Value::Invalid;
        self.misfit.set(self.misfit.get() || !fits);
        Ok(true)
    }

    /// The target's text with the value as one of its parts.
    fn joined(&self, text: &mut Composer<'s>, target: &Node<'s>, index: i64, delimiter: &str) {
        let whole = target.text().unwrap_or_default();
        let count = whole.split(delimiter).count();
        let at = usize::try_from(index).ok();
        if at.is_none() {
            text.node(self.value);
            text.literal(delimiter);
        }
        let mut start = 0;
        for (i, part) in whole.split(delimiter).enumerate() {
            if i > 0 {
                text.slice(target, start - delimiter.len()..start);
            }
            if at == Some(i) {
                text.node(self.value);
            } else {
                text.slice(target, start..start + part.len());
            }
            start += part.len() + delimiter.len();
        }
        if at.is_some_and(|at| at >= count) {
            text.literal(delimiter);
            text.node(self.value);
        }
    }
}

/// A scalar with a new text where `target` was. The type that the target had stays: a string stays one, and a text that does not
/// fit the type is refused by who reads it, unless it is replaced before ([`misfit`]).
fn in_place_of<'s>(target: &Node<'s>, text: Composer<'s>, value: &Node<'s>, step: &Arc<Step<'s>>) -> Node<'s> {
    let written = target.tag().filter(|tag| !tag.starts_with(IMPLIED));
    // An untyped scalar was made just now, or by a step that drops the type: it gets that of its text.
    let tag = if target.is_untyped() {
        Some(std::borrow::Cow::Borrowed(crate::yaml::node::NO_TAG))
    } else if written.is_some() {
        written
    } else {
        let bare = |text: &str| Node::plain(text, crate::yaml::Origin::default()).resolve(Dialect::V3);
        let tag = target.tag();
        let in_quotes = matches!(target, Node::Scalar(_)) && target.style() != Style::Plain;
        // A number that a merge put where a string in quotes was keeps its type, whatever the quotes say.
        let number = in_quotes.then(|| bare(&target.text().unwrap_or_default())).filter(|value| *value != Value::Str);
        let old = match &tag {
            Some(tag) => tag.strip_prefix(IMPLIED),
            None => type_name(&number.unwrap_or_else(|| target.resolve(Dialect::V3))),
        };
        match old {
            Some(name) if type_name(&bare(text.text())) == Some(name) => None,
            Some(name) => Some(format!("{IMPLIED}{name}").into()),
            None => tag_of(target),
        }
    };
    text.finish(target.style(), tag, value.origin().with(step, Some(target.origin())))
}

/// How a tag starts that nobody wrote: it says which type a field had whose text does not show it any more. Written ones are kept
/// with their long prefix.
pub(super) const IMPLIED: &str = "!!";

/// The first scalar in which a replacement left a text that does not fit the type that the field had, as an error.
pub(super) fn misfit<'s>(node: &Node<'s>) -> Option<Box<Error<'s>>> {
    match node.kind() {
        Kind::Map => node.entries().find_map(|(_, value)| misfit(&value)),
        Kind::Seq => node.items().find_map(|item| misfit(&item)),
        Kind::Scalar => {
            let tag = node.tag().filter(|_| node.resolve(Dialect::V3) == Value::Invalid)?;
            let origin = node.origin();
            let link = origin.links().find(|link| link.step.kind == StepKind::Replacement)?;
            let what = match tag.strip_prefix(IMPLIED).or_else(|| tag.strip_prefix(TAG_PREFIX))? {
                "null" => "a null",
                "bool" => "a boolean",
                "int" => "an integer",
                "float" => "a floating-point number",
                _ => "a timestamp",
            };
            let text = node.text().unwrap_or_default();
            let mut error =
                TransformError::new(format!("`{text}` cannot stand where the target of the replacement has {what}"));
            error.spans.extend(link.replaced.as_ref().and_then(|old| old.span));
            Some(failed(error, link.step.at))
        }
    }
}

/// The tag of an untagged string.
fn tag_of<'s>(node: &Node<'s>) -> Option<std::borrow::Cow<'s, str>> {
    let is_string = node.kind() == Kind::Scalar && node.resolve(Dialect::V3) == Value::Str;
    is_string.then_some(std::borrow::Cow::Borrowed(crate::yaml::node::STR_TAG))
}
