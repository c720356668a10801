//! Documents as nodes: aliases and merge keys resolved.
//!
//! The rules are those of kustomize's `RNode.DeAnchor`: a key written in the mapping wins over a merged one, of a sequence of
//! merges the earlier wins; the order is the written keys, then what the last merge adds, then the one before it.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::MAX_DEPTH;
use super::node::Node;
use super::origin::{Origin, Step, StepKind, Via, via};
use super::problem::{error, too_deep};
use super::tree::{Document, NodeId, RawKind, RawNode, SrcNode, Style, SyntaxError, Tree};
use crate::source::{Source, Span};

/// How many nodes the aliases of one document may stand for, all together. go-yaml starts to refuse at about this many.
pub const MAX_ALIASED_NODES: u64 = 400_000;

/// A document that has content.
#[derive(Clone, Debug)]
pub struct Doc<'s> {
    /// Its root. A document without aliases is left in place; in others, the collections on the way to an alias are made
    /// nodes, and what an alias brought has a step of kind [`StepKind::Alias`].
    pub node: Node<'s>,
    /// From its `---`, or the first byte of its content, to the end of its content.
    pub span: Span<'s>,
}

/// The documents of a file that have content, in order, free of aliases and merge keys. Documents that cannot be read are in
/// [`Source::problems`].
pub fn documents(source: &Source) -> Vec<Doc<'_>> {
    let tree = source.tree();
    let with_root = tree.documents.iter().filter_map(|doc| Some((doc, doc.root?)));
    with_root
        .map(|(doc, root)| {
            let node = Node::Source(SrcNode { source, id: root }, None);
            let node = if doc.aliased { expanded(&node) } else { node };
            Doc { node, span: source.span(doc.start..doc.end) }
        })
        .collect()
}

/// The root of a document, free of aliases and merge keys. What has none in it stays in place.
pub fn expanded<'s>(root: &Node<'s>) -> Node<'s> {
    match root {
        Node::Source(src, None) => Expander::new(*src).node(*src),
        made => made.clone(),
    }
}

/// What makes a document unfit for [`documents`]: a key that is no scalar, an alias within its own anchor, aliases that stand
/// for too much, a merge of something else than mappings.
pub(super) fn check(tree: &Tree, text: &str, doc: &Document) -> Option<SyntaxError> {
    let root = doc.root?;
    let mut check = Check { tree, text, root, weights: Vec::new(), open: Vec::new(), aliased: 0 };
    check.run().err()
}

/// True for a key that merges: a plain `<<` without tag, or anything tagged so.
fn is_merge(tree: &Tree, text: &str, id: NodeId) -> bool {
    let raw = &tree.nodes[id as usize];
    if raw.kind != RawKind::Scalar {
        return false;
    }
    if raw.flags & RawNode::TAGGED != 0 {
        return tree.tags.get(&id).is_some_and(|t| &**t == "tag:yaml.org,2002:merge");
    }
    raw.style == Style::Plain && text.get(raw.start as usize..raw.end as usize) == Some("<<")
}

/// How large a node is with its aliases expanded.
#[derive(Clone, Copy, Default)]
struct Weight {
    nodes: u64,
    /// Levels of collections below and including it.
    depth: usize,
}

struct OpenNode {
    id: NodeId,
    weight: Weight,
    children: u32,
    /// The key whose value comes next merges.
    merges: bool,
    merged: bool,
}

struct Check<'a> {
    tree: &'a Tree,
    text: &'a str,
    root: NodeId,
    /// By id, counted from the root. An anchored node is complete before an alias can name it.
    weights: Vec<Weight>,
    open: Vec<OpenNode>,
    aliased: u64,
}

