//! `duplicate-env-var`: see `rules/duplicate-env-var.md`.

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
        for (at, entry) in entries.iter().enumerate() {
            let Some(node) = entry.get("name") else { continue };
            let Some(name) = node.as_str() else { continue };
            let later = entries.get(at + 1..).unwrap_or_default();
            let named = |e: &&Node<'s>| e.get("name").is_some_and(|n| n.has_text(&name));
            let Some(last) = later.iter().rfind(named) else { continue };
            let same = plain_value(entry).is_some_and(|v| plain_value(last) == Some(v));
            // An entry sees only what stands before it.
            let reference = format!("$({name})");
            let used =
                later.iter().any(|e| e.get("value").and_then(|v| v.text()).is_some_and(|v| v.contains(&reference)));
            let fix = if same && !used { remove_item(&list, entry) } else { None };
            let message = format!("`{name}` is set twice in `{}`: the last one wins", cx.container.name());
            // A patch that appends one has no business with the base's.
            let winner = last.get("name");
            let mut draft = sink.at(&latest(&node, winner.clone()), message);
            draft.related(&node, "this one has no effect");
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
    let first = source.line_range(source.line_col(src.raw().start).line);
    let before = text.get(first.start as usize..src.raw().start as usize)?;
    let own_line = before.trim_start().strip_prefix('-').is_some_and(|rest| rest.bytes().all(|b| b == b' '));
    let end = text.get(src.raw().start as usize..src.raw().end as usize)?.trim_end().len() as u32 + src.raw().start;
    let last = source.line_range(source.line_col(end).line);
    let rest = text.get(end as usize..last.end as usize)?.trim();
    if !own_line || !(rest.is_empty() || rest.starts_with('#')) {
        return None;
    }
    let next = source.line_range(source.line_col(end).line + 1).start;
    Some(Edit { span: Span { source, start: first.start, end: next.max(last.end) }, text: String::new() })
}
