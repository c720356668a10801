//! `job-without-ttl`: see `rules/job-without-ttl.md`.

use serde::Deserialize;

use crate::k8s::Object;
use crate::rule::{ObjectCx, Rule, Sink, any, removal};
use crate::yaml::Node;

/// Reports Jobs that are in the way of their successors.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct JobWithoutTtl {}

impl Rule for JobWithoutTtl {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        let Some(spec) = object.spec().filter(|s| s.is_map() && object.is("batch", "Job")) else { return };
        let has_ttl = spec.get("ttlSecondsAfterFinished").is_some_and(|n| !n.is_null());
        let Some(name) = object.name().filter(|_| !has_ttl && !is_replaced(object)) else { return };
        let message = format!("finished Job `{name}` stays, and applying it with a new image is rejected");
        let removal = removal(&spec, &["ttlSecondsAfterFinished"], any);
        let mut draft = sink.missing(&object.anchor(), removal, message);
        if removal.is_none() {
            draft.label("no `ttlSecondsAfterFinished`");
        }
        if is_synced(object) {
            draft
                .help("make it a hook: `argocd.argoproj.io/hook`, with `hook-delete-policy: BeforeHookCreation`; a Job that a TTL took away would be run again")
                .suggest("add `argocd.argoproj.io/hook: Sync` and `argocd.argoproj.io/hook-delete-policy: BeforeHookCreation`");
        } else {
            draft
                .help("the template of a Job cannot change: set `ttlSecondsAfterFinished`, or give each release a name of its own")
                .suggest("add `ttlSecondsAfterFinished: 3600`");
        }
    }
}

/// True if Argo CD applies the object: it makes again what is gone.
fn is_synced(object: &Object<'_>) -> bool {
    let annotations = object.annotations();
    let mut keys = annotations.iter().flat_map(Node::entries).filter_map(|(key, _)| key.text());
    keys.any(|key| key.starts_with("argocd.argoproj.io/"))
}

/// True if something takes the old Job away: a hook's tool, Argo CD or Flux by force, an owner.
fn is_replaced(object: &Object<'_>) -> bool {
    let forced = object
        .annotation("argocd.argoproj.io/sync-options")
        .is_some_and(|options| options.split(',').any(|o| matches!(o.trim(), "Replace=true" | "Force=true")));
    let flux =
        object.annotation("kustomize.toolkit.fluxcd.io/force").is_some_and(|v| v.eq_ignore_ascii_case("enabled"));
    let owned = object.metadata().and_then(|m| m.get("ownerReferences")).is_some_and(|o| !o.is_empty());
    forced || flux || owned || object.is_hook()
}
