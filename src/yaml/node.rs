//! Values that know where they come from.
//!
//! A [`Node`] is either a subtree of a source file, left in place until something writes into it, or a node made by a
//! transformation. Cloning is cheap; writing copies only the mapping or sequence that is written to.

use std::borrow::Cow;
use std::sync::Arc;

use super::origin::{Origin, Piece, Step, Via, via};
use super::removed::Removals;
use super::resolve::{self, Dialect, Value};
use super::tree::{RawKind, RawNode, SrcNode, Style};
use crate::source::Span;

/// A value of a manifest or a kustomization.
#[derive(Clone)]
pub enum Node<'s> {
    /// A subtree of a file as it is written there. The steps hold for all of it.
    Source(SrcNode<'s>, Via<'s>),
    /// A scalar that a transformation made.
    Scalar(Arc<Scalar<'s>>),
    /// A mapping that a transformation wrote into.
    Map(Arc<Map<'s>>),
    /// A sequence that a transformation wrote into.
    Seq(Arc<Seq<'s>>),
}

/// A scalar that a transformation made.
#[derive(Clone)]
pub struct Scalar<'s> {
    /// Its value.
    pub text: Box<str>,
    /// How it would be written; decides its type together with `tag`.
    pub style: Style,
    /// Its explicit tag (`tag:yaml.org,2002:str`), if it has one.
    pub tag: Option<Cow<'s, str>>,
    /// Where it comes from.
    pub origin: Origin<'s>,
    /// Where its parts come from, if it is composed; empty if all of it is at `origin.span`.
    pub pieces: Vec<Piece<'s>>,
}

/// A mapping in the order of its keys.
#[derive(Clone, Default)]
pub struct Map<'s> {
    /// Keys and values. Keys are scalars.
    pub entries: Vec<(Node<'s>, Node<'s>)>,
    /// Where the mapping comes from.
    pub origin: Origin<'s>,
    /// What patches took out of it: [`Node::removed`]. None for nearly all mappings.
    pub(super) removed: Option<Box<Removals<'s>>>,
}

/// A sequence.
#[derive(Clone, Default)]
pub struct Seq<'s> {
    /// Its items.
    pub items: Vec<Node<'s>>,
    /// Where the sequence comes from.
    pub origin: Origin<'s>,
}

/// The three kinds of node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A scalar, null included.
    Scalar,
    /// A mapping.
    Map,
    /// A sequence.
    Seq,
}

/// The tag of strings.
pub const STR_TAG: &str = "tag:yaml.org,2002:str";

/// The tag of a scalar that upstream made without one ([`Node::untyped`]). It says nothing of the type.
pub const NO_TAG: &str = "";

impl<'s> Node<'s> {
    /// A string made by a transformation.
    pub fn string(text: impl Into<Box<str>>, origin: Origin<'s>) -> Self {
        Node::Scalar(Arc::new(Scalar {
            text: text.into(),
            style: Style::Plain,
            tag: Some(Cow::Borrowed(STR_TAG)),
            origin,
            pieces: Vec::new(),
        }))
    }

    /// A plain scalar made by a transformation: typed by its text, like one in a file.
    pub fn plain(text: impl Into<Box<str>>, origin: Origin<'s>) -> Self {
        Node::Scalar(Arc::new(Scalar { text: text.into(), style: Style::Plain, tag: None, origin, pieces: Vec::new() }))
    }

    /// A plain scalar that upstream makes without a tag. It is typed by its text, but upstream takes it for a string that needs
    /// quotes as soon as a strategic merge passes it.
    pub fn untyped(text: impl Into<Box<str>>, origin: Origin<'s>) -> Self {
        let tag = Some(Cow::Borrowed(NO_TAG));
        Node::Scalar(Arc::new(Scalar { text: text.into(), style: Style::Plain, tag, origin, pieces: Vec::new() }))
    }

    /// True for a scalar as [`Node::untyped`] makes it.
    pub fn is_untyped(&self) -> bool {
        matches!(self, Node::Scalar(scalar) if scalar.style == Style::Plain && scalar.tag.as_deref() == Some(NO_TAG))
    }

    /// A mapping made by a transformation.
    pub fn map(entries: Vec<(Node<'s>, Node<'s>)>, origin: Origin<'s>) -> Self {
        Node::Map(Arc::new(Map { entries, origin, removed: None }))
    }

    /// A sequence made by a transformation.
    pub fn seq(items: Vec<Node<'s>>, origin: Origin<'s>) -> Self {
        Node::Seq(Arc::new(Seq { items, origin }))
    }

