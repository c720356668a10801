//! Who wrote a field of a build: every text that stood there and what brought it, and what each file contributed.

mod files;
mod path;

use std::borrow::Cow;

use super::build::Build;
use super::renamed::original_name;
use crate::near::distance;
use crate::source::Span;
use crate::yaml::{Kind, Node, Origin, StepKind};

pub use files::{Contribution, contributions};
pub use path::{FieldPath, Part};

/// One writer of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writer<'s> {
    /// What it did; none for text as it stands in a file of objects.
    pub what: Option<StepKind>,
    /// Where the text stands that it wrote. None if it stands in no file.
    pub text: Option<Span<'s>>,
    /// The entry of a kustomization that asked for it.
    pub entry: Option<Span<'s>>,
    /// True if a later writer replaced all that it wrote.
    pub replaced: bool,
    /// True if a later writer replaced what it wrote, but for a part that still stands.
    pub partly: bool,
}

impl<'s> Writer<'s> {
    /// The place to show: the text, else the entry.
    pub fn place(&self) -> Option<Span<'s>> {
        self.text.or(self.entry)
    }
}

/// Everything that wrote a value, first to last.
pub fn writers<'s>(node: &Node<'s>) -> Vec<Writer<'s>> {
    let mut out = Vec::new();
    // What stood here before, newest first. Each origin leads to the one that it replaced; a loop, for chains may be long.
    let mut at = Some(node.origin());
    let mut layers: Vec<Vec<Writer<'s>>> = Vec::new();
    while let Some(origin) = at {
        layers.push(layer(&origin, !layers.is_empty()));
        at = origin.replaced().cloned();
    }
    for writer in layers.into_iter().rev().flatten() {
        let same = |w: &Writer<'s>| (w.what, w.text, w.entry) == (writer.what, writer.text, writer.entry);
        if !out.iter().any(same) {
            out.push(writer);
        }
    }
    // A field that is created and then filled is written once.
    let filled: Vec<_> = out.iter().filter(|w| w.text.is_some()).map(|w| (w.what, w.entry)).collect();
    out.retain(|w| !(w.replaced && w.text.is_none() && filled.contains(&(w.what, w.entry))));
    add_pieces(&mut out, node);
    // A part of an older text may still stand: the name of an image that got a new tag.
    for writer in &mut out {
        let stands =
            |text: Span<'s>| node.pieces().iter().filter_map(|piece| piece.span).any(|piece| text.contains(piece));
        writer.partly = writer.replaced && writer.text.is_some_and(stands);
        writer.replaced &= !writer.partly;
    }
    out
}

/// Names the places of those parts of a composed text that no writer stands for yet: the value of a var.
fn add_pieces<'s>(writers: &mut Vec<Writer<'s>>, node: &Node<'s>) {
    for piece in node.pieces().iter().filter_map(|piece| piece.span) {
        let known = |w: &Writer<'s>| [w.text, w.entry].into_iter().flatten().any(|place| place.contains(piece));
        if writers.iter().any(known) {
            continue;
        }
        let open = writers.iter_mut().find(|w| w.text.is_none() && w.what == Some(StepKind::Var));
        if let Some(var) = open {
            var.text = Some(piece);
        } else if let Some(last) = writers.last().copied() {
            writers.push(Writer { text: Some(piece), replaced: false, ..last });
        }
    }
}

/// The writers of one text: what brought it, then what completed it.
fn layer<'s>(origin: &Origin<'s>, replaced: bool) -> Vec<Writer<'s>> {
    let mut links: Vec<_> = origin.links().collect();
    links.reverse();
    // What came before the newest replacement belongs to the text that was replaced, unless it came with the new one.
    let mut out = Vec::new();
    let mut links = links.into_iter().peekable();
    let bringing = links.next_if(|l| l.replaced.is_some() || !completes(l.step.kind)).map(|l| &l.step);
    out.push(Writer {
        what: bringing.map(|step| step.kind),
        text: origin.span,
        entry: bringing.and_then(|step| step.at),
        replaced,
        partly: false,
    });
    for link in links {
        let what = Some(link.step.kind);
        out.push(Writer { what, text: None, entry: link.step.at, replaced, partly: false });
    }
    out.retain(|w| w.what.is_some() || w.text.is_some());
    out
}

