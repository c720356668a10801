//! `duplicate-object`: see `rules/duplicate-object.md`.

use std::path::Path;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::absence::is_custom;
use crate::k8s::Object;
use crate::k8s::placeholder::is_placeholder;
use crate::rule::{BuildCx, Rule, ScopeKind, Sink};
use crate::yaml::Node;

/// Reports objects that are defined twice.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DuplicateObject {
    /// Also compare the files of one directory with each other.
    pub across_files: bool,
}

impl Rule for DuplicateObject {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        // A root is one stream. kustomize refuses two of one version there, not two of different ones.
        let root = cx.scope.kind == ScopeKind::Root;
        let mut seen: FxHashMap<_, &Object<'s>> = FxHashMap::default();
        for object in &cx.scope.objects {
            let Some(name) = object.name().filter(|n| !n.is_empty() && !is_placeholder(n)) else { continue };
            if object.is_hook() || object.group() == "kustomize.config.k8s.io" {
                continue;
            }
            // Samples of an operator are built together, one for each version.
            if root && is_custom(object) {
                continue;
            }
            let path = object.anchor().span().map(|s| s.source.path());
            let file = if self.across_files { path.and_then(Path::parent) } else { path };
            let place = file.filter(|_| !root);
            let key = (place, object.group(), object.kind(), object.namespace(), name.clone());
            let Some(first) = seen.get(&key) else {
                seen.insert(key, object);
                continue;
            };
            if equal(&first.node, &object.node) {
                continue;
            }
            sink.on(object, None);
            sink.at(&object.anchor(), format!("{} `{name}` is defined twice: one is lost", object.kind()))
                .related(&first.anchor(), "the first definition")
                .help("whichever is applied last wins; keep one, or give them different names or namespaces");
        }
    }
}

/// True if both say the same, in the same order: then nothing is lost.
fn equal(a: &Node<'_>, b: &Node<'_>) -> bool {
    a.kind() == b.kind()
        && a.len() == b.len()
        && a.text() == b.text()
        && a.items().zip(b.items()).all(|(a, b)| equal(&a, &b))
        && a.entries().zip(b.entries()).all(|((ka, va), (kb, vb))| equal(&ka, &kb) && equal(&va, &vb))
}