    /// What kind of node it is.
    pub fn kind(&self) -> Kind {
        match self {
            Node::Source(src, _) => match src.raw().kind {
                RawKind::Map => Kind::Map,
                RawKind::Seq => Kind::Seq,
                RawKind::Scalar | RawKind::Alias => Kind::Scalar,
            },
            Node::Scalar(_) => Kind::Scalar,
            Node::Map(_) => Kind::Map,
            Node::Seq(_) => Kind::Seq,
        }
    }

    /// True for a mapping.
    pub fn is_map(&self) -> bool {
        self.kind() == Kind::Map
    }

    /// True for a sequence.
    pub fn is_seq(&self) -> bool {
        self.kind() == Kind::Seq
    }

    /// True for a scalar, null included.
    pub fn is_scalar(&self) -> bool {
        self.kind() == Kind::Scalar
    }

    /// True for a null: an empty plain scalar, `~`, `null` or a null tag.
    pub fn is_null(&self) -> bool {
        match self {
            // Asked of every scalar that is read: without a tag, the text of a plain one decides, and no other is decoded.
            Node::Source(src, _) => match src.raw() {
                raw if raw.kind != RawKind::Scalar => raw.kind == RawKind::Alias,
                raw if raw.flags & RawNode::TAGGED != 0 => matches!(self.resolve(Dialect::V3), Value::Null),
                raw => raw.style == Style::Plain && resolve::is_plain_null(&src.text()),
            },
            Node::Scalar(_) => matches!(self.resolve(Dialect::V3), Value::Null),
            Node::Map(_) | Node::Seq(_) => false,
        }
    }

