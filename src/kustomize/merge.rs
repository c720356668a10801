//! Strategic merge patches as upstream does them (`kyaml/yaml/{merge2,walk}`), which is not how the API server does.
//!
//! Upstream walks object and patch together and writes into the object, even where the patch says nothing: an empty value
//! goes away, items of a merged list with the same key become one. An added subtree is walked against itself. All of this is
//! reproduced, and what comes out as it went in is not copied.

mod list;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::replacements::IMPLIED;
use super::schema::{MergeKeys, Schema, Schemas};
use super::transform_error::{TransformError, kind_name};
use crate::source::Span;
use crate::yaml::node::STR_TAG;
use crate::yaml::resolve::{TAG_PREFIX, resolve};
use crate::yaml::{Dialect, Kind, Node, Scalar, Step, Style, Value};

/// How lists are merged. The default is what kustomize does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergeOptions {
    /// Merge lists without a schema if all items have a `name`.
    pub infer_lists: bool,
    /// Put new items behind those that are there, not before them.
    pub append: bool,
}

/// Applies a strategic merge patch. None if the patch deletes the object (`$patch: delete`).
///
/// A value that the patch writes comes from the patch, with `step` and the origin of what it replaced. A merge key that is
/// the same on both sides stays that of the object.
///
/// # Errors
/// If the patch has another kind of node than the object at some place, or an unknown `$patch` directive.
pub fn merge<'s>(
    dest: Node<'s>,
    patch: &Node<'s>,
    schemas: &Schemas<'s>,
    step: &Arc<Step<'s>>,
) -> Result<Option<Node<'s>>, TransformError<'s>> {
    merge_with(dest, patch, schemas, step, MergeOptions::default())
}

/// [`merge`] with options.
///
/// # Errors
/// As [`merge`].
pub fn merge_with<'s>(
    dest: Node<'s>,
    patch: &Node<'s>,
    schemas: &Schemas<'s>,
    step: &Arc<Step<'s>>,
    options: MergeOptions,
) -> Result<Option<Node<'s>>, TransformError<'s>> {
    let merger = Merger { schemas, step, options };
    Ok(merger.walk(Some(dest), Patch::Node(patch), Schema::none(), &[])?.node)
}

struct Merger<'m, 's> {
    schemas: &'m Schemas<'s>,
    step: &'m Arc<Step<'s>>,
    options: MergeOptions,
}

/// What the patch has at a place.
#[derive(Clone, Copy)]
enum Patch<'p, 's> {
    /// Nothing.
    None,
    /// The same node as the destination: it was taken from the patch.
    Same,
    /// A node of its own.
    Node(&'p Node<'s>),
}

impl<'p, 's> Patch<'p, 's> {
    fn field(self, key: &str, slot: &'p mut Option<Node<'s>>) -> Patch<'p, 's> {
        match self {
            Patch::None => Patch::None,
            Patch::Same => Patch::Same,
            Patch::Node(patch) => {
                *slot = patch.get(key);
                slot.as_ref().map_or(Patch::None, Patch::Node)
            }
        }
    }
}

/// What became of a place.
struct Walked<'s> {
    /// The node; none if it goes away.
    node: Option<Node<'s>>,
    /// It is not what was in the object.
    changed: bool,
    /// It is a node of the patch, not one of the object that was written into.
    from_patch: bool,
}

impl<'s> Walked<'s> {
    fn gone() -> Self {
        Walked { node: None, changed: true, from_patch: false }
    }

    fn kept(node: Option<Node<'s>>) -> Self {
        Walked { node, changed: false, from_patch: false }
    }

    fn taken(node: Node<'s>) -> Self {
        Walked { node: Some(node), changed: true, from_patch: true }
    }
}

/// `$patch`
const DIRECTIVE: &str = "$patch";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

