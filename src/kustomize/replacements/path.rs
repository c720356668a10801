//! Field paths of replacements (upstream `kyaml/utils/pathsplitter.go`, `kyaml/yaml/match.go`).

use std::borrow::Cow;
use std::sync::Arc;

use crate::kustomize::fieldspec::split_path;
use crate::kustomize::selector::Anywhere;
use crate::kustomize::transform_error::TransformError;
use crate::kustomize::update::{update_item, update_key};
use crate::source::Source;
use crate::yaml::{Kind, Node, Origin, SrcNode, Step, Style};

type Result<'s, T> = std::result::Result<T, TransformError<'s>>;

/// Splits a path at its dots. `\.` is a dot in a key, and so are those in brackets: `[a.b/c]` is a key, `[a=b.c]` a filter.
pub(in crate::kustomize) fn split(path: &str) -> Vec<String> {
    let mut parts = split_path(path, '.').into_iter().map(Cow::into_owned);
    let mut out = Vec::new();
    while let Some(part) = parts.next() {
        if !part.starts_with('[') || part.ends_with(']') {
            out.push(part);
            continue;
        }
        let mut whole = part;
        for next in parts.by_ref() {
            whole.push('.');
            whole.push_str(&next);
            if next.ends_with(']') {
                break;
            }
        }
        let key = if whole.contains('=') { whole } else { whole.trim_matches(['[', ']']).to_string() };
        out.push(key);
    }
    out
}

