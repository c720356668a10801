//! What a rule is: its hooks, what it sees, and the sink it reports into.
//!
//! A rule is a struct whose fields are its options. It implements the narrowest hook that serves, does no I/O, cannot fail,
//! and knows no other rule.

pub mod edit;
mod external;
mod index;
mod latest;
mod layout;
mod page;
mod removal;
mod restored;
mod shape;
mod sink;
mod toolchain;
mod usage;

pub use crate::k8s::Version;
pub use external::External;
pub use index::Within;
pub use latest::{is_later, latest};
pub use layout::Layout;
pub use page::{Page, PageError, Profile};
pub use removal::{any, removal};
pub use restored::Deleted;
pub use shape::Shape;
pub use sink::{Draft, Raw, Sink, Subject};
pub use toolchain::Toolchain;
pub use usage::{Effect, UnusedFile, Usage};

use index::Index;
use rustc_hash::FxHashMap;

use crate::finding::Severity;
use crate::k8s::{Container, Object, PodTemplate, Workload};
use crate::source::Source;
use crate::yaml::Node;

/// A rule. Every hook is a no-op by default.
pub trait Rule: Send + Sync {
    /// Called for every container of every workload, ephemeral ones included.
    fn container<'a, 's>(&self, _cx: &ContainerCx<'a, 's>, _sink: &mut Sink<'a, 's>) {}
    /// Called for every pod template.
    fn pod<'a, 's>(&self, _cx: &PodCx<'a, 's>, _sink: &mut Sink<'a, 's>) {}
    /// Called for every object.
    fn object<'a, 's>(&self, _cx: &ObjectCx<'a, 's>, _sink: &mut Sink<'a, 's>) {}
    /// Called for every scope: a rendered root, a stream, the plain manifests of one input. For conditions that look across
    /// objects, also where they report in the shape of a container or an object ([`Sink::on`]).
    fn build<'a, 's>(&self, _cx: &BuildCx<'a, 's>, _sink: &mut Sink<'a, 's>) {}
    /// True for a rule whose findings say that two places do not fit each other: if one is as it is because of an overlay, and fitted
    /// before, the finding is reported there. No hook.
    fn compares(&self) -> bool {
        false
    }
    /// Called once for every kustomization of the run, with what became of its entries in the roots that reach it.
    fn kustomization<'a, 's>(&self, _cx: &KustomizationCx<'a, 's>, _sink: &mut Sink<'a, 's>) {}
    /// Called once for every file that was read as manifests, patches or kustomizations.
    fn source<'a, 's>(&self, _cx: &SourceCx<'a, 's>, _sink: &mut Sink<'a, 's>) {}
}

/// A rule as it runs: the rule, its page, and the severity that the profile and configuration give it.
pub struct ActiveRule<'r> {
    /// The rule with its options.
    pub rule: Box<dyn Rule>,
    /// Its page.
    pub page: &'r Page,
    /// Its severity in this run.
    pub severity: Severity,
}

/// What holds for the whole run.
#[derive(Clone, Debug)]
pub struct Env {
    /// The Kubernetes version to judge for.
    pub target: Version,
    /// Class → controller, from the configuration (`ingress.controllers`).
    pub ingress_controllers: std::collections::BTreeMap<String, String>,
    /// The controller of Ingresses that name none, from the configuration (`ingress.default_controller`).
    pub default_ingress_controller: Option<String>,
    /// What else the cluster holds, from the configuration (`external`): absence rules ask [`Env::is_external`].
    pub external: Vec<External>,
    /// Versions of what runs in the cluster, by name, from the configuration (`components`).
    pub components: std::collections::BTreeMap<String, Version>,
    /// Kinds that hold pod templates beyond the built-in table, from the configuration (`pod_templates`).
    pub pod_templates: Vec<PodTemplate>,
    /// What other tools do to the manifests, as their own files say.
    pub toolchain: Toolchain,
    /// What the places of the files say.
    pub layout: Layout,
}

