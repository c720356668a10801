//! `default-namespace`: see `rules/default-namespace.md`.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use super::globs::Globs;
use super::namespaces::is_deployed_into;
use crate::k8s::Object;
use crate::k8s::placeholder::is_placeholder;
use crate::rule::{BuildCx, KustomizationCx, Rule, ScopeKind, Sink};
use crate::source::Span;
use crate::yaml::Node;

/// Reports objects in a namespace that is not for them, or in none.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DefaultNamespace {
    /// Namespaces that nothing may be in.
    pub(super) forbidden: Vec<String>,
    /// Globs on the namespaces that objects may be in; none for all.
    pub(super) allowed: Globs,
    /// Ask for a namespace.
    pub(super) require: bool,
}

impl Default for DefaultNamespace {
    fn default() -> Self {
        DefaultNamespace { forbidden: vec!["default".to_owned()], allowed: Globs::default(), require: false }
    }
}

impl Rule for DefaultNamespace {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        self.written(cx, sink);
        if !self.require || cx.scope.kind == ScopeKind::Stream {
            return;
        }
        let objects: Vec<&'a Object<'s>> =
            cx.scope.objects.iter().filter(|o| cx.run.is_namespaced(o) == Some(true)).collect();
        let none_has_one = objects.iter().all(|o| o.namespace().is_none());
        // Where nothing in a root has a namespace, its kustomization is told.
        if cx.scope.kind == ScopeKind::Root && (none_has_one || is_deployed_into(cx.run, &cx.scope.name)) {
            return;
        }
        let file = |o: &Object<'s>| o.anchor().span().map_or("", |s| s.source.display());
        let is_plain = cx.scope.kind == ScopeKind::Plain;
        // A file that was left out of the kustomization beside it would get that one's namespace.
        let roots = cx.run.scopes.iter().filter(|s| is_plain && s.kind == ScopeKind::Root);
        let rendered: FxHashSet<&str> = roots.flat_map(|s| &s.objects).map(|o| directory(file(o))).collect();
        // How many objects a file holds, how many of them have a namespace, and which is the first.
        let mut files: FxHashMap<&str, (usize, usize, usize)> = FxHashMap::default();
        for (at, object) in objects.iter().enumerate() {
            let (all, placed, _) = files.entry(file(object)).or_insert((0, 0, at));
            *all += 1;
            *placed += usize::from(object.namespace().is_some());
        }
        let mut deployed: FxHashMap<&str, bool> = FxHashMap::default();
        let mut is_deployed =
            |dir| rendered.contains(dir) || *deployed.entry(dir).or_insert_with(|| is_deployed_into(cx.run, dir));
        for (at, object) in objects.iter().enumerate().filter(|(_, o)| o.namespace().is_none()) {
            let own = file(object);
            if is_plain && is_deployed(directory(own)) {
                continue;
            }
            let mut message = format!("{} lands in no namespace", title(object));
            // Where nothing in a plain file has a namespace, its first object is told.
            if let Some((count, 0, first)) = files.get(own).filter(|_| is_plain) {
                if at > *first {
                    continue;
                }
                if *count > 1 {
                    message = format!("{count} objects of this file land in no namespace");
                }
            }
            sink.on(object, None);
            sink.at(&object.anchor(), message)
                .label("whoever applies it decides")
                .help("write `metadata.namespace`")
                .suggest("write `metadata.namespace`");
        }
    }

    fn kustomization<'a, 's>(&self, cx: &KustomizationCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if !self.require {
            return;
        }
        let own = directory(cx.source.display());
        let Some(scope) = cx.scopes.iter().find(|s| s.name == own) else { return };
        let mut objects = scope.objects.iter().filter(|o| cx.run.is_namespaced(o) == Some(true)).peekable();
        if objects.peek().is_none() || objects.any(|o| o.namespace().is_some()) || is_deployed_into(cx.run, own) {
            return;
        }
        let place = ["resources", "bases", "components", "generators"].iter().find_map(|field| cx.node.entry(field));
        let Some((key, _)) = place.or_else(|| cx.node.entries().next()) else { return };
        sink.at(&key, "its objects land in no namespace")
            .label("whoever applies it decides")
            .help("add `namespace:` to the kustomization")
            .suggest("add `namespace:` to the kustomization");
    }
}

impl DefaultNamespace {
    /// Reports namespaces that are written, once for every place that writes one.
    fn written<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let mut places: BTreeMap<_, (Node<'s>, Vec<&'a Object<'s>>)> = BTreeMap::new();
        for object in &cx.scope.objects {
            let node = object.metadata().and_then(|m| m.get("namespace"));
            let (Some(node), Some(name)) = (node, object.namespace()) else { continue };
            if is_placeholder(&name) || !self.is_wrong(&name) || cx.run.is_namespaced(object) == Some(false) {
                continue;
            }
            let key = node.span().map(|s: Span<'s>| s.sort_key());
            places.entry(key).or_insert_with(|| (node, Vec::new())).1.push(object);
        }
        for (node, objects) in places.into_values() {
            let name = node.as_str().unwrap_or_default();
            let land = match &objects[..] {
                [object] => format!("{} lands", title(object)),
                many => format!("{} objects land", many.len()),
            };
            let place = if name == "default" { "the default namespace".to_owned() } else { format!("`{name}`") };
            for object in objects {
                sink.on(object, None);
                sink.at(&node, format!("{land} in {place}")).help("give the application a namespace of its own");
            }
        }
    }

    fn is_wrong(&self, namespace: &str) -> bool {
        let allowed = self.allowed.is_empty() || self.allowed.matches(namespace);
        self.forbidden.iter().any(|f| f == namespace) || !allowed
    }
}

/// The directory of a displayed path; `.` for none.
fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(directory, _)| directory)
}

/// Kind and name; for a generated name, what it starts with.
fn title(object: &Object<'_>) -> String {
    format!("{} `{}`", object.kind(), object.anchor().text().unwrap_or_default())
}
