//! Absence: when a reference to nothing is a finding. Shared by the rules of the category reference.
//!
//! That a thing is not written proves little: it may be made by hand, by an operator, or live in another repository. So a
//! reference is reported only if the own scope is complete, nothing in the run is or makes the thing, no custom object may know
//! it, and the presence mode holds.

use std::cell::{Cell, OnceCell};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use crate::k8s::placeholder::is_placeholder;
use crate::k8s::{Object, producers};
use crate::near;
use crate::rule::{BuildCx, Draft, Run, Scope, Sink, Within};
use crate::yaml::Node;

/// What the own scope must hold besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Presence {
    /// Nothing.
    Any,
    /// An object of the kind that is named.
    Owned,
    /// An object that is nearly the one that is named.
    Near,
}

/// What is looked for.
pub(super) struct Target<'t> {
    /// Groups of the kind; the empty one is core.
    pub(super) groups: &'t [&'t str],
    /// Its kind.
    pub(super) kind: &'t str,
    /// Its name.
    pub(super) name: &'t str,
    /// The namespace that it must be in; none matches any.
    pub(super) namespace: Option<&'t str>,
}

/// A reference that leads to nothing.
pub(super) struct Missing<'a, 's> {
    /// The nearest object of the own scope.
    near: Option<&'a Object<'s>>,
    /// It has the name that is asked for, in another namespace.
    same_name: bool,
}

/// Looks for objects.
pub(super) struct Absence<'a, 's> {
    scope: &'a Scope<'s>,
    run: &'a Run<'s>,
    /// Every whole scalar of the custom objects of the own scope, with the objects that hold it. Workloads are left out: a custom
    /// workload needs what it names, as any other does. Made when first asked for, so that a scope is walked once.
    custom: OnceCell<FxHashMap<String, Vec<(usize, u32)>>>,
    /// How many names were compared letter by letter.
    comparisons: Cell<usize>,
}

/// The most names that are compared letter by letter for a rule and scope: each name that is missing with all that there are.
const COMPARISONS: usize = 1 << 21;

impl<'a, 's> Absence<'a, 's> {
    /// None if the own scope is incomplete: absence proves nothing then.
    pub(super) fn new(cx: &BuildCx<'a, 's>) -> Option<Self> {
        cx.scope.complete.then_some(Absence {
            scope: cx.scope,
            run: cx.run,
            custom: OnceCell::new(),
            comparisons: Cell::new(0),
        })
    }

    /// The object, in the own scope or elsewhere in the run.
    pub(super) fn find(&self, target: &Target<'_>) -> Option<&'a Object<'s>> {
        self.all(target).next()
    }

    /// All such objects: two environments may both have one.
    pub(super) fn all(&self, target: &Target<'_>) -> impl Iterator<Item = &'a Object<'s>> {
        let named = self.run.named(Within::Around(self.scope), target.kind, target.name).into_iter();
        named.filter(|o| is_kind(o, target) && is_named(o, target.name) && in_namespace(o, target.namespace))
    }

    /// What there is to say if the target is missing; none if it is there, or may be.
    pub(super) fn missing(
        &self,
        target: &Target<'_>,
        presence: Presence,
        referrer: &Object<'s>,
    ) -> Option<Missing<'a, 's>> {
        // The own scope first: all of the run is long.
        let owns = || self.scope.kind_in_any_group(target.kind).any(|o| is_kind(o, target));
        if is_placeholder(target.name)
            || producers::is_always_there(target.kind, target.name)
            || (presence == Presence::Owned && !owns())
            || self.run.env.is_external(target.kind, target.name, target.namespace)
            || self.find(target).is_some()
            || self.is_produced(target)
            || self.is_known_to_custom(target.name, referrer)
        {
            return None;
        }
        let near = self.near(target);
        // A root that did not render may hold the thing, unless it is just misspelt.
        if self.run.incomplete && near.is_none() {
            return None;
        }
        let holds = match presence {
            Presence::Any | Presence::Owned => true,
            Presence::Near => near.is_some(),
        };
        let same_name = near.and_then(|o| o.name()).is_some_and(|name| name == target.name);
        holds.then_some(Missing { near, same_name })
    }