/// The one node at a path: keys, indexes, `-` for the last item, `[key=value]` for the first item with just this value.
///
/// # Errors
/// If the path takes something for a mapping or list that is none, or has a wildcard.
pub(in crate::kustomize) fn lookup<'s>(root: &Node<'s>, path: &[String]) -> Result<'s, Option<Node<'s>>> {
    let mut node = root.clone();
    for part in path.iter().map(|p| p.trim()).filter(|p| !p.is_empty()) {
        let next = match part.parse::<i64>() {
            Ok(index) => {
                let index = usize::try_from(index)
                    .map_err(|_| TransformError::new(format!("the index {index} cannot be negative")))?;
                list(&node)?.items().nth(index)
            }
            Err(_) if part == "-" => list(&node)?.items().last(),
            Err(_) if part == "*" => return Err(TransformError::new("`*` cannot be used here")),
            Err(_) => match filter(part) {
                Some(filter) => {
                    let (key, value) = filter?;
                    list(&node)?.items().find(|item| match key {
                        "" => item.text().unwrap_or_default() == value,
                        key => item.get(key).is_some_and(|v| v.text().unwrap_or_default() == value),
                    })
                }
                None => field(&node, part)?,
            },
        };
        match next {
            Some(next) => node = next,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

fn list<'n, 's>(node: &'n Node<'s>) -> Result<'s, &'n Node<'s>> {
    if node.is_seq() || node.is_null() { Ok(node) } else { Err(TransformError::wrong_kind(Kind::Seq, node)) }
}

fn field<'s>(node: &Node<'s>, key: &str) -> Result<'s, Option<Node<'s>>> {
    if node.is_null() {
        return Ok(None);
    }
    if node.is_map() { Ok(node.get(key)) } else { Err(TransformError::wrong_kind(Kind::Map, node)) }
}

/// Key and value of `[key=value]`; none for another part.
fn filter<'s>(part: &str) -> Option<Result<'s, (&str, &str)>> {
    let inner = part.strip_prefix('[')?.strip_suffix(']')?;
    Some(inner.split_once('=').ok_or_else(|| TransformError::new(format!("`{part}` needs the form `[key=value]`"))))
}

fn index(part: &str) -> Option<usize> {
    part.parse().ok()
}

/// Called with every node that a path names; returns whether it changed it.
pub(super) type Visit<'v, 's> = dyn FnMut(&mut Node<'s>) -> Result<'s, bool> + 'v;

/// Follows a path to all nodes that it names: `*` for every item, and the value of `[key=value]` is a regular expression.
pub(super) struct Matcher<'m, 's> {
    /// What to create at the end of a path; none to create nothing.
    create: Option<Kind>,
    step: &'m Arc<Step<'s>>,
    found: usize,
}

impl<'m, 's> Matcher<'m, 's> {
    pub(super) fn new(create: Option<Kind>, step: &'m Arc<Step<'s>>) -> Self {
        Matcher { create, step, found: 0 }
    }

    /// Calls `visit` on all nodes at the path; returns how many there are.
    ///
    /// # Errors
    /// If the path takes something for a mapping or list that is none, an index is too large, an expression is not valid, or
    /// `visit` fails.
    pub(super) fn visit(
        &mut self,
        root: &mut Node<'s>,
        path: &[String],
        visit: &mut Visit<'_, 's>,
    ) -> Result<'s, usize> {
        self.found = 0;
        self.node(root, path, visit)?;
        Ok(self.found)
    }

    fn node(&mut self, node: &mut Node<'s>, path: &[String], visit: &mut Visit<'_, 's>) -> Result<'s, bool> {
        let Some((part, rest)) = path.split_first() else {
            self.found += 1;
            return visit(node);
        };
        if let Some(index) = index(part) {
            return self.item(node, index, rest, visit);
        }
        if let Some(filter) = filter(part) {
            let (key, expression) = filter?;
            return self.filtered(node, key, expression, rest, visit);
        }
        if part == "*" {
            list(node)?;
            let mut changed = false;
            for at in 0..node.len() {
                changed |= update_item(node, at, |item| self.node(item, rest, visit))?;
            }
            return Ok(changed);
        }
        self.key(node, part, rest, visit)
    }

    fn key(&mut self, node: &mut Node<'s>, key: &str, rest: &[String], visit: &mut Visit<'_, 's>) -> Result<'s, bool> {
        let mut changed = false;
        if let Some(mut empty) = self.in_null(node, Kind::Map) {
            return self.key(&mut empty, key, rest, visit).map(|_| false);
        }
        match field(node, key)? {
            None if self.create.is_none() => return Ok(false),
            None => {
                let origin = Origin::default().with(self.step, None);
                let made = self.made(rest.first(), origin.clone());
                node.set(Node::string(key, origin), made);
                changed = true;
            }
            Some(value) if value.is_scalar() && !rest.is_empty() => return self.inside(&value, rest),
            Some(_) => {}
        }
        changed |= update_key(node, key, |value| self.node(value, rest, visit))?;
        Ok(changed)
    }

    fn item(
        &mut self,
        node: &mut Node<'s>,
        index: usize,
        rest: &[String],
        visit: &mut Visit<'_, 's>,
    ) -> Result<'s, bool> {
        if let Some(mut empty) = self.in_null(node, Kind::Seq) {
            return self.item(&mut empty, index, rest, visit).map(|_| false);
        }
        let len = list(node)?.len();
        let mut changed = false;
        if index == len && self.create.is_some() && node.is_seq() {
            let made = self.made(rest.first(), Origin::default().with(self.step, None));
            if let Some(seq) = node.seq_mut() {
                seq.items.push(made);
                changed = true;
            }
        } else if index >= len {
            let message = format!("index {index} specified but only {len} elements found");
            return Err(TransformError::new(message).at(node));
        }
        changed |= update_item(node, index, |item| self.node(item, rest, visit))?;
        Ok(changed)
    }

    fn filtered(
        &mut self,
        node: &mut Node<'s>,
        key: &str,
        expression: &str,
        rest: &[String],
        visit: &mut Visit<'_, 's>,
    ) -> Result<'s, bool> {
        if let Some(mut empty) = self.in_null(node, Kind::Seq) {
            return self.filtered(&mut empty, key, expression, rest, visit).map(|_| false);
        }
        list(node)?;
        let before = self.found;
        let compiled = if node.is_empty() { None } else { Some(Anywhere::new(expression)?) };
        let mut changed = false;
        if let Some(expression) = &compiled {
            for at in 0..node.len() {
                changed |= update_item(node, at, |item| self.if_matches(item, key, expression, rest, visit))?;
            }
        }
        if self.found > before || self.create.is_none() || !node.is_seq() {
            return Ok(changed);
        }
        // Nothing matched: an item that does, as it is written, is appended.
        let origin = Origin::default().with(self.step, None);
        let value = Node::untyped(expression, origin.clone());
        let made = match key {
            "" => value,
            key => Node::map(vec![(Node::string(key, origin.clone()), value)], origin),
        };
        let at = node.len();
        if let Some(seq) = node.seq_mut() {
            seq.items.push(made);
        }
        let compiled = Anywhere::new(expression)?;
        update_item(node, at, |item| self.if_matches(item, key, &compiled, rest, visit))?;
        if self.found == before {
            return Err(TransformError::new(format!("an item made for `[{key}={expression}]` does not match it")));
        }
        Ok(true)
    }

    fn if_matches(
        &mut self,
        item: &mut Node<'s>,
        key: &str,
        expression: &Anywhere,
        rest: &[String],
        visit: &mut Visit<'_, 's>,
    ) -> Result<'s, bool> {
        if key.is_empty() {
            // What follows a filter for scalars is ignored.
            return if expression.is_in(&printed(item)) { self.node(item, &[], visit) } else { Ok(false) };
        }
        match item.get(key) {
            Some(value) if expression.is_in(&printed(&value)) => self.node(item, rest, visit),
            _ => Ok(false),
        }
    }

    /// What to create the rest of a path in where there is a null: upstream creates it below the null, which is printed as before,
    /// so this is thrown away.
    fn in_null(&self, node: &Node<'s>, kind: Kind) -> Option<Node<'s>> {
        self.create.filter(|_| node.is_null())?;
        Some(Self::made_of(kind, Origin::default()))
    }

    /// A path that goes on in a scalar goes on in the document that the scalar holds. Upstream writes into a copy of it here,
    /// so this has no effect, and is no error if the path is found.
    fn inside(&mut self, scalar: &Node<'s>, rest: &[String]) -> Result<'s, bool> {
        let text = scalar.text().unwrap_or_default();
        let source = Source::new("".into(), String::new(), text.into_owned().into_bytes());
        let found = match super::embedded::root(&source) {
            Some(mut root) => {
                let step = Step::new(self.step.kind, None);
                let mut matcher = Matcher::new(self.create, &step);
                matcher
                    .visit(&mut root, rest, &mut |_| Ok(false))
                    .map_err(|e| TransformError::new(e.message).at(scalar))?
            }
            None => return Err(TransformError::new("the scalar holds no YAML").at(scalar)),
        };
        self.found += found;
        Ok(false)
    }

    /// A node that is missing, by what follows in the path.
    fn made(&self, next: Option<&String>, origin: Origin<'s>) -> Node<'s> {
        let kind = match next {
            None => self.create.unwrap_or(Kind::Scalar),
            Some(next) if index(next).is_some() || (next.starts_with('[') && next.ends_with(']')) => Kind::Seq,
            Some(_) => Kind::Map,
        };
        Self::made_of(kind, origin)
    }

    fn made_of(kind: Kind, origin: Origin<'s>) -> Node<'s> {
        match kind {
            Kind::Scalar => Node::untyped("", origin),
            Kind::Map => Node::map(Vec::new(), origin),
            Kind::Seq => Node::seq(Vec::new(), origin),
        }
    }
}

/// A scalar as it would be printed with its quotes, which is what expressions are matched against.
fn printed(node: &Node<'_>) -> String {
    let text = node.text().unwrap_or_default();
    match node.style() {
        Style::DoubleQuoted => format!("\"{text}\""),
        Style::SingleQuoted => format!("'{text}'"),
        _ => text.trim().to_string(),
    }
}

/// The root of a source's first document.
pub(super) fn first_root(source: &Source) -> Option<Node<'_>> {
    let tree = source.tree();
    let document = tree.documents.first()?;
    Some(Node::Source(SrcNode { source, id: document.root? }, None))
}
