//! Field specs: which field of which kinds a transformer writes, and the walk to it
//! (upstream `api/filters/fieldspec`, `api/filters/fsslice`).

use std::borrow::Cow;
use std::sync::Arc;

use super::transform_error::TransformError;
use super::update::{update_items, update_key};
use crate::yaml::node::STR_TAG;
use crate::yaml::{Kind, Node, Origin, Scalar, Step, Style};

/// A field of the objects of some kinds. Empty group, version and kind select all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FieldSpec {
    /// API group; empty for any.
    pub group: Cow<'static, str>,
    /// API version without the group; empty for any.
    pub version: Cow<'static, str>,
    /// Kind; empty for any.
    pub kind: Cow<'static, str>,
    /// Keys separated by `/` (`\/` for a slash in a key). Lists on the way are passed through; a key with `[]` at its end
    /// names a list, which is never created.
    pub path: Cow<'static, str>,
    /// Create what is missing on the way.
    pub create: bool,
}

impl FieldSpec {
    /// A field of all kinds.
    pub const fn any(path: &'static str, create: bool) -> Self {
        Self::of("", "", "", path, create)
    }

    /// A field of a kind.
    pub const fn of(
        group: &'static str,
        version: &'static str,
        kind: &'static str,
        path: &'static str,
        create: bool,
    ) -> Self {
        FieldSpec {
            group: Cow::Borrowed(group),
            version: Cow::Borrowed(version),
            kind: Cow::Borrowed(kind),
            path: Cow::Borrowed(path),
            create,
        }
    }

    /// True if objects of this group, version and kind have the field.
    pub fn selects(&self, group: &str, version: &str, kind: &str) -> bool {
        (self.kind.is_empty() || self.kind == kind)
            && (self.group.is_empty() || self.group == group)
            && (self.version.is_empty() || self.version == version)
    }
}

/// Group and version of an `apiVersion`; the group is empty for `v1`.
pub fn group_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// What to create at the end of a path, if the spec asks for creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Create {
    /// Nothing, whatever the spec says.
    Never,
    /// A mapping (labels, annotations).
    Map,
    /// An empty scalar, to be filled by the setter.
    Scalar,
}

/// Called with the node at the end of a path. Returns whether it changed it.
pub type SetFn<'f, 's> = dyn FnMut(&mut Node<'s>) -> Result<bool, TransformError<'s>> + 'f;

/// Calls `set` on the field of `object` that each of `specs` names, in order. Returns whether anything was changed.
///
/// # Errors
/// If a path meets a scalar before its end, or `set` fails.
pub fn visit_all<'s>(
    object: &mut Node<'s>,
    specs: &[FieldSpec],
    create: Create,
    step: &Arc<Step<'s>>,
    set: &mut SetFn<'_, 's>,
) -> Result<bool, TransformError<'s>> {
    let mut changed = false;
    let mut kind = KindOf::read(object);
    for spec in specs {
        if !kind.has(spec) {
            continue;
        }
        let create = if spec.create { create } else { Create::Never };
        if visit_path(object, &spec.path, create, step, set)? {
            changed = true;
            kind = KindOf::read(object);
        }
    }
    Ok(changed)
}

/// Calls `set` on the field of `object` at the path of a spec, whatever the object's kind. Returns whether anything was changed.
///
/// # Errors
/// As [`visit_all`].
pub fn visit_path<'s>(
    object: &mut Node<'s>,
    path: &str,
    create: Create,
    step: &Arc<Step<'s>>,
    set: &mut SetFn<'_, 's>,
) -> Result<bool, TransformError<'s>> {
    let keys = path.strip_prefix('/').unwrap_or(path);
    let mut walk = Walk { create, step, set };
    walk.node(object, Some(keys)).map_err(|e| e.context(format_args!("field `{path}`")))
}

/// What an object says that it is.
struct KindOf<'s> {
    api_version: Cow<'s, str>,
    kind: Cow<'s, str>,
}

impl<'s> KindOf<'s> {
    fn read(object: &Node<'s>) -> Self {
        let text = |field| object.get(field).and_then(|n| n.text()).unwrap_or_default();
        KindOf { api_version: text("apiVersion"), kind: text("kind") }
    }

    fn has(&self, spec: &FieldSpec) -> bool {
        let (group, version) = group_version(&self.api_version);
        spec.selects(group, version, &self.kind)
    }
}

/// Calls `set` on the fields of `object` that `spec` names, if the spec selects its kind. What is created on the way comes
/// from `step`. Returns whether anything was changed.
///
/// # Errors
/// As [`visit_all`].
pub fn visit<'s>(
    object: &mut Node<'s>,
    spec: &FieldSpec,
    create: Create,
    step: &Arc<Step<'s>>,
    set: &mut SetFn<'_, 's>,
) -> Result<bool, TransformError<'s>> {
    visit_all(object, std::slice::from_ref(spec), create, step, set)
}

