//! Printing large objects in parts, at the same time: one definition of custom resources can be most of what a build prints.

use rayon::prelude::*;

use super::keys::{Entry, sorted_entries};
use super::{EmitError, Emitter, Kind, MARKER, Node, NodeRef, Place, Style, Writer, size};

/// Parts have about this many bytes at least, which take a tenth of a millisecond to print.
const LEAST: usize = 16_000;
/// No more is asked for at once for what a batch prints.
const MOST: usize = 1_000_000;
/// So many parts for each thread: they do not take equally long.
const PARTS_PER_THREAD: usize = 4;

/// The children of a node from one place in the document to another. A place is the way to a child in printed order: the index in
/// the outermost mapping first. None for the end.
struct Part<'a, 's> {
    document: &'a Node<'s>,
    /// It starts a document behind another.
    follows: bool,
    from: Vec<usize>,
    to: Option<Vec<usize>>,
}

/// All objects, with [`MARKER`] between them, as [`super::pieces`]; `sizes` are about how many bytes each of them makes.
pub(super) fn pieces<'s>(documents: &[Node<'s>], sizes: &[usize]) -> Result<Vec<String>, EmitError<'s>> {
    let threads = rayon::current_num_threads();
    let share = match threads {
        1 => usize::MAX / 2,
        _ => (sizes.iter().sum::<usize>() / (PARTS_PER_THREAD * threads)).max(LEAST),
    };
    let batches = batches(documents, sizes, share);
    // One by one: halves of the list are not halves of the work. All are printed before the first error is looked for: it is the
    // same one in every run.
    let printed: Vec<Result<String, EmitError<'s>>> =
        batches.par_iter().with_max_len(1).map(|batch| print(batch, share)).collect();
    printed.into_iter().collect()
}

/// The parts of all documents, in order, so many together as make a share.
fn batches<'a, 's>(documents: &'a [Node<'s>], sizes: &[usize], share: usize) -> Vec<Vec<Part<'a, 's>>> {
    let mut batches: Vec<Vec<Part<'a, 's>>> = Vec::new();
    let mut room = 0;
    for (index, (document, &size)) in documents.iter().zip(sizes).enumerate() {
        let parts = split(document, index > 0, share);
        let size = if parts.len() > 1 { share } else { size };
        for part in parts {
            match batches.last_mut().filter(|_| room > 0) {
                Some(batch) => batch.push(part),
                None => {
                    room = share;
                    batches.push(vec![part]);
                }
            }
            room = room.saturating_sub(size);
        }
    }
    batches
}

/// The parts of a document, in order. `follows`: it stands behind another.
fn split<'a, 's>(document: &'a Node<'s>, follows: bool, share: usize) -> Vec<Part<'a, 's>> {
    let mut cuts = Cuts { share, behind_last: 0, path: Vec::new(), places: Vec::new() };
    if at_least(NodeRef::new(document), 2 * share) {
        cuts.below(NodeRef::new(document));
    }
    let mut from = Vec::new();
    let mut parts = Vec::with_capacity(cuts.places.len() + 1);
    for place in cuts.places {
        parts.push(Part { document, follows: follows && from.is_empty(), from, to: Some(place.clone()) });
        from = place;
    }
    parts.push(Part { document, follows: follows && from.is_empty(), from, to: None });
    parts
}

/// The lines of the parts of a batch.
fn print<'s>(parts: &[Part<'_, 's>], share: usize) -> Result<String, EmitError<'s>> {
    let mut out = String::with_capacity(share.min(MOST) + share.min(MOST) / 2);
    for part in parts {
        part.print(&mut out)?;
    }
    Ok(out)
}

/// Looks for places to cut a document at.
struct Cuts {
    share: usize,
    /// About how many bytes are printed behind the last cut.
    behind_last: usize,
    /// Where we are.
    path: Vec<usize>,
    places: Vec<Vec<usize>>,
}

