//! References follow the names of the objects they name (upstream `namereferencetransformer.go`,
//! `api/filters/nameref/nameref.go`).

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::accumulate::place;
use super::error::{Error, ErrorKind, Result};
use super::fieldspec::{self, Create, FieldSpec};
use super::resid::{Gvk, ResId};
use super::resource::Resource;
use super::schema::Schemas;
use super::specs::{FieldSpecs, NameReference};
use super::transform::failed;
use super::{TransformError, update};
use crate::source::Span;
use crate::yaml::{Kind, Node, Origin, Scalar, Step, StepKind};

/// Whether a reference was written.
type Written<'s> = std::result::Result<bool, TransformError<'s>>;

/// Writes the present names of all objects into the fields that held an earlier one.
pub(super) fn fix<'s>(
    resources: &mut [Resource<'s>],
    specs: &Arc<FieldSpecs>,
    schemas: &Schemas<'s>,
) -> Result<'s, ()> {
    let targets = Targets::new(resources, schemas);
    let own;
    let table = if Arc::ptr_eq(specs, FieldSpecs::builtin()) {
        Table::builtin()
    } else {
        own = Table::new(&specs.name_references);
        &own
    };
    for (at, resource) in resources.iter_mut().enumerate() {
        let original = resource.original_gvk();
        let fields = table.fields(&original);
        if fields.is_empty() {
            continue;
        }
        let Some(referrer) = Referrer::new(&targets, at, resource)? else { continue };
        for (target, field) in fields {
            let unused = Step::new(StepKind::NameReference, None);
            // The referrer is selected by what it was; its present kind does not matter any more.
            fieldspec::visit_path(&mut resource.node, &field.path, Create::Never, &unused, &mut |node| {
                referrer.write(node, target, &field.path)
            })
            .map_err(|e| failed(e, None).or_at(place(resource)))?;
        }
    }
    Ok(())
}

/// The fields that may hold references, by the kind that has them, each with its place in the order of the specs.
struct Table<'p> {
    by_kind: FxHashMap<&'p str, Vec<(usize, &'p NameReference, &'p FieldSpec)>>,
}

impl Table<'static> {
    /// The table of the built-in references, which nearly all builds have, made once.
    fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Table<'static>> = OnceLock::new();
        BUILTIN.get_or_init(|| Table::new(&FieldSpecs::builtin().name_references))
    }
}

impl<'p> Table<'p> {
    fn new(references: &'p [NameReference]) -> Self {
        let mut by_kind: FxHashMap<&'p str, Vec<_>> = FxHashMap::default();
        let fields =
            references.iter().flat_map(|reference| reference.referrers.iter().map(move |field| (reference, field)));
        for (order, (reference, field)) in fields.enumerate() {
            by_kind.entry(&*field.kind).or_default().push((order, reference, field));
        }
        Table { by_kind }
    }

    /// The targets and fields of objects of a kind, in the order of the specs.
    fn fields(&self, gvk: &Gvk<'_>) -> Vec<(&'p NameReference, &'p FieldSpec)> {
        let lists = [self.by_kind.get(&*gvk.kind), self.by_kind.get("")];
        let selected = |(_, _, field): &&(_, _, &FieldSpec)| field.selects(&gvk.group, &gvk.version, &gvk.kind);
        let mut out: Vec<_> = lists.into_iter().flatten().flatten().filter(selected).collect();
        out.sort_by_key(|(order, ..)| *order);
        out.into_iter().map(|&(_, target, field)| (target, field)).collect()
    }
}

/// What is known of every object before any reference is written.
struct Target<'s> {
    id: ResId<'s>,
    previous: Vec<ResId<'s>>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
    name: Option<Node<'s>>,
    namespace: Option<Node<'s>>,
    hash_inputs: Vec<Span<'s>>,
}

struct Targets<'s> {
    all: Vec<Target<'s>>,
    /// By every earlier name.
    by_name: FxHashMap<String, Vec<usize>>,
}

