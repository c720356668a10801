//! Why something is missing: a patch that took it out.

use crate::source::Span;
use crate::yaml::Node;

/// The place in a patch that took out the value behind a path of mapping keys below `holder`. None if it is there, if it never
/// was, and if what was there would not have served: then the patch is not what is wrong. Reported by
/// [`Sink::missing`](crate::rule::Sink::missing).
pub fn removal<'s>(holder: &Node<'s>, path: &[&str], serves: impl Fn(&Node<'s>) -> bool) -> Option<Span<'s>> {
    below(holder, path, &serves)
}

fn below<'s>(holder: &Node<'s>, path: &[&str], serves: &dyn Fn(&Node<'s>) -> bool) -> Option<Span<'s>> {
    let (key, rest) = path.split_first()?;
    if let Some(value) = holder.get(key).filter(|n| !n.is_null()) {
        return below(&value, rest, serves);
    }
    let removed = holder.removed(key)?;
    let value = if rest.is_empty() { Some(removed.value.clone()) } else { removed.value.path(rest) };
    match value.filter(|n| !n.is_null()) {
        Some(value) => serves(&value).then_some(removed.at),
        // An earlier patch may have taken it out of what this one took out.
        None => below(&removed.value, rest, serves),
    }
}

/// For [`removal`]: any value would have served.
pub fn any(_: &Node<'_>) -> bool {
    true
}
