//! `invalid-cron-schedule`: see `rules/invalid-cron-schedule.md`.

use serde::Deserialize;

use crate::finding::Safety;
use crate::k8s::cron::{self, Problem};
use crate::k8s::placeholder::is_placeholder;
use crate::rule::{ObjectCx, Rule, Sink, edit};
use crate::yaml::Node;

/// Reports CronJobs that are rejected for their schedule or time zone, or never run.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct InvalidCronSchedule {}

impl Rule for InvalidCronSchedule {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(spec) = cx.object.spec().filter(|_| cx.object.is("batch", "CronJob")) else { return };
        if let Some(node) = spec.get("schedule")
            && let Some(text) = node.as_str().filter(|t| !is_placeholder(t))
        {
            schedule(&cx.object.node, &node, &text, sink);
        }
        if let Some(node) = spec.get("timeZone")
            && let Some(text) = node.as_str().filter(|t| !is_placeholder(t))
            && !cron::may_be_zone(&text)
        {
            let why = match &*text {
                "" => "it is empty",
                "Local" => "`Local` is the zone of whoever reads it",
                _ => "the time zone database has no such name",
            };
            sink.at(&node, format!("time zone `{text}` is rejected: {why}"))
                .help("write an area and a place, like `Europe/Berlin`, or `Etc/UTC`");
        }
    }
}

fn schedule<'s>(object: &Node<'s>, node: &Node<'s>, text: &str, sink: &mut Sink<'_, 's>) {
    if text.contains("TZ") {
        let mut draft = sink.at(node, format!("schedule `{text}` is rejected: it names a time zone"));
        draft.help("write the zone under `timeZone`");
        let zone = text.strip_prefix("CRON_TZ=").or_else(|| text.strip_prefix("TZ=")).and_then(|t| t.split_once(' '));
        let Some((zone, rest)) = zone else { return };
        let schedule = edit::replace(node, &format!("\"{}\"", rest.trim()));
        let zone_edit = edit::set(object, &["spec", "timeZone"], zone);
        if let (Some(schedule), Some(zone_edit), true) = (schedule, zone_edit, cron::may_be_zone(zone)) {
            draft.fix(Safety::Unsafe, format!("write `timeZone: {zone}`"), vec![schedule, zone_edit]);
        }
        return;
    }
    match cron::check(text) {
        Ok(()) => {}
        Err(Problem::Rejected(why)) => {
            sink.at(node, format!("schedule `{text}` is rejected: {why}"))
                .help("write minute, hour, day of month, month, day of week: `0 3 * * 1-5`");
        }
        Err(Problem::NeverFires(why)) => {
            sink.at(node, format!("schedule `{text}` never fires: {why}"));
        }
    }
}
