//! YAML and JSON with exact positions: parsing, typing, values with origins, and upstream's emitter. Knows no Kubernetes.

mod changed;
mod chunks;
mod decode;
pub mod emit;
pub mod expand;
mod fast;
mod granit;
mod json;
pub mod node;
pub mod origin;
mod problem;
mod removed;
pub mod resolve;
mod restored;
mod reverted;
pub mod tree;

use std::ops::Range;

use rayon::prelude::*;

pub use expand::{Doc, documents, expanded};
pub use node::{Kind, Map, Node, Scalar, Seq};
pub use origin::{Link, Origin, Piece, Step, StepKind, Via};
pub use removed::Removed;
pub use resolve::{Dialect, Value};
pub use restored::Loss;
pub use tree::{Comment, Document, NodeId, RawKind, RawNode, SrcNode, Style, SyntaxError, Tree};

/// Deepest nesting of collections that is read, aliases expanded.
pub const MAX_DEPTH: usize = 500;

/// Parses a file: all its documents, comments and syntax errors. Never fails; a document that cannot be read is an entry of
/// [`Tree::errors`], and the documents behind the next `---` are read.
pub fn parse(text: &str) -> Tree {
    parse_source(text, &[])
}

/// [`parse`] without the fast parser: for tests and measurements.
#[doc(hidden)]
pub fn parse_conforming(text: &str) -> Tree {
    parse_with(text, &[], Mode::Conforming)
}

/// How many parts of a text the fast parser declines, and how many there are: for tests and measurements.
#[doc(hidden)]
pub fn declined(text: &str) -> (usize, usize) {
    let parts: Vec<_> = chunks::Chunks::new(text).collect();
    let declines = |part: &&Range<u32>| {
        problem::of_bytes(text, part, &[]).is_none()
            && fast::parse_into(&mut Tree::default(), text, (*part).clone()).is_err()
    };
    (parts.iter().filter(declines).count(), parts.len())
}

/// [`parse`] for a text in which the bytes of `bad_utf8` were not UTF-8. Documents with such bytes are errors.
pub(crate) fn parse_source(text: &str, bad_utf8: &[Range<u32>]) -> Tree {
    parse_with(text, bad_utf8, Mode::Fast)
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    /// The fast parser where it does not decline.
    Fast,
    /// The conforming parser for everything.
    Conforming,
}

fn parse_with(text: &str, bad_utf8: &[Range<u32>], mode: Mode) -> Tree {
    let mut tree = Tree::default();
    if let Some(error) = problem::of_file(text, bad_utf8) {
        tree.errors.push(error);
        return tree;
    }
    // A lone carriage return is a line break too, but one that only the conforming parser knows.
    let lone_cr = memchr::memchr_iter(b'\r', text.as_bytes()).any(|i| text.as_bytes().get(i + 1) != Some(&b'\n'));
    let mode = if lone_cr { Mode::Conforming } else { mode };
    let chunks: Vec<Range<u32>> = chunks::Chunks::new(text).collect();
    if text.len() < WORTH_THREADS || chunks.len() == 1 {
        read_chunks(&mut tree, text, &chunks, bad_utf8, mode);
        return tree;
    }
    // As many bytes for each core.
    let share = text.len().div_ceil(rayon::current_num_threads()) as u32;
    let parts: Vec<&[Range<u32>]> = chunks.chunk_by(|a, b| a.start / share == b.start / share).collect();
    let parse_part = |part: &&[Range<u32>]| {
        let mut tree = Tree::default();
        read_chunks(&mut tree, text, part, bad_utf8, mode);
        tree
    };
    parts.par_iter().map(parse_part).collect::<Vec<Tree>>().into_iter().fold(tree, Tree::followed_by)
}

/// So many bytes take long enough to parse, about half a millisecond, that several threads are faster.
pub(crate) const WORTH_THREADS: usize = 200_000;

fn read_chunks(tree: &mut Tree, text: &str, chunks: &[Range<u32>], bad_utf8: &[Range<u32>], mode: Mode) {
    let bytes: usize = chunks.iter().map(|chunk| chunk.len()).sum();
    tree.nodes.reserve(bytes / 16);
    for chunk in chunks {
        match problem::of_bytes(text, chunk, bad_utf8) {
            Some(error) => tree.errors.push(error),
            None => read_chunk(tree, text, chunk.clone(), mode),
        }
    }
}

fn read_chunk(tree: &mut Tree, text: &str, chunk: Range<u32>, mode: Mode) {
    let (documents, errors) = (tree.documents.len(), tree.errors.len());
    let fast = mode == Mode::Fast && fast::parse_into(tree, text, chunk.clone()).is_ok();
    if fast {
        // The fast parser takes no keys but scalars.
        if tree.documents[documents..].iter().all(|d| !d.aliased) {
            return;
        }
    } else if let Some(stream) = json::stream(text, &chunk) {
        tree.joined = tree.joined.take().or_else(|| stream.values.get(1).map(json::joined));
        stream.values.into_iter().for_each(|value| read_chunk(tree, text, value, mode));
        tree.errors.extend(stream.rest);
        return;
    } else {
        granit::parse_into(tree, text, chunk);
    }
    for doc in tree.documents.split_off(documents) {
        match expand::check(tree, text, &doc) {
            Some(error) => tree.errors.push(error),
            None => tree.documents.push(doc),
        }
    }
    tree.errors[errors..].sort_by_key(|e| e.start);
}

/// Removes the nodes from `first` on, with all that is stored about them.
fn drop_nodes(tree: &mut Tree, first: NodeId) {
    for id in first..tree.nodes.len() as NodeId {
        let flags = tree.nodes[id as usize].flags;
        if flags & tree::RawNode::TAGGED != 0 {
            tree.tags.remove(&id);
        }
        if flags & tree::RawNode::COOKED != 0 {
            tree.cooked.remove(&id);
        }
        if tree.nodes[id as usize].kind == tree::RawKind::Alias {
            tree.aliases.remove(&id);
        }
    }
    tree.nodes.truncate(first as usize);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_is_read_in_parts_as_it_is_in_one() {
        let documents = [
            "a: &x 1\nb: *x # comment\n",
            "? [complex]\n: |2\n   cooked\n",
            "a: !!str 1\nb: !local x\n",
            "a: [unclosed\n",
            "",
            "a: \u{1}\n",
            "list:\n- a: b\n  c: \"d\\n\"\n",
        ];
        let mut text = String::from("{\"a\": 1}\n{\"a\": 2}\n");
        while text.len() <= 2 * WORTH_THREADS {
            for document in documents {
                text.push_str("---\n");
                text.push_str(document);
            }
        }
        let chunks: Vec<Range<u32>> = chunks::Chunks::new(&text).collect();
        let mut whole = Tree::default();
        read_chunks(&mut whole, &text, &chunks, &[], Mode::Fast);
        assert!(!whole.errors.is_empty() && whole.joined.is_some() && !whole.aliases.is_empty());
        assert!(!whole.tags.is_empty() && !whole.cooked.is_empty() && !whole.comments.is_empty());
        for parts in 1..=5 {
            let size = chunks.len().div_ceil(parts);
            let trees = chunks.chunks(size).map(|part| {
                let mut tree = Tree::default();
                read_chunks(&mut tree, &text, part, &[], Mode::Fast);
                tree
            });
            assert_eq!(trees.fold(Tree::default(), Tree::followed_by), whole, "{parts} parts");
        }
        assert_eq!(parse(&text), whole);
    }
}
