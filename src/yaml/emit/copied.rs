//! Lines that stand in their file as they are printed, which are most of what generated manifests hold: they are copied in one go
//! instead of being taken apart and put together again.

use std::ops::Range;

use super::keys::usual_key;
use super::scalar::{Printed, is_name, printed};
use super::writer::{Place, is_written_bare, is_written_quoted};
use super::{EmitError, Emitter, NodeRef, Observer, block, keys};
use crate::source::Source;
use crate::yaml::origin::Via;
use crate::yaml::resolve;
use crate::yaml::tree::{NodeId, RawKind, RawNode, SrcNode, Style, Tree};

/// Prints the block mappings of a file.
pub(super) struct Copier<'e, 'o, 'a, 's, O> {
    emitter: &'e mut Emitter<'o, 'a, 's, O>,
    source: &'s Source,
    tree: &'s Tree,
    text: &'s str,
    via: &'a Via<'s>,
    /// What is printed but not written yet, as bytes of the file; none where the output does not go on as the file may. It ends
    /// behind the colon of a key or behind a value.
    run: Option<Range<usize>>,
}

impl<'e, 'o, 'a, 's, O: Observer<'s>> Copier<'e, 'o, 'a, 's, O> {
    /// Prints a block mapping. False, with nothing printed, if its keys are not in the order in which they are printed, or need a
    /// closer look.
    pub(super) fn print(
        emitter: &'e mut Emitter<'o, 'a, 's, O>,
        map: SrcNode<'s>,
        via: &'a Via<'s>,
    ) -> Result<bool, EmitError<'s>> {
        let (tree, text) = (map.source.tree(), map.source.text());
        let mut copier = Copier { emitter, source: map.source, tree, text, via, run: None };
        let done = copier.mapping(map.id, false)?;
        copier.flush();
        Ok(done)
    }

    /// As [`Copier::print`]. With `dash`, it is an item whose dash is to be printed too.
    fn mapping(&mut self, id: NodeId, dash: bool) -> Result<bool, EmitError<'s>> {
        if !self.is_in_order(id) {
            return Ok(false);
        }
        let outer = self.emitter.writer.open_mapping();
        let indent = self.emitter.writer.indent();
        let (mut at, end) = (id + 1, self.node(id).next);
        while at < end {
            let key = self.node(at);
            self.key(key, indent, dash && at == id + 1);
            let value = key.next;
            self.value(value, indent + (key.end - key.start) as usize + ": ".len())?;
            at = self.node(value).next;
        }
        self.emitter.writer.close(outer);
        Ok(true)
    }

    fn node(&self, id: NodeId) -> RawNode {
        self.tree.nodes[id as usize]
    }

    fn is_in_order(&self, map: NodeId) -> bool {
        let mut before = "";
        let (mut at, end) = (map + 1, self.node(map).next);
        while at < end {
            let key = self.node(at);
            match usual_key(&key, self.text) {
                Some(name) if is_bare_key(name) && (before.is_empty() || keys::is_before(before, name)) => {
                    before = name
                }
                _ => return false,
            }
            at = self.node(key.next).next;
        }
        true
    }

    /// Prints a key and its colon at `indent`, in a new line; with `dash`, behind one.
    fn key(&mut self, key: RawNode, indent: usize, dash: bool) {
        let colon = key.end as usize;
        let has_colon = self.text.as_bytes().get(colon) == Some(&b':');
        if has_colon && self.goes_on(key.start, indent, dash) {
            self.extend(colon + 1);
            return;
        }
        self.flush();
        if dash {
            self.emitter.writer.item_around();
        }
        self.emitter.writer.key(&self.text[key.start as usize..colon]);
        self.run = has_colon.then_some(colon + 1..colon + 1);
    }

    /// True if the run is followed by a new line, with just this indentation (the dash is a part of it), up to `to`.
    fn goes_on(&self, to: u32, indent: usize, dash: bool) -> bool {
        let Some(run) = &self.run else { return false };
        let gap = self.text.as_bytes().get(run.end..to as usize).unwrap_or_default();
        let Some((b'\n', blanks)) = gap.split_first() else { return false };
        let blanks = if dash { blanks.strip_suffix(b"- ").unwrap_or_default() } else { blanks };
        let wanted = if dash { indent - "- ".len() } else { indent };
        gap.len() == indent + 1 && blanks.len() == wanted && blanks.iter().all(|b| *b == b' ')
    }

    fn extend(&mut self, to: usize) {
        if let Some(run) = &mut self.run {
            run.end = to;
        }
    }

    /// Writes what is printed.
    fn flush(&mut self) {
        if let Some(run) = self.run.take() {
            self.emitter.writer.copied(&self.text[run]);
        }
    }

    /// Prints the value behind a key; `column` is where it starts if it is in the line of the key.
    fn value(&mut self, id: NodeId, column: usize) -> Result<(), EmitError<'s>> {
        let raw = self.node(id);
        match (raw.kind, raw.style) {
            (RawKind::Map, Style::Block) => {
                if self.mapping(id, false)? {
                    return Ok(());
                }
            }
            (RawKind::Seq, Style::Block) => return self.sequence(id),
            _ => {
                let behind_blank = |run: &Range<usize>| self.text.get(run.end..raw.start as usize) == Some(" ");
                if self.run.as_ref().is_some_and(behind_blank) && self.stands(id, column) {
                    self.extend(raw.end as usize);
                    return Ok(());
                }
            }
        }
        self.flush();
        self.as_usual(id, Place::VALUE)
    }

    /// Prints a block sequence that is the value of a key.
    fn sequence(&mut self, id: NodeId) -> Result<(), EmitError<'s>> {
        let outer = self.emitter.writer.open_sequence(Place::VALUE);
        let column = self.emitter.writer.indent() + "- ".len();
        let (mut item, end) = (id + 1, self.node(id).next);
        while item < end {
            let raw = self.node(item);
            let printed = match (raw.kind, raw.style) {
                (RawKind::Map, Style::Block) => self.mapping(item, true)?,
                (RawKind::Seq, Style::Block) => false,
                _ => {
                    self.goes_on(raw.start, column, true) && self.stands(item, column) && {
                        self.extend(raw.end as usize);
                        true
                    }
                }
            };
            if !printed {
                self.flush();
                self.emitter.writer.item();
                self.as_usual(item, Place::ITEM)?;
            }
            item = raw.next;
        }
        self.emitter.writer.close(outer);
        Ok(())
    }

    /// Writes a node without a look at how it is written in the file.
    fn as_usual(&mut self, id: NodeId, place: Place) -> Result<(), EmitError<'s>> {
        let raw = self.node(id);
        self.emitter.node(NodeRef::Source(SrcNode { source: self.source, id }, self.via), place, false)?;
        // Behind a collection, and behind a block that ended its line, the output may be elsewhere than the file.
        let at_end = raw.kind == RawKind::Scalar && self.emitter.writer.is_in_line();
        self.run = at_end.then_some(raw.end as usize..raw.end as usize);
        Ok(())
    }

    /// True for a scalar or an empty collection that is printed as it stands in the file, from `column` on.
    fn stands(&self, id: NodeId, column: usize) -> bool {
        let raw = self.node(id);
        let written = &self.text[raw.start as usize..raw.end as usize];
        let node = NodeRef::Source(SrcNode { source: self.source, id }, self.via);
        match raw.style {
            Style::Plain if raw.flags == 0 && raw.kind == RawKind::Scalar => {
                is_name(written)
                    || is_count(written)
                    || match printed(node, false) {
                        Ok(Printed::Bare(text)) => text == written,
                        Ok(Printed::Text(text)) => text == written && is_written_bare(written, column),
                        Err(_) => false,
                    }
            }
            Style::SingleQuoted | Style::DoubleQuoted if raw.flags == 0 => is_written_quoted(written, column),
            Style::Literal => block::as_printed(node, self.emitter.writer.block_indent()).is_some(),
            Style::Flow => raw.next == id + 1 && matches!(written, "{}" | "[]"),
            _ => false,
        }
    }
}

/// Longer keys are left to the writer, which has a limit for them.
const LONGEST_KEY: usize = 100;

/// True for a key that is written without quotes. `y` and `on` are not: the emitter's dialect takes them for booleans.
fn is_bare_key(name: &str) -> bool {
    name.len() <= LONGEST_KEY && (resolve::starts_a_string(name) || is_written_bare(name, 0))
}

/// True for a number that all take for an integer, and print as it is.
fn is_count(text: &str) -> bool {
    matches!(text.as_bytes(), [b'0'] | [b'1'..=b'9', ..]) && text.len() < 16 && text.bytes().all(|b| b.is_ascii_digit())
}