impl Check<'_> {
    fn run(&mut self) -> Result<(), SyntaxError> {
        let end = self.tree.nodes[self.root as usize].next;
        for id in self.root..end {
            self.close_until(id);
            let raw = &self.tree.nodes[id as usize];
            self.child(id, raw)?;
            self.weights.push(Weight { nodes: 1, depth: 0 });
            match raw.kind {
                RawKind::Map | RawKind::Seq => {
                    let weight = Weight { nodes: 1, depth: 1 };
                    self.open.push(OpenNode { id, weight, children: 0, merges: false, merged: false });
                }
                RawKind::Scalar => self.add(Weight { nodes: 1, depth: 0 }),
                RawKind::Alias => {
                    let weight = self.alias(id, raw)?;
                    self.add(weight);
                }
            }
        }
        Ok(())
    }

    fn close_until(&mut self, id: NodeId) {
        while let Some(open) = self.open.pop_if(|o| self.tree.nodes[o.id as usize].next <= id) {
            self.weights[(open.id - self.root) as usize] = open.weight;
            self.add(open.weight);
        }
    }

    fn add(&mut self, weight: Weight) {
        if let Some(parent) = self.open.last_mut() {
            parent.weight.nodes += weight.nodes;
            parent.weight.depth = parent.weight.depth.max(weight.depth + 1);
        }
    }

    /// Checks a node as child of the innermost open collection.
    fn child(&mut self, id: NodeId, raw: &RawNode) -> Result<(), SyntaxError> {
        let (tree, text) = (self.tree, self.text);
        let Some(parent) = self.open.last_mut() else { return Ok(()) };
        parent.children += 1;
        if tree.nodes[parent.id as usize].kind == RawKind::Seq {
            return Ok(());
        }
        if parent.children.is_multiple_of(2) {
            return if std::mem::take(&mut parent.merges) { self.merge_value(id, raw) } else { Ok(()) };
        }
        if is_merge(tree, text, id) {
            if parent.merged {
                return Err(error(
                    raw.start,
                    raw.end,
                    "a second merge key `<<` in one mapping; merge a sequence instead",
                ));
            }
            (parent.merges, parent.merged) = (true, true);
        }
        match self.target(id, raw).kind {
            RawKind::Scalar | RawKind::Alias => Ok(()),
            RawKind::Map | RawKind::Seq => {
                let at = complex_key_end(text, raw);
                Err(template_key(text, raw)
                    .unwrap_or_else(|| error(raw.start, at, "a mapping or sequence as key; keys must be scalars here")))
            }
        }
    }

    fn merge_value(&self, id: NodeId, raw: &RawNode) -> Result<(), SyntaxError> {
        let wrong = |at: &RawNode| {
            Err(error(at.start, at.end, "`<<` merges a mapping, an alias of one, or a sequence of these, nothing else"))
        };
        if raw.kind != RawKind::Seq {
            return if self.target(id, raw).kind == RawKind::Map { Ok(()) } else { wrong(raw) };
        }
        let mut item = id + 1;
        while item < raw.next {
            let node = &self.tree.nodes[item as usize];
            if self.target(item, node).kind != RawKind::Map {
                return wrong(node);
            }
            item = node.next;
        }
        Ok(())
    }

    /// The node that a node stands for.
    fn target<'n>(&'n self, id: NodeId, raw: &'n RawNode) -> &'n RawNode {
        let target = self.tree.aliases.get(&id).filter(|_| raw.kind == RawKind::Alias);
        target.map_or(raw, |t| &self.tree.nodes[*t as usize])
    }

    fn alias(&mut self, id: NodeId, raw: &RawNode) -> Result<Weight, SyntaxError> {
        let name = || &self.text[raw.start as usize..raw.end as usize];
        let Some(&target) = self.tree.aliases.get(&id) else {
            return Err(error(raw.start, raw.end, format!("unknown anchor: `{}`", name())));
        };
        if self.tree.nodes[target as usize].next > id {
            return Err(error(
                raw.start,
                raw.end,
                format!("recursive alias: `{}` stands inside its own anchor", name()),
            ));
        }
        let weight = self.weights.get((target - self.root) as usize).copied().unwrap_or_default();
        self.aliased += weight.nodes;
        if self.aliased > MAX_ALIASED_NODES {
            let message =
                format!("the aliases of this document stand for more than {MAX_ALIASED_NODES} nodes, the limit");
            return Err(error(raw.start, raw.end, message));
        }
        if self.open.len() + weight.depth > MAX_DEPTH {
            return Err(error(raw.start, raw.end, too_deep()));
        }
        Ok(weight)
    }
}

/// The key ends where its first line does, for a report of one line.
fn complex_key_end(text: &str, raw: &RawNode) -> u32 {
    let slice = text.get(raw.start as usize..raw.end as usize).unwrap_or("");
    raw.start + slice.find(['\n', '\r']).unwrap_or(slice.len()) as u32
}

/// `{{ x }}` reads as a mapping with a mapping as key.
fn template_key(text: &str, raw: &RawNode) -> Option<SyntaxError> {
    let start = raw.start.checked_sub(1)?;
    text.get(start as usize..)?
        .starts_with("{{")
        .then(|| super::problem::template(text, &(start..raw.end + 1), start))?
}