impl<'s> Merger<'_, 's> {
    /// Walks one place. `keys` are the merge keys if the place is an item of a merged list.
    fn walk(
        &self,
        dest: Option<Node<'s>>,
        patch: Patch<'_, 's>,
        schema: Schema<'_, 's>,
        keys: &[Cow<'s, str>],
    ) -> Result<Walked<'s>, TransformError<'s>> {
        let present_dest = dest.as_ref().filter(|n| !n.is_null());
        let present_patch = match patch {
            Patch::Node(node) if !node.is_null() => Some(node),
            _ => None,
        };
        if let (Some(ours), Some(theirs)) = (present_dest, present_patch)
            && ours.kind() != theirs.kind()
        {
            let (theirs_is, ours_is) = (kind_name(theirs.kind()), kind_name(ours.kind()));
            return Err(TransformError::new(format!("the patch has a {theirs_is} where the object has a {ours_is}"))
                .at(theirs)
                .at(ours));
        }
        let schema = self.schema(schema, present_dest, present_patch);
        match present_dest.or(present_patch).map(Node::kind) {
            None | Some(Kind::Map) => self.map(dest, patch, &schema, keys),
            Some(Kind::Scalar) => Ok(self.scalar(dest, patch)),
            Some(Kind::Seq) => match self.list_keys(&schema, present_dest, present_patch)? {
                Some(list_keys) => self.list(dest, patch, &schema, &list_keys),
                None => Ok(self.replace(dest, patch)),
            },
        }
    }

    /// The schema that is known from above, else that of the kind that the node says it is.
    fn schema<'a>(
        &'a self,
        known: Schema<'a, 's>,
        dest: Option<&Node<'s>>,
        patch: Option<&Node<'s>>,
    ) -> Schema<'a, 's> {
        if known.is_known() {
            return known;
        }
        for node in [dest, patch].into_iter().flatten().filter(|n| n.is_map()) {
            let text = |key: &str| node.get(key).and_then(|n| n.as_str()).filter(|t| !t.is_empty());
            if let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind")) {
                let schema = self.schemas.for_object(&api_version, &kind);
                if schema.is_known() {
                    return schema;
                }
            }
        }
        known
    }

    /// The merge keys of a list; none if it is replaced.
    fn list_keys(
        &self,
        schema: &Schema<'_, 's>,
        dest: Option<&Node<'s>>,
        patch: Option<&Node<'s>>,
    ) -> Result<Option<MergeKeys<'s>>, TransformError<'s>> {
        if schema.is_known() || !self.options.infer_lists {
            return Ok(schema.list_strategy());
        }
        let named = |list: &Node<'s>| !list.is_empty() && list.items().all(|item| item.get("name").is_some());
        let lists = [dest, patch];
        let mut lists = lists.iter().flatten().filter(|list| !list.is_empty()).map(|list| named(list));
        let Some(first) = lists.next() else { return Ok(None) };
        match (first, lists.next()) {
            (false, None | Some(false)) => Ok(None),
            (true, None | Some(true)) | (false, Some(true)) => Ok(Some(vec![Cow::Borrowed("name")])),
            (true, Some(false)) => {
                Err(TransformError::new("only some items of the list have a `name` to merge them by"))
            }
        }
    }

    fn scalar(&self, dest: Option<Node<'s>>, patch: Patch<'_, 's>) -> Walked<'s> {
        match patch {
            Patch::None | Patch::Same => match dest.as_ref().and_then(quoted) {
                Some(quoted) => Walked { node: Some(quoted), changed: true, from_patch: false },
                None => Walked::kept(dest),
            },
            Patch::Node(patch) if patch.is_null() => Walked::gone(),
            Patch::Node(patch) => {
                let node = match &dest {
                    Some(dest) => in_style_of(dest, patch),
                    None => quoted(patch).unwrap_or_else(|| patch.clone()),
                };
                Walked::taken(node.with_step(self.step, dest.map(|d| d.origin())))
            }
        }
    }

    /// A list that is not merged.
    fn replace(&self, dest: Option<Node<'s>>, patch: Patch<'_, 's>) -> Walked<'s> {
        match patch {
            Patch::None | Patch::Same => Walked::kept(dest),
            Patch::Node(patch) if patch.is_null() => Walked::gone(),
            Patch::Node(patch) => Walked::taken(patch.clone().with_step(self.step, dest.map(|d| d.origin()))),
        }
    }

    fn map(
        &self,
        dest: Option<Node<'s>>,
        patch: Patch<'_, 's>,
        schema: &Schema<'_, 's>,
        keys: &[Cow<'s, str>],
    ) -> Result<Walked<'s>, TransformError<'s>> {
        let Some(dest) = dest.as_ref().filter(|n| !n.is_null()) else {
            return self.map_onto_nothing(dest, patch, schema);
        };
        match patch {
            Patch::None => self.fields(dest.clone(), Patch::None, schema, keys),
            Patch::Node(patch) if patch.is_null() => Ok(Walked::gone()),
            Patch::Same => match map_directive(dest)? {
                None => self.fields(dest.clone(), Patch::Same, schema, keys),
                Some(Directive::Delete) => Ok(Walked::gone()),
                Some(_) => {
                    let mut walked = self.fields(without_directive(dest), Patch::Same, schema, keys)?;
                    walked.changed = true;
                    Ok(walked)
                }
            },
            Patch::Node(patch) => match map_directive(patch)? {
                None => self.fields(dest.clone(), Patch::Node(patch), schema, keys),
                Some(Directive::Delete) => Ok(Walked::gone()),
                Some(Directive::Merge) => {
                    self.fields(dest.clone(), Patch::Node(&without_directive(patch)), schema, keys)
                }
                Some(Directive::Replace) => {
                    let mut walked = self.insert_map(without_directive(patch), Some(dest), schema)?;
                    if let (Some(node), Some(at)) = (&mut walked.node, patch.get(DIRECTIVE).and_then(|d| d.span())) {
                        node.note_lost(dest, at);
                    }
                    Ok(walked)
                }
            },
        }
    }

    /// The object has nothing here, or a null.
    fn map_onto_nothing(
        &self,
        dest: Option<Node<'s>>,
        patch: Patch<'_, 's>,
        schema: &Schema<'_, 's>,
    ) -> Result<Walked<'s>, TransformError<'s>> {
        match patch {
            // A null that is written out stays; an empty value goes.
            Patch::None if dest.as_ref().is_some_and(|d| d.text().is_some_and(|t| !t.is_empty())) => {
                Ok(Walked::kept(dest))
            }
            Patch::None | Patch::Same => Ok(Walked::gone()),
            Patch::Node(patch) if patch.is_null() => Ok(Walked::gone()),
            // An unknown directive is not refused here, upstream keeps it as a key.
            Patch::Node(patch) => match map_directive(patch) {
                Ok(Some(Directive::Delete)) => Ok(Walked::gone()),
                Ok(Some(_)) => self.insert_map(without_directive(patch), dest.as_ref(), schema),
                Ok(None) | Err(_) => self.insert_map(patch.clone(), dest.as_ref(), schema),
            },
        }
    }

    /// A mapping of the patch in the place of what was there.
    fn insert_map(
        &self,
        patch: Node<'s>,
        replaced: Option<&Node<'s>>,
        schema: &Schema<'_, 's>,
    ) -> Result<Walked<'s>, TransformError<'s>> {
        let walked = self.fields(patch, Patch::Same, schema, &[])?;
        Ok(match walked.node {
            Some(node) => Walked::taken(node.with_step(self.step, replaced.map(Node::origin))),
            None => Walked::gone(),
        })
    }

    /// Walks the fields of a mapping and writes what changes into `dest`.
    fn fields(
        &self,
        mut dest: Node<'s>,
        patch: Patch<'_, 's>,
        schema: &Schema<'_, 's>,
        keys: &[Cow<'s, str>],
    ) -> Result<Walked<'s>, TransformError<'s>> {
        let mut names: BTreeSet<Cow<'s, str>> = dest.entries().filter_map(|(k, _)| k.text()).collect();
        if let Patch::Node(patch) = patch {
            names.extend(patch.entries().filter_map(|(k, _)| k.text()));
        }
        let mut changed = false;
        for name in names {
            let ours = dest.get(&name);
            let mut slot = None;
            let theirs = if ours.is_none() && matches!(patch, Patch::Same) {
                Patch::None
            } else {
                patch.field(&name, &mut slot)
            };
            if let (Patch::Node(theirs), Some(ours)) = (theirs, &ours)
                && keys.contains(&name)
                && is_same_scalar(ours, theirs)
            {
                continue;
            }
            let old = ours.as_ref().filter(|n| n.is_seq() && matches!(theirs, Patch::Node(_))).cloned();
            let walked = self.walk(ours, theirs, schema.field(&name), &[])?;
            if !walked.changed {
                continue;
            }
            changed = true;
            match walked.node {
                None => {
                    if let (Some(value), Some(at)) = (dest.remove(&name), remover(patch, &name)) {
                        dest.note_removed(&name, value, at);
                    }
                }
                Some(value) => {
                    let key = match (patch, dest.entry(&name)) {
                        (Patch::Node(patch), None) => patch.entry(&name).map(|(k, _)| k.with_step(self.step, None)),
                        (_, entry) => entry.map(|(k, _)| k),
                    };
                    if let Some(key) = key {
                        dest.set(key, value);
                    }
                    if let (Some(old), Patch::Node(list)) = (old, theirs)
                        && list.is_seq()
                    {
                        let replaced_by = key_span(patch, &name).filter(|_| walked.from_patch);
                        note_list(&mut dest, &name, &old, list, replaced_by);
                    }
                }
            }
        }
        Ok(Walked { node: Some(dest), changed, from_patch: false })
    }
}

/// Where a patch asks for the removal of a field: its `$patch: delete`, else the key that it sets to null.
fn remover<'s>(patch: Patch<'_, 's>, name: &str) -> Option<Span<'s>> {
    let Patch::Node(patch) = patch else { return None };
    let (key, value) = patch.entry(name)?;
    let directive = value.get(DIRECTIVE).or_else(|| value.items().find_map(|item| item.get(DIRECTIVE)));
    directive.unwrap_or(key).span()
}

fn key_span<'s>(patch: Patch<'_, 's>, name: &str) -> Option<Span<'s>> {
    let Patch::Node(patch) = patch else { return None };
    patch.entry(name)?.0.span()
}

/// Remembers in `holder` what a patch took out of a list of it: the items that its directives name, else, if `replaced_by`
/// says where, all of the list.
fn note_list<'s>(holder: &mut Node<'s>, key: &str, old: &Node<'s>, patch: &Node<'s>, replaced_by: Option<Span<'s>>) {
    let mut any = false;
    for item in patch.items() {
        let Some(at) = item.get(DIRECTIVE).and_then(|d| d.span()) else { continue };
        let gone: Vec<Node<'s>> = old.items().filter(|old| is_named(old, &item)).collect();
        if !gone.is_empty() {
            holder.note_list(key, Node::seq(gone, old.origin()), at);
            any = true;
        }
    }
    if let (false, Some(at)) = (any, replaced_by) {
        holder.note_list(key, old.clone(), at);
    }
}

/// True for an item that has all the scalars that an item of a patch has beside its directive.
fn is_named(old: &Node<'_>, item: &Node<'_>) -> bool {
    let has = |key: &Node<'_>, value: &Node<'_>| {
        let found = key.text().and_then(|key| old.get(&key));
        found.is_some_and(|found| found.text() == value.text())
    };
    item.entries().all(|(key, value)| key.has_text(DIRECTIVE) || !value.is_scalar() || has(&key, &value))
}

/// The `$patch` of a mapping.
fn map_directive<'s>(patch: &Node<'s>) -> Result<Option<Directive>, TransformError<'s>> {
    patch.get(DIRECTIVE).map(|value| directive(&value)).transpose()
}