impl Cuts {
    /// Finds those below a collection. A first child has none before it: it may stand in the line of the collection.
    fn below(&mut self, node: NodeRef<'_, '_>) {
        // What cannot be printed is not cut: the part that it is in fails.
        let Ok(children) = Children::of(node, self.path.is_empty()) else { return };
        for at in 0..children.len() {
            let (key, child) = children.get(at);
            if at > 0 && self.behind_last >= self.share {
                self.behind_last = 0;
                self.places.push([self.path.as_slice(), &[at]].concat());
            }
            let is_collection = child.kind() != Kind::Scalar && !child.is_empty();
            if is_collection && key.is_none_or(is_in_line) && at_least(child, self.share) {
                self.path.push(at);
                self.below(child);
                self.path.pop();
            } else {
                self.behind_last += bounded(child, self.share);
            }
        }
    }
}

/// True for a key that its value certainly stands behind, in the same line or in those below.
fn is_in_line(key: &str) -> bool {
    key.len() <= 100 && key.bytes().all(|b| b.is_ascii_graphic())
}

fn at_least(node: NodeRef<'_, '_>, limit: usize) -> bool {
    bounded(node, limit) >= limit
}

/// [`size`], or about `limit` if it is larger: looks no further.
fn bounded(node: NodeRef<'_, '_>, limit: usize) -> usize {
    fn children<'n, 's: 'n>(nodes: impl Iterator<Item = &'n Node<'s>>, limit: usize) -> usize {
        let mut sum = 0;
        for node in nodes {
            if sum >= limit {
                break;
            }
            sum += bounded(NodeRef::new(node), limit - sum) + 4;
        }
        sum
    }
    match node {
        NodeRef::Source(src, _) => (src.raw().end - src.raw().start) as usize,
        NodeRef::Made(Node::Map(map)) => children(map.entries.iter().flat_map(|(key, value)| [key, value]), limit),
        NodeRef::Made(Node::Seq(seq)) => children(seq.items.iter(), limit),
        NodeRef::Made(node) => size(node),
    }
}

/// The children of a collection in printed order.
enum Children<'a, 's> {
    Entries(Vec<Entry<'a, 's>>),
    Items(Vec<NodeRef<'a, 's>>),
}

impl<'a, 's> Children<'a, 's> {
    fn of(node: NodeRef<'a, 's>, outermost: bool) -> Result<Self, EmitError<'s>> {
        if node.kind() == Kind::Seq {
            return Ok(Children::Items(node.items().collect()));
        }
        let mut entries = Vec::new();
        sorted_entries(&mut entries, node, outermost)?;
        Ok(Children::Entries(entries))
    }

    fn len(&self) -> usize {
        match self {
            Children::Entries(entries) => entries.len(),
            Children::Items(items) => items.len(),
        }
    }

    /// The child at an index below [`Children::len`], and its key in a mapping.
    fn get(&self, at: usize) -> (Option<&str>, NodeRef<'a, 's>) {
        match self {
            Children::Entries(entries) => (Some(&*entries[at].0), entries[at].1),
            Children::Items(items) => (None, items[at]),
        }
    }
}

impl<'s> Part<'_, 's> {
    /// Prints the lines of the part at the end of `out`.
    fn print(&self, out: &mut String) -> Result<(), EmitError<'s>> {
        if self.follows {
            out.push_str(MARKER);
        }
        let mut emitter = Emitter { writer: Writer::new(out), observer: &mut (), pending: Vec::new() };
        emitter.part(NodeRef::new(self.document), Place::ROOT, false, &self.from, self.to.as_deref())?;
        emitter.writer.indent_line();
        Ok(())
    }
}