struct Expander<'s> {
    source: &'s Source,
    /// The ids of alias nodes and merge keys, in order.
    marks: Vec<NodeId>,
    /// The aliases that are being expanded, outermost first.
    steps: Vec<Arc<Step<'s>>>,
    /// The steps as links.
    via: Via<'s>,
}

impl<'s> Expander<'s> {
    fn new(root: SrcNode<'s>) -> Self {
        let (tree, text) = (root.source.tree(), root.source.text());
        let marks = (root.id..root.raw().next)
            .filter(|id| tree.nodes[*id as usize].kind == RawKind::Alias || is_merge(tree, text, *id))
            .collect();
        Expander { source: root.source, marks, steps: Vec::new(), via: None }
    }

    /// A node with everything below it. The parser has bounded the depth and the size.
    fn node(&mut self, src: SrcNode<'s>) -> Node<'s> {
        let raw = src.raw();
        if raw.kind == RawKind::Alias {
            let Some(target) = self.target(src) else { return Node::Source(src, self.via.clone()) };
            return self.within(Step::new(StepKind::Alias, Some(src.span())), |this| this.node(target));
        }
        let first_mark = self.marks.partition_point(|m| *m < src.id);
        if self.marks.get(first_mark).is_none_or(|m| *m >= raw.next) {
            return Node::Source(src, self.via.clone());
        }
        let origin = Origin { span: Some(src.span()), via: self.via.clone() };
        match raw.kind {
            RawKind::Map => Node::map(self.entries(src), origin),
            RawKind::Seq => Node::seq(src.children().map(|item| self.node(item)).collect(), origin),
            RawKind::Scalar | RawKind::Alias => Node::Source(src, self.via.clone()),
        }
    }

    fn target(&self, alias: SrcNode<'s>) -> Option<SrcNode<'s>> {
        let id = *self.source.tree().aliases.get(&alias.id)?;
        Some(SrcNode { source: self.source, id })
    }

    fn within<T>(&mut self, step: Arc<Step<'s>>, build: impl FnOnce(&mut Self) -> T) -> T {
        self.steps.push(step);
        let outer = std::mem::replace(&mut self.via, links(&self.steps));
        let built = build(self);
        self.steps.pop();
        self.via = outer;
        built
    }

    fn entries(&mut self, map: SrcNode<'s>) -> Vec<(Node<'s>, Node<'s>)> {
        let mut entries = Vec::new();
        let mut merge = None;
        for (key, value) in map.pairs() {
            if is_merge(self.source.tree(), self.source.text(), key.id) {
                merge = Some((key, value));
            } else {
                entries.push((self.node(key), self.node(value)));
            }
        }
        if let Some((key, value)) = merge {
            self.merge(&mut entries, key, value);
        }
        entries
    }

    fn merge(&mut self, entries: &mut Vec<(Node<'s>, Node<'s>)>, key: SrcNode<'s>, value: SrcNode<'s>) {
        let written = entries.len();
        let mut index: FxHashMap<String, usize> = FxHashMap::default();
        for (i, (key, _)) in entries.iter().enumerate() {
            index.insert(key.text().unwrap_or_default().into_owned(), i);
        }
        let merged: Vec<SrcNode<'s>> =
            if value.raw().kind == RawKind::Seq { value.children().collect() } else { vec![value] };
        for map in merged.into_iter().rev() {
            let alias = map.span();
            let is_alias = map.raw().kind == RawKind::Alias;
            let map = if is_alias { self.target(map) } else { Some(map) };
            let Some(map) = map else { continue };
            let inputs = if is_alias { vec![alias] } else { Vec::new() };
            let step = Arc::new(Step { kind: StepKind::Alias, at: Some(key.span()), inputs });
            for (key, value) in self.within(step, |this| this.entries(map)) {
                let text = key.text().unwrap_or_default().into_owned();
                match index.get(&text) {
                    Some(&i) if i < written => {}
                    Some(&i) => entries[i] = (key, value),
                    None => {
                        index.insert(text, entries.len());
                        entries.push((key, value));
                    }
                }
            }
        }
    }
}

/// The steps as links: the outermost alias acted last.
fn links<'s>(steps: &[Arc<Step<'s>>]) -> Via<'s> {
    steps.iter().rev().fold(None, |prev, step| via(&prev, step, None))
}