/// True for steps that add to a text and keep it. A var that is all of a text replaces it.
fn completes(kind: StepKind) -> bool {
    use StepKind::{Hash, NamePrefix, NameReference, NameSuffix, Var};
    matches!(kind, NamePrefix | NameSuffix | Hash | NameReference | Var)
}

/// Why a name or a path leads to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFound {
    /// What was looked for, in words.
    pub message: String,
    /// What is there, nearest first; ten at most.
    pub candidates: Vec<String>,
}

/// Where the name of an object is.
const NAME: &[&str] = &["metadata", "name"];

/// The objects of a build that `Kind/name` or `namespace/Kind/name` names, by the name as it is printed or the one before
/// kustomize changed it.
///
/// # Errors
/// If none or more than one is named.
pub fn find_object<'b, 's>(build: &'b Build<'s>, text: &str) -> Result<&'b Node<'s>, NotFound> {
    let parts: Vec<&str> = text.splitn(3, '/').collect();
    let (namespace, kind, name) = match parts.as_slice() {
        [kind, name] => (None, *kind, *name),
        [namespace, kind, name] => (Some(*namespace), *kind, *name),
        _ => {
            let message = format!("`{text}` names no object; write `Kind/name` or `namespace/Kind/name`");
            return Err(NotFound { message, candidates: nearest_objects(build, text) });
        }
    };
    let fits = |object: &&Node<'s>| {
        field(object, &["kind"]).eq_ignore_ascii_case(kind)
            && namespace.is_none_or(|n| field(object, &["metadata", "namespace"]) == n)
    };
    let of_kind: Vec<&Node<'s>> = build.objects.iter().filter(fits).collect();
    let printed: Vec<&Node<'s>> = of_kind.iter().filter(|o| field(o, NAME) == name).copied().collect();
    let original = |o: &&Node<'s>| {
        let node = o.path(&["metadata", "name"]);
        node.and_then(|n| original_name(&n)).is_some_and(|n| n == name)
    };
    let found = if printed.is_empty() { of_kind.into_iter().filter(original).collect() } else { printed };
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err(match build.deleted.iter().find(|gone| fits(&&gone.object) && field(&gone.object, NAME) == name) {
            Some(gone) => {
                let (file, at) = (gone.at.source.display(), gone.at.start_pos());
                let message = format!("`{text}` is deleted by a patch: {file}:{}:{}", at.line, at.column);
                NotFound { message, candidates: Vec::new() }
            }
            None => NotFound {
                message: format!("no object of the build is `{text}`"),
                candidates: nearest_objects(build, text),
            },
        }),
        several => Err(NotFound {
            message: format!("`{text}` names more than one object; add the namespace or the whole name"),
            candidates: several.iter().map(|o| title(o)).collect(),
        }),
    }
}

/// The patches that matched an object of a build and changed nothing in it, in the order of use: their entries.
pub fn idle_patches<'b, 's>(build: &'b Build<'s>, object: &Node<'s>) -> &'b [Span<'s>] {
    let at = build.objects.iter().position(|o| o.identity() == object.identity());
    at.and_then(|at| build.idle_patches.get(at)).map_or(&[], Vec::as_slice)
}

fn nearest_objects(build: &Build<'_>, text: &str) -> Vec<String> {
    let mut titles: Vec<String> = build.objects.iter().map(title).collect();
    let wanted = text.to_ascii_lowercase();
    titles.sort_by_cached_key(|t| (distance(&wanted, &t.to_ascii_lowercase()), t.clone()));
    titles.dedup();
    titles.truncate(10);
    titles
}

/// `Kind/name`, with the namespace in front if the object has one.
pub fn title(object: &Node<'_>) -> String {
    let namespace = field(object, &["metadata", "namespace"]);
    let name = format!("{}/{}", field(object, &["kind"]), field(object, &["metadata", "name"]));
    if namespace.is_empty() { name } else { format!("{namespace}/{name}") }
}

fn field<'s>(object: &Node<'s>, path: &[&str]) -> Cow<'s, str> {
    object.path(path).and_then(|n| n.text()).unwrap_or_default()
}

/// The value behind a path.
///
/// # Errors
/// Where the path leaves what is there, with the nearest keys.
pub fn find_field<'s>(object: &Node<'s>, path: &FieldPath) -> Result<Node<'s>, NotFound> {
    let mut node = object.clone();
    let mut walked = FieldPath::default();
    for part in &path.parts {
        let Some(next) = step(&node, part) else { return Err(missing(&node, &walked, part)) };
        walked.parts.push(part.clone());
        node = next;
    }
    Ok(node)
}

