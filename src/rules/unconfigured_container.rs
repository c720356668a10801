//! `unconfigured-container`: see `rules/unconfigured-container.md`.

use serde::Deserialize;

use crate::k8s::{Class, ImageRef};
use crate::rule::{BuildCx, Rule, Sink, Within, removal};
use crate::yaml::Node;

/// Reports containers that nothing outside their image configures.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnconfiguredContainer {}

/// Servers that are useful as they are.
const STOCK: [&str; 6] = ["nginx", "httpd", "caddy", "redis", "memcached", "pause"];

/// Volumes that bring configuration.
const SOURCES: [&str; 5] = ["configMap", "secret", "projected", "csi", "downwardAPI"];

impl Rule for UnconfiguredContainer {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for workload in cx.scope.workloads.iter().filter(|w| w.traits.long_running && !w.is_hook()) {
            if cx.run.services_of(Within::Own(cx.scope), workload).is_empty() {
                continue;
            }
            let volumes = workload.get("volumes");
            let configuring: Vec<_> = volumes
                .iter()
                .flat_map(Node::items)
                .filter(|v| SOURCES.iter().any(|s| v.get(s).is_some_and(|n| !n.is_null())))
                .filter_map(|v| v.get("name")?.as_str())
                .collect();
            for container in workload.containers.iter().filter(|c| c.class == Class::App) {
                let set = |field: &str| container.get(field).is_some_and(|n| !n.is_null() && !n.is_empty());
                let mounts = container.get("volumeMounts");
                let mut mounts = mounts.iter().flat_map(Node::items);
                let mounted = mounts.any(|m| m.get("name").is_some_and(|n| configuring.iter().any(|c| n.has_text(c))));
                let image = container.get("image").and_then(|i| i.as_str()).unwrap_or_default();
                let stock = STOCK.contains(&ImageRef::split(&image).base_name());
                if stock || mounted || ["env", "envFrom", "command", "args"].iter().any(|f| set(f)) {
                    continue;
                }
                sink.on(&workload.object, Some(container));
                let removal = ["env", "envFrom", "command", "args"]
                    .iter()
                    .find_map(|field| removal(&container.node, &[field], |list| !list.is_empty()));
                let message = format!("nothing outside its image configures `{}`", container.name());
                sink.missing(&container.anchor(), removal, message).help(
                    "what differs between environments belongs into variables or mounted files, not into the image",
                );
            }
        }
    }
}
