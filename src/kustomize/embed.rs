//! YAML inside a scalar (an inline patch, an inline transformer): parsed, each node at its place in the file around it.

use std::sync::Arc;

use crate::source::{Source, Span};
use crate::yaml::node::STR_TAG;
use crate::yaml::tree::SrcNode;
use crate::yaml::{Kind, Node, Origin, Scalar, Style, SyntaxError, expanded};

/// The documents of a stream in a scalar, or the first thing that is wrong with it.
pub(super) struct Embedded<'s> {
    /// The roots of the documents that have one.
    pub(super) roots: Vec<Node<'s>>,
    /// How many documents there are.
    pub(super) count: usize,
    /// What is wrong, and where.
    pub(super) error: Option<(String, Option<Span<'s>>)>,
}

/// Parses the text of a scalar.
pub(super) fn parse<'s>(scalar: &Node<'s>) -> Embedded<'s> {
    parse_part(scalar, |text| text)
}

/// Parses the text of a scalar without the white space around it, as upstream reads `patch`: a block scalar at the end of it has
/// no line break then.
pub(super) fn parse_trimmed<'s>(scalar: &Node<'s>) -> Embedded<'s> {
    parse_part(scalar, str::trim)
}

fn parse_part<'s>(scalar: &Node<'s>, part: fn(&str) -> &str) -> Embedded<'s> {
    let whole = scalar.text().unwrap_or_default();
    let text = part(&whole);
    let mut places = Places::new(scalar);
    places.behind = text.as_ptr() as usize - whole.as_ptr() as usize;
    let inner = Source::new("".into(), String::new(), text.as_bytes().to_vec());
    let tree = inner.tree();
    let place = |e: &SyntaxError| Some((e.message.clone(), places.span(e.start as usize..e.end as usize)));
    let mut out =
        Embedded { roots: Vec::new(), count: tree.documents.len(), error: tree.first_problem().and_then(place) };
    for document in &tree.documents {
        let Some(root) = document.root else { continue };
        let root = Node::Source(SrcNode { source: &inner, id: root }, None);
        out.roots.push(moved(&if document.aliased { expanded(&root) } else { root }, &places));
    }
    out
}

/// The node with its places in the file around.
fn moved<'s>(node: &Node<'_>, places: &Places<'s>) -> Node<'s> {
    let span = node.span().and_then(|s| places.span(s.start as usize..s.end as usize));
    let origin = Origin { span, via: None };
    match node.kind() {
        Kind::Map => Node::map(node.entries().map(|(k, v)| (moved(&k, places), moved(&v, places))).collect(), origin),
        Kind::Seq => Node::seq(node.items().map(|n| moved(&n, places)).collect(), origin),
        Kind::Scalar => Node::Scalar(Arc::new(Scalar {
            text: node.text().unwrap_or_default().into(),
            style: node.style(),
            tag: tag_of(node),
            origin,
            pieces: Vec::new(),
        })),
    }
}

/// The tag of a scalar. That quotes make a string is told by a tag: for made scalars quotes are a matter of style.
fn tag_of(node: &Node<'_>) -> Option<std::borrow::Cow<'static, str>> {
    let quoted = node.style() != Style::Plain;
    node.tag().map(|tag| tag.into_owned().into()).or_else(|| quoted.then(|| STR_TAG.into()))
}

/// The node on its own, all of it of one origin.
pub(super) fn detached<'s>(node: &Node<'_>, origin: &Origin<'s>) -> Node<'s> {
    let below = |node: &Node<'_>| detached(node, origin);
    match node.kind() {
        Kind::Map => Node::map(node.entries().map(|(k, v)| (below(&k), below(&v))).collect(), origin.clone()),
        Kind::Seq => Node::seq(node.items().map(|item| below(&item)).collect(), origin.clone()),
        Kind::Scalar => Node::Scalar(Arc::new(Scalar {
            text: node.text().unwrap_or_default().into(),
            style: node.style(),
            tag: tag_of(node),
            origin: origin.clone(),
            pieces: Vec::new(),
        })),
    }
}

/// Where the bytes of a scalar's value are written.
pub(super) struct Places<'s> {
    whole: Option<Span<'s>>,
    /// Start in the value, its end, and start in the file, of each run of bytes that is written as it is; in order.
    runs: Vec<(usize, usize, usize)>,
    /// How many bytes of the value stand before what is asked about.
    behind: usize,
}

