//! What belongs to what in a run, found without looking at everything: objects by name, pods by label, what selects or targets
//! them.
//!
//! Each table is made when it is first asked, once for all scopes and rules, and is sorted; a look-up is a binary search. What it gives
//! are candidates in the order of the run: whoever asks still compares, so two texts of one hash do no harm.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHasher};

use super::{Run, Scope};
use crate::k8s::selector::{self, Pair};
use crate::k8s::{Object, Workload, body_size, namespaced, producers};
use crate::near;
use crate::yaml::Node;

/// Where to look.
#[derive(Clone, Copy)]
pub enum Within<'a, 's> {
    /// In this scope.
    Own(&'a Scope<'s>),
    /// In the scopes that may prove something for this one: not in itself and its siblings.
    Elsewhere(&'a Scope<'s>),
    /// In this scope, then elsewhere.
    Around(&'a Scope<'s>),
    /// In all scopes.
    Run,
}

/// The tables of a run.
#[derive(Default)]
pub(super) struct Index {
    kinds: OnceLock<Table>,
    names: OnceLock<Table>,
    old_names: OnceLock<Table>,
    namespaces: OnceLock<Table>,
    pods: OnceLock<Table>,
    services: OnceLock<Table>,
    selectors: OnceLock<Table>,
    targets: OnceLock<Table>,
    products: OnceLock<Table>,
    subjects: OnceLock<Table>,
    workloads: OnceLock<Table>,
    ranges: OnceLock<Table>,
    configs: OnceLock<Table>,
    ports: OnceLock<BTreeSet<u16>>,
    /// By group and kind, as the CustomResourceDefinitions of the run say: in a namespace or not.
    scopes_of_kinds: OnceLock<FxHashMap<(String, String), bool>>,
}

/// Position of something in its scope, by the hash of what it is looked up by. Sorted.
#[derive(Default)]
struct Table(Vec<Entry>);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    hash: u64,
    scope: u32,
    at: u32,
}

impl Table {
    /// `list` calls back with the hash and the position of everything in a scope.
    fn of<'s>(scopes: &[Scope<'s>], list: impl Fn(&Scope<'s>, &mut dyn FnMut(u64, usize))) -> Self {
        // On one thread: a thread that waits for others here takes up other rules meanwhile, which would ask for the table that it is
        // making.
        let mut entries: Vec<Entry> = Vec::new();
        for scope in scopes {
            list(scope, &mut |hash, at| entries.push(Entry { hash, scope: scope.at, at: at as u32 }));
        }
        entries.sort_unstable();
        entries.dedup();
        Table(entries)
    }

    /// The hash of the pair that fewest have; of everything, if there are no pairs.
    fn rarest(&self, pairs: &[Pair<'_>]) -> u64 {
        let hashes = pairs.iter().map(|(key, value)| hash(&[key, value]));
        hashes.min_by_key(|h| self.all(*h).len()).unwrap_or_else(|| hash(&[OPEN]))
    }

    fn all(&self, hash: u64) -> &[Entry] {
        let start = self.0.partition_point(|e| e.hash < hash);
        let rest = self.0.get(start..).unwrap_or_default();
        rest.get(..rest.partition_point(|e| e.hash == hash)).unwrap_or_default()
    }

    fn own(&self, hash: u64, scope: u32) -> &[Entry] {
        let all = self.all(hash);
        let start = all.partition_point(|e| e.scope < scope);
        let rest = all.get(start..).unwrap_or_default();
        rest.get(..rest.partition_point(|e| e.scope == scope)).unwrap_or_default()
    }

    /// Everything of these hashes, once, in the order of the run; the own scope first.
    fn find(&self, run: &Run<'_>, within: Within<'_, '_>, hashes: &[u64]) -> Vec<Entry> {
        let (Within::Own(scope) | Within::Elsewhere(scope) | Within::Around(scope)) = within else {
            let mut all = hashes.iter().flat_map(|hash| self.all(*hash)).copied().collect();
            in_order(&mut all, hashes.len());
            return all;
        };
        let mut own: Vec<Entry> = Vec::new();
        if !matches!(within, Within::Elsewhere(_)) {
            hashes.iter().for_each(|hash| own.extend(self.own(*hash, scope.at)));
            in_order(&mut own, hashes.len());
        }
        if !matches!(within, Within::Own(_)) {
            let counts = |e: &&Entry| {
                e.scope != scope.at && run.scopes.get(e.scope as usize).is_some_and(|s| !scope.is_sibling(s))
            };
            let mut others: Vec<Entry> =
                hashes.iter().flat_map(|hash| self.all(*hash)).filter(counts).copied().collect();
            in_order(&mut others, hashes.len());
            own.extend(others);
        }
        own
    }
}