impl<'s> Targets<'s> {
    fn new(resources: &[Resource<'s>], schemas: &Schemas<'s>) -> Self {
        let mut by_name: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        let mut all = Vec::with_capacity(resources.len());
        for (at, resource) in resources.iter().enumerate() {
            let names: BTreeSet<&str> = resource.previous.iter().map(|p| &*p.name).collect();
            for name in names {
                by_name.entry(name.to_string()).or_default().push(at);
            }
            all.push(Target {
                id: resource.id(schemas),
                previous: resource.previous_ids().collect(),
                prefixes: resource.prefixes.clone(),
                suffixes: resource.suffixes.clone(),
                name: resource.node.path(&["metadata", "name"]),
                namespace: resource
                    .node
                    .path(&["metadata", "namespace"])
                    .filter(|n| !n.is_null() && n.text().is_some_and(|text| !text.is_empty())),
                hash_inputs: resource.hash_inputs.clone(),
            });
        }
        Targets { all, by_name }
    }
}

/// The object whose references are written.
struct Referrer<'t, 's> {
    targets: &'t Targets<'s>,
    me: &'t Target<'s>,
    role: Option<Gvk<'s>>,
    /// Where that is written.
    role_at: Vec<Span<'s>>,
    /// Namespaces of the service accounts that a RoleBinding names.
    subjects: BTreeSet<String>,
}

impl<'t, 's> Referrer<'t, 's> {
    fn new(targets: &'t Targets<'s>, at: usize, resource: &Resource<'s>) -> Result<'s, Option<Self>> {
        let Some(me) = targets.all.get(at) else { return Ok(None) };
        let subjects = if me.id.gvk.kind == "RoleBinding" { subject_namespaces(resource)? } else { BTreeSet::new() };
        Ok(Some(Referrer { targets, me, role: role(resource), role_at: role_at(resource), subjects }))
    }

    /// Writes the node at the end of a field's path.
    fn write(&self, node: &mut Node<'s>, target: &NameReference, path: &str) -> Written<'s> {
        match node.kind() {
            _ if node.is_null() => Ok(false),
            Kind::Scalar => self.scalar(node, target, path),
            Kind::Map => self.mapping(node, target, path),
            Kind::Seq => update::update_items(node, |item| match item.kind() {
                _ if item.is_null() => Ok(false),
                Kind::Scalar => self.scalar(item, target, path),
                Kind::Map => self.mapping(item, target, path),
                Kind::Seq => {
                    Err(TransformError::new("a name or a mapping with a name is expected, and this is a list").at(item))
                }
            }),
        }
    }

    fn scalar(&self, node: &mut Node<'s>, target: &NameReference, path: &str) -> Written<'s> {
        let old = node.text().unwrap_or_default();
        let candidates = self.candidates(&old);
        let same = |a: &Target<'s>, b: &Target<'s>| a.id.name == b.id.name;
        let Some(found) = self.select(candidates, target, path, node, same)? else { return Ok(false) };
        if found.id.name == old {
            return Ok(false);
        }
        let more = if path.ends_with("roleRef/name") { self.role_at.as_slice() } else { &[] };
        *node = named(node, found, more);
        Ok(true)
    }

    fn mapping(&self, node: &mut Node<'s>, target: &NameReference, path: &str) -> Written<'s> {
        let Some(name) = node.get("name") else {
            return Err(TransformError::new("a reference must have a `name`").at(node));
        };
        let old = name.text().unwrap_or_default();
        let mut candidates = self.candidates(&old);
        if let Some(namespace) = node.get("namespace") {
            let namespace = namespace.text().unwrap_or_default();
            candidates = self.in_namespace(candidates, &namespace);
        }
        let same = |a: &Target<'s>, b: &Target<'s>| (&a.id.name, &a.id.namespace) == (&b.id.name, &b.id.namespace);
        let Some(found) = self.select(candidates, target, path, &name, same)? else { return Ok(false) };
        if found.id.name == old && found.id.namespace.is_empty() {
            return Ok(false);
        }
        let kind = node.get("kind").and_then(|k| k.origin().span).filter(|_| self.needs_subject(found));
        let mut changed = false;
        if found.id.name != old {
            let more: Vec<Span<'s>> =
                node.get("namespace").and_then(|n| n.origin().span).into_iter().chain(kind).collect();
            node.set(Node::string("name", Origin::default()), named(&name, found, &more));
            changed = true;
        }
        if let Some(namespace) = &found.namespace {
            let old = node.get("namespace");
            if old.as_ref().is_none_or(|n| n.text() != namespace.text()) {
                let written_name = name.origin().span;
                let more: Vec<Span<'s>> = written_name.into_iter().chain(kind).collect();
                let step = reference_step(namespace, &more);
                let origin = namespace.origin().with(&step, old.as_ref().map(Node::origin));
                let text = namespace.text().unwrap_or_default().into_owned();
                node.set(
                    Node::string("namespace", Origin { span: None, via: None }.with(&step, None)),
                    written(old.as_ref(), text, origin),
                );
                changed = true;
            }
        }
        Ok(changed)
    }

    /// True if the object can only be referred to because a subject names its namespace.
    fn needs_subject(&self, target: &Target<'s>) -> bool {
        !self.me.id.cluster && !target.id.cluster && !target.id.same_namespace(&self.me.id)
    }

    /// The objects that had the name and can be referred to from here.
    fn candidates(&self, name: &str) -> Vec<&'t Target<'s>> {
        let all = self.targets.by_name.get(name).into_iter().flatten().filter_map(|at| self.targets.all.get(*at));
        let reachable = |t: &&Target<'s>| {
            self.me.id.cluster
                || t.id.cluster
                || t.id.same_namespace(&self.me.id)
                || self.subjects.contains(&*t.id.namespace)
        };
        all.filter(reachable).collect()
    }

    /// Those of them that were in a namespace; if no object at all was, those that are in it now.
    fn in_namespace(&self, candidates: Vec<&'t Target<'s>>, namespace: &str) -> Vec<&'t Target<'s>> {
        let was = |t: &Target<'s>| t.original().effective_namespace() == namespace && !is_cluster(t.original());
        let reachable = |t: &&Target<'s>| {
            self.me.id.cluster
                || t.id.cluster
                || t.id.same_namespace(&self.me.id)
                || self.subjects.contains(&*t.id.namespace)
        };
        if self.targets.all.iter().filter(reachable).any(was) {
            return candidates.into_iter().filter(|t| was(t)).collect();
        }
        candidates.into_iter().filter(|t| !t.id.cluster && t.id.effective_namespace() == namespace).collect()
    }

    /// The one candidate that is meant.
    fn select(
        &self,
        mut candidates: Vec<&'t Target<'s>>,
        target: &NameReference,
        path: &str,
        written: &Node<'s>,
        same: impl Fn(&Target<'s>, &Target<'s>) -> bool,
    ) -> std::result::Result<Option<&'t Target<'s>>, TransformError<'s>> {
        let is_target = |gvk: &Gvk<'_>| target.selects(&gvk.group, &gvk.version, &gvk.kind);
        candidates.retain(|t| t.previous.iter().any(|id| is_target(&id.gvk)));
        if path.ends_with("roleRef/name")
            && let Some(role) = &self.role
        {
            candidates.retain(|t| t.previous.iter().any(|id| id.gvk.is_selected(role)));
        }
        if !self.me.id.cluster {
            candidates
                .retain(|t| t.id.cluster || t.id.gvk.kind == "ServiceAccount" || t.id.same_namespace(&self.me.id));
        }
        if let [one] = candidates.as_slice() {
            return Ok(Some(one));
        }
        candidates.retain(|t| t.alike(self.me, true));
        if candidates.len() > 1 {
            candidates.retain(|t| t.alike(self.me, false));
        }
        let Some(first) = candidates.first() else { return Ok(None) };
        if candidates.iter().all(|t| same(first, t)) {
            return Ok(Some(first));
        }
        let message =
            format!("`{}` could mean more than one {}", written.text().unwrap_or_default(), first.id.gvk.kind);
        let error = TransformError::new(message).at(written);
        Err(candidates.iter().filter_map(|t| t.name.as_ref()).fold(error, TransformError::at))
    }
}

impl<'s> Target<'s> {
    fn original(&self) -> &ResId<'s> {
        self.previous.first().unwrap_or(&self.id)
    }

