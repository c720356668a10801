//! `missing-config-key`: see `rules/missing-config-key.md`.

use std::borrow::Cow;

use serde::Deserialize;

use crate::k8s::Object;
use crate::k8s::placeholder::is_placeholder;
use crate::rule::{BuildCx, Rule, Sink, Within};
use crate::yaml::Node;

/// Reports pods that need a key that their ConfigMap or Secret does not have.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingConfigKey {}

impl Rule for MissingConfigKey {
    fn compares(&self) -> bool {
        true
    }

    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if !cx.scope.complete {
            return;
        }
        for workload in &cx.scope.workloads {
            for reference in workload.references().iter().filter(|r| !r.keys.is_empty()) {
                let Some(name) = reference.name.as_str() else { continue };
                let holders: Vec<(&'a Object<'s>, Keys<'s>)> = cx
                    .run
                    .named(Within::Own(cx.scope), reference.kind, &name)
                    .into_iter()
                    .chain(cx.run.making(Within::Own(cx.scope), reference.kind, &name))
                    .filter(|o| o.same_namespace(&workload.object))
                    .filter_map(|o| Some((o, keys_of(o, reference.kind, &name)?)))
                    .collect();
                let Some((holder, _)) = holders.first() else { continue };
                // One that nobody knows the keys of may have any.
                let known: Option<Vec<&Vec<Cow<'s, str>>>> = holders.iter().map(|(_, keys)| keys.as_ref()).collect();
                let Some(known) = known else { continue };
                for node in &reference.keys {
                    let Some(key) = node.as_str().filter(|k| !is_placeholder(k)) else { continue };
                    if known.iter().any(|keys| keys.contains(&key)) {
                        continue;
                    }
                    let container = reference.container.and_then(|i| workload.containers.iter().find(|c| c.index == i));
                    sink.on(&workload.object, container);
                    let kind = reference.kind;
                    let name = if holder.is("", kind) { holder.name_before_hash() } else { Some(name.clone()) };
                    let name = name.unwrap_or_default();
                    let mut draft = sink.at(node, format!("{kind} `{name}` has no key `{key}`"));
                    draft.related(&holder.anchor(), format!("{} `{name}`", holder.kind()));
                    match crate::near::nearest(&key, known.iter().flat_map(|keys| keys.iter().map(|k| &**k))) {
                        Some(near) => draft.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`")),
                        None => draft.help("add the key, or set `optional: true` if the container can do without"),
                    };
                }
            }
        }
    }
}

/// The keys of an object; none if they cannot be told.
type Keys<'s> = Option<Vec<Cow<'s, str>>>;

/// The keys of an object if it is, or makes, the ConfigMap or Secret of this name; none if it does not.
fn keys_of<'s>(object: &Object<'s>, kind: &str, name: &str) -> Option<Keys<'s>> {
    let own = || object.name().is_some_and(|n| n == name);
    if object.is("", kind) && own() {
        let fields = ["data", "binaryData", "stringData"].into_iter().filter_map(|f| object.node.get(f));
        let keys: Vec<Cow<'s, str>> =
            fields.flat_map(|f| f.entries().filter_map(|(k, _)| k.text()).collect::<Vec<_>>()).collect();
        // One without any is filled by something else: a CA bundle that is injected, a Secret that is copied.
        return Some((!keys.is_empty()).then_some(keys));
    }
    if kind != "Secret" || !crate::k8s::producers::produces(object, kind, name) {
        return None;
    }
    Some(external_keys(object))
}

/// The keys of an ExternalSecret that lists all of them.
fn external_keys<'s>(object: &Object<'s>) -> Keys<'s> {
    let spec = object.spec().filter(|_| object.kind() == "ExternalSecret")?;
    let unset = |node: Option<Node<'s>>| node.is_none_or(|n| n.is_null() || (!n.is_scalar() && n.is_empty()));
    let listed = spec.get("data").filter(|d| !d.is_empty())?;
    if !unset(spec.get("dataFrom")) || !unset(spec.path(&["target", "template"])) {
        return None;
    }
    Some(listed.items().filter_map(|item| item.get("secretKey")?.as_str()).collect())
}
