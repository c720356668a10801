//! `ValueAddTransformer`: puts a value, or a part of a path, into fields (upstream `api/filters/valueadd`).

use std::path::Path;
use std::sync::Arc;

use super::Text;
use super::build::Role;
use super::decode::Decoder;
use super::error::{Error, ErrorKind, Result};
use super::fieldspec::split_path;
use super::filters::namespace::{self, NamespaceOptions};
use super::kustomization::{Target, fields, first_document};
use super::loader::Loader;
use super::patches::select;
use super::plugins::{field, text};
use super::transform::{Transform, failed};
use crate::source::Span;
use crate::yaml::{Node, Origin, Scalar, Step};

/// The transformer.
pub(super) struct ValueAdd<'s> {
    value: Text<'s>,
    targets: Vec<Place<'s>>,
    entry: Option<Span<'s>>,
}

/// Where the value goes.
struct Place<'s> {
    selector: Option<Target<'s>>,
    field_path: Text<'s>,
    /// From 1; 0 for the whole field.
    position: usize,
}

/// Reads its configuration.
pub(super) fn load<'s>(
    d: &mut Decoder<'s>,
    node: &Node<'s>,
    entry: Option<Span<'s>>,
    loader: &mut Loader<'_, 's>,
) -> Result<'s, ValueAdd<'s>> {
    let written = text(d, node, "value").filter(|v| !v.trim().is_empty());
    let value = written.map(|v| Text { text: v.trim().to_string(), ..v }).unwrap_or_else(|| {
        // Without a value, the name of the kustomization's directory.
        let name = loader.root.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Text { node: Node::string(name.as_str(), Origin::default()), text: name }
    });
    let mut targets = places(d, node)?;
    if let Some(path) = text(d, node, "targetFilePath") {
        let source = loader.file(&path, Role::Plugin, path.span())?;
        if let Some(root) = first_document(source) {
            targets.extend(places(d, &root)?);
        }
    }
    if targets.is_empty() {
        return Err(Error::new(ErrorKind::Invalid, node.span().or(entry), "a ValueAddTransformer needs `targets`"));
    }
    Ok(ValueAdd { value, targets, entry })
}

fn places<'s>(d: &mut Decoder<'s>, node: &Node<'s>) -> Result<'s, Vec<Place<'s>>> {
    let mut out = Vec::new();
    for item in field(node, "targets").iter().flat_map(|t| t.items()) {
        let selector = field(&item, "selector").map(|n| fields::target(d, &n, "`selector`"));
        let Some(field_path) = text(d, &item, "fieldPath") else {
            return Err(Error::new(ErrorKind::Invalid, item.span(), "a target needs a `fieldPath`"));
        };
        let position = field(&item, "filePathPosition").map_or(0, |n| d.int(&n, "`filePathPosition`"));
        let Ok(position) = usize::try_from(position) else {
            return Err(Error::new(ErrorKind::Invalid, item.span(), "`filePathPosition` cannot be negative"));
        };
        out.push(Place { selector, field_path, position });
    }
    Ok(out)
}

impl<'s> ValueAdd<'s> {
    /// The entry that asked for it.
    pub(super) fn entry(&self) -> Option<Span<'s>> {
        self.value.span().or(self.entry)
    }

    /// Writes all targets.
    pub(super) fn run(&self, t: &mut Transform<'_, 's>, step: &Arc<Step<'s>>) -> Result<'s, ()> {
        for place in &self.targets {
            let selected = match &place.selector {
                Some(selector) => select(t.resources, selector, t.schemas)?,
                None => (0..t.resources.len()).collect(),
            };
            for at in selected {
                let Some(resource) = t.resources.get_mut(at) else { continue };
                if &*place.field_path == "metadata/namespace" {
                    let options = NamespaceOptions::default();
                    namespace::apply(&mut resource.node, &self.value.node, &[], options, t.schemas, step)
                        .map_err(|e| failed(e, self.entry))?;
                } else {
                    self.write(&mut resource.node, place, step)?;
                }
            }
        }
        Ok(())
    }

    fn write(&self, object: &mut Node<'s>, place: &Place<'s>, step: &Arc<Step<'s>>) -> Result<'s, ()> {
        let keys = split_path(&place.field_path, '/');
        let Some((last, parents)) = keys.split_last() else { return Ok(()) };
        let mut node = object;
        let bad = |span| Error::new(ErrorKind::Invalid, span, "the path of this target leads to no scalar");
        for key in parents {
            node = child(node, key, step).ok_or_else(|| bad(place.field_path.span()))?;
        }
        let old = node.get(last);
        if !node.is_map() || old.as_ref().is_some_and(|n| !n.is_scalar()) {
            return Err(bad(place.field_path.span()));
        }
        let before = old.as_ref().and_then(|n| n.text()).unwrap_or_default().into_owned();
        let value = match place.position {
            0 => self.value.text.clone(),
            position => insert_path_part(&before, position - 1, &self.value.text),
        };
        let origin = self.value.node.origin().with(step, old.as_ref().map(Node::origin));
        let made = match &old {
            Some(old) => Node::Scalar(Arc::new(Scalar {
                text: value.into(),
                style: old.style(),
                tag: None,
                origin,
                pieces: Vec::new(),
            })),
            None => Node::string(value, origin),
        };
        node.set(Node::string(&**last, Origin::default().with(step, None)), made);
        Ok(())
    }
}

/// The mapping below a key, made if it is missing.
fn child<'n, 's>(node: &'n mut Node<'s>, key: &str, step: &Arc<Step<'s>>) -> Option<&'n mut Node<'s>> {
    if node.get(key).is_none() {
        let origin = Origin::default().with(step, None);
        node.map_mut()?.entries.push((Node::string(key, origin.clone()), Node::map(Vec::new(), origin)));
    }
    node.get_mut(key)
}

/// Puts a part into a path; the first part of an absolute path has position 0 too.
fn insert_path_part(path: &str, position: usize, part: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<String> = Path::new(path)
        .components()
        .map(|c| c.as_os_str().to_string_lossy().into_owned())
        .filter(|c| c != "/")
        .collect();
    parts.insert(position.min(parts.len()), part.to_string());
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_goes_where_it_is_asked_to() {
        assert_eq!(insert_path_part("a/b", 0, "x"), "x/a/b");
        assert_eq!(insert_path_part("/a/b", 0, "x"), "/x/a/b");
        assert_eq!(insert_path_part("a/b", 9, "x"), "a/b/x");
        assert_eq!(insert_path_part("", 0, "x"), "x");
    }
}