impl<'s> Places<'s> {
    /// Of a scalar as it stands in a file. For a made one only the whole is known.
    pub(super) fn new(scalar: &Node<'s>) -> Self {
        let Node::Source(src, _) = scalar else { return Places { whole: scalar.span(), runs: Vec::new(), behind: 0 } };
        let (span, text) = (src.span(), src.text());
        let raw = span.text();
        let runs = match src.raw().style {
            Style::Plain if raw == text => vec![(0, text.len(), span.start as usize)],
            Style::SingleQuoted | Style::DoubleQuoted if raw.get(1..raw.len().saturating_sub(1)) == Some(&*text) => {
                vec![(0, text.len(), span.start as usize + 1)]
            }
            Style::Literal => literal_runs(span, &text),
            _ => Vec::new(),
        };
        Places { whole: Some(span), runs, behind: 0 }
    }

    /// Where a part of the value is written; the whole scalar if that cannot be told.
    pub(super) fn span(&self, range: std::ops::Range<usize>) -> Option<Span<'s>> {
        let whole = self.whole?;
        let at = |offset: usize| {
            let offset = offset + self.behind;
            let run = self.runs.iter().find(|(start, end, _)| (*start..=*end).contains(&offset))?;
            Some((run.2 + offset - run.0) as u32)
        };
        match (at(range.start), at(range.end)) {
            (Some(start), Some(end)) if start <= end => Some(Span { start, end, ..whole }),
            _ => Some(whole),
        }
    }
}

/// The lines of a literal block scalar: each is the end of a line of the file.
fn literal_runs(span: Span<'_>, text: &str) -> Vec<(usize, usize, usize)> {
    let source = span.source;
    let first = span.start_pos().line + u32::from(span.text().starts_with('|'));
    let mut runs = Vec::new();
    let mut start = 0;
    for (at, line) in text.split('\n').enumerate() {
        let range = source.line_range(first + at as u32);
        let outer = source.text().get(range.start as usize..range.end as usize).unwrap_or("");
        if !outer.ends_with(line) {
            break;
        }
        runs.push((start, start + line.len(), range.end as usize - line.len()));
        start += line.len() + 1;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_of_an_inline_patch_are_at_their_place() {
        for text in ["patch: |-\n  a:\n    b: [c, d]\n\n  e: f\n", "patch: |2\n    a:\n      b: [c, d]\n\n    e: f\n"] {
            let source = Source::new("k".into(), "k".into(), text.into());
            let root = Node::Source(SrcNode { source: &source, id: source.tree().documents[0].root.unwrap() }, None);
            let inner = parse(&root.get("patch").unwrap());
            assert!(inner.error.is_none());
            let d = inner.roots[0].path(&["a", "b"]).unwrap().items().nth(1).unwrap();
            assert_eq!(d.span().unwrap().text(), "d");
            assert_eq!(inner.roots[0].get("e").unwrap().span().unwrap().text(), "f");
            assert_eq!(inner.roots[0].get("a").unwrap().span().unwrap().text().trim_end(), "b: [c, d]");
        }
    }

    #[test]
    fn quoted_and_folded_scalars() {
        let text = "a: '{x: y}'\nb: >-\n  x: y\nc: \"x: \\\"y\\\"\"\n";
        let source = Source::new("k".into(), "k".into(), text.into());
        let root = Node::Source(SrcNode { source: &source, id: source.tree().documents[0].root.unwrap() }, None);
        let span = |key| parse(&root.get(key).unwrap()).roots[0].get("x").unwrap().span().unwrap().text();
        assert_eq!(span("a"), "y");
        assert!(span("b").trim_end().ends_with("x: y"));
        assert_eq!(span("c"), "\"x: \\\"y\\\"\"");
    }
}
