//! What was most likely meant by something that is not there.

use super::error::Error;
use super::resid::ResId;
use super::resource::Resource;
use super::schema::Schemas;
use crate::near::{nearest, slip};
use crate::source::Span;
use crate::yaml::{Kind, Node};

/// How many are shown.
const SHOWN: usize = 3;

/// Adds the objects that `kind` and `name` most likely mean: those of the kind, nearest name first, or of the name. Either may
/// be empty.
pub(super) fn note_objects<'s>(
    error: Box<Error<'s>>,
    resources: &[Resource<'s>],
    schemas: &Schemas<'s>,
    kind: &str,
    name: &str,
) -> Box<Error<'s>> {
    note_nearest(error, resources, schemas, |id| {
        let close = id.gvk.kind.eq_ignore_ascii_case(kind) || id.name == name || (kind.is_empty() && !name.is_empty());
        close.then(|| slip(kind, &id.gvk.kind) + slip(name, &id.name))
    })
}

/// Adds the objects that could be meant, the nearest first. `far` says how far an object is from what was asked for; none if it
/// cannot be meant.
pub(super) fn note_nearest<'s>(
    mut error: Box<Error<'s>>,
    resources: &[Resource<'s>],
    schemas: &Schemas<'s>,
    far: impl Fn(&ResId<'_>) -> Option<usize>,
) -> Box<Error<'s>> {
    let mut found: Vec<(usize, &Resource<'s>, ResId<'s>)> = Vec::new();
    for resource in resources.iter().filter(|r| !r.is_gone()) {
        let id = resource.id(schemas);
        if let Some(distance) = far(&id) {
            found.push((distance, resource, id));
        }
    }
    found.sort_by_key(|(distance, ..)| *distance);
    for (at, (_, resource, id)) in found.into_iter().take(SHOWN).enumerate() {
        let message = if at == 0 { format!("the nearest is {id}") } else { format!("there is {id}") };
        error = error.note(super::accumulate::place(resource), message);
    }
    error
}

/// What is there in place of the first part of a path that is not.
pub(super) struct Hint<'s> {
    /// The path that is most likely meant, or what there is, to stand behind a message; empty if all of the path is there.
    pub(super) words: String,
    /// The mapping or list that lacks the part.
    pub(super) at: Option<Span<'s>>,
}

/// Where a path of a replacement ends in `object`.
pub(super) fn hint<'s>(object: &Node<'s>, parts: &[String]) -> Hint<'s> {
    let mut node = object.clone();
    for (at, part) in parts.iter().enumerate() {
        let part = part.trim();
        let filter = part.strip_prefix('[').and_then(|p| p.strip_suffix(']')?.split_once('='));
        let next = match filter {
            _ if part.is_empty() => continue,
            Some((key, value)) => node.items().find(|item| named(item, key).is_some_and(|text| text == value)),
            None if node.is_seq() && part == "-" => node.items().last(),
            None if node.is_seq() => node.items().nth(part.parse().unwrap_or(0)),
            None => node.get(part),
        };
        if let Some(next) = next {
            node = next;
            continue;
        }
        let texts: Vec<String> = match filter {
            Some((key, _)) => node.items().filter_map(|item| named(&item, key)).collect(),
            None => node.entries().filter_map(|(key, _)| Some(key.text()?.into_owned())).collect(),
        };
        let near = nearest(filter.map_or(part, |(_, value)| value), texts.iter().map(|text| &**text));
        let as_part = |text: &str| match filter {
            Some((key, _)) => format!("[{key}={text}]"),
            None => text.replace('.', "\\."),
        };
        let (before, behind) = (parts.get(..at).unwrap_or_default(), parts.get(at + 1..).unwrap_or_default());
        let words = match near {
            Some(near) => {
                let path = [before, &[as_part(near)], behind].concat().join(".");
                format!("; did you mean `{path}`?")
            }
            None => {
                let shown: Vec<String> = texts.iter().map(|text| as_part(text)).collect();
                let place = before.join(".");
                format!("; {}", there(&node, &place, &shown))
            }
        };
        return Hint { words, at: node.span() };
    }
    Hint { words: String::new(), at: None }
}

/// The text that an item of a list is found by.
fn named(item: &Node<'_>, key: &str) -> Option<String> {
    if key.is_empty() { Some(item.text()?.into_owned()) } else { Some(item.get(key)?.text()?.into_owned()) }
}

/// What there is at a place, in words. `parts` are those that could stand behind its path.
pub(super) fn there(node: &Node<'_>, path: &str, parts: &[String]) -> String {
    let place = if path.is_empty() { "the object" } else { &format!("`{path}`") };
    let shown: Vec<String> = parts.iter().take(SHOWN).map(|part| format!("`{part}`")).collect();
    let more = if parts.len() > SHOWN { " and more" } else { "" };
    match node.kind() {
        Kind::Scalar => format!("{place} is a scalar"),
        _ if node.is_empty() => format!("{place} is empty"),
        Kind::Seq if shown.is_empty() => format!("{place} has {}", items(node.len())),
        _ => format!("{place} has {}{more}", shown.join(", ")),
    }
}

/// So many items, in words.
pub(super) fn items(count: usize) -> String {
    if count == 1 { "1 item".to_string() } else { format!("{count} items") }
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
        let near = |path: &str| hint(&root, &path.split('.').map(String::from).collect::<Vec<_>>()).words;
        assert_eq!(near("spec.replcas"), "; did you mean `spec.replicas`?");
        assert_eq!(near("spec.list.[name=mains].image"), "; did you mean `spec.list.[name=main].image`?");
        assert_eq!(near("spec.list.*.imge"), "; did you mean `spec.list.*.image`?");
        assert_eq!(near("spec.list.[name=niam]"), "; `spec.list` has `[name=main]`");
        assert_eq!(near("spec.list.3.image"), "; `spec.list` has 1 item");
        assert_eq!(near("spec.entirely.other"), "; `spec` has `replicas`, `list`");
        assert_eq!(near("spec.replicas.x"), "; `spec.replicas` is a scalar");
        assert_eq!(near("data"), "; the object has `spec`");
        assert_eq!(near("spec.replicas"), "");
    }
}