fn directive<'s>(value: &Node<'s>) -> Result<Directive, TransformError<'s>> {
    match value.text().as_deref() {
        Some("delete") => Ok(Directive::Delete),
        Some("replace") => Ok(Directive::Replace),
        Some("merge") => Ok(Directive::Merge),
        other => {
            let other = other.unwrap_or_default();
            Err(TransformError::new(format!(
                "unknown patch strategy `{other}`: `$patch` is one of delete, replace, merge"
            ))
            .at(value))
        }
    }
}

fn without_directive<'s>(patch: &Node<'s>) -> Node<'s> {
    let mut patch = patch.clone();
    patch.remove(DIRECTIVE);
    patch
}

fn is_same_scalar(ours: &Node<'_>, theirs: &Node<'_>) -> bool {
    ours.is_scalar()
        && theirs.is_scalar()
        && ours.text() == theirs.text()
        && ours.resolve(Dialect::V3) == theirs.resolve(Dialect::V3)
}

/// A plain string, or untyped scalar, that YAML 1.1 would not read as a string, with the quotes that upstream gives it in passing.
fn quoted<'s>(node: &Node<'s>) -> Option<Node<'s>> {
    let text = node.text().filter(|text| node.style() == Style::Plain && reads_as_no_string(text))?;
    // That a tag is written is a style, so upstream gives it no quotes.
    let tagged = matches!(node, Node::Source(..)) && node.tag().is_some();
    if tagged || (!node.is_untyped() && node.resolve(Dialect::V3) != Value::Str) {
        return None;
    }
    Some(Node::Scalar(Arc::new(Scalar {
        text: text.into(),
        style: Style::DoubleQuoted,
        tag: Some(Cow::Borrowed(STR_TAG)),
        origin: node.origin(),
        pieces: node.pieces().to_vec(),
    })))
}