    /// The value of a mapping's key. With duplicate keys, the last (as every reader of Kubernetes manifests has it).
    pub fn get(&self, key: &str) -> Option<Node<'s>> {
        match self {
            Node::Source(src, via) => src.find(key).map(|(_, value)| Node::Source(value, via.clone())),
            Node::Map(map) => map.entries.iter().rfind(|(k, _)| k.has_text(key)).map(|(_, value)| value.clone()),
            _ => None,
        }
    }

    /// A mapping's key and its value.
    pub fn entry(&self, key: &str) -> Option<(Node<'s>, Node<'s>)> {
        match self {
            Node::Source(src, via) => {
                src.find(key).map(|(k, v)| (Node::Source(k, via.clone()), Node::Source(v, via.clone())))
            }
            Node::Map(map) => map.entries.iter().rfind(|(k, _)| k.has_text(key)).cloned(),
            _ => None,
        }
    }

    /// The value behind a path of mapping keys.
    pub fn path(&self, keys: &[&str]) -> Option<Node<'s>> {
        let (first, rest) = keys.split_first()?;
        let mut node = self.get(first)?;
        for key in rest {
            node = node.get(key)?;
        }
        Some(node)
    }

    /// The pairs of a mapping; none for other kinds.
    pub fn entries(&self) -> Entries<'_, 's> {
        match self {
            Node::Source(src, via) if src.raw().kind == RawKind::Map => Entries::Source(src.children(), via),
            Node::Map(map) => Entries::Made(map.entries.iter()),
            _ => Entries::Made([].iter()),
        }
    }

    /// The items of a sequence; none for other kinds.
    pub fn items(&self) -> Items<'_, 's> {
        match self {
            Node::Source(src, via) if src.raw().kind == RawKind::Seq => Items::Source(src.children(), via),
            Node::Seq(seq) => Items::Made(seq.items.iter()),
            _ => Items::Made([].iter()),
        }
    }

    /// How many entries or items a collection has; 0 for a scalar.
    pub fn len(&self) -> usize {
        match self.kind() {
            Kind::Map => self.entries().count(),
            Kind::Seq => self.items().count(),
            Kind::Scalar => 0,
        }
    }

    /// True for a collection without entries, and for a scalar.
    pub fn is_empty(&self) -> bool {
        match self {
            Node::Source(src, _) => src.children().next().is_none(),
            Node::Scalar(_) => true,
            Node::Map(map) => map.entries.is_empty(),
            Node::Seq(seq) => seq.items.is_empty(),
        }
    }

    /// The decoded text of a scalar, whatever its type (`3` is `"3"`); none for other kinds.
    pub fn text(&self) -> Option<Cow<'s, str>> {
        match self {
            Node::Source(src, _) if src.raw().kind == RawKind::Scalar => Some(src.text()),
            Node::Scalar(scalar) => Some(Cow::Owned(scalar.text.to_string())),
            _ => None,
        }
    }

    /// True for a scalar with just this text.
    pub fn has_text(&self, text: &str) -> bool {
        match self {
            Node::Source(src, _) => src.source.tree().value_is(src.source.text(), src.id, text),
            Node::Scalar(scalar) => &*scalar.text == text,
            _ => false,
        }
    }

    /// The text of a non-null scalar.
    pub fn as_str(&self) -> Option<Cow<'s, str>> {
        if self.is_null() { None } else { self.text() }
    }

    /// A boolean, as the API server reads YAML (YAML 1.1).
    pub fn as_bool(&self) -> Option<bool> {
        match self.resolve(Dialect::V1) {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// An integer that fits 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.resolve(Dialect::V1) {
            Value::Int(value) => i64::try_from(value).ok(),
            _ => None,
        }
    }

    /// How a scalar or collection is written; block for a collection made by a transformation.
    pub fn style(&self) -> Style {
        match self {
            Node::Source(src, _) => src.raw().style,
            Node::Scalar(scalar) => scalar.style,
            Node::Map(_) | Node::Seq(_) => Style::Block,
        }
    }

    /// The explicit tag, if it has one.
    pub fn tag(&self) -> Option<Cow<'s, str>> {
        match self {
            Node::Source(src, _) => src.tag().map(Cow::Borrowed),
            Node::Scalar(scalar) => scalar.tag.clone().filter(|tag| tag != NO_TAG),
            _ => None,
        }
    }

    /// The typed value of a scalar; [`Value::Null`] for other kinds.
    pub fn resolve(&self, dialect: Dialect) -> Value {
        match self {
            Node::Source(src, _) if src.raw().kind == RawKind::Scalar => {
                resolve::resolve(&src.text(), src.raw().style, src.tag(), dialect)
            }
            Node::Scalar(scalar) => resolve::resolve(&scalar.text, scalar.style, scalar.tag.as_deref(), dialect),
            _ => Value::Null,
        }
    }

    /// Where it comes from.
    pub fn origin(&self) -> Origin<'s> {
        match self {
            Node::Source(src, via) => Origin { span: Some(src.span()), via: via.clone() },
            Node::Scalar(scalar) => scalar.origin.clone(),
            Node::Map(map) => map.origin.clone(),
            Node::Seq(seq) => seq.origin.clone(),
        }
    }

    /// The place to show for it: [`Origin::place`].
    pub fn span(&self) -> Option<Span<'s>> {
        match self {
            Node::Source(src, _) => Some(src.span()),
            _ => self.origin().place(),
        }
    }

    /// The parts of a composed scalar; empty for any other node.
    pub fn pieces(&self) -> &[Piece<'s>] {
        match self {
            Node::Scalar(scalar) => &scalar.pieces,
            _ => &[],
        }
    }

    /// The place to show for a part of a scalar's text: the piece that wrote it, or the part of the scalar in the file if it
    /// stands there as it is, else all of the scalar. `range` is in bytes of [`Node::text`].
    pub fn part(&self, range: std::ops::Range<usize>) -> Option<Span<'s>> {
        let text = self.text()?;
        let part = text.get(range.clone())?;
        let mut from = 0;
        for piece in self.pieces() {
            let to = from + piece.len as usize;
            if (from..to).contains(&range.start)
                && let Some(span) = piece.span
            {
                return Some(narrow(span, part));
            }
            from = to;
        }
        let span = self.span()?;
        let written = span.text();
        let quote = usize::from(written.starts_with(['"', '\'']));
        let inner = written.get(quote..written.len().checked_sub(quote)?);
        if self.pieces().is_empty() && inner == Some(&*text) {
            let start = span.start + (quote + range.start) as u32;
            return Some(Span { start, end: start + part.len() as u32, ..span });
        }
        Some(span)
    }

    /// The node with one more step on all of it. `replaced` is what stood in its place.
    pub fn with_step(self, step: &Arc<Step<'s>>, replaced: Option<Origin<'s>>) -> Self {
        match self {
            Node::Source(src, prev) => Node::Source(src, via(&prev, step, replaced)),
            Node::Scalar(mut scalar) => {
                let inner = Arc::make_mut(&mut scalar);
                inner.origin = inner.origin.with(step, replaced);
                Node::Scalar(scalar)
            }
            Node::Map(mut map) => {
                let inner = Arc::make_mut(&mut map);
                inner.origin = inner.origin.with(step, replaced);
                for (key, value) in &mut inner.entries {
                    *key = key.clone().with_step(step, None);
                    *value = value.clone().with_step(step, None);
                }
                Node::Map(map)
            }
            Node::Seq(mut seq) => {
                let inner = Arc::make_mut(&mut seq);
                inner.origin = inner.origin.with(step, replaced);
                for item in &mut inner.items {
                    *item = item.clone().with_step(step, None);
                }
                Node::Seq(seq)
            }
        }
    }

    /// The mapping to write into, its direct entries taken out of the source if they were still there; none if it is no
    /// mapping.
    pub fn map_mut(&mut self) -> Option<&mut Map<'s>> {
        if let Node::Source(src, via) = self
            && src.raw().kind == RawKind::Map
        {
            let entries =
                src.pairs().map(|(k, v)| (Node::Source(k, via.clone()), Node::Source(v, via.clone()))).collect();
            *self = Node::map(entries, self.origin());
        }
        match self {
            Node::Map(map) => Some(Arc::make_mut(map)),
            _ => None,
        }
    }

    /// The sequence to write into, as [`Node::map_mut`].
    pub fn seq_mut(&mut self) -> Option<&mut Seq<'s>> {
        if let Node::Source(src, via) = self
            && src.raw().kind == RawKind::Seq
        {
            let items = src.children().map(|item| Node::Source(item, via.clone())).collect();
            *self = Node::seq(items, self.origin());
        }
        match self {
            Node::Seq(seq) => Some(Arc::make_mut(seq)),
            _ => None,
        }
    }

    /// A value of a mapping, to write into.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node<'s>> {
        self.map_mut()?.entries.iter_mut().rfind(|(k, _)| k.has_text(key)).map(|(_, v)| v)
    }

    /// Sets a key of a mapping: in place if it is there, else at the end. `key` gives the origin of a new key. Returns the
    /// value that was there. Does nothing to a node that is no mapping.
    pub fn set(&mut self, key: Node<'s>, value: Node<'s>) -> Option<Node<'s>> {
        let text = key.text()?;
        let map = self.map_mut()?;
        if let Some((_, old)) = map.entries.iter_mut().rfind(|(k, _)| k.has_text(&text)) {
            return Some(std::mem::replace(old, value));
        }
        // Most mappings are small and get one key: room for more would be a fifth of the memory of many overlays.
        if map.entries.len() < 16 {
            map.entries.reserve_exact(1);
        }
        if let Some(removed) = &mut map.removed {
            removed.forget(&text);
        }
        map.entries.push((key, value));
        None
    }

    /// Removes a key of a mapping and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<Node<'s>> {
        self.entry(key)?;
        let map = self.map_mut()?;
        let at = map.entries.iter().rposition(|(k, _)| k.has_text(key))?;
        Some(map.entries.remove(at).1)
    }

    /// A number that is equal for nodes that are the same node of the same source, or share the same made node. Used to
    /// judge a shared object once.
    pub fn identity(&self) -> (usize, u32) {
        match self {
            Node::Source(src, via) => {
                let via = via.as_ref().map_or(0, |v| Arc::as_ptr(v) as usize);
                (std::ptr::from_ref(src.source) as usize ^ via.rotate_left(32), src.id)
            }
            Node::Scalar(scalar) => (Arc::as_ptr(scalar) as usize, u32::MAX),
            Node::Map(map) => (Arc::as_ptr(map) as usize, u32::MAX),
            Node::Seq(seq) => (Arc::as_ptr(seq) as usize, u32::MAX),
        }
    }
}

