//! `duplicate-object`: see `rules/duplicate-object.md`.

use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::k8s::{Object, Workload};
use crate::rule::{BuildCx, Rule, ScopeKind, Sink};

/// Reports objects that are defined twice.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DuplicateObject {}

impl Rule for DuplicateObject {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        // In a root, kustomize itself refuses it.
        if cx.scope.kind == ScopeKind::Root || !cx.scope.complete {
            return;
        }
        let mut seen: FxHashMap<_, &Object<'s>> = FxHashMap::default();
        for object in &cx.scope.objects {
            let Some(name) = object.name().filter(|n| !n.is_empty()) else { continue };
            if Workload::of(object).iter().any(Workload::is_hook) || object.group() == "kustomize.config.k8s.io" {
                continue;
            }
            let directory = object.anchor().span().and_then(|s| s.source.path().parent());
            let key = (directory, object.group(), object.kind(), object.namespace(), name.clone());
            let Some(first) = seen.get(&key) else {
                seen.insert(key, object);
                continue;
            };
            sink.on(object, None);
            sink.at(&object.anchor(), format!("{} `{name}` is defined twice: one is lost", object.kind()))
                .related(&first.anchor(), "the first definition")
                .help("whichever is applied last wins; keep one, or give them different names or namespaces");
        }
    }
}
