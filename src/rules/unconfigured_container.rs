//! `unconfigured-container`: see `rules/unconfigured-container.md`.

use serde::Deserialize;

use crate::k8s::image_trigger::image_trigger;
use crate::k8s::{Class, Container, ImageRef, Workload};
use crate::rule::{BuildCx, Rule, Sink, Within, removal};
use crate::yaml::Node;

/// Reports containers that nothing outside their image configures.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnconfiguredContainer {}

/// Servers that are useful as they are. Selenium is another: its images are many.
const STOCK: [&str; 6] = ["nginx", "httpd", "caddy", "redis", "memcached", "pause"];

/// Volumes that bring configuration.
const SOURCES: [&str; 5] = ["configMap", "secret", "projected", "csi", "downwardAPI"];

impl Rule for UnconfiguredContainer {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for workload in cx.scope.workloads.iter().filter(|w| w.traits.long_running && !w.is_hook() && !w.is_off()) {
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
            for container in workload.containers.iter().filter(|c| c.class == Class::App && !c.is_stub) {
                let set = |field: &str| container.get(field).is_some_and(|n| !n.is_null() && !n.is_empty());
                let mounts = container.get("volumeMounts");
                let mut mounts = mounts.iter().flat_map(Node::items);
                let mounted = mounts.any(|m| m.get("name").is_some_and(|n| configuring.iter().any(|c| n.has_text(c))));
                if is_stock(workload, container)
                    || mounted
                    || ["env", "envFrom", "command", "args"].iter().any(|f| set(f))
                {
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

/// True if the image, written or put in by a trigger, is that of a stock server.
fn is_stock(workload: &Workload<'_>, container: &Container<'_>) -> bool {
    let written = container.get("image").and_then(|i| i.as_str()).map(|i| i.into_owned());
    let triggered = || image_trigger(&workload.object, &container.name());
    let Some(image) = triggered().filter(|i| !i.is_empty()).or(written) else { return false };
    let image = ImageRef::split(&image);
    let selenium = |part: &str| part == "selenium" || part.starts_with("selenium-");
    STOCK.contains(&image.base_name()) || image.path.split('/').any(selenium)
}