impl Env {
    /// True if the configuration says that the cluster holds an object of this kind and name. A namespace that is unset, here or
    /// there, is any.
    pub fn is_external(&self, kind: &str, name: &str, namespace: Option<&str>) -> bool {
        self.external.iter().any(|e| e.covers(kind, name, namespace))
    }
}

impl Default for Env {
    fn default() -> Self {
        Env {
            target: Version::LATEST,
            ingress_controllers: Default::default(),
            default_ingress_controller: None,
            external: Vec::new(),
            components: Default::default(),
            pod_templates: Vec::new(),
            toolchain: Toolchain::default(),
            layout: Layout::default(),
        }
    }
}

/// Where the objects of a scope come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// A rendered kustomization root.
    Root,
    /// Standard input.
    Stream,
    /// The plain manifests under a directory that was named, or a file named alone.
    Plain,
}

/// Objects that belong together: what a rule across objects may compare.
pub struct Scope<'s> {
    /// Where they come from.
    pub kind: ScopeKind,
    /// Display path of the root or input directory; `-` for a stream.
    pub name: String,
    /// False if objects of it may be missing: a file named alone, a root that did not render. Absence proves nothing then.
    pub complete: bool,
    /// All objects, in order.
    pub objects: Vec<Object<'s>>,
    /// All workloads of them, in order.
    pub workloads: Vec<Workload<'s>>,
    /// The objects that patches deleted from it.
    pub deleted: Vec<Deleted<'s>>,
    /// Its place in the run.
    at: u32,
    /// The non-Component kustomizations that it is built from, by number, in order.
    uses: Vec<u32>,
    /// Indices of the objects of a kind, whatever the group.
    by_kind: FxHashMap<Box<str>, Vec<usize>>,
}

impl<'s> Scope<'s> {
    /// A scope of these objects, in this order, and the workloads they hold. It has no siblings.
    pub fn new(
        kind: ScopeKind,
        name: String,
        complete: bool,
        objects: Vec<Object<'s>>,
        workloads: Vec<Workload<'s>>,
    ) -> Self {
        let mut by_kind: FxHashMap<Box<str>, Vec<usize>> = FxHashMap::default();
        for (at, object) in objects.iter().enumerate() {
            match by_kind.get_mut(object.kind()) {
                Some(indices) => indices.push(at),
                None => _ = by_kind.insert(object.kind().into(), vec![at]),
            }
        }
        Scope { kind, name, complete, objects, workloads, deleted: Vec::new(), at: 0, uses: Vec::new(), by_kind }
    }

    /// The same scope, built from these non-Component kustomizations (numbers that are the run's own).
    #[must_use]
    pub fn built_from(mut self, mut uses: Vec<u32>) -> Self {
        uses.sort_unstable();
        self.uses = uses;
        self
    }

    /// True for a scope that shares a non-Component kustomization with this one: another environment of the same application,
    /// which proves nothing about this one.
    pub fn is_sibling(&self, other: &Scope<'_>) -> bool {
        let (few, many) =
            if self.uses.len() < other.uses.len() { (&self.uses, &other.uses) } else { (&other.uses, &self.uses) };
        few.iter().any(|kustomization| many.binary_search(kustomization).is_ok())
    }

    /// True if this very object is one of the scope's.
    pub fn owns(&self, object: &Object<'s>) -> bool {
        self.objects.as_ptr_range().contains(&std::ptr::from_ref(object))
    }

    /// All objects, in order, each with its workloads.
    pub fn with_workloads(&self) -> impl Iterator<Item = (&Object<'s>, &[Workload<'s>])> {
        let mut rest = &self.workloads[..];
        self.objects.iter().map(move |object| {
            let identity = object.node.identity();
            let own = rest.iter().take_while(|w| w.object.node.identity() == identity).count();
            let (own, later) = rest.split_at(own);
            rest = later;
            (object, own)
        })
    }

    /// Objects of a group (empty for core) and kind, in order. Does not look at objects of other kinds.
    pub fn of_kind(&self, group: &str, kind: &str) -> impl Iterator<Item = &Object<'s>> {
        self.kind_in_any_group(kind).filter(move |o| o.group() == group)
    }

    /// Objects of a kind in whatever group, in order. Does not look at objects of other kinds.
    pub fn kind_in_any_group(&self, kind: &str) -> impl Iterator<Item = &Object<'s>> {
        let indices = self.by_kind.get(kind).map(Vec::as_slice).unwrap_or_default();
        indices.iter().filter_map(|&at| self.objects.get(at))
    }
}

