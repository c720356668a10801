//! `unreached-name-reference`: see `rules/unreached-name-reference.md`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::kustomize::original_name;
use crate::k8s::{Object, Workload, placeholder};
use crate::rule::{BuildCx, Rule, ScopeKind, Sink};
use crate::yaml::Node;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnreachedNameReference {}

/// Shorter words are too likely to be something else.
const MIN_LENGTH: usize = 4;

impl Rule for UnreachedNameReference {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if cx.scope.kind != ScopeKind::Root || !cx.scope.complete {
            return;
        }
        let renamed = Renamed::of(&cx.scope.objects);
        if renamed.by_name.is_empty() {
            return;
        }
        for object in &cx.scope.objects {
            sink.on(object, None);
            if is_custom(object) {
                for (key, field) in object.node.entries().filter(|(k, _)| !k.has_text("metadata")) {
                    names(&field, &key.text().unwrap_or_default(), &mut |key, node| {
                        report(node, renamed.find(node, |_| true, is_host_key(key)), sink);
                    });
                }
            }
        }
        for workload in &cx.scope.workloads {
            check_workload(workload, &renamed, sink);
        }
    }
}

/// Env values, command and args: only what names a Service as a host, a ConfigMap or a Secret.
fn check_workload<'s>(workload: &Workload<'s>, renamed: &Renamed<'_, 's>, sink: &mut Sink<'_, 's>) {
    let wanted =
        |object: &Object<'_>| object.is("", "ConfigMap") || object.is("", "Secret") || object.is("", "Service");
    for container in &workload.containers {
        let env = container.get("env");
        let values = env.iter().flat_map(|e| e.items()).filter_map(|e| e.get("value"));
        let lists = ["command", "args"].into_iter().filter_map(|key| container.get(key));
        let words = lists.flat_map(|l| l.items().collect::<Vec<_>>());
        for node in values.chain(words) {
            let found = renamed.find(&node, wanted, true);
            // The bare name of a Service may be anything; with a port or in a URL it is a host.
            let bare = |object: &Object<'_>| {
                object.is("", "Service") && node.text().is_some_and(|t| !t.contains([':', '/', '.']))
            };
            if found.as_ref().is_some_and(|f| !bare(f.object) || is_host_variable(&container.node, &node)) {
                report(&node, found, sink);
            }
        }
    }
}

/// True for the value of a variable whose name says that it is a host.
fn is_host_variable(container: &Node<'_>, value: &Node<'_>) -> bool {
    let env = container.get("env");
    let found =
        env.iter().flat_map(|e| e.items()).find(|e| e.get("value").is_some_and(|v| v.identity() == value.identity()));
    let name = found.and_then(|e| e.get("name")).and_then(|n| n.text()).unwrap_or_default().to_ascii_lowercase();
    ["host", "addr", "server", "service", "endpoint", "url"].iter().any(|word| name.contains(word))
}

/// Objects whose name kustomize changed, by the name before; without those that another object has now.
struct Renamed<'a, 's> {
    by_name: BTreeMap<String, Vec<&'a Object<'s>>>,
}

/// A name that was not changed with its object.
struct Unreached<'a, 's> {
    old: String,
    object: &'a Object<'s>,
}

impl<'a, 's> Renamed<'a, 's> {
    fn of(objects: &'a [Object<'s>]) -> Self {
        let now: BTreeSet<String> = objects.iter().filter_map(|o| o.name()).map(|n| n.into_owned()).collect();
        let mut by_name: BTreeMap<String, Vec<&'a Object<'s>>> = BTreeMap::new();
        for object in objects {
            if let Some(name) = original_name(object).filter(|n| n.len() >= MIN_LENGTH && !now.contains(n)) {
                by_name.entry(name).or_default().push(object);
            }
        }
        Renamed { by_name }
    }

    /// The object that a scalar names by its old name: as a whole, or as the host of a URL.
    fn find(&self, node: &Node<'s>, wanted: impl Fn(&Object<'s>) -> bool, host: bool) -> Option<Unreached<'a, 's>> {
        let text = node.as_str()?;
        if placeholder::is_placeholder(&text) {
            return None;
        }
        let get = |name: &str| self.by_name.get(name).into_iter().flatten().find(|o| wanted(o)).copied();
        if let Some(object) = get(&text) {
            return Some(Unreached { old: text.into_owned(), object });
        }
        let name = host_of(&text).filter(|_| host)?;
        let object = get(name).filter(|o| o.is("", "Service"))?;
        Some(Unreached { old: name.to_string(), object })
    }
}

fn report<'s>(node: &Node<'s>, found: Option<Unreached<'_, 's>>, sink: &mut Sink<'_, 's>) {
    let Some(Unreached { old, object }) = found else { return };
    let now = object.name().unwrap_or_default();
    sink.at(node, format!("`{old}` is the name before kustomize changed it to `{now}`"))
        .related(&object.anchor(), "renamed here")
        .help(
            "kustomize follows a new name only into the fields that it knows: copy it into this one with `replacements`, or name the \
             field in a `nameReference`",
        )
        .suggest("add a `replacements` entry for this field, or a `nameReference` in `configurations`");
}

/// The host of `scheme://host…`, `host:port` and `host.namespace.svc`, up to its first dot.
fn host_of(text: &str) -> Option<&str> {
    let (url, rest) = match text.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, text),
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let (host, port) = host.split_once(':').map_or((host, None), |(h, p)| (h, Some(p)));
    let is_port = port.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    let in_cluster = host.contains(".svc");
    (url || is_port || in_cluster).then(|| host.split('.').next()).flatten().filter(|h| !h.is_empty())
}

/// True for kinds that Kubernetes does not define itself.
fn is_custom(object: &Object<'_>) -> bool {
    let group = object.group();
    let builtin = !group.contains('.') || (group.ends_with(".k8s.io") && is_builtin_group(group));
    !builtin && !object.is("apiextensions.k8s.io", "CustomResourceDefinition")
}

fn is_builtin_group(group: &str) -> bool {
    const GROUPS: [&str; 16] = [
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "storage.k8s.io",
    ];
    group == "scheduling.k8s.io" || GROUPS.contains(&group)
}

/// Visits the scalars that may name another object, with the key that says so. `above` is the key of the node.
fn names<'s>(node: &Node<'s>, above: &str, visit: &mut impl FnMut(&str, &Node<'s>)) {
    for item in node.items() {
        if item.is_scalar() && is_name_key(above) {
            visit(above, &item);
        }
        names(&item, above, visit);
    }
    // What stands in a list or mapping under its own `name` mostly has that name itself: a container, a profile.
    let refers = is_reference_key(above) || ["kind", "namespace", "key"].iter().any(|k| node.get(k).is_some());
    for (key, value) in node.entries() {
        let key = key.text().unwrap_or_default();
        if !value.is_scalar() {
            names(&value, &key, visit);
        } else if if key.eq_ignore_ascii_case("name") { refers } else { is_name_key(&key) } {
            visit(&key, &value);
        }
    }
}

/// True for keys that hold names of objects.
fn is_name_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.ends_with("name") || key.ends_with("ref") || is_word(&key)
}

/// True for the key of something that names an object.
fn is_reference_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let ends = ["ref", "refs", "reference", "references", "target", "claim", "account", "backend"];
    is_word(&key) || ends.iter().any(|end| key.ends_with(end))
}

fn is_word(key: &str) -> bool {
    ["secret", "configmap", "service", "host"].iter().any(|word| key.contains(word))
}

fn is_host_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["host", "service"].iter().any(|word| key.contains(word))
}
