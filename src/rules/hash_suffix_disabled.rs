//! `hash-suffix-disabled`: see `rules/hash-suffix-disabled.md`.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::finding::{Edit, Safety};
use crate::k8s::{Object, Workload};
use crate::kustomize::Kustomization;
use crate::kustomize::kustomization::Generator;
use crate::rule::{BuildCx, Rule, Scope, Sink, edit};
use crate::source::Span;
use crate::yaml::{Node, StepKind};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct HashSuffixDisabled {
    /// Reports ConfigMaps that no generator makes too.
    pub(super) plain: bool,
}

impl Rule for HashSuffixDisabled {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let users = LazyCell::new(|| users(cx.scope));
        for object in cx.scope.of_kind("", "ConfigMap").chain(cx.scope.of_kind("", "Secret")) {
            let Some(name) = object.name_node().filter(|_| !is_empty(object)) else { continue };
            if name.origin().links().any(|l| l.step.kind == StepKind::Hash) {
                continue;
            }
            let Some(user) = user(&users, object) else { continue };
            let text = name.text().unwrap_or_default();
            let message = format!("pods are not restarted when `{text}` changes: its name has no hash");
            sink.on(object, None);
            let mut generated = generator_steps(&object.node).into_iter();
            if let Some(found) = generated.find_map(disabled) {
                let mut draft = sink.at_span(found.place, message);
                draft.related(&user, "used here");
                draft.help(
                    "let kustomize put a hash of the content into the name, and every change rolls out; if something reads it by this \
                     name, put a checksum of the content into an annotation of the pod template instead",
                );
                draft.offer(Safety::Unsafe, "remove `disableNameSuffixHash`", found.edit);
            } else if self.plain && object.kind() == "ConfigMap" && generator_steps(&object.node).is_empty() {
                let mut draft = sink.at(&name, message);
                draft.related(&user, "used here").help(
                    "make it with `configMapGenerator`, or put a checksum of the content into an annotation of the pod template",
                );
            }
        }
    }
}

/// True for an object without content: what fills it does so in the cluster.
fn is_empty(object: &Object<'_>) -> bool {
    let fields = ["data", "binaryData", "stringData"];
    fields.iter().all(|field| object.node.get(field).is_none_or(|content| content.is_empty()))
}

/// The entries of generators that made an object, or a part of it.
fn generator_steps<'s>(object: &Node<'s>) -> Vec<Span<'s>> {
    let mut found: Vec<Span<'s>> = Vec::new();
    super::kustomize::scalars(object, "", &mut |_, node| {
        for link in node.origin().links() {
            let generator = matches!(link.step.kind, StepKind::ConfigMapGenerator | StepKind::SecretGenerator);
            if let Some(at) = link.step.at.filter(|at| generator && !found.contains(at)) {
                found.push(at);
            }
        }
    });
    found
}

struct Disabled<'s> {
    place: Span<'s>,
    edit: Option<Edit<'s>>,
}

