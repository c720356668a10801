//! `short-grace-period`: see `rules/short-grace-period.md`.

use serde::Deserialize;

use super::resource::at_cause;
use crate::k8s::Container;
use crate::rule::{PodCx, Rule, Sink};
use crate::yaml::Node;

const FIELD: &str = "terminationGracePeriodSeconds";

/// Reports pods that are killed before they have drained.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ShortGracePeriod {}

impl Rule for ShortGracePeriod {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let workload = cx.workload;
        if !workload.traits.long_running || workload.is_off() {
            return;
        }
        let message = format!("{} is killed before it can drain", workload.title());
        let written = workload.get(FIELD).filter(|n| !n.is_null());
        let grace = match &written {
            Some(node) => match node.as_i64() {
                Some(seconds) => seconds,
                None => return,
            },
            None => 30,
        };
        if let (0, Some(node)) = (grace, &written) {
            sink.at(node, message)
                .label("processes get no SIGTERM, only SIGKILL")
                .help("remove it (the default is 30), or give the program the time that it needs")
                .suggest(format!("set `{FIELD}: 30`"));
            return;
        }
        for container in &workload.containers {
            let Some((node, sleep)) = sleep(container).filter(|(_, s)| *s >= grace) else { continue };
            sink.on(&workload.object, Some(container));
            let enough = sleep.saturating_add(30);
            let period = written.as_ref().unwrap_or(&node);
            at_cause((&node, "the hook"), (period, "the grace period"), message.clone(), sink)
                .label(format!("the hook sleeps {sleep} s of a grace period of {grace} s"))
                .help(format!("set `{FIELD}: {enough}`: the sleep, and time to stop after it"))
                .suggest(format!("set `{FIELD}: {enough}`"));
        }
    }
}

/// How many seconds the container's preStop hook sleeps, and the scalar that says so.
fn sleep<'s>(container: &Container<'s>) -> Option<(Node<'s>, i64)> {
    let hook = container.node.path(&["lifecycle", "preStop"])?;
    if let Some(node) = hook.path(&["sleep", "seconds"]) {
        let seconds = node.as_i64()?;
        return Some((node, seconds));
    }
    let command: Vec<Node<'s>> = hook.path(&["exec", "command"])?.items().collect();
    let texts: Vec<_> = command.iter().map(|n| n.as_str().unwrap_or_default()).collect();
    let program = texts.first()?.rsplit('/').next()?;
    if program == "sleep" {
        let seconds = seconds(texts.get(1)?)?;
        return Some((command.into_iter().nth(1)?, seconds));
    }
    if !matches!(program, "sh" | "bash" | "ash" | "dash") {
        return None;
    }
    let (at, script) = texts.iter().enumerate().find(|(_, t)| t.contains("sleep "))?;
    let mut words = script.split(|c: char| c.is_whitespace() || ";&|()".contains(c)).filter(|w| !w.is_empty());
    words.find(|w| w.rsplit('/').next() == Some("sleep"))?;
    let seconds = seconds(words.next()?)?;
    Some((command.into_iter().nth(at)?, seconds))
}

/// `15`, `15s` and `2m` in seconds.
fn seconds(text: &str) -> Option<i64> {
    let (digits, factor) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(digits) if text.ends_with('m') => (digits, 60),
        Some(digits) if text.ends_with('h') => (digits, 3600),
        Some(digits) => (digits, 1),
        None => (text, 1),
    };
    digits.parse::<i64>().ok()?.checked_mul(factor)
}