/// True for text that readers of YAML 1.1 take for another type than a string: `yes`, `1:30`, `1`.
pub(super) fn reads_as_no_string(text: &str) -> bool {
    let may_be = text.len() <= 5 || text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    may_be && !text.is_empty() && resolve(text, Style::Plain, None, Dialect::V1) != Value::Str
}

/// Upstream keeps the style of the scalar that is overwritten, so `replicas: "1"` patched with `2` becomes the string `"2"`, and
/// `replicas: 1` patched with `"2"` a string that another patch makes a number again.
fn in_style_of<'s>(dest: &Node<'s>, patch: &Node<'s>) -> Node<'s> {
    let value = patch.resolve(Dialect::V3);
    let is_string = value == Value::Str;
    // That a tag was written is a matter of style too.
    let tagged =
        dest.tag().is_some_and(|tag| matches!(dest, Node::Source(..)) || (tag != STR_TAG && !tag.starts_with(IMPLIED)));
    if !dest.is_scalar() || (!tagged && dest.style() == patch.style() && (is_string || patch.tag().is_none())) {
        return patch.clone();
    }
    let text = patch.text().unwrap_or_default();
    let shows =
        std::mem::discriminant(&resolve(&text, Style::Plain, None, Dialect::V3)) == std::mem::discriminant(&value);
    let tag = match type_name(&value) {
        _ if is_string => Some(Cow::Borrowed(STR_TAG)),
        Some(name) if tagged => Some(Cow::Owned(format!("{TAG_PREFIX}{name}"))),
        // One that says what the text is anyway is not written, and then the quotes decide.
        _ => patch.tag().filter(|_| !shows),
    };
    Node::Scalar(Arc::new(Scalar {
        text: text.into(),
        style: dest.style(),
        tag,
        origin: patch.origin(),
        pieces: patch.pieces().to_vec(),
    }))
}

/// How tags name the type of a number, boolean or null.
pub(super) fn type_name(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => Some("null"),
        Value::Bool(_) => Some("bool"),
        Value::Int(_) => Some("int"),
        Value::Float(_) => Some("float"),
        Value::Timestamp => Some("timestamp"),
        _ => None,
    }
}
