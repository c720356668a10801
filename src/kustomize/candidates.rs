//! What was most likely meant by something that is not there.

use super::error::Error;
use super::resource::Resource;
use super::schema::Schemas;
use crate::near::{distance, nearest};
use crate::yaml::Node;

/// How many are shown.
const SHOWN: usize = 3;

/// Adds the objects that `kind` and `name` most likely mean: those of the kind, nearest name first, or of the name. Either may
/// be empty.
pub(super) fn note_objects<'s>(
    mut error: Box<Error<'s>>,
    resources: &[Resource<'s>],
    schemas: &Schemas<'s>,
    kind: &str,
    name: &str,
) -> Box<Error<'s>> {
    let mut found: Vec<(usize, &Resource<'s>, super::resid::ResId)> = Vec::new();
    for resource in resources.iter().filter(|r| !r.is_gone()) {
        let id = resource.id(schemas);
        if id.gvk.kind.eq_ignore_ascii_case(kind) || id.name == name || (kind.is_empty() && !name.is_empty()) {
            found.push((distance(kind, &id.gvk.kind) + distance(name, &id.name), resource, id));
        }
    }
    found.sort_by_key(|(distance, ..)| *distance);
    for (at, (_, resource, id)) in found.into_iter().take(SHOWN).enumerate() {
        let message = if at == 0 { format!("the nearest is {id}") } else { format!("there is {id}") };
        error = error.note(super::accumulate::place(resource), message);
    }
    error
}

/// The path with the first key or name that is not there exchanged for the nearest one that is.
pub(super) fn nearest_path(object: &Node<'_>, parts: &[String]) -> Option<String> {
    let mut node = object.clone();
    for (at, part) in parts.iter().enumerate() {
        let filter = part.strip_prefix('[').and_then(|p| p.strip_suffix(']')?.split_once('='));
        let next = match filter {
            Some((key, value)) => node.items().find(|item| item.get(key).is_some_and(|v| v.has_text(value))),
            None if node.is_seq() => node.items().nth(part.parse().unwrap_or(0)),
            None => node.get(part),
        };
        if let Some(next) = next {
            node = next;
            continue;
        }
        let meant = match filter {
            Some((key, value)) => {
                let values: Vec<_> = node.items().filter_map(|item| item.get(key)?.as_str()).collect();
                format!("[{key}={}]", nearest(value, values.iter().map(|v| &**v))?)
            }
            None => {
                let keys: Vec<_> = node.entries().filter_map(|(key, _)| key.text()).collect();
                nearest(part, keys.iter().map(|key| &**key))?.replace('.', "\\.")
            }
        };
        let before = parts.iter().take(at).cloned();
        let behind = parts.iter().skip(at + 1).cloned();
        return Some(before.chain([meant]).chain(behind).collect::<Vec<_>>().join("."));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::yaml::SrcNode;

    #[test]
    fn the_first_part_that_is_missing_is_exchanged() {
        let source = Source::new("f".into(), "f".into(), "spec: {replicas: 1, list: [{name: main, image: x}]}".into());
        let root = Node::Source(SrcNode { source: &source, id: source.tree().documents[0].root.unwrap() }, None);
        let near = |path: &str| nearest_path(&root, &path.split('.').map(String::from).collect::<Vec<_>>());
        assert_eq!(near("spec.replcas").as_deref(), Some("spec.replicas"));
        assert_eq!(near("spec.list.[name=mains].image").as_deref(), Some("spec.list.[name=main].image"));
        assert_eq!(near("spec.list.*.imge").as_deref(), Some("spec.list.*.image"));
        assert_eq!(near("spec.entirely.other"), None);
        assert_eq!(near("spec.replicas"), None);
    }
}
