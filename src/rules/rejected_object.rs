//! `rejected-object`: see `rules/rejected-object.md`.

mod autoscaler;
mod claim;
mod container;
mod data;
mod duplicates;
mod job;
mod network;
mod pod;
mod rbac;
mod rollout;

use serde::Deserialize;

use crate::k8s::Object;
use crate::k8s::placeholder::is_placeholder;
use crate::rule::{Draft, Env, ObjectCx, Rule, Sink};
use crate::yaml::Node;

/// Reports what the API refuses though every field is well formed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RejectedObject {}

impl Rule for RejectedObject {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        let mut reject = Reject { object, sink, part: Part::Object, env: cx.env };
        autoscaler::check(object, &mut reject);
        claim::check(object, &mut reject);
        data::check(object, &mut reject);
        duplicates::of_service(object, &mut reject);
        job::check(object, &mut reject);
        network::check(object, &mut reject);
        rbac::check(object, &mut reject);
        rollout::check(object, &mut reject);
        reject.part = if has_pods_checked(object) { Part::Object } else { Part::Pods };
        for workload in cx.workloads {
            claim::of_pod(workload, &mut reject);
            duplicates::of_pod(workload, &mut reject);
            pod::check(workload, &mut reject);
            for container in &workload.containers {
                container::check(workload, container, &mut reject);
            }
        }
    }
}

/// Reports why an object is rejected.
struct Reject<'r, 'a, 's> {
    object: &'a Object<'s>,
    sink: &'r mut Sink<'a, 's>,
    part: Part,
    env: &'r Env,
}

/// What is rejected: the object when it is applied, or what is made from it in the cluster.
#[derive(Clone, Copy)]
enum Part {
    Object,
    Pods,
    Claims,
}

/// True for kinds whose pod template the API checks as it does a Pod. Of a StatefulSet it does not, and for custom kinds nobody
/// need.
fn has_pods_checked(object: &Object<'_>) -> bool {
    matches!(object.group(), "" | "apps" | "extensions" | "batch") && object.kind() != "StatefulSet"
}

impl<'s> Reject<'_, '_, 's> {
    fn at(&mut self, node: &Node<'s>, why: impl AsRef<str>) -> Draft<'_, 's> {
        self.part_at(self.part, node, why)
    }

    /// As [`Reject::at`], for the object itself or for what is made from it.
    fn part_at(&mut self, part: Part, node: &Node<'s>, why: impl AsRef<str>) -> Draft<'_, 's> {
        let (kind, name) = (self.object.kind(), self.object.name_before_hash().unwrap_or_default());
        let what = match part {
            Part::Object => format!("{kind} `{name}` is"),
            Part::Pods => format!("pods of {kind} `{name}` are"),
            Part::Claims => format!("claims of {kind} `{name}` are"),
        };
        let mut draft = self.sink.at(node, format!("{what} rejected: {}", why.as_ref()));
        draft.entry(node);
        draft
    }

    /// Reports things that exclude each other at the one that came last: of a patch, else the last written.
    fn both(&mut self, nodes: &[Node<'s>], why: impl AsRef<str>) {
        let Some(newest) = nodes.iter().max_by_key(|n| n.origin().links().count()) else { return };
        let mut draft = self.at(newest, why);
        for other in nodes {
            draft.related(other, "excludes it");
        }
        draft.help("keep one of them; a patch takes out the one of a base by setting it to `null`");
    }
}

/// The keys of a mapping that are among some names, and not null.
fn set_keys<'s>(map: &Node<'s>, names: &[&str]) -> Vec<Node<'s>> {
    let set = map.entries().filter(|(key, value)| !value.is_null() && key.text().is_some_and(|k| names.contains(&&*k)));
    set.map(|(key, _)| key).collect()
}

/// The items of a list of a mapping.
fn items<'s>(map: &Node<'s>, field: &str) -> Vec<Node<'s>> {
    map.get(field).iter().flat_map(Node::items).collect()
}

/// A field that is not null.
fn set<'s>(map: &Node<'s>, field: &str) -> Option<Node<'s>> {
    map.get(field).filter(|n| !n.is_null())
}

/// True for a field that holds just this text.
fn says(map: &Node<'_>, field: &str, text: &str) -> bool {
    map.get(field).is_some_and(|n| n.has_text(text))
}

/// The text of a field that somebody wrote: not empty, nothing to be filled in.
fn written<'s>(map: &Node<'s>, field: &str) -> Option<(Node<'s>, String)> {
    let node = map.get(field)?;
    let text = node.as_str().filter(|t| !t.is_empty() && !is_placeholder(t))?.into_owned();
    Some((node, text))
}
