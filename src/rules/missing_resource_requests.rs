//! `missing-resource-requests`: see `rules/missing-resource-requests.md`.

use serde::Deserialize;

use super::resource::{pod_level, removed};
use crate::k8s::autoscale::vertical_controls;
use crate::k8s::limits::{self, Defaults};
use crate::k8s::resources;
use crate::rule::{BuildCx, Rule, Sink, Within};

/// Reports containers that the scheduler cannot place by their needs.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingResourceRequests {
    /// Resources that every container requests.
    pub(super) resources: Vec<String>,
}

impl Default for MissingResourceRequests {
    fn default() -> Self {
        MissingResourceRequests { resources: vec!["cpu".into(), "memory".into()] }
    }
}

impl Rule for MissingResourceRequests {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let pod_level = pod_level(cx.env);
        let own = Within::Own(cx.scope);
        for workload in &cx.scope.workloads {
            let mut defaults: Option<Defaults> = None;
            let ranges = || cx.run.limit_ranges(own, &workload.object);
            let scalers = || cx.run.targeting(own, &workload.object.name().unwrap_or_default());
            for container in workload.containers.iter().filter(|c| c.class.runs_with_pod()) {
                let name = container.name();
                let mut missing = Vec::new();
                for resource in &self.resources {
                    if resources::request(workload, container, resource, pod_level).is_some() {
                        continue;
                    }
                    let defaults = defaults.get_or_insert_with(|| limits::defaults(ranges(), &workload.object));
                    if !defaults.requests.contains(resource) && !vertical_controls(scalers(), workload, &name, resource)
                    {
                        missing.push(resource.as_str());
                    }
                }
                if missing.is_empty() {
                    continue;
                }
                sink.on(&workload.object, Some(container));
                // A patch is the cause only if it took out all of them.
                let removals = missing.iter().map(|r| removed(workload, container, &["requests", "limits"], r));
                let removal = removals.collect::<Option<Vec<_>>>().and_then(|r| r.first().copied());
                let message = format!("container `{name}` requests no {}", missing.join(" or "));
                sink.missing(&container.anchor(), removal, message)
                    .label("no request")
                    .help("write under `resources.requests` what the container needs in normal use")
                    .suggest(format!("add `resources.requests` for {}", missing.join(" and ")));
            }
        }
    }
}