    /// True if prefixes and suffixes end alike; with `lenient`, an object without any is like all.
    fn alike(&self, other: &Target<'s>, lenient: bool) -> bool {
        let alike = |a: &[String], b: &[String]| {
            if a.is_empty() || b.is_empty() {
                return lenient || a.is_empty() && b.is_empty();
            }
            a.iter().rev().zip(b.iter().rev()).all(|(x, y)| x == y)
        };
        alike(&self.prefixes, &other.prefixes) && alike(&self.suffixes, &other.suffixes)
    }
}

/// The earlier identities say so in their namespace.
fn is_cluster(id: &ResId<'_>) -> bool {
    id.effective_namespace() == super::resid::NO_NAMESPACE
}

/// The scalar with the name of `target`; its place stays. `more` is what else decided that it is the target.
fn named<'s>(old: &Node<'s>, target: &Target<'s>, more: &[Span<'s>]) -> Node<'s> {
    let step = match &target.name {
        Some(name) => reference_step(name, &[&target.hash_inputs, more].concat()),
        None => Step::new(StepKind::NameReference, None),
    };
    written(Some(old), target.id.name.to_string(), old.origin().with(&step, None))
}

/// A scalar in the style of what was there, without a tag: typed by its text where it is plain, as upstream has it.
fn written<'s>(old: Option<&Node<'s>>, text: String, origin: Origin<'s>) -> Node<'s> {
    match old {
        Some(old) => Node::Scalar(Arc::new(Scalar {
            text: text.into(),
            style: old.style(),
            tag: None,
            origin,
            pieces: Vec::new(),
        })),
        None => Node::string(text, origin),
    }
}