/// All scopes of a run, with an index of what they hold: a rule that looks for something in all objects for each object takes
/// minutes on a tree of thousands.
pub struct Run<'s> {
    /// The scopes, in a fixed order.
    pub scopes: Vec<Scope<'s>>,
    /// What holds for all.
    pub env: Env,
    /// True if a root did not render: what is not seen may be in it.
    pub incomplete: bool,
    index: Index,
}

impl<'s> Run<'s> {
    /// A run of these scopes, in this order.
    pub fn new(mut scopes: Vec<Scope<'s>>, env: Env, incomplete: bool) -> Self {
        for (at, scope) in scopes.iter_mut().enumerate() {
            scope.at = at as u32;
        }
        Run { scopes, env, incomplete, index: Index::default() }
    }

    /// Objects of other scopes that may prove that a thing exists for `scope`: all but those of its siblings.
    pub fn elsewhere<'a>(&'a self, scope: &'a Scope<'s>) -> impl Iterator<Item = &'a Object<'s>> {
        self.other_scopes(scope).flat_map(|s| &s.objects)
    }

    /// The scopes of [`Run::elsewhere`].
    pub fn other_scopes<'a>(&'a self, scope: &'a Scope<'s>) -> impl Iterator<Item = &'a Scope<'s>> {
        self.scopes.iter().filter(move |s| !std::ptr::eq(*s, scope) && !scope.is_sibling(s))
    }
}

/// What an object rule sees.
pub struct ObjectCx<'a, 's> {
    /// The object.
    pub object: &'a Object<'s>,
    /// The pod templates that it holds, with those of kinds that only the configuration knows.
    pub workloads: &'a [Workload<'s>],
    /// What holds for the run.
    pub env: &'a Env,
}

/// What a pod rule sees.
pub struct PodCx<'a, 's> {
    /// The workload: object, template, containers.
    pub workload: &'a Workload<'s>,
    /// What holds for the run.
    pub env: &'a Env,
}

/// What a container rule sees.
pub struct ContainerCx<'a, 's> {
    /// The workload that the container is in.
    pub workload: &'a Workload<'s>,
    /// The container.
    pub container: &'a Container<'s>,
    /// What holds for the run.
    pub env: &'a Env,
}

/// What a build rule sees.
pub struct BuildCx<'a, 's> {
    /// The scope to judge.
    pub scope: &'a Scope<'s>,
    /// The whole run, for what may exist elsewhere.
    pub run: &'a Run<'s>,
    /// What holds for the run.
    pub env: &'a Env,
}

/// What a kustomization rule sees.
pub struct KustomizationCx<'a, 's> {
    /// The kustomization's file.
    pub source: &'s Source,
    /// Its first document.
    pub node: &'a Node<'s>,
    /// What became of it in the run.
    pub usage: &'a Usage<'s>,
    /// The rendered roots that it takes part in, its own included.
    pub scopes: Vec<&'a Scope<'s>>,
    /// The whole run.
    pub run: &'a Run<'s>,
    /// What holds for the run.
    pub env: &'a Env,
}

/// What a source rule sees.
pub struct SourceCx<'a, 's> {
    /// The file.
    pub source: &'s Source,
    /// What the file is used for.
    pub role: SourceRole,
    /// The roots of its documents, as read (aliases not expanded in unexpanded ones).
    pub documents: &'a [Node<'s>],
    /// What holds for the run.
    pub env: &'a Env,
}

/// What a file is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceRole {
    /// Manifests, plain or used as a resource by a kustomization.
    Manifest,
    /// A patch of a kustomization.
    Patch,
    /// A kustomization file.
    Kustomization,
    /// Input of a generator: a file, an env file.
    GeneratorInput,
    /// Another file that a kustomization reads.
    Configuration,
}
