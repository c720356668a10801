//! Values that upstream keeps in one place of its memory. A label that `commonLabels` adds to metadata, selector and template is
//! one and the same node in all of them, so that what later writes into one of these fields writes into all.

use std::sync::Arc;

use super::resource::Resource;
use crate::yaml::{Kind, Node, Step};

/// One such value and where it stands.
#[derive(Clone)]
pub(super) struct Shared<'s> {
    value: Node<'s>,
    places: Vec<Place>,
}

type Place = Vec<Part>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Key(String),
    Index(usize),
}

/// Takes note of what `step` has just added to an object under `key`, if it added it in more than one place.
pub(super) fn note<'s>(resource: &mut Resource<'s>, key: &str, step: &Arc<Step<'s>>) {
    let mut search = Search { key, step, path: Vec::new(), value: None, places: Vec::new() };
    search.node(&resource.node);
    let Search { value: Some(value), places, .. } = search else { return };
    if places.len() > 1 {
        resource.shared.push(Shared { value, places });
    }
}

struct Search<'n, 's> {
    key: &'n str,
    step: &'n Arc<Step<'s>>,
    path: Place,
    value: Option<Node<'s>>,
    places: Vec<Place>,
}

impl<'s> Search<'_, 's> {
    /// What was added stands in nodes that were written into; what still is in its source need not be searched.
    fn node(&mut self, node: &Node<'s>) {
        match node {
            Node::Map(map) => {
                for (key, value) in &map.entries {
                    let Some(text) =
                        key.text().filter(|_| matches!(value, Node::Map(_) | Node::Seq(_) | Node::Scalar(_)))
                    else {
                        continue;
                    };
                    self.path.push(Part::Key(text.to_string()));
                    if text == self.key && self.is_added(value) {
                        self.places.push(self.path.clone());
                        self.value = Some(value.clone());
                    }
                    self.node(value);
                    self.path.pop();
                }
            }
            Node::Seq(seq) => {
                for (at, item) in seq.items.iter().enumerate() {
                    self.path.push(Part::Index(at));
                    self.node(item);
                    self.path.pop();
                }
            }
            Node::Source(..) | Node::Scalar(_) => {}
        }
    }

    fn is_added(&self, value: &Node<'s>) -> bool {
        let Node::Scalar(scalar) = value else { return false };
        scalar.origin.via.as_ref().is_some_and(|link| Arc::ptr_eq(&link.step, self.step) && link.replaced.is_none())
    }
}

/// Brings all places of a shared value to what was written into one of them.
pub(super) fn sync(resource: &mut Resource<'_>) {
    let mut all = std::mem::take(&mut resource.shared);
    all.retain_mut(|shared| {
        // What was removed, or is something else now, no longer takes part.
        shared.places.retain(|place| at(&resource.node, place).is_some_and(|node| node.is_scalar()));
        let written = shared
            .places
            .iter()
            .rev()
            .filter_map(|place| at(&resource.node, place))
            .find(|node| !super::same::same(node, &shared.value));
        if let Some(written) = written {
            for place in &shared.places {
                if at(&resource.node, place).is_some_and(|node| !super::same::same(&node, &written)) {
                    put(&mut resource.node, place, &written);
                }
            }
            shared.value = written;
        }
        shared.places.len() > 1
    });
    resource.shared = all;
}

/// Forgets the places in the annotations: upstream writes all of them anew whenever it notes something there.
pub(super) fn forget_annotations(resource: &mut Resource<'_>) {
    let is = |part: Option<&Part>, text: &str| matches!(part, Some(Part::Key(key)) if key == text);
    for shared in &mut resource.shared {
        shared.places.retain(|place| !(is(place.first(), "metadata") && is(place.get(1), "annotations")));
    }
}

/// Forgets the places that a strategic merge patch replaces as a whole (`$patch: replace`). One for all of the object leaves it as it is.
pub(super) fn forget_replaced<'s>(resource: &mut Resource<'s>, patch: &Node<'s>) {
    for shared in &mut resource.shared {
        shared.places.retain(|place| {
            let prefixes = (1..place.len()).filter_map(|end| at(patch, place.get(..end)?));
            !prefixes.into_iter().any(|node| node.get("$patch").is_some())
        });
    }
}

fn at<'s>(node: &Node<'s>, place: &[Part]) -> Option<Node<'s>> {
    let mut node = node.clone();
    for part in place {
        node = match part {
            Part::Key(key) => node.get(key)?,
            Part::Index(at) if node.kind() == Kind::Seq => node.items().nth(*at)?,
            Part::Index(_) => return None,
        };
    }
    Some(node)
}

fn put<'s>(node: &mut Node<'s>, place: &[Part], value: &Node<'s>) {
    match place.split_first() {
        None => *node = value.clone(),
        Some((Part::Key(key), rest)) => {
            if let Some(field) = node.get_mut(key) {
                put(field, rest, value);
            }
        }
        Some((Part::Index(at), rest)) => {
            if let Some(item) = node.seq_mut().and_then(|seq| seq.items.get_mut(*at)) {
                put(item, rest, value);
            }
        }
    }
}