    /// The objects of a kind in the own scope, then those elsewhere in the run.
    pub(super) fn of_kind(&self, group: &'static str, kind: &'static str) -> impl Iterator<Item = &'a Object<'s>> {
        self.run.of_kind(Within::Around(self.scope), kind).into_iter().filter(move |o| o.group() == group)
    }

    /// True if something, in the own scope or elsewhere in the run, is in this namespace.
    pub(super) fn has_namespace(&self, namespace: &str) -> bool {
        self.run.has_namespace(Within::Around(self.scope), namespace)
    }

    /// True if something installs a chart in the namespace of an object.
    pub(super) fn has_chart(&self, beside: &Object<'s>) -> bool {
        CHARTS.iter().any(|(group, kind)| self.of_kind(group, kind).any(|chart| chart.same_namespace(beside)))
    }

    fn is_produced(&self, target: &Target<'_>) -> bool {
        let making = self.run.making(Within::Around(self.scope), target.kind, target.name);
        making.iter().any(|o| in_namespace(o, target.namespace) && producers::produces(o, target.kind, target.name))
    }

    /// Custom objects of the own scope may make what they name.
    fn is_known_to_custom(&self, name: &str, referrer: &Object<'s>) -> bool {
        let custom = self.custom.get_or_init(|| {
            let workloads: FxHashSet<_> = self.scope.workloads.iter().map(|w| w.object.node.identity()).collect();
            let mut texts = FxHashMap::default();
            for object in self.scope.objects.iter().filter(|o| is_custom(o)) {
                let identity = object.node.identity();
                if !workloads.contains(&identity) {
                    collect_scalars(&object.node, identity, &mut texts);
                }
            }
            texts
        });
        let referrer = referrer.node.identity();
        custom.get(name).is_some_and(|objects| objects.iter().any(|o| *o != referrer))
            || CHARTS.iter().any(|(group, kind)| self.scope.of_kind(group, kind).any(|o| is_part_of_chart(o, name)))
    }

    /// The object of the own scope that is most likely meant.
    fn near(&self, target: &Target<'_>) -> Option<&'a Object<'s>> {
        let folded = near::fold(target.name);
        let is_it = |o: &&Object<'s>| {
            let same = o.name().is_some_and(|n| near::fold(&n) == folded);
            is_kind(o, target) && (same || o.old_names().any(|old| old == target.name))
        };
        let once = self.run.once_named(Within::Own(self.scope), target.kind, target.name).into_iter().find(is_it);
        if once.is_some() || target.name.chars().count() < 6 {
            return once;
        }
        let all = self.scope.kind_in_any_group(target.kind).filter(|o| is_kind(o, target));
        let distance = |o: &'a Object<'s>| {
            self.comparisons.set(self.comparisons.get() + 1);
            Some((near::distance_to_two(&o.name_before_hash()?, target.name)?, o))
        };
        // Where so much leads nowhere, it is not by mistyping.
        let affordable = all.take_while(|_| self.comparisons.get() < COMPARISONS);
        affordable.filter_map(distance).min_by_key(|(distance, _)| *distance).map(|(_, object)| object)
    }
}

/// Judges the references of the scope's pods to objects of a kind. `message` makes the message from the workload (kind and name)
/// and the name.
pub(super) fn judge_pods<'a, 's>(
    cx: &BuildCx<'a, 's>,
    kind: &str,
    presence: Presence,
    sink: &mut Sink<'a, 's>,
    message: impl Fn(&str, &str) -> String,
) {
    let Some(absence) = Absence::new(cx) else { return };
    for workload in &cx.scope.workloads {
        let namespace = workload.object.namespace();
        for reference in workload.references() {
            let Some(name) = reference.name.as_str().filter(|_| reference.kind == kind) else { continue };
            let target = Target { groups: &[""], kind, name: &name, namespace: namespace.as_deref() };
            let Some(missing) = absence.missing(&target, presence, &workload.object) else { continue };
            let container = reference.container.and_then(|i| workload.containers.iter().find(|c| c.index == i));
            sink.on(&workload.object, container);
            let who = format!("{} `{}`", workload.object.kind(), workload.object.shown_name().unwrap_or_default());
            let mut draft = sink.at(&reference.name, message(&who, &name));
            missing.show(&mut draft, &format!("add the {kind}, or name one that exists"));
        }
    }
}

