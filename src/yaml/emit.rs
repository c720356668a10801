//! Prints nodes as `kustomize build` does, byte for byte.
//!
//! Upstream brings an object through go-yaml v3, Go's JSON and go-yaml v2 before it prints it. What is left of that here: scalars
//! are typed anew, keys sorted, comments and styles gone, long lines folded at 80 columns. What cannot make that way (duplicate
//! keys, keys that are no strings, infinity) is an error.

mod block;
mod copied;
mod float;
mod json;
mod keys;
mod layout;
mod noderef;
mod parts;
mod scalar;
mod writer;

use std::borrow::Cow;

use super::node::{Kind, Node};
use super::tree::Style;
use crate::source::Span;
use copied::Copier;
pub use json::json;
use keys::{Entry, sorted_entries};
pub use layout::layout;
pub use noderef::NodeRef;
use scalar::printed;
use writer::{Place, Writer};

/// Why a node cannot be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmitError<'s> {
    /// What is wrong, without a final dot; worded as upstream where it has words for it.
    pub message: String,
    /// The place to show for the node, if there is one.
    pub span: Option<Span<'s>>,
}

/// Watches what is printed. The calls follow the output: an entry or item is entered, then its leaf is printed or its children
/// are entered, then it is left.
pub trait Observer<'s> {
    /// False for one that looks at nothing, for which lines may be copied without a look at what they hold.
    const LOOKS: bool = true;
    /// A mapping's entry is entered.
    fn enter_entry(&mut self, _key: &str) {}
    /// A sequence's item is entered, from 0.
    fn enter_item(&mut self, _index: usize) {}
    /// The innermost entry or item is left.
    fn leave(&mut self) {}
    /// A scalar or an empty collection has been printed.
    fn leaf(&mut self, _leaf: Leaf<'_, 's>) {}
}

impl Observer<'_> for () {
    const LOOKS: bool = false;
}

/// What was printed for a scalar or an empty collection.
pub struct Leaf<'a, 's> {
    /// The node.
    pub node: NodeRef<'a, 's>,
    /// Its value: decoded and typed as printed (`0644` is `420`), without quotes, folding and indentation.
    pub value: &'a str,
    /// Offset in the output where a comment can stand: behind the value, or behind the indicator of a block scalar. The rest of
    /// that line is empty.
    pub line_end: usize,
}

/// One object, as `kustomize build` prints it.
pub fn document<'s>(node: &Node<'s>) -> Result<String, EmitError<'s>> {
    let mut out = String::new();
    document_into(&mut out, node, &mut ())?;
    Ok(out)
}

/// All objects, with `---` between them, as `kustomize build` prints them.
pub fn stream<'s>(nodes: &[Node<'s>]) -> Result<String, EmitError<'s>> {
    let mut pieces = pieces(nodes)?;
    Ok(if pieces.len() == 1 { pieces.swap_remove(0) } else { pieces.concat() })
}

/// [`stream`] in pieces that stand one behind the other, at least one: to join megabytes takes as long as a third of printing them.
pub fn pieces<'s>(nodes: &[Node<'s>]) -> Result<Vec<String>, EmitError<'s>> {
    let sizes: Vec<usize> = nodes.iter().map(|node| size(node) + MARKER.len()).collect();
    let size = sizes.iter().sum();
    if size < WORTH_THREADS {
        let mut out = String::with_capacity(size);
        for (index, node) in nodes.iter().enumerate() {
            if index > 0 {
                out.push_str(MARKER);
            }
            document_into(&mut out, node, &mut ())?;
        }
        return Ok(vec![out]);
    }
    parts::pieces(nodes, &sizes)
}

const MARKER: &str = "---\n";

/// How many bytes take so long to print, about half a millisecond, that several threads are faster.
const WORTH_THREADS: usize = 100_000;

/// The style that go-yaml gives a string that has none of its own.
pub fn style_of(text: &str) -> Style {
    writer::style_of(text)
}

