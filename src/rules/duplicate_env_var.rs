//! `duplicate-env-var`: see `rules/duplicate-env-var.md`.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::finding::{Edit, Safety};
use crate::rule::{ContainerCx, Rule, Sink, latest};
use crate::source::Span;
use crate::yaml::{Node, StepKind, Style};

/// Reports variables that are set twice.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DuplicateEnvVar {}

impl Rule for DuplicateEnvVar {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(list) = cx.container.get("env") else { return };
        let entries: Vec<Node<'s>> = list.items().collect();
        let names: Vec<Option<Node<'s>>> = entries.iter().map(|entry| entry.get("name")).collect();
        let texts: Vec<Option<Cow<'s, str>>> = names.iter().map(|name| name.as_ref().and_then(Node::text)).collect();
        let mut last_of: FxHashMap<&str, usize> = FxHashMap::default();
        last_of.extend(texts.iter().enumerate().filter_map(|(at, name)| Some((name.as_deref()?, at))));
        for (at, entry) in entries.iter().enumerate() {
            let (Some(Some(node)), Some(Some(name))) = (names.get(at), texts.get(at)) else { continue };
            let last = last_of.get(&**name).filter(|last| **last > at && !node.is_null());
            let Some(last) = last.and_then(|last| entries.get(*last)) else { continue };
            let later = entries.get(at + 1..).unwrap_or_default();
            let same = plain_value(entry).is_some_and(|v| plain_value(last) == Some(v));
            // An entry sees only what stands before it.
            let reference = format!("$({name})");
            let used =
                later.iter().any(|e| e.get("value").and_then(|v| v.text()).is_some_and(|v| v.contains(&reference)));
            let fix = if same && !used { remove_item(&list, entry) } else { None };
            let message = format!("`{name}` is set twice in `{}`: the last one wins", cx.container.name());
            // A patch that appends one has no business with the base's.
            let winner = last.get("name");
            let mut draft = sink.at(&latest(node, winner.clone()), message);
            draft.related(node, "this one has no effect");
            if let Some(winner) = winner {
                draft.related(&winner, "this one wins");
            }
            draft
                .help("keep one; an entry of an overlay replaces the one of the base if both have the same name")
                .offer(Safety::Safe, "remove this one: it says the same", fix);
        }
    }
}

fn plain_value<'s>(entry: &Node<'s>) -> Option<std::borrow::Cow<'s, str>> {
    let short = entry.len() == 2;
    entry.get("value").filter(|_| short).and_then(|v| v.text())
}

/// Removes an item that stands on lines of its own.
fn remove_item<'s>(list: &Node<'s>, item: &Node<'s>) -> Option<Edit<'s>> {
    let (Node::Source(list, _), Node::Source(src, _)) = (list, item) else { return None };
    let aliased = item.origin().links().any(|l| l.step.kind == StepKind::Alias);
    if aliased || list.raw().style != Style::Block || !list.children().any(|c| c.id == src.id) {
        return None;
    }
    let source = src.source;
    let text = source.text();
    let first = source.line_around(src.raw().start);
    let before = text.get(first.start as usize..src.raw().start as usize)?;
    let own_line = before.trim_start().strip_prefix('-').is_some_and(|rest| rest.bytes().all(|b| b == b' '));
    let end = text.get(src.raw().start as usize..src.raw().end as usize)?.trim_end().len() as u32 + src.raw().start;
    let last = source.line_around(end);
    let rest = text.get(end as usize..last.end as usize)?.trim();
    if !own_line || !(rest.is_empty() || rest.starts_with('#')) {
        return None;
    }
    let behind = text.get(last.end as usize..)?;
    let newline = ["\r\n", "\n", "\r"].into_iter().find(|end| behind.starts_with(end)).map_or(0, str::len) as u32;
    Some(Edit { span: Span { source, start: first.start, end: last.end + newline }, text: String::new() })
}
