//! Writes a document anew as go-yaml v3 writes a node that it has read: comments, quotes and brackets stay, indentation becomes two
//! columns, lists are not indented below their key, and nothing is folded.
//!
//! Only for documents whose comments stand where everybody puts them: in lines of their own above an entry, or behind a value.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::node::{Kind, Node};
use super::super::resolve::{self, Dialect, TAG_PREFIX, Value};
use super::super::tree::{RawNode, Style};
use super::writer::{Place, Writer};
use crate::source::Source;

/// The first document of `source`, of which `root` is an edited form. None if it has something that is not laid out here:
/// anchors, tags, folded scalars, comments in unusual places. `gone` are the parts of the text that `root` has no longer, and whose
/// comments go with them.
pub fn layout(root: &Node<'_>, source: &Source, gone: &[Range<usize>]) -> Option<String> {
    let tree = source.tree();
    let document = tree.documents.first()?;
    let plain = tree.nodes.iter().all(|node| node.flags & (RawNode::ANCHORED | RawNode::TAGGED) == 0);
    if document.aliased || !plain || source.text().starts_with('%') {
        return None;
    }
    let mut comments = Comments::of(source)?;
    gone.iter().for_each(|part| comments.forget(part, source.text()));
    let mut out = String::new();
    for line in comments.head.take().into_iter().flatten() {
        out.push_str(line);
        out.push('\n');
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let mut layout = Layout { writer: Writer::new(&mut out), comments, of_key: None, text: source.text() };
    layout.node(root, Place::ROOT)?;
    layout.writer.indent_line();
    let all_used = layout.comments.above.is_empty() && layout.comments.behind.is_empty();
    all_used.then_some(out)
}

/// The comments of a document by what they belong to.
struct Comments<'t> {
    /// Those of the document.
    head: Option<Vec<&'t str>>,
    /// By the offset of a key or a `-`: the lines above it, and whether an empty line goes between.
    above: BTreeMap<usize, (Vec<&'t str>, bool)>,
    /// By the offset of the `#`.
    behind: BTreeMap<usize, &'t str>,
}

impl<'t> Comments<'t> {
    fn of(source: &'t Source) -> Option<Self> {
        let text = source.text();
        let end = source.tree().documents.get(1).map_or(text.len(), |next| next.start as usize);
        let mut out = Comments { head: None, above: BTreeMap::new(), behind: BTreeMap::new() };
        let mut lines: Vec<(usize, &str)> = Vec::new();
        let mut at = 0;
        for line in text.get(..end)?.split_inclusive('\n') {
            lines.push((at, line.trim_end_matches(['\n', '\r'])));
            at += line.len();
        }
        let starts: Vec<usize> = source.tree().comments.iter().map(|c| c.start as usize).filter(|s| *s < end).collect();
        // Whether a line is nothing but a comment; lines of block scalars may look like one.
        let comment = |index: usize| {
            let (start, line) = lines.get(index)?;
            let hash = start + (line.len() - line.trim_start().len());
            starts.contains(&hash).then(|| line.trim())
        };
        let column = |index: usize| lines.get(index).map(|(_, line)| line.len() - line.trim_start().len());
        let empty = |index: usize| lines.get(index).is_some_and(|(_, line)| line.trim().is_empty());
        let mut index = 0;
        while index < lines.len() {
            let Some(_) = comment(index) else {
                index += 1;
                continue;
            };
            let first = index;
            let mut group = Vec::new();
            while let Some(line) = comment(index).filter(|_| column(index) == column(first)) {
                group.push(line);
                index += 1;
            }
            let gap = empty(index);
            let at_start = (0..first).all(|before| empty(before) || comment(before).is_some());
            if gap && at_start {
                let head = out.head.get_or_insert_default();
                if !head.is_empty() {
                    head.push("");
                }
                head.append(&mut group);
                continue;
            }
            let next = (index..lines.len()).find(|at| !empty(*at))?;
            if comment(next).is_some() || column(next) != column(first) {
                return None;
            }
            // Directly behind an entry, and not directly above another, it belongs to the first and keeps its distance.
            let foot = gap && first > 0 && !empty(first - 1);
            if foot && column(first - 1) != column(first) {
                return None;
            }
            let (start, line) = lines.get(next)?;
            out.above.insert(start + (line.len() - line.trim_start().len()), (group, foot));
        }
        let line_of = |start: usize| lines.partition_point(|(at, _)| *at <= start).checked_sub(1);
        for &start in &starts {
            let index = line_of(start)?;
            if comment(index).is_none() {
                let (at, line) = lines.get(index)?;
                out.behind.insert(start, line.get(start - at..)?.trim_end());
            }
        }
        Some(out)
    }
}

impl<'t> Comments<'t> {
    /// The comment behind what ends at the end of `span`, if only `between` and blanks are between.
    fn take_behind(&mut self, span: Option<(usize, usize)>, between: &str, text: &str) -> Option<&'t str> {
        let (_, end) = span?;
        let (&start, _) = self.behind.range(end..).next()?;
        let next = text.get(end..start)?.trim_matches([' ', '\t']) == between;
        if next { self.behind.remove(&start) } else { None }
    }

    /// The comment of a value: behind it, or behind the `|` of a block.
    fn take(&mut self, span: Option<(usize, usize)>, text: &str) -> Option<&'t str> {
        if let Some(comment) = self.take_behind(span, "", text) {
            return Some(comment);
        }
        let (start, end) = span?;
        let line_end = start + text.get(start..end).filter(|t| t.starts_with('|'))?.find('\n')?;
        let (&at, _) = self.behind.range(start..line_end).next()?;
        self.behind.remove(&at)
    }

    /// Drops those in a part of the text, and the one behind it.
    fn forget(&mut self, part: &Range<usize>, text: &str) {
        let behind = |at: usize| text.get(part.end..at).is_some_and(|t| t.trim_matches([' ', '\t']).is_empty());
        self.above.retain(|at, _| !part.contains(at));
        self.behind.retain(|at, _| !part.contains(at) && !behind(*at));
    }
}

