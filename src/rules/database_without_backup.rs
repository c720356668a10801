//! `database-without-backup`: see `rules/database-without-backup.md`.

use serde::Deserialize;

use super::storage;
use crate::k8s::{Object, Workload};
use crate::rule::{BuildCx, Rule, Sink};
use crate::yaml::Node;

/// Reports databases that nothing backs up.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DatabaseWithoutBackup {}

/// Words of programs that back up.
const WORDS: [&str; 8] = ["backup", "dump", "restic", "wal-g", "pgbackrest", "barman", "snapshot", "velero"];

impl Rule for DatabaseWithoutBackup {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if !cx.scope.complete {
            return;
        }
        let databases: Vec<_> = cx.scope.workloads.iter().filter_map(|w| Some((w, engine(w)?))).collect();
        // Looked for only where there is something to back up.
        if databases.is_empty() || cx.scope.workloads.iter().any(backs_up) {
            return;
        }
        if cx.scope.objects.iter().chain(cx.run.elsewhere(cx.scope)).any(is_backup) {
            return;
        }
        for (workload, engine) in databases {
            let object = &workload.object;
            let name = object.name().unwrap_or_default();
            if cx.env.is_external("Backup", &name, object.namespace().as_deref()) {
                continue;
            }
            sink.on(object, None);
            sink.at(&object.anchor(), format!("nothing here backs up {engine} `{name}`"))
                .help("add a CronJob that dumps it, or a schedule of your backup tool; if another repository has one, say so under `external`");
        }
    }
}

/// The engine of a database on a claim.
fn engine(workload: &Workload<'_>) -> Option<&'static str> {
    let kind = matches!((workload.object.group(), workload.object.kind()), ("apps", "StatefulSet" | "Deployment"));
    if !kind || workload.is_off() || workload.is_hook() || !storage::has_claim(workload) {
        return None;
    }
    let running = workload.containers.iter().filter(|c| c.class.runs_with_pod());
    running.filter_map(storage::engine).find(|e| e.is_backed_up).map(|e| e.name)
}

fn has_word(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

/// True for a CronJob, a Job or a container beside the database whose name, image, command or arguments speak of a backup.
fn backs_up(workload: &Workload<'_>) -> bool {
    let named = workload.traits.run_to_completion && workload.object.name().is_some_and(|n| has_word(&n));
    named
        || annotated(&workload.object)
        || workload.metadata.as_ref().and_then(|m| m.get("annotations")).is_some_and(|a| keys_speak(&a))
        || workload.containers.iter().any(|container| {
            let text = |field: &str| container.get(field).and_then(|n| n.as_str()).is_some_and(|t| has_word(&t));
            let list = |field: &str| {
                let list = container.get(field);
                list.iter().flat_map(Node::items).any(|n| n.text().is_some_and(|t| has_word(&t)))
            };
            text("name") || text("image") || list("command") || list("args")
        })
}

fn annotated(object: &Object<'_>) -> bool {
    [object.annotations(), object.labels()].iter().flatten().any(keys_speak)
}

fn keys_speak(map: &Node<'_>) -> bool {
    map.entries().any(|(key, _)| key.text().is_some_and(|k| has_word(&k) || k.contains("recurring-job")))
}

/// True for objects of tools that back up claims or databases.
fn is_backup(object: &Object<'_>) -> bool {
    match (object.group(), object.kind()) {
        ("velero.io" | "k8up.io", _) | ("longhorn.io", "RecurringJob") | ("volsync.backube", "ReplicationSource") => {
            true
        }
        ("snapshot.storage.k8s.io", kind) => kind != "VolumeSnapshotClass",
        ("", "PersistentVolumeClaim") => annotated(object),
        (group, kind) => group.contains('.') && kind.contains("Backup"),
    }
}
