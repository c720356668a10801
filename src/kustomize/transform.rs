//! The transformers of one kustomization, in upstream's order, each over all objects accumulated so far
//! (upstream `configureBuiltinTransformers`, `api/internal/builtins`).

use rustc_hash::FxHashMap;

use super::accumulate::{Accumulation, Accumulator, ResIdKey, duplicate};
use super::build::Deleted;
use super::candidates::note_nearest;
use super::error::{Error, ErrorKind, Result};
use super::facts::{Fact, FactKind};
use super::fieldspec::FieldSpec;
use super::filters::{images, labels, names, namespace, replicas};
use super::history;
use super::kustomization::{Image, Kustomization, Labels, Replacement, Replica};
use super::loader::Root;
use super::metadata::{self, Configured, Place};
use super::patches;
use super::plugins;
use super::resource::Resource;
use super::schema::Schemas;
use super::shared;
use super::specs::FieldSpecs;
use super::{Text, TransformError};
use crate::near::slip;
use crate::source::Span;
use crate::yaml::{Step, StepKind};

/// Runs all transformers of `k`.
pub(super) fn run<'s>(
    accumulator: &mut Accumulator<'_, 's>,
    acc: &mut Accumulation<'s>,
    root: &Root,
    k: &Kustomization<'s>,
) -> Result<'s, ()> {
    let specs = acc.specs.clone().unwrap_or_else(|| FieldSpecs::builtin().clone());
    let loaded = patches::load(k, &mut accumulator.loader(root, &mut acc.files))?;
    let replacements = super::replacements::load(&k.replacements, &mut accumulator.loader(root, &mut acc.files))?;
    let file = accumulator.tracked_file(k);
    let plugins = plugins::transformers(accumulator, acc, root, &k.transformers, file.as_ref())?;
    let validators = plugins::transformers(accumulator, acc, root, &k.validators, file.as_ref())?;
    let mut t = Transform {
        resources: &mut acc.resources,
        facts: &mut acc.facts,
        deleted: &mut acc.deleted,
        schemas: &accumulator.schemas,
    };

    let file = file.as_ref();
    for patch in &loaded.strategic_merge {
        t.patch(patch)?;
    }
    if !k.patches_strategic_merge.is_empty() {
        t.ran(file, "PatchStrategicMergeTransformer")?;
    }
    for patch in &loaded.patches {
        t.patch(patch)?;
        t.ran(file, "PatchTransformer")?;
    }
    if let Some(namespace) = &k.namespace {
        t.namespace(namespace, &specs.namespace, namespace::NamespaceOptions::default())?;
        t.ran(file, "NamespaceTransformer")?;
    }
    if let Some(prefix) = &k.name_prefix {
        t.prefix(prefix, &specs.name_prefix)?;
        t.ran(file, "PrefixTransformer")?;
    }
    if let Some(suffix) = &k.name_suffix {
        t.suffix(suffix, &specs.name_suffix)?;
        t.ran(file, "SuffixTransformer")?;
    }
    for entry in &k.labels {
        let fields = label_specs(entry, &specs)?;
        t.pairs(FactKind::Labels, StepKind::Labels, &entry.pairs, &fields)?;
        t.ran(file, "LabelTransformer")?;
    }
    t.pairs(FactKind::Labels, StepKind::Labels, &k.common_labels, &specs.common_labels)?;
    // As upstream: it runs with the common labels if there are labels of either kind.
    if !k.labels.is_empty() || !k.common_labels.is_empty() {
        t.ran(file, "LabelTransformer")?;
    }
    t.pairs(FactKind::Annotations, StepKind::Annotations, &k.common_annotations, &specs.common_annotations)?;
    if !k.common_annotations.is_empty() {
        t.ran(file, "AnnotationsTransformer")?;
    }
    for patch in &loaded.json6902 {
        t.patch(patch)?;
        t.ran(file, "PatchJson6902Transformer")?;
    }
    for replica in &k.replicas {
        t.replicas(replica, &specs.replicas)?;
        t.ran(file, "ReplicaCountTransformer")?;
    }
    for image in &k.images {
        t.image(image, &specs.images)?;
        t.ran(file, "ImageTagTransformer")?;
    }
    t.replacements(&replacements)?;
    if !k.replacements.is_empty() {
        t.ran(file, "ReplacementTransformer")?;
    }
    for (plugin, by) in &plugins {
        plugin.run(&mut t)?;
        t.ran_by(by.as_ref())?;
    }
    for (plugin, _) in &validators {
        plugin.validate(&mut t)?;
    }
    Ok(())
}

