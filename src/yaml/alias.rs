//! Aliases (`*name`) and merge keys (`<<`), put in place of what they stand for, as the readers of manifests do.

use super::node::{Kind, Node};
use super::origin::{Step, StepKind};
use super::tree::{RawKind, SrcNode, Style, SyntaxError};
use crate::source::Span;

/// How many nodes all aliases of a document may add: bounds what a few nested aliases can blow up to.
const MAX_ADDED: usize = 1_000_000;

/// The node with every alias and merge key below it replaced by what it stands for. A key of the mapping itself wins over
/// a merged one, an earlier merged mapping over a later one. What has no alias in it stays in place.
///
/// # Errors
/// If an alias contains itself, a merge key has no mapping, or the aliases add more than a million nodes.
pub fn expand<'s>(node: &Node<'s>) -> Result<Node<'s>, SyntaxError> {
    let Node::Source(root, _) = node else { return Ok(node.clone()) };
    let mut expander = Expander { added: 0, within: Vec::new() };
    Ok(expander.node(*root)?.unwrap_or_else(|| node.clone()))
}

struct Expander {
    added: usize,
    /// Targets of the aliases that are being expanded.
    within: Vec<u32>,
}

impl Expander {
    /// The expanded node; none if there is nothing to expand in it.
    fn node<'s>(&mut self, src: SrcNode<'s>) -> Result<Option<Node<'s>>, SyntaxError> {
        match src.raw().kind {
            RawKind::Scalar => Ok(None),
            RawKind::Alias => self.alias(src).map(Some),
            RawKind::Seq => self.sequence(src),
            RawKind::Map => self.mapping(src),
        }
    }

    fn alias<'s>(&mut self, src: SrcNode<'s>) -> Result<Node<'s>, SyntaxError> {
        let tree = src.source.tree();
        let Some(&target) = tree.aliases.get(&src.id) else {
            return Err(error(src.span(), "the alias names no anchor of this document"));
        };
        let target = SrcNode { source: src.source, id: target };
        let next = target.raw().next;
        self.added += (next - target.id) as usize;
        if (target.id..next).contains(&src.id) || self.within.contains(&target.id) {
            return Err(error(src.span(), "the alias stands inside of what it names"));
        }
        if self.added > MAX_ADDED {
            return Err(error(src.span(), "the aliases of this document stand for too much"));
        }
        self.within.push(target.id);
        let node = self.node(target);
        self.within.pop();
        let step = Step::new(StepKind::Alias, Some(src.span()));
        Ok(node?.unwrap_or(Node::Source(target, None)).with_step(&step, None))
    }

    fn sequence<'s>(&mut self, src: SrcNode<'s>) -> Result<Option<Node<'s>>, SyntaxError> {
        let mut made = None;
        for (at, item) in src.children().enumerate() {
            if let Some(item) = self.node(item)? {
                made.get_or_insert_with(|| src.children().map(|n| Node::Source(n, None)).collect::<Vec<_>>())[at] =
                    item;
            }
        }
        Ok(made.map(|items| Node::seq(items, Node::Source(src, None).origin())))
    }

    fn mapping<'s>(&mut self, src: SrcNode<'s>) -> Result<Option<Node<'s>>, SyntaxError> {
        let mut changed = false;
        let mut entries = Vec::new();
        let mut merged = None;
        for (key, value) in src.pairs() {
            if is_merge(key) {
                if merged.is_some() {
                    return Err(error(key.span(), "this mapping has a merge key already"));
                }
                merged = Some(self.merge(key, value)?);
                changed = true;
                continue;
            }
            let new_key = self.node(key)?;
            let new_value = self.node(value)?;
            changed |= new_key.is_some() || new_value.is_some();
            let source = |n| Node::Source(n, None);
            entries.push((new_key.unwrap_or(source(key)), new_value.unwrap_or(source(value))));
        }
        if !changed {
            return Ok(None);
        }
        for (key, value) in merged.into_iter().flatten() {
            let text = key.text().unwrap_or_default();
            let there = entries.iter().any(|(k, _)| k.has_text(&text));
            if !there {
                entries.push((key, value));
            }
        }
        Ok(Some(Node::map(entries, Node::Source(src, None).origin())))
    }

    /// The pairs that a merge key brings, those that win first.
    fn merge<'s>(&mut self, key: SrcNode<'s>, value: SrcNode<'s>) -> Result<Vec<(Node<'s>, Node<'s>)>, SyntaxError> {
        let bad = |span| Err(error(span, "a merge key needs a mapping or a list of mappings"));
        let sources = if value.raw().kind == RawKind::Seq { value.children().collect() } else { vec![value] };
        let step = Step::new(StepKind::Alias, Some(key.span()));
        let mut out = Vec::new();
        for source in sources {
            let node = match source.raw().kind {
                RawKind::Alias | RawKind::Map => self.node(source)?.unwrap_or(Node::Source(source, None)),
                RawKind::Scalar | RawKind::Seq => return bad(source.span()),
            };
            if node.kind() != Kind::Map {
                return bad(source.span());
            }
            let node = if source.raw().kind == RawKind::Alias { node } else { node.with_step(&step, None) };
            let mut pairs: Vec<_> = node.entries().collect();
            out.append(&mut pairs);
        }
        Ok(out)
    }
}

fn is_merge(key: SrcNode<'_>) -> bool {
    let raw = key.raw();
    raw.kind == RawKind::Scalar && raw.style == Style::Plain && key.tag().is_none() && key.text() == "<<"
}

fn error(span: Span<'_>, message: &str) -> SyntaxError {
    SyntaxError { start: span.start, end: span.end, message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    fn expanded(text: &str) -> Result<String, String> {
        let source = Source::new("a.yaml".into(), "a.yaml".into(), text.into());
        let root = source.tree().documents[0].root.unwrap();
        expand(&Node::Source(SrcNode { source: &source, id: root }, None))
            .map(|n| format!("{n:?}"))
            .map_err(|e| e.message)
    }

    #[test]
    fn own_keys_win_over_merged_ones_and_earlier_over_later() {
        let text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3\nd: *a\n";
        assert_eq!(
            expanded(text).unwrap(),
            r#"{"a": {"x": "1", "y": "1"}, "b": {"y": "2", "z": "2"}, "c": {"x": "3", "y": "1", "z": "2"}, "d": {"x": "1", "y": "1"}}"#
        );
    }

    #[test]
    fn bounded() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_string();
        for i in 1..12 {
            let items = vec![format!("*a{}", i - 1); 10].join(", ");
            text.push_str(&format!("a{i}: &a{i} [{items}]\n"));
        }
        assert!(expanded(&text).is_err());
        assert!(expanded("a: &a\n  b: *a\n").is_err());
        assert!(expanded("a: 1\n<<: 2\n").is_err());
    }
}