/// The value of a string in this style after go-yaml has written and read it, which not all block scalars survive.
///
/// # Errors
/// If it cannot be read.
pub fn read_again(text: Cow<'_, str>, style: Style) -> Result<Cow<'_, str>, &'static str> {
    block::written_and_read(text, style)
}

/// About how many bytes are printed for a node: as many as it has in its source.
pub(crate) fn size(node: &Node<'_>) -> usize {
    match node {
        Node::Source(src, _) => (src.raw().end - src.raw().start) as usize,
        Node::Scalar(scalar) => scalar.text.len() + 4,
        Node::Map(map) => map.entries.iter().map(|(key, value)| size(key) + size(value) + 4).sum(),
        Node::Seq(seq) => seq.items.iter().map(|item| size(item) + 4).sum(),
    }
}

/// Prints one object at the end of `out`, and tells `observer`. After an error `out` holds a part of the object.
pub fn document_into<'s>(
    out: &mut String,
    node: &Node<'s>,
    observer: &mut impl Observer<'s>,
) -> Result<(), EmitError<'s>> {
    let mut emitter = Emitter { writer: Writer::new(out), observer, pending: Vec::new() };
    emitter.node(NodeRef::new(node), Place::ROOT, false)?;
    emitter.writer.indent_line();
    Ok(())
}

struct Emitter<'o, 'a, 's, O> {
    writer: Writer<'o>,
    observer: &'o mut O,
    /// The entries of the mappings that are being printed, of the outermost first.
    pending: Vec<Entry<'a, 's>>,
}

impl<'a, 's, O: Observer<'s>> Emitter<'_, 'a, 's, O> {
    fn node(&mut self, node: NodeRef<'a, 's>, place: Place, flow: bool) -> Result<(), EmitError<'s>> {
        match node.kind() {
            Kind::Map if node.is_empty() => self.empty(node, "{}"),
            Kind::Map => return self.mapping(node, place, flow || node.style() == Style::Flow),
            Kind::Seq if node.is_empty() => self.empty(node, "[]"),
            Kind::Seq => return self.sequence(node, place, flow || node.style() == Style::Flow),
            Kind::Scalar => {
                if !O::LOOKS
                    && !flow
                    && let Some(block) = block::as_printed(node, self.writer.block_indent())
                {
                    self.writer.copied_literal(block.header, block.lines);
                    return Ok(());
                }
                let printed = printed(node, flow)?;
                let line_end = self.writer.scalar(&printed);
                self.observer.leaf(Leaf { node, value: printed.text(), line_end });
            }
        }
        Ok(())
    }

    fn empty(&mut self, node: NodeRef<'a, 's>, brackets: &str) {
        self.writer.empty_collection(brackets);
        self.observer.leaf(Leaf { node, value: brackets, line_end: self.writer.len() });
    }

    fn sequence(&mut self, node: NodeRef<'a, 's>, place: Place, flow: bool) -> Result<(), EmitError<'s>> {
        let outer = self.writer.open_sequence(place);
        for (index, item) in node.items().enumerate() {
            self.writer.item();
            self.observer.enter_item(index);
            self.node(item, Place::ITEM, flow)?;
            self.observer.leave();
        }
        self.writer.close(outer);
        Ok(())
    }

    fn mapping(&mut self, node: NodeRef<'a, 's>, place: Place, flow: bool) -> Result<(), EmitError<'s>> {
        if let NodeRef::Source(map, via) = node
            && !O::LOOKS
            && !flow
            && Copier::print(self, map, via)?
        {
            return Ok(());
        }
        let first = self.pending.len();
        sorted_entries(&mut self.pending, node, place.is_root())?;
        let outer = self.writer.open_mapping();
        for at in first..self.pending.len() {
            let (key, value) = (std::mem::take(&mut self.pending[at].0), self.pending[at].1);
            self.writer.key(&key);
            self.observer.enter_entry(&key);
            self.node(value, Place::VALUE, flow)?;
            self.observer.leave();
        }
        self.pending.truncate(first);
        self.writer.close(outer);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