/// Splits a path at `delimiter`; `\` before it keeps it. One leading delimiter is ignored.
pub fn split_path(path: &str, delimiter: char) -> Vec<Cow<'_, str>> {
    let mut parts = path.split(delimiter).peekable();
    if path.starts_with(delimiter) {
        parts.next();
    }
    let mut keys: Vec<Cow<'_, str>> = Vec::new();
    for part in parts {
        match keys.last_mut() {
            Some(last) if last.ends_with('\\') => {
                let last = last.to_mut();
                last.pop();
                last.push(delimiter);
                last.push_str(part);
            }
            _ => keys.push(Cow::Borrowed(part)),
        }
    }
    keys
}

/// The first key of a path, and the rest if there are more: [`split_path`] at `/`, a key at a time.
fn first_key(path: &str) -> (Cow<'_, str>, Option<&str>) {
    let mut from = 0;
    while let Some(at) = path[from..].find('/').map(|at| from + at) {
        if !path[..at].ends_with('\\') {
            return (unescaped(&path[..at]), Some(&path[at + 1..]));
        }
        from = at + 1;
    }
    (unescaped(path), None)
}

fn unescaped(key: &str) -> Cow<'_, str> {
    if key.contains("\\/") { Cow::Owned(key.replace("\\/", "/")) } else { Cow::Borrowed(key) }
}

struct Walk<'w, 'f, 's> {
    create: Create,
    step: &'w Arc<Step<'s>>,
    set: &'w mut SetFn<'f, 's>,
}

impl<'s> Walk<'_, '_, 's> {
    /// None for the end of a path.
    fn node(&mut self, node: &mut Node<'s>, path: Option<&str>) -> Result<bool, TransformError<'s>> {
        let Some(path) = path else { return (self.set)(node) };
        match node.kind() {
            _ if node.is_null() => Ok(false),
            Kind::Seq => update_items(node, |item| self.node(item, Some(path))),
            Kind::Map => self.map(node, path),
            Kind::Scalar => Err(TransformError::new("expected a mapping or list, found a scalar").at(node)),
        }
    }

    fn map(&mut self, node: &mut Node<'s>, path: &str) -> Result<bool, TransformError<'s>> {
        let (first, rest) = first_key(path);
        let (key, is_list) = match first.strip_suffix("[]") {
            Some(key) => (key, true),
            None => (&*first, false),
        };
        check_key(key, node)?;
        let key = key.trim();
        let make = match self.create {
            _ if is_list => Some(Made::Seq),
            Create::Never => None,
            Create::Scalar if rest.is_none() => Some(Made::Scalar),
            _ => Some(Made::Map),
        };
        let mut changed = false;
        if node.get(key).is_none() {
            match make {
                Some(made) if !is_list => {
                    let origin = Origin::default().with(self.step, None);
                    node.set(Node::string(key, origin.clone()), made.node(String::new(), origin));
                    changed = true;
                }
                _ => return Ok(false),
            }
        }
        changed |= update_key(node, key, |value| {
            // A null where something would have been created is taken as that, even by specs that create nothing but say that
            // the field is a list: `containers: null` becomes `containers: []`.
            let mut changed = false;
            if let Some(made) = make
                && value.is_null()
            {
                let text = value.text().unwrap_or_default().into_owned();
                *value = made.node(text, value.origin().with(self.step, None));
                changed = true;
            }
            Ok(changed | self.node(value, rest)?)
        })?;
        Ok(changed)
    }
}

/// What is made where a field is missing or null.
#[derive(Clone, Copy)]
enum Made {
    Map,
    Seq,
    Scalar,
}

impl Made {
    /// `text` is what a null was written as; a setter that completes the scalar sees it (upstream keeps it too).
    fn node<'s>(self, text: String, origin: Origin<'s>) -> Node<'s> {
        match self {
            Made::Map => Node::map(Vec::new(), origin),
            Made::Seq => Node::seq(Vec::new(), origin),
            Made::Scalar => Node::Scalar(Arc::new(Scalar {
                text: text.into(),
                style: Style::Plain,
                tag: Some(Cow::Borrowed(STR_TAG)),
                origin,
                pieces: Vec::new(),
            })),
        }
    }
}

/// Upstream looks a key up with its path getter, which takes numbers, `-`, `*` and brackets as list indexes and fails on a
/// mapping.
fn check_key<'s>(key: &str, node: &Node<'s>) -> Result<(), TransformError<'s>> {
    if key.is_empty() {
        return Err(TransformError::new("the path has an empty key").at(node));
    }
    let key = key.trim();
    let index = key.parse::<i64>().is_ok() || key == "-" || (key.starts_with('[') && key.ends_with(']'));
    if index {
        return Err(TransformError::wrong_kind(Kind::Seq, node));
    }
    if key == "*" {
        return Err(TransformError::new("`*` is not supported in the path of a field spec").at(node));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_one_by_one_are_those_of_the_split_path(path in r"[a/\\\[\]]{0,9}") {
            let mut rest = Some(path.strip_prefix('/').unwrap_or(&path));
            let mut keys = Vec::new();
            while let Some(path) = rest {
                let (key, behind) = first_key(path);
                keys.push(key);
                rest = behind;
            }
            prop_assert_eq!(keys, split_path(&path, '/'));
        }
    }
}