/// The step of a reference to a name (or namespace): it depends on all that the name is made of.
fn reference_step<'s>(name: &Node<'s>, hash_inputs: &[Span<'s>]) -> Arc<Step<'s>> {
    let mut inputs: Vec<Span<'s>> = name.pieces().iter().filter_map(|p| p.span).collect();
    if inputs.is_empty() {
        inputs.extend(name.origin().span);
    }
    inputs.extend(hash_inputs);
    Arc::new(Step { kind: StepKind::NameReference, at: name.span(), inputs })
}

/// Where a `roleRef` says what its target is.
fn role_at<'s>(resource: &Resource<'s>) -> Vec<Span<'s>> {
    let reference = resource.node.get("roleRef");
    let span = |key| reference.as_ref()?.get(key)?.origin().span;
    ["apiGroup", "kind"].into_iter().filter_map(span).collect()
}

/// What a `roleRef` says of its target.
fn role<'s>(resource: &Resource<'s>) -> Option<Gvk<'s>> {
    let reference = resource.node.get("roleRef")?;
    let text = |key| reference.get(key)?.text();
    Some(Gvk { group: text("apiGroup")?, version: "".into(), kind: text("kind")? })
}

fn subject_namespaces<'s>(resource: &Resource<'s>) -> Result<'s, BTreeSet<String>> {
    let mut out = BTreeSet::new();
    for subject in resource.node.get("subjects").iter().flat_map(|s| s.items()) {
        let (Some(namespace), Some(kind)) = (subject.get("namespace"), subject.get("kind")) else { continue };
        if !kind.has_text("ServiceAccount") {
            continue;
        }
        match namespace.as_str() {
            Some(text) => drop(out.insert(text.into_owned())),
            None => {
                let message = "the namespace of this subject is empty";
                return Err(Error::new(ErrorKind::Invalid, namespace.span(), message));
            }
        }
    }
    Ok(out)
}