fn in_order(entries: &mut Vec<Entry>, hashes: usize) {
    if hashes > 1 {
        entries.sort_unstable_by_key(|e| (e.scope, e.at));
        entries.dedup_by_key(|e| (e.scope, e.at));
    }
}

fn hash(parts: &[&str]) -> u64 {
    let mut hasher = FxHasher::default();
    parts.hash(&mut hasher);
    hasher.finish()
}

/// Lists something under each of its labels, and under none.
fn add_pairs(labels: Option<&Node<'_>>, at: usize, add: &mut dyn FnMut(u64, usize)) {
    add(hash(&[OPEN]), at);
    selector::pairs(labels).for_each(|(key, value)| add(hash(&[&key, &value]), at));
}

/// For what nothing narrows down: a selector without labels, a policy that selects its targets.
const OPEN: &str = "";

impl<'s> Run<'s> {
    /// Objects of a kind, whatever the group, that may have this name, as rendered or before the hash of a generator.
    pub fn named<'a>(&'a self, within: Within<'a, 's>, kind: &str, name: &str) -> Vec<&'a Object<'s>> {
        let table = self.index.names.get_or_init(|| {
            Table::of(&self.scopes, |scope, add| {
                for (at, object) in scope.objects.iter().enumerate() {
                    let Some(name) = object.name() else { continue };
                    add(hash(&[object.kind(), &name]), at);
                    if let Some(before) = object.name_before_hash().filter(|before| *before != name) {
                        add(hash(&[object.kind(), &before]), at);
                    }
                }
            })
        });
        self.objects_at(table.find(self, within, &[hash(&[kind, name])]))
    }

    /// Objects of a kind, whatever the group.
    pub fn of_kind<'a>(&'a self, within: Within<'a, 's>, kind: &str) -> Vec<&'a Object<'s>> {
        let table = self.index.kinds.get_or_init(|| {
            Table::of(&self.scopes, |scope, add| {
                scope.objects.iter().enumerate().for_each(|(at, object)| add(hash(&[object.kind()]), at));
            })
        });
        self.objects_at(table.find(self, within, &[hash(&[kind])]))
    }

    /// Objects of a kind whose name may be this one but for case and `_`, or may have been this one before prefixes, suffixes and
    /// hashes.
    pub fn once_named<'a>(&'a self, within: Within<'a, 's>, kind: &str, name: &str) -> Vec<&'a Object<'s>> {
        let table = self.index.old_names.get_or_init(|| {
            Table::of(&self.scopes, |scope, add| {
                for (at, object) in scope.objects.iter().enumerate() {
                    let name = object.name().unwrap_or_default();
                    add(hash(&[object.kind(), &near::fold(&name)]), at);
                    object.old_names().for_each(|old| add(hash(&[object.kind(), &near::fold(old)]), at));
                }
            })
        });
        self.objects_at(table.find(self, within, &[hash(&[kind, &near::fold(name)])]))
    }

    /// ConfigMaps that configure an ingress controller.
    pub fn controller_configs<'a>(&'a self, within: Within<'a, 's>) -> Vec<&'a Object<'s>> {
        let table = self.index.configs.get_or_init(|| {
            Table::of(&self.scopes, |scope, add| {
                let configures = |o: &Object<'s>| body_size::configured_by(o).is_some();
                let all = scope.objects.iter().enumerate();
                all.filter(|(_, o)| configures(o)).for_each(|(at, _)| add(hash(&[OPEN]), at));
            })
        });
        self.objects_at(table.find(self, within, &[hash(&[OPEN])]))
    }

    /// Whether an object lives in a namespace, as Kubernetes or a definition of the run says; none if nothing does.
    pub fn is_namespaced(&self, object: &Object<'_>) -> Option<bool> {
        namespaced::is_namespaced(object).or_else(|| {
            let custom = self.index.scopes_of_kinds.get_or_init(|| self.definitions());
            custom.get(&(object.group().to_owned(), object.kind().to_owned())).copied()
        })
    }

    fn definitions(&self) -> FxHashMap<(String, String), bool> {
        let definitions = self.of_kind(Within::Run, "CustomResourceDefinition").into_iter();
        let is_namespaced = |definition: &Object<'s>| {
            let text = |path: &[&str]| definition.spec()?.path(path)?.as_str();
            let (group, kind) = (text(&["group"])?.into_owned(), text(&["names", "kind"])?.into_owned());
            Some(((group, kind), text(&["scope"])? == "Namespaced"))
        };
        definitions.filter(|d| d.group() == "apiextensions.k8s.io").filter_map(is_namespaced).collect()
    }

    /// True if an object may have this namespace.
    pub fn has_namespace(&self, within: Within<'_, 's>, namespace: &str) -> bool {
        let table = self.index.namespaces.get_or_init(|| {
            Table::of(&self.scopes, |scope, add| {
                scope.objects.iter().filter_map(Object::namespace).for_each(|namespace| add(hash(&[&namespace]), 0));
            })
        });
        !table.find(self, within, &[hash(&[namespace])]).is_empty()
    }

    /// Workloads whose pods may have the labels that a selector asks for. `pairs` are those that have to be there; without any, all
    /// workloads.
    pub fn pods_with<'a>(&'a self, within: Within<'a, 's>, pairs: &[Pair<'_>]) -> Vec<&'a Workload<'s>> {
        let table = self.index.pods.get_or_init(|| {
            Table::of(&self.scopes, |scope, add| {
                for (at, workload) in scope.workloads.iter().enumerate() {
                    add_pairs(workload.labels().as_ref(), at, add);
                }
            })
        });
        self.workloads_at(table.find(self, within, &[table.rarest(pairs)]))
    }

    /// The workloads whose pods a Service selects.
    pub fn pods_of<'a>(&'a self, within: Within<'a, 's>, service: &Object<'s>) -> Vec<&'a Workload<'s>> {
        let Some(pairs) = selector::wanted_pairs(service).filter(|pairs| !pairs.is_empty()) else { return Vec::new() };
        let mut found = self.pods_with(within, &pairs);
        found.retain(|workload| selector::service_selects(service, workload));
        found
    }

    /// Services that may have these labels themselves; without any, all Services.
    pub fn services_with<'a>(&'a self, within: Within<'a, 's>, pairs: &[Pair<'_>]) -> Vec<&'a Object<'s>> {
        let table = self.index.services.get_or_init(|| {
            Table::of(&self.scopes, |scope, add| {
                for (at, object) in scope.objects.iter().enumerate().filter(|(_, o)| o.is("", "Service")) {
                    add_pairs(object.labels().as_ref(), at, add);
                }
            })
        });
        self.objects_at(table.find(self, within, &[table.rarest(pairs)]))
    }

    /// Workloads whose object may have this kind and name.
    pub fn workloads_named<'a>(&'a self, within: Within<'a, 's>, kind: &str, name: &str) -> Vec<&'a Workload<'s>> {
        let table = self.index.workloads.get_or_init(|| {
            Table::of(&self.scopes, |scope, add| {
                for (at, workload) in scope.workloads.iter().enumerate() {
                    let name = workload.object.name().unwrap_or_default();
                    add(hash(&[workload.object.kind(), &name]), at);
                }
            })
        });
        self.workloads_at(table.find(self, within, &[hash(&[kind, name])]))
    }

    /// The LimitRanges of a scope, or around it, that may be in the namespace of an object.
    pub fn limit_ranges<'a>(&'a self, within: Within<'a, 's>, object: &Object<'s>) -> Vec<&'a Object<'s>> {
        let table = self.index.ranges.get_or_init(|| {
            Table::of(&self.scopes, |scope, add| {
                for (at, range) in scope.objects.iter().enumerate().filter(|(_, o)| o.is("", "LimitRange")) {
                    add(hash(&[OPEN, OPEN]), at);
                    add(hash(&[&range.namespace().unwrap_or_default()]), at);
                }
            })
        });
        let hashes = match object.namespace() {
            Some(namespace) => vec![hash(&[OPEN]), hash(&[&namespace])],
            None => vec![hash(&[OPEN, OPEN])],
        };
        self.objects_at(table.find(self, within, &hashes))
    }

    /// The ports of all Services of the run.
    pub fn service_ports(&self) -> &BTreeSet<u16> {
        self.index.ports.get_or_init(|| {
            let services = self.scopes.iter().flat_map(|s| s.of_kind("", "Service"));
            let lists = services.filter_map(|service| service.spec()?.get("ports"));
            let port = |entry: Node<'s>| entry.get("port")?.as_i64();
            lists
                .flat_map(|l| l.items().filter_map(port).collect::<Vec<_>>())
                .filter_map(|n| u16::try_from(n).ok())
                .collect()
        })
    }

    /// Objects of a kind that may select pods with these labels: Services, PodDisruptionBudgets, NetworkPolicies.
    pub fn selecting<'a>(
        &'a self,
        within: Within<'a, 's>,
        kind: &str,
        labels: Option<&Node<'s>>,
    ) -> Vec<&'a Object<'s>> {
        let table = self.index.selectors.get_or_init(|| selectors(&self.scopes));
        let mut hashes = vec![hash(&[kind, OPEN])];
        hashes.extend(selector::pairs(labels).map(|(key, value)| hash(&[kind, &key, &value])));
        self.objects_at(table.find(self, within, &hashes))
    }

    /// The Services of a scope, or around it, that select the pods of a workload.
    pub fn services_of<'a>(&'a self, within: Within<'a, 's>, workload: &Workload<'s>) -> Vec<&'a Object<'s>> {
        let mut found = self.selecting(within, "Service", workload.labels().as_ref());
        found.retain(|service| selector::service_selects(service, workload));
        found
    }

    /// Objects whose `scaleTargetRef`, `targetRef`, `targetRefs` or `workloadRef` may name an object of this name, and those that
    /// select their targets.
    pub fn targeting<'a>(&'a self, within: Within<'a, 's>, name: &str) -> Vec<&'a Object<'s>> {
        let table = self.index.targets.get_or_init(|| {
            Table::of(&self.scopes, |scope, add| {
                for (at, object) in scope.objects.iter().enumerate() {
                    let Some(spec) = object.spec() else { continue };
                    if spec.get("targetSelectors").is_some() {
                        add(hash(&[OPEN]), at);
                    }
                    let one = ["scaleTargetRef", "targetRef", "workloadRef"].iter().filter_map(|field| spec.get(field));
                    let many = spec.get("targetRefs");
                    for reference in one.chain(many.iter().flat_map(Node::items)) {
                        if let Some(name) = reference.get("name").and_then(|n| n.text()) {
                            add(hash(&[&name]), at);
                        }
                    }
                }
            })
        });
        self.objects_at(table.find(self, within, &[hash(&[OPEN]), hash(&[name])]))
    }

    /// Objects that may make an object of this kind and name in the cluster ([`producers::produces`]).
    pub fn making<'a>(&'a self, within: Within<'a, 's>, kind: &str, name: &str) -> Vec<&'a Object<'s>> {
        let table = self.index.products.get_or_init(|| {
            Table::of(&self.scopes, |scope, add| {
                for (at, object) in scope.objects.iter().enumerate() {
                    producers::products(object, &mut |kind, name| add(hash(&[kind, name]), at));
                }
            })
        });
        self.objects_at(table.find(self, within, &[hash(&[kind, producers::product_key(kind, name)])]))
    }

    /// Bindings that may name this ServiceAccount among their subjects, or a group that it is in.
    pub fn bindings_of<'a>(&'a self, within: Within<'a, 's>, account: &str) -> Vec<&'a Object<'s>> {
        const GROUP: &str = "system:serviceaccounts";
        let table = self.index.subjects.get_or_init(|| {
            Table::of(&self.scopes, |scope, add| {
                for (at, object) in scope.objects.iter().enumerate().filter(|(_, o)| o.kind().ends_with("RoleBinding"))
                {
                    for name in object.node.get("subjects").iter().flat_map(Node::items).filter_map(|s| s.get("name")) {
                        let name = name.text().unwrap_or_default();
                        add(hash(&[&name]), at);
                        if name.starts_with(GROUP) {
                            add(hash(&[GROUP]), at);
                        } else if let Some((_, account)) = name.rsplit_once(':') {
                            add(hash(&[account]), at);
                        }
                    }
                }
            })
        });
        self.objects_at(table.find(self, within, &[hash(&[GROUP]), hash(&[account])]))
    }

    fn workloads_at(&self, entries: Vec<Entry>) -> Vec<&Workload<'s>> {
        let at = |e: Entry| self.scopes.get(e.scope as usize)?.workloads.get(e.at as usize);
        entries.into_iter().filter_map(at).collect()
    }

    fn objects_at(&self, entries: Vec<Entry>) -> Vec<&Object<'s>> {
        let at = |e: Entry| self.scopes.get(e.scope as usize)?.objects.get(e.at as usize);
        entries.into_iter().filter_map(at).collect()
    }
}