/// A value that was in an object until a patch took it out.
pub struct Gone<'s> {
    /// The value as it was.
    pub node: Node<'s>,
    /// What took it out: the `path` of a JSON 6902 operation, the key that a patch sets to null or replaces, or its `$patch`.
    pub at: Span<'s>,
}

/// What was behind a path that leads nowhere now, if a patch took it out.
pub fn find_removed<'s>(object: &Node<'s>, path: &FieldPath) -> Option<Gone<'s>> {
    let (node, at) = before(object, &path.parts)?;
    at.map(|at| Gone { node, at })
}

/// What is or was behind a path, and what took it out, if something did.
fn before<'s>(node: &Node<'s>, path: &[Part]) -> Option<(Node<'s>, Option<Span<'s>>)> {
    let Some((part, rest)) = path.split_first() else { return Some((node.clone(), None)) };
    if let Some(found) = step(node, part).and_then(|next| before(&next, rest)) {
        return Some(found);
    }
    let Part::Key(key) = part else { return None };
    let lists = node.earlier_lists(key);
    node.removed(key).into_iter().chain(lists).find_map(|removed| {
        // What an earlier patch took out of it says so itself.
        let (found, at) = before(&removed.value, rest)?;
        Some((found, at.or(Some(removed.at))))
    })
}

fn step<'s>(node: &Node<'s>, part: &Part) -> Option<Node<'s>> {
    match part {
        // As paths of replacements have it: `containers.0`.
        Part::Key(key) if node.is_seq() => key.parse().ok().and_then(|index| node.items().nth(index)),
        Part::Key(key) => node.get(key),
        Part::Index(index) => node.items().nth(*index),
        Part::Match(key, value) => node.items().find(|i| i.get(key).is_some_and(|n| n.has_text(value))),
    }
}

fn missing(node: &Node<'_>, walked: &FieldPath, part: &Part) -> NotFound {
    let here = if walked.parts.is_empty() { "the object".to_string() } else { format!("`{walked}`") };
    let mut candidates: Vec<String> = match node.kind() {
        Kind::Map => node.entries().filter_map(|(k, _)| k.text()).map(|k| k.into_owned()).collect(),
        Kind::Seq => node
            .items()
            .enumerate()
            .map(|(at, item)| match item.get("name").and_then(|n| n.as_str()) {
                Some(name) => format!("[name={name}]"),
                None => format!("[{at}]"),
            })
            .collect(),
        Kind::Scalar => Vec::new(),
    };
    let wanted = part.to_string();
    candidates.sort_by_cached_key(|c| (distance(&wanted, c), c.clone()));
    candidates.dedup();
    candidates.truncate(10);
    let mut full = walked.clone();
    full.parts.push(part.clone());
    let message = match node.kind() {
        Kind::Scalar => format!("{here} is a value, so there is no `{full}`"),
        _ => format!("{here} has no `{part}`"),
    };
    let candidates = candidates
        .into_iter()
        .map(|c| {
            let mut candidate = walked.clone();
            candidate.parts.extend(FieldPath::last_of(&c, node.kind()));
            candidate.to_string()
        })
        .collect();
    NotFound { message, candidates }
}

/// The scalars at and below a node, each with its path.
pub fn leaves<'s>(node: &Node<'s>, path: &FieldPath) -> Vec<(FieldPath, Node<'s>)> {
    let mut out = Vec::new();
    collect(node, path, &mut out);
    out
}

fn collect<'s>(node: &Node<'s>, path: &FieldPath, out: &mut Vec<(FieldPath, Node<'s>)>) {
    let below = |part: Part| {
        let mut path = path.clone();
        path.parts.push(part);
        path
    };
    match node.kind() {
        Kind::Scalar => out.push((path.clone(), node.clone())),
        Kind::Map => {
            for (key, value) in node.entries() {
                collect(&value, &below(Part::Key(key.text().unwrap_or_default().into_owned())), out);
            }
        }
        Kind::Seq => {
            for (at, item) in node.items().enumerate() {
                let name = item.get("name").and_then(|n| n.as_str());
                let part = name.map_or(Part::Index(at), |n| Part::Match("name".into(), n.into_owned()));
                collect(&item, &below(part), out);
            }
        }
    }
}