struct Layout<'o, 't> {
    writer: Writer<'o>,
    comments: Comments<'t>,
    /// The comment behind a key whose value became a scalar: it goes behind that.
    of_key: Option<&'t str>,
    text: &'t str,
}

impl<'t> Layout<'_, 't> {
    fn node(&mut self, node: &Node<'_>, place: Place) -> Option<()> {
        match node.kind() {
            Kind::Scalar => self.scalar(node, false, false)?,
            _ if node.is_empty() || in_brackets(node) => {
                self.writer.space();
                self.brackets(node)?;
            }
            Kind::Map => {
                let outer = self.writer.open_mapping();
                for (key, value) in node.entries() {
                    self.above(span(&key).map(|s| s.0));
                    self.writer.indent_line();
                    self.scalar(&key, false, true)?;
                    self.writer.indicator(":", false, false, false);
                    let in_lines = !value.is_scalar() && !value.is_empty() && !in_brackets(&value);
                    let replaced = value.is_scalar() && !matches!(value, Node::Source(..));
                    if in_lines || replaced {
                        self.of_key = self.comments.take_behind(span(&key), ":", self.text);
                    }
                    if in_lines {
                        let comment = self.of_key.take();
                        self.behind(comment);
                    }
                    self.node(&value, Place::VALUE)?;
                }
                self.writer.close(outer);
                return Some(());
            }
            Kind::Seq => {
                let outer = self.writer.open_sequence(place);
                for item in node.items() {
                    self.above(span(&item).and_then(|(start, _)| self.dash(start)));
                    self.writer.item();
                    self.node(&item, Place::ITEM)?;
                }
                self.writer.close(outer);
                return Some(());
            }
        }
        let comment = self.comment(node);
        self.behind(comment);
        Some(())
    }

    /// The offset of the `-` of the item that starts at `start`.
    fn dash(&self, start: usize) -> Option<usize> {
        let before = self.text.get(..start)?.trim_end_matches(' ');
        before.ends_with('-').then(|| before.len() - 1)
    }

    /// Writes the comments above an entry.
    fn above(&mut self, at: Option<usize>) {
        let Some((lines, foot)) = at.and_then(|at| self.comments.above.remove(&at)) else { return };
        for line in lines {
            self.writer.indent_line();
            self.writer.comment(line);
        }
        if foot {
            self.writer.empty_line();
        }
    }

    /// The comment that goes with a value.
    fn comment(&mut self, node: &Node<'_>) -> Option<&'t str> {
        self.of_key.take().or_else(|| self.comments.take(span(node), self.text))
    }

    /// Writes a comment that belongs to what is before it, if there is one.
    fn behind(&mut self, comment: Option<&str>) {
        if let Some(comment) = comment {
            self.writer.space();
            self.writer.comment(comment);
        }
    }

    /// Writes a collection with brackets.
    fn brackets(&mut self, node: &Node<'_>) -> Option<()> {
        let (open, close) = if node.is_map() { ("{", "}") } else { ("[", "]") };
        self.writer.indicator(open, false, true, false);
        let separator = |writer: &mut Writer<'_>, at: usize| {
            if at > 0 {
                writer.indicator(", ", false, true, false);
            }
        };
        for (at, (key, value)) in node.entries().enumerate().filter(|_| node.is_map()) {
            separator(&mut self.writer, at);
            self.scalar(&key, true, true)?;
            self.writer.indicator(":", false, false, false);
            self.inside(&value)?;
        }
        for (at, item) in node.items().enumerate().filter(|_| node.is_seq()) {
            separator(&mut self.writer, at);
            self.inside(&item)?;
        }
        self.writer.indicator(close, false, false, false);
        Some(())
    }

    fn inside(&mut self, node: &Node<'_>) -> Option<()> {
        if node.is_scalar() {
            return self.scalar(node, true, false);
        }
        self.writer.space();
        self.brackets(node)
    }

    fn scalar(&mut self, node: &Node<'_>, flow: bool, key: bool) -> Option<()> {
        let text = node.text()?;
        let is_string = node.resolve(Dialect::V3) == Value::Str;
        let looks_like = resolve::resolve(&text, Style::Plain, None, Dialect::V3);
        if let Some(tag) = node.tag().filter(|_| !is_string) {
            let tag = format!("!!{}", tag.strip_prefix(TAG_PREFIX).unwrap_or(&tag));
            self.writer.indicator(&tag, true, false, false);
        }
        let style = match node.style() {
            Style::Folded => return None,
            Style::Plain if text.contains('\n') => Style::Literal,
            Style::Plain if is_string && looks_like != Value::Str => Style::DoubleQuoted,
            style => style,
        };
        let allowed = Allowed::of(&text);
        let style = match style {
            _ if key && text.contains('\n') => Style::DoubleQuoted,
            Style::Plain if text.is_empty() && (flow || key) => Style::SingleQuoted,
            Style::Plain if if flow { !allowed.plain_in_flow } else { !allowed.plain } => Style::SingleQuoted,
            Style::Literal if flow || key || !allowed.block => Style::DoubleQuoted,
            style => style,
        };
        match style {
            Style::Plain if text.is_empty() => self.writer.nothing(),
            Style::Plain => {
                self.writer.space();
                self.writer.bare(&text);
            }
            Style::SingleQuoted if allowed.single => match text.contains('\n') {
                true if flow => return None,
                true => self.writer.single_quoted_lines(&text),
                false => drop(self.writer.single_quoted(&text, false)),
            },
            Style::Literal => {
                let comment = self.comment(node);
                self.writer.literal_value(&text, comment);
            }
            _ => {
                self.writer.double_quoted(&text, false);
            }
        }
        Some(())
    }
}