/// Every object that selects pods, under the pair of its selector that fewest of its kind have: labels like `part-of` are
/// everywhere.
fn selectors(scopes: &[Scope<'_>]) -> Table {
    let all = Table::of(scopes, |scope, add| {
        for (at, object) in scope.objects.iter().enumerate() {
            if let Some(pairs) = selector::wanted_pairs(object) {
                pairs.iter().for_each(|(key, value)| add(hash(&[object.kind(), key, value]), at));
            }
        }
    });
    let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
    all.0.iter().for_each(|entry| *counts.entry(entry.hash).or_default() += 1);
    Table::of(scopes, |scope, add| {
        for (at, object) in scope.objects.iter().enumerate() {
            let Some(pairs) = selector::wanted_pairs(object) else { continue };
            let hashes = pairs.iter().map(|(key, value)| hash(&[object.kind(), key, value]));
            let rarest = hashes.min_by_key(|h| counts.get(h).copied());
            add(rarest.unwrap_or_else(|| hash(&[object.kind(), OPEN])), at);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Env, ScopeKind};
    use crate::source::Source;
    use crate::yaml::SrcNode;

    const APPLICATION: &str = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a@}, spec: {template: {metadata: {labels: \
        {app: a@, part-of: shop}}, spec: {containers: [{name: a}]}}}}\n---\n{apiVersion: v1, kind: Service, metadata: {name: a@, labels: \
        {app: a@, part-of: shop}}, spec: {selector: {part-of: shop, app: a@}}}\n---\n{apiVersion: v1, kind: LimitRange, metadata: {name: a@, \
        namespace: n@}}\n---\n{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a@}, spec: {scaleTargetRef: \
        {kind: Deployment, name: a@}}}\n---\n";

    fn scope<'s>(source: &'s Source) -> Scope<'s> {
        let roots = source.tree().documents.iter().filter_map(|d| d.root);
        let nodes = roots.map(|id| Node::Source(SrcNode { source, id }, None));
        let objects: Vec<Object<'s>> = nodes.filter_map(Object::new).collect();
        let workloads = objects.iter().flat_map(Workload::of).collect();
        Scope::new(ScopeKind::Root, source.display().to_string(), true, objects, workloads)
    }

    fn source(name: &str, count: usize) -> Source {
        let text: String = (0..count).map(|n| APPLICATION.replace('@', &n.to_string())).collect();
        Source::new(name.into(), name.into(), text.into_bytes())
    }

    /// What makes rules quick on large trees: a look-up gives what is looked for and little else, however much there is.
    #[test]
    fn a_look_up_gives_few_candidates_of_many() {
        const COUNT: usize = 300;
        let file = source("a", COUNT);
        let run = Run::new(vec![scope(&file)], Env::default(), false);
        let own = Within::Own(&run.scopes[0]);
        let mut candidates = [0; 6];
        for workload in &run.scopes[0].workloads {
            let (labels, name) = (workload.labels(), workload.object.name().unwrap());
            let pairs: Vec<Pair<'_>> = selector::pairs(labels.as_ref()).collect();
            candidates[0] += run.selecting(own, "Service", labels.as_ref()).len();
            candidates[1] += run.pods_with(own, &pairs).len();
            candidates[2] += run.services_with(own, &pairs).len();
            candidates[3] += run.named(own, "Service", &name).len();
            candidates[4] += run.targeting(own, &name).len();
            candidates[5] += run.workloads_named(own, "Deployment", &name).len();
        }
        assert_eq!(candidates, [COUNT; 6]);
        assert!(run.named(own, "Service", "b1").is_empty() && run.named(own, "ConfigMap", "a1").is_empty());
        assert_eq!(run.services_of(own, &run.scopes[0].workloads[7])[0].name().unwrap(), "a7");
        assert_eq!(run.limit_ranges(own, &run.scopes[0].objects[2]).len(), 1);
        assert_eq!(run.limit_ranges(own, &run.scopes[0].objects[0]).len(), COUNT, "in any namespace");
    }

    #[test]
    fn other_scopes_count_unless_they_are_siblings() {
        let files = [source("a", 1), source("b", 1), source("c", 1)];
        let scopes = vec![
            scope(&files[0]).built_from(vec![0, 2]),
            scope(&files[1]).built_from(vec![1, 2]),
            scope(&files[2]).built_from(vec![3]),
        ];
        let run = Run::new(scopes, Env::default(), false);
        let files_of = |within| {
            let found = run.named(within, "Service", "a0").into_iter();
            found.map(|o| o.node.span().unwrap().source.display().to_string()).collect::<Vec<_>>()
        };
        let [a, _, c] = &run.scopes[..] else { panic!() };
        assert_eq!(files_of(Within::Own(a)), ["a"]);
        assert_eq!(files_of(Within::Elsewhere(a)), ["c"]);
        assert_eq!(files_of(Within::Around(a)), ["a", "c"]);
        assert_eq!(files_of(Within::Around(c)), ["c", "a", "b"]);
        assert_eq!(files_of(Within::Run), ["a", "b", "c"]);
    }
}