impl<'s> Missing<'_, 's> {
    /// Adds the near miss to a finding: a label at its name, and a suggestion.
    pub(super) fn show(&self, draft: &mut Draft<'_, 's>, help: &str) {
        let name = self.near.and_then(|near| near.name_before_hash().filter(|n| !n.is_empty()));
        match (self.near, name) {
            (Some(near), Some(name)) => {
                let label = match near.namespace() {
                    Some(namespace) => format!("{} `{name}` of namespace `{namespace}` is nearest", near.kind()),
                    None => format!("{} `{name}` is nearest", near.kind()),
                };
                draft.related(&near.anchor(), label);
                if self.same_name {
                    draft.help("references stay in their namespace: add one there, or move one of the two");
                } else {
                    let order = format!("write `{name}` if that is meant");
                    draft.help(order.clone()).suggest(order);
                }
            }
            _ => _ = draft.help(help),
        }
    }
}

fn is_kind(object: &Object<'_>, target: &Target<'_>) -> bool {
    object.kind() == target.kind && target.groups.contains(&object.group())
}

fn in_namespace(object: &Object<'_>, namespace: Option<&str>) -> bool {
    match (object.namespace(), namespace) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// The name as rendered, or before the hash that a generator puts behind it.
fn is_named(object: &Object<'_>, name: &str) -> bool {
    object.name().is_some_and(|n| n == name) || object.name_before_hash().is_some_and(|n| n == name)
}

/// True for objects of kinds that Kubernetes and its SIGs do not define, and that the rules know nothing about.
pub(super) fn is_custom(object: &Object<'_>) -> bool {
    let group = object.group();
    group.contains('.') && !group.ends_with(".k8s.io") && !matches!(group, "cert-manager.io" | "keda.sh")
}

fn collect_scalars(node: &Node<'_>, object: (usize, u32), texts: &mut FxHashMap<String, Vec<(usize, u32)>>) {
    if let Some(text) = node.text() {
        let objects = texts.entry(text.into_owned()).or_default();
        if objects.last() != Some(&object) {
            objects.push(object);
        }
    }
    node.items().for_each(|item| collect_scalars(&item, object, texts));
    node.entries().for_each(|(_, value)| collect_scalars(&value, object, texts));
}

/// True for objects that install a chart: what is in it is not seen.
pub(super) fn is_chart(object: &Object<'_>) -> bool {
    CHARTS.contains(&(object.group(), object.kind()))
}

const CHARTS: [(&str, &str); 5] = [
    ("helm.toolkit.fluxcd.io", "HelmRelease"),
    ("helm.cattle.io", "HelmChart"),
    ("argoproj.io", "Application"),
    ("argoproj.io", "ApplicationSet"),
    ("addons.cluster.x-k8s.io", "HelmChartProxy"),
];

/// True if the object installs a chart, whose objects have names like `<release>-<part>`.
fn is_part_of_chart(object: &Object<'_>, name: &str) -> bool {
    let release = object.name().filter(|_| is_chart(object));
    release.is_some_and(|r| name.strip_prefix(&*r).is_some_and(|rest| rest.starts_with('-')))
}

pub(super) fn holds_scalar(node: &Node<'_>, text: &str) -> bool {
    node.has_text(text)
        || node.items().any(|item| holds_scalar(&item, text))
        || node.entries().any(|(_, value)| holds_scalar(&value, text))
}