/// Where the generator behind this entry, or its kustomization, switches the hash off.
fn disabled(entry: Span<'_>) -> Option<Disabled<'_>> {
    let (kustomization, _) = Kustomization::decode(entry.source);
    let root = kustomization.root.clone()?;
    let generators = kustomization.config_map_generator.iter().chain(&kustomization.secret_generator);
    let generator: &Generator<'_> = generators.into_iter().find(|g| g.entry() == Some(entry))?;
    let own = generator.options.as_ref().is_some_and(|o| o.disable_name_suffix_hash);
    let global = kustomization.generator_options.as_ref().is_some_and(|o| o.disable_name_suffix_hash);
    let edit = match (own, global) {
        (true, false) => {
            let lists = ["configMapGenerator", "secretGenerator"].into_iter().filter_map(|f| root.get(f));
            let entries: Vec<Node<'_>> = lists.flat_map(|l| l.items().collect::<Vec<_>>()).collect();
            let item = entries.iter().find(|e| e.get("name").and_then(|n| n.span()) == Some(entry))?;
            edit::remove(item, &["options", "disableNameSuffixHash"])
        }
        // Of an option that holds for all, the other generators may depend.
        (false, true) if kustomization.config_map_generator.len() + kustomization.secret_generator.len() == 1 => {
            edit::remove(&root, &["generatorOptions", "disableNameSuffixHash"])
        }
        (false, false) => return None,
        _ => None,
    };
    Some(Disabled { place: entry, edit })
}

/// What long-running pods name that nothing else restarts: by kind and name, who does and where.
type Users<'a, 's> = FxHashMap<(&'static str, String), Vec<(&'a Workload<'s>, Node<'s>)>>;

fn users<'a, 's>(scope: &'a Scope<'s>) -> Users<'a, 's> {
    let mut users = Users::default();
    for workload in scope.workloads.iter().filter(|w| w.traits.long_running && !restarts(w)) {
        let mut passed = pull_secrets(workload);
        passed.extend(directories(workload));
        let mut told: Vec<(&str, String)> = Vec::new();
        for reference in workload.references() {
            let Some(name) = reference.name.text() else { continue };
            let key = (reference.kind, name.into_owned());
            // Of a workload, one is enough.
            if told.contains(&key) || passed.contains(&reference.name.identity()) {
                continue;
            }
            told.push(key.clone());
            users.entry(key).or_default().push((workload, reference.name.clone()));
        }
    }
    users
}

/// The scalar of a pod template that names the object, if nothing else restarts the pods.
fn user<'s>(users: &Users<'_, 's>, object: &Object<'s>) -> Option<Node<'s>> {
    let kind = ["ConfigMap", "Secret"].into_iter().find(|kind| *kind == object.kind())?;
    let named = users.get(&(kind, object.name()?.into_owned()))?;
    named.iter().find(|(workload, _)| workload.object.same_namespace(object)).map(|(_, node)| node.clone())
}

/// The scalars of pull secrets: the kubelet reads them anew each time.
fn pull_secrets(workload: &Workload<'_>) -> BTreeSet<(usize, u32)> {
    let list = workload.spec.get("imagePullSecrets");
    list.iter().flat_map(|l| l.items()).filter_map(|s| s.get("name")).map(|n| n.identity()).collect()
}

/// The scalars of ConfigMaps that containers see as whole directories: the kubelet brings changes in there, and the program can read
/// them. Behind `subPath` it never does.
fn directories(workload: &Workload<'_>) -> BTreeSet<(usize, u32)> {
    let mut found = BTreeSet::new();
    for volume in workload.get("volumes").iter().flat_map(Node::items) {
        let name = volume.get("name").and_then(|n| n.text()).unwrap_or_default();
        let by_part = workload.containers.iter().any(|container| {
            let mounts = container.get("volumeMounts");
            mounts.iter().flat_map(Node::items).any(|mount| {
                let part = ["subPath", "subPathExpr"].iter().any(|f| mount.get(f).is_some_and(|p| !p.has_text("")));
                part && mount.get("name").is_some_and(|n| n.has_text(&name))
            })
        });
        if by_part {
            continue;
        }
        let projected = volume.path(&["projected", "sources"]);
        let sources = std::iter::once(volume.clone()).chain(projected.iter().flat_map(Node::items).collect::<Vec<_>>());
        found.extend(sources.filter_map(|s| s.path(&["configMap", "name"])).map(|name| name.identity()));
    }
    found
}

/// True if something else restarts the pods: a checksum in the template, or Reloader.
fn restarts(workload: &Workload<'_>) -> bool {
    let template = workload.metadata.as_ref().and_then(|m| m.get("annotations"));
    let own = workload.object.metadata().and_then(|m| m.get("annotations"));
    let has = |annotations: &Option<Node<'_>>, matches: &dyn Fn(&str) -> bool| {
        annotations.iter().flat_map(|a| a.entries()).any(|(key, _)| key.text().is_some_and(|k| matches(&k)))
    };
    let reloader = |key: &str| key.contains("reloader.stakater.com");
    has(&template, &|key| key.contains("checksum") || key.contains("hash") || reloader(key)) || has(&own, &reloader)
}