/// The fields that an entry of `labels` writes.
fn label_specs<'s>(entry: &Labels<'s>, specs: &FieldSpecs) -> Result<'s, Vec<FieldSpec>> {
    let mut fields: Vec<FieldSpec> = entry.fields.iter().map(|f| f.spec()).collect();
    let mut add = |more: &[FieldSpec]| {
        super::specs::add_all(&mut fields, more, "labels")
            .map_err(|e| Error::new(ErrorKind::Conflict, entry.span, e.message))
    };
    add(&specs.labels)?;
    if entry.include_selectors {
        add(&specs.common_labels)?;
    } else {
        if entry.include_templates {
            add(&specs.template_labels)?;
        }
        add(&[FieldSpec::any("metadata/labels", true)])?;
    }
    Ok(fields)
}

/// The objects that the transformers work on.
pub(super) struct Transform<'t, 's> {
    pub(super) resources: &'t mut Vec<Resource<'s>>,
    pub(super) facts: &'t mut Vec<Fact<'s>>,
    pub(super) deleted: &'t mut Vec<Deleted<'s>>,
    pub(super) schemas: &'t Schemas<'s>,
}

impl<'s> Transform<'_, 's> {
    pub(super) fn fact(&mut self, kind: FactKind, entry: Option<Span<'s>>, matched: usize, changed: usize) {
        if let Some(entry) = entry {
            self.facts.push(Fact { kind, entry, matched, changed });
        }
    }

    /// Notes in all objects that a built-in transformer ran that a field of the kustomization `file` asks for.
    fn ran(&mut self, file: Option<&Place>, kind: &str) -> Result<'s, ()> {
        self.ran_by(file.map(|file| Configured::builtin(file, kind)).as_ref())
    }

    fn ran_by(&mut self, by: Option<&Configured>) -> Result<'s, ()> {
        let Some(by) = by else { return Ok(()) };
        let there = self.resources.iter_mut().filter(|r| !r.is_gone());
        there.into_iter().try_for_each(|r| metadata::transformed(r, by))
    }

    pub(super) fn drop_gone(&mut self) {
        self.resources.retain(|r| !r.is_gone());
    }

    pub(super) fn replacements(&mut self, entries: &[Replacement<'s>]) -> Result<'s, ()> {
        super::replacements::run(self.resources, entries, self.schemas, self.facts)?;
        self.drop_gone();
        Ok(())
    }

    pub(super) fn namespace(
        &mut self,
        value: &Text<'s>,
        specs: &[FieldSpec],
        options: namespace::NamespaceOptions,
    ) -> Result<'s, ()> {
        let step = Step::new(StepKind::Namespace, value.span());
        let mut changed = 0;
        // How many objects have each identity.
        let mut ids: FxHashMap<ResIdKey, usize> = FxHashMap::default();
        for resource in self.resources.iter() {
            *ids.entry(ResIdKey::new(resource.id(self.schemas))).or_default() += 1;
        }
        for at in 0..self.resources.len() {
            let Some(resource) = self.resources.get_mut(at).filter(|r| !r.is_gone() && !r.by_helm) else { continue };
            let before = resource.id(self.schemas);
            resource.store_previous(self.schemas);
            changed += usize::from(
                namespace::apply(&mut resource.node, &value.node, specs, options, self.schemas, &step)
                    .map_err(|e| failed(e, value.span()))?,
            );
            let id = resource.id(self.schemas);
            if id.effective_namespace() == before.effective_namespace() {
                continue;
            }
            if let Some(count) = ids.get_mut(&ResIdKey::new(before)) {
                *count -= 1;
            }
            let count = ids.entry(ResIdKey::new(id.clone())).or_default();
            *count += 1;
            if *count > 1 {
                self.no_other(at, &id).map_err(|e| e.note(value.span(), "this namespace makes them the same"))?;
            }
        }
        for gone in self.deleted.iter_mut() {
            // It is printed nowhere, so what does not fit it is no error.
            _ = namespace::apply(&mut gone.object, &value.node, specs, options, self.schemas, &step);
        }
        self.drop_gone();
        self.fact(FactKind::Namespace, value.span(), self.resources.len(), changed);
        Ok(())
    }

    /// An error if an object other than the one at `at` has its identity.
    fn no_other(&self, at: usize, id: &super::resid::ResId<'_>) -> Result<'s, ()> {
        let other = self.resources.iter().enumerate().find(|(i, r)| *i != at && r.id(self.schemas).same(id));
        match (other, self.resources.get(at)) {
            (Some((_, other)), Some(resource)) => Err(duplicate(id, resource, Some(other))),
            _ => Ok(()),
        }
    }

    pub(super) fn prefix(&mut self, value: &Text<'s>, specs: &[FieldSpec]) -> Result<'s, ()> {
        let step = Step::new(StepKind::NamePrefix, value.span());
        let changed = self.affix(specs, |resource, spec, schemas| {
            if spec.path == "metadata/name" {
                resource.prefixes.push(value.text.clone());
                resource.store_previous(schemas);
            }
            names::prefix(&mut resource.node, &value.node, spec, &step).map_err(|e| failed(e, value.span()))
        })?;
        self.fact(FactKind::NamePrefix, value.span(), self.resources.len(), changed);
        Ok(())
    }

    pub(super) fn suffix(&mut self, value: &Text<'s>, specs: &[FieldSpec]) -> Result<'s, ()> {
        let step = Step::new(StepKind::NameSuffix, value.span());
        let changed = self.affix(specs, |resource, spec, schemas| {
            if spec.path == "metadata/name" {
                resource.suffixes.push(value.text.clone());
                resource.store_previous(schemas);
            }
            names::suffix(&mut resource.node, &value.node, spec, &step).map_err(|e| failed(e, value.span()))
        })?;
        self.fact(FactKind::NameSuffix, value.span(), self.resources.len(), changed);
        Ok(())
    }

    fn affix(
        &mut self,
        specs: &[FieldSpec],
        mut write: impl FnMut(&mut Resource<'s>, &FieldSpec, &Schemas<'s>) -> Result<'s, bool>,
    ) -> Result<'s, usize> {
        let mut changed = 0;
        for resource in self.resources.iter_mut() {
            let gvk = resource.original_gvk();
            let skipped = matches!(&*gvk.kind, "CustomResourceDefinition" | "Namespace")
                || (gvk.kind == "APIService" && gvk.group == "apiregistration.k8s.io");
            if skipped {
                continue;
            }
            let mut any = false;
            for spec in specs.iter().filter(|s| s.selects(&gvk.group, &gvk.version, &gvk.kind)) {
                any |= write(resource, spec, self.schemas)?;
            }
            changed += usize::from(any);
        }
        self.drop_gone();
        Ok(changed)
    }

    /// Labels or annotations: one step for each pair.
    pub(super) fn pairs(
        &mut self,
        fact: FactKind,
        kind: StepKind,
        pairs: &[(Text<'s>, Text<'s>)],
        specs: &[FieldSpec],
    ) -> Result<'s, ()> {
        for (key, value) in pairs {
            let step = Step::new(kind, key.span());
            let pair = [(key.node.clone(), value.node.clone())];
            let pair = labels::Pairs::new(&pair, &step);
            let mut changed = 0;
            let finds_annotations = specs.iter().any(|spec| spec.path == "metadata/annotations" && !spec.create);
            for resource in self.resources.iter_mut() {
                if finds_annotations && resource.has_history() {
                    history::make_room(&mut resource.node);
                }
                let done = pair.apply(&mut resource.node, specs).map_err(|e| failed(e, key.span()))?;
                changed += usize::from(done);
                shared::sync(resource);
                if specs.len() > 1 {
                    shared::note(resource, &key.text, &step);
                }
            }
            for gone in self.deleted.iter_mut() {
                _ = pair.apply(&mut gone.object, specs);
            }
            self.fact(fact, key.span(), self.resources.len(), changed);
        }
        self.drop_gone();
        Ok(())
    }

    pub(super) fn replicas(&mut self, entry: &Replica<'s>, specs: &[FieldSpec]) -> Result<'s, ()> {
        let step = Step::new(StepKind::Replicas, entry.entry());
        let name = entry.name.as_deref().unwrap_or_default();
        let zero = crate::yaml::Node::plain("0", crate::yaml::Origin::default());
        let count = entry.count.as_ref().filter(|n| !n.is_null()).unwrap_or(&zero);
        let (mut matched, mut changed) = (0, 0);
        for spec in specs {
            for resource in self.resources.iter_mut().filter(|r| !r.is_gone() && r.may_be_named(name)) {
                let named = resource.any_id(self.schemas, |id| {
                    id.name == name && spec.selects(&id.gvk.group, &id.gvk.version, &id.gvk.kind)
                });
                if !named {
                    continue;
                }
                matched += 1;
                let done = replicas::apply(&mut resource.node, count, spec, &step);
                changed += usize::from(done.map_err(|e| failed(e, entry.entry()))?);
            }
        }
        self.drop_gone();
        if matched == 0 {
            let message = format!(
                "`replicas` names `{name}`, and no Deployment, ReplicaSet, ReplicationController or StatefulSet has that name"
            );
            let error = Error::new(ErrorKind::NoMatch, entry.entry(), message);
            return Err(note_nearest(error, self.resources, self.schemas, |id| {
                let counted = specs.iter().any(|spec| spec.selects(&id.gvk.group, &id.gvk.version, &id.gvk.kind));
                counted.then(|| slip(name, &id.name))
            }));
        }
        self.fact(FactKind::Replicas, entry.entry(), matched, changed);
        Ok(())
    }

    pub(super) fn image(&mut self, entry: &Image<'s>, specs: &[FieldSpec]) -> Result<'s, ()> {
        let step = Step::new(StepKind::Images, entry.entry());
        let node = |text: &Option<Text<'s>>| text.as_ref().map(|t| t.node.clone());
        let name = entry.name.as_deref().unwrap_or_default();
        let image = images::Image::new(
            name,
            node(&entry.new_name),
            node(&entry.new_tag),
            node(&entry.tag_suffix),
            node(&entry.digest),
        )
        .map_err(|e| failed(e, entry.entry()))?;
        let mut matched = 0;
        for resource in self.resources.iter_mut() {
            let done = images::apply(&mut resource.node, &image, specs, &step).map_err(|e| failed(e, entry.entry()))?;
            matched += usize::from(done);
        }
        self.drop_gone();
        self.fact(FactKind::Image, entry.entry(), matched, matched);
        Ok(())
    }
}

/// The error of a transformation, at its own place, with the entry beside it.
pub(super) fn failed<'s>(error: TransformError<'s>, entry: Option<Span<'s>>) -> Box<Error<'s>> {
    let mut spans = error.spans.into_iter();
    let first = spans.next();
    let mut out = Error::new(ErrorKind::Invalid, first.or(entry), error.message);
    if first.is_some() {
        out = out.note(entry, "applied by this entry");
    }
    for span in spans {
        out = out.note(Some(span), "");
    }
    out
}