impl<'a, 's> Emitter<'_, 'a, 's, ()> {
    /// Prints the children of a node from a place on, up to another.
    fn part(
        &mut self,
        node: NodeRef<'a, 's>,
        place: Place,
        flow: bool,
        from: &[usize],
        to: Option<&[usize]>,
    ) -> Result<(), EmitError<'s>> {
        if from.is_empty() && to.is_none() {
            return self.node(node, place, flow);
        }
        let children = Children::of(node, place.is_root())?;
        let flow = flow || node.style() == Style::Flow;
        let is_map = node.kind() == Kind::Map;
        let outer = if is_map { self.writer.open_mapping() } else { self.writer.open_sequence(place) };
        if from.len() == 1 {
            self.writer.start_in_new_line();
        }
        let first = from.first().copied().unwrap_or(0);
        for at in first..children.len() {
            let from = if at == first { from.get(1..).unwrap_or_default() } else { &[] };
            let (is_last, to) = match to.and_then(<[usize]>::split_first) {
                Some((&last, [])) if at == last => break,
                Some((&last, rest)) if at == last => (true, Some(rest)),
                _ => (false, None),
            };
            let (key, child) = children.get(at);
            match key {
                Some(key) if from.is_empty() => self.writer.key(key),
                None if from.is_empty() => self.writer.item(),
                _ => self.writer.resume(is_map),
            }
            self.part(child, if is_map { Place::VALUE } else { Place::ITEM }, flow, from, to)?;
            if is_last {
                break;
            }
        }
        self.writer.close(outer);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::yaml::emit::document;
    use proptest::prelude::*;
    use serde_json::Value;

    fn mappings() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            "[a-z]{1,8}".prop_map(Value::from),
            "[a-z :#']{0,120}".prop_map(Value::from),
            "([a-z ]{0,20}\n){1,4}".prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            Just(Value::Null),
        ];
        let nested = scalar.prop_recursive(6, 60, 5, |inner| {
            let items = proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from);
            prop_oneof![items, object(inner)]
        });
        object(nested)
    }

    fn object(values: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
        proptest::collection::btree_map("[a-z]{1,7}|[a-z ]{1,9}|[a-z]{130}", values, 1..5)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    }

    fn source(text: String) -> Source {
        Source::new("".into(), String::new(), text.into_bytes())
    }

    /// The printed parts of a document, or the first error.
    fn in_parts(node: &Node<'_>, share: usize) -> Result<String, String> {
        let mut out = String::new();
        split(node, false, share).iter().try_for_each(|part| part.print(&mut out)).map_err(|e| e.message)?;
        Ok(out)
    }

    proptest! {
        #[test]
        fn the_parts_make_the_whole(mapping in mappings(), share in 1_usize..200) {
            // JSON is read as collections with brackets, and what it is printed as, as blocks.
            let brackets = source(mapping.to_string());
            let node = &crate::yaml::documents(&brackets)[0].node;
            let whole = document(node).map_err(|e| e.message);
            prop_assert_eq!(&in_parts(node, share), &whole);
            if let Ok(text) = whole {
                let blocks = source(text);
                let node = &crate::yaml::documents(&blocks)[0].node;
                prop_assert_eq!(in_parts(node, share), document(node).map_err(|e| e.message));
            }
        }
    }

    #[test]
    fn a_large_document_is_cut_below_what_is_most_of_it() {
        let lines: String =
            (0..20).map(|n| format!("      - name: n{n}\n        value: {}\n", "v".repeat(60))).collect();
        let source = source(format!("kind: K\nspec:\n  template:\n    env:\n{lines}    other: 1\n"));
        let node = &crate::yaml::documents(&source)[0].node;
        let parts = split(node, false, 400);
        let from: Vec<&[usize]> = parts.iter().map(|part| &*part.from).collect();
        assert_eq!(from, [&[][..], &[1, 0, 0, 5], &[1, 0, 0, 10], &[1, 0, 0, 15], &[1, 0, 1]]);
        assert_eq!(in_parts(node, 400).unwrap(), document(node).unwrap());
    }
}