/// The span of `part` within a scalar's span, if it is its start or its end, quotes aside.
fn narrow<'s>(span: Span<'s>, part: &str) -> Span<'s> {
    let written = span.text();
    let inner = written.trim_matches(['"', '\'']);
    let quote = (written.len() - written.trim_start_matches(['"', '\'']).len()) as u32;
    let length = part.len() as u32;
    if inner.ends_with(part) {
        let end = span.start + quote + inner.len() as u32;
        Span { start: end - length, end, ..span }
    } else if inner.starts_with(part) {
        Span { start: span.start + quote, end: span.start + quote + length, ..span }
    } else {
        span
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind() {
            Kind::Scalar => write!(f, "{:?}", self.text().unwrap_or_default()),
            Kind::Map => f.debug_map().entries(self.entries()).finish(),
            Kind::Seq => f.debug_list().entries(self.items()).finish(),
        }
    }
}

/// Iterator over the pairs of a mapping.
pub enum Entries<'a, 's> {
    /// Of a source subtree.
    Source(super::tree::Children<'s>, &'a Via<'s>),
    /// Of a made mapping.
    Made(std::slice::Iter<'a, (Node<'s>, Node<'s>)>),
}

impl<'s> Iterator for Entries<'_, 's> {
    type Item = (Node<'s>, Node<'s>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Entries::Source(children, via) => {
                let (key, value) = (children.next()?, children.next()?);
                Some((Node::Source(key, via.clone()), Node::Source(value, via.clone())))
            }
            Entries::Made(entries) => entries.next().cloned(),
        }
    }
}

/// Iterator over the items of a sequence.
pub enum Items<'a, 's> {
    /// Of a source subtree.
    Source(super::tree::Children<'s>, &'a Via<'s>),
    /// Of a made sequence.
    Made(std::slice::Iter<'a, Node<'s>>),
}

impl<'s> Iterator for Items<'_, 's> {
    type Item = Node<'s>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Items::Source(children, via) => Some(Node::Source(children.next()?, via.clone())),
            Items::Made(items) => items.next().cloned(),
        }
    }
}