/// Where a node stood in its file.
fn span(node: &Node<'_>) -> Option<(usize, usize)> {
    node.origin().span.map(|s| (s.start as usize, s.end as usize))
}

/// True for a collection that is written with brackets in its file.
fn in_brackets(node: &Node<'_>) -> bool {
    match node {
        Node::Source(src, _) => src.raw().style == Style::Flow,
        made => made.origin().span.is_some_and(|s| s.text().starts_with(['{', '['])),
    }
}

/// The styles that the characters of a text allow.
struct Allowed {
    plain: bool,
    plain_in_flow: bool,
    single: bool,
    block: bool,
}

impl Allowed {
    fn of(text: &str) -> Self {
        let blank = |c: char| c == ' ' || c == '\t';
        let (mut in_flow, mut anywhere) = (false, text.starts_with("---") || text.starts_with("..."));
        let mut before = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let last = chars.peek().is_none_or(|n| blank(*n) || *n == '\n');
            let first = before.is_none();
            match c {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
                    if first =>
                {
                    anywhere = true;
                }
                '?' | ':' if first => (in_flow, anywhere) = (true, anywhere || last),
                '-' if first => anywhere |= last,
                ',' | '?' | '[' | ']' | '{' | '}' => in_flow = true,
                ':' => (in_flow, anywhere) = (true, anywhere || last),
                '#' => anywhere |= before.is_some_and(|b| blank(b) || b == '\n'),
                _ => {}
            }
            before = Some(c);
        }
        let special = text.chars().any(|c| c != '\t' && !super::writer::is_printable(c));
        let space_before_break = text.contains(" \n");
        let edge = text.starts_with([' ', '\n']) || text.ends_with([' ', '\n']);
        let odd = space_before_break || special || text.contains('\t') || text.contains("\n ");
        let plain = !(edge || odd || anywhere || text.contains('\n'));
        Allowed {
            plain,
            plain_in_flow: plain && !in_flow,
            single: !odd,
            block: !(text.is_empty() || text.ends_with(' ') || space_before_break || special),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::SrcNode;

    fn again(text: &str) -> Option<String> {
        let source = Source::new("f".into(), "f".into(), text.as_bytes().to_vec());
        let root = Node::Source(SrcNode { source: &source, id: source.tree().documents.first()?.root? }, None);
        layout(&root, &source, &[])
    }

    #[test]
    fn the_usual_layout_stays() {
        for text in [
            "a: 1\n",
            "# of the document\n\n# and\n\n# of a\n# more\na: 1 # behind\nb:\n  # of c\n  c: 'x'\n  # of d\n  d: \"y\"\n",
            "a: # behind the key\n  b: 1\nlist:\n# of the item\n- x # one\n- y: 1\n  z: [a, {b: \"c\"}] # two\n- - p\n  - q\n",
            "a: # behind the key\n- b: 1\n- |- # behind the bar\n  x\nc: 'one\n\n  two\n\n\n  three'\n",
            "a: 1\n# foot\n\nb: |-\n  x\n  # no comment\nc:\nd: ~\ne: {}\nf: []\n",
        ] {
            assert_eq!(again(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn other_layouts_become_the_usual_one() {
        let text = "a:\n    - b:   1\n      c: { x: 1,\n        y: [ 'a b' ] }\n\n# of d\n\nd: \"\\u00e9\"\n";
        assert_eq!(again(text).as_deref(), Some("a:\n- b: 1\n  c: {x: 1, y: ['a b']}\n# of d\nd: \"é\"\n"));
    }

    #[test]
    fn what_is_not_known_is_left() {
        for text in [
            "a: &x 1\nb: *x\n",
            "a: !!str 1\n",
            "a: >\n  x\n",
            "a: [b, # c\n  d]\n",
            "a:\n  b: 1\n  # c\nd: 1\n",
            "a: 1\n# c\n",
        ] {
            assert_eq!(again(text), None, "{text}");
        }
    }
}
