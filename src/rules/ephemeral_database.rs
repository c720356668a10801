//! `ephemeral-database`: see `rules/ephemeral-database.md`.

use serde::Deserialize;

use super::storage::{self, Keeps};
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{Container, Workload};
use crate::rule::{PodCx, Rule, Sink};
use crate::yaml::Node;

/// Reports databases whose files go with the pod.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct EphemeralDatabase {}

impl Rule for EphemeralDatabase {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let workload = cx.workload;
        if !workload.traits.long_running || workload.is_off() {
            return;
        }
        let kept = storage::keeps_data(workload);
        for container in workload.containers.iter().filter(|c| c.class.runs_with_pod()) {
            sink.on(&workload.object, Some(container));
            if let Some(engine) = storage::engine(container).filter(|_| !kept) {
                let message = format!("data of {} in `{}` is lost with the pod", engine.name, container.name());
                let mut draft = sink.at(&container.anchor(), message);
                draft.label("no volume keeps its files").help("mount a claim where it writes, in a StatefulSet");
                if let Some(volume) = lost_volume(workload, container) {
                    draft.related(&volume, "this volume goes with the pod");
                }
            }
            for entry in container.get("env").iter().flat_map(Node::items) {
                sqlite(workload, container, &entry, sink);
            }
        }
    }
}

/// The first volume that the container mounts and that does not keep its files.
fn lost_volume<'s>(workload: &Workload<'s>, container: &Container<'s>) -> Option<Node<'s>> {
    let mounts = storage::mounts(container);
    let (name, _) = mounts.iter().find(|(name, _)| storage::keeps(workload, name) == Keeps::No)?;
    let volumes = workload.get("volumes");
    volumes.iter().flat_map(Node::items).filter_map(|v| v.get("name")).find(|n| n.has_text(name))
}

fn sqlite<'s>(workload: &Workload<'s>, container: &Container<'s>, entry: &Node<'s>, sink: &mut Sink<'_, 's>) {
    let Some(node) = entry.get("value") else { return };
    let Some(text) = node.as_str().filter(|t| !is_placeholder(t) && !t.contains("$(")) else { return };
    let Some(path) = file(&text) else { return };
    let mounts = storage::mounts(container);
    let under = |mount: &str| {
        let mount = mount.trim_end_matches('/');
        path.strip_prefix(mount).is_some_and(|rest| rest.starts_with('/'))
    };
    let written = mounts.iter().any(|(name, _)| storage::keeps(workload, name) == Keeps::Yes);
    let lost = if path.starts_with('/') {
        // The mount that the file is in is the deepest.
        let holder = mounts.iter().filter(|(_, mount)| under(mount)).max_by_key(|(_, mount)| mount.len());
        holder.is_none_or(|(name, _)| storage::keeps(workload, name) == Keeps::No)
    } else {
        // Where a relative path leads is not known.
        !written
    };
    // `sqlite:///data/x` may be a relative path, too.
    let ambiguous = text.starts_with("sqlite") && text.contains(":///") && !text.contains(":////");
    if lost && !(ambiguous && written) {
        let message = format!("data of SQLite in `{}` is lost with the pod", container.name());
        sink.at(&node, message)
            .label(format!("no volume keeps `{path}`"))
            .help("mount a claim at the directory of the file")
            .entry(&node);
    }
}

/// The file of a SQLite database that a setting names; none for databases in memory.
fn file(text: &str) -> Option<&str> {
    const ENDS: [&str; 5] = [".db", ".db3", ".sqlite", ".sqlite3", ".sdb"];
    let is_database = |path: &str| ENDS.iter().any(|end| path.ends_with(end));
    let lower = text.to_ascii_lowercase();
    let path = match text.split_once(':') {
        // `sqlite3+aiosqlite:////data/x`, `sqlite:x`
        Some((scheme, rest)) if scheme.split(['+', '3']).next() == Some("sqlite") => {
            let rest = rest.split('?').next().unwrap_or(rest);
            match rest.strip_prefix("//") {
                Some(path) if path.starts_with("//") => path.get(1..)?,
                Some(path) => path,
                None => rest,
            }
        }
        Some(("file", rest)) => {
            let path = rest.split('?').next().filter(|p| is_database(p))?;
            path.strip_prefix("//").unwrap_or(path)
        }
        _ => {
            let start = lower.find("data source=")? + "data source=".len();
            text.get(start..)?.split(';').next().map(str::trim).filter(|p| is_database(p))?
        }
    };
    let memory = lower.contains("memory") || path.is_empty() || path == "/" || path.contains(":memory:");
    (!memory).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::file;

    #[test]
    fn files_of_databases() {
        for (text, path) in [
            ("sqlite:////data/app.db", Some("/data/app.db")),
            ("sqlite:///data/app.db?mode=rwc", Some("/data/app.db")),
            ("sqlite+aiosqlite:////data/app", Some("/data/app")),
            ("sqlite3:/data/app.db", Some("/data/app.db")),
            ("sqlite://app.db", Some("app.db")),
            ("file:/data/dev.db?cache=shared", Some("/data/dev.db")),
            ("file:///data/dev.sqlite", Some("/data/dev.sqlite")),
            ("Data Source=/data/app.db;Cache=Shared", Some("/data/app.db")),
            ("sqlite://:memory:", None),
            ("sqlite:///file?mode=memory", None),
            ("sqlite://", None),
            ("file:///etc/config.yaml", None),
            ("Data Source=sql.example.com;Database=app", None),
            ("postgres://db/app", None),
            ("sqlite", None),
        ] {
            assert_eq!(file(text), path, "{text}");
        }
    }
}
