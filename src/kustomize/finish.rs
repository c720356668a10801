//! The steps that are done once, on everything that was accumulated (upstream `makeCustomizedResMap`,
//! `api/krusty/kustomizer.go`).

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::accumulate::{Accumulation, ResIdKey, duplicate, place};
use super::build::Build;
use super::error::{Error, ErrorKind, Result};
use super::fieldspec::FieldSpec;
use super::filters::labels;
use super::hash;
use super::history;
use super::loader::Root;
use super::metadata;
use super::names;
use super::order;
use super::render::Options;
use super::replacements;
use super::resource::{Resource, normalize_strings, strings};
use super::schema::Schemas;
use super::specs::FieldSpecs;
use super::transform::failed;
use super::vars;
use crate::yaml::node::NO_TAG;
use crate::yaml::{Node, Origin, Step, StepKind};

const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";

/// What `kustomize-v5.8.1` writes as managed-by label is its own version; ours says what made the output.
const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "kustomize-v5.8.1");

/// The build of a root.
pub(super) fn finish<'s>(
    accumulated: Accumulation<'s>,
    root: &Root,
    options: &Options,
    schemas: &Schemas<'s>,
) -> Result<'s, Build<'s>> {
    let Accumulation { mut resources, specs, vars, kustomizations, files, mut facts, deleted, .. } = accumulated;
    let specs = specs.unwrap_or_else(|| FieldSpecs::builtin().clone());
    for resource in resources.iter_mut().filter(|r| r.needs_hash) {
        add_hash(resource, schemas)?;
    }
    names::fix(&mut resources, &specs, schemas)?;
    vars::resolve(&mut resources, &vars, &specs.var_references, &mut facts)?;
    resources.iter().filter(|r| !r.is_gone()).try_for_each(still_named)?;
    resources.retain(|r| !is_local(r));
    distinct(&resources, schemas)?;
    let sort = kustomizations.first().and_then(|k| k.sort_options.as_ref());
    order::sort(&mut resources, sort, options.reorder, schemas)?;
    let asked = kustomizations.first().is_some_and(|k| k.build_metadata.iter().any(|o| o.text == "managedByLabel"));
    if options.managed_by_label || asked {
        add_managed_by(&mut resources)?;
    }
    for resource in &mut resources {
        metadata::remove_unasked(&mut resource.node, kustomizations.first().map(|k| &**k));
        history::remove(&mut resource.node);
        normalize_strings(&mut resource.node, "annotations");
    }
    let mut objects = Vec::with_capacity(resources.len());
    let mut idle_patches = Vec::with_capacity(resources.len());
    for resource in resources {
        if resource.misfit
            && let Some(error) = replacements::misfit(&resource.node)
        {
            return Err(error);
        }
        objects.push(resource.node);
        idle_patches.push(resource.idle);
    }
    Ok(Build { dir: root.path.clone(), idle_patches, objects, kustomizations, files, facts, deleted })
}

/// Puts the hash of the content at the end of the name.
pub(super) fn add_hash<'s>(resource: &mut Resource<'s>, schemas: &Schemas<'s>) -> Result<'s, ()> {
    let hash = hash::of(&resource.node).map_err(|e| Error::new(ErrorKind::Invalid, e.span, e.message))?;
    let Some((hash, inputs)) = hash else {
        let message = "only a ConfigMap or a Secret can have a hash in its name";
        return Err(Error::new(ErrorKind::Unsupported, place(resource), message));
    };
    resource.store_previous(schemas);
    let Some(name) = resource.node.path(&["metadata", "name"]) else { return Ok(()) };
    let step = Arc::new(Step { kind: StepKind::Hash, at: None, inputs: inputs.clone() });
    let mut text = super::compose::Composer::new();
    text.node(&name);
    text.literal("-");
    text.literal(&hash);
    let name = text.finish(name.style(), Some(NO_TAG.into()), name.origin().with(&step, None));
    super::resource::set_meta(&mut resource.node, "name", name);
    resource.hash_inputs = inputs;
    Ok(())
}

/// Refuses an object that a transformation left without a kind or, unless it is a list, without a name.
fn still_named<'s>(resource: &Resource<'s>) -> Result<'s, ()> {
    let missing = |path: &[&str]| {
        let node = resource.node.path(path);
        node.is_none_or(|n| n.is_null() || !n.is_scalar() || n.text().is_none_or(|t| t.is_empty()))
    };
    let field = if missing(&["kind"]) {
        "kind"
    } else if !resource.kind().ends_with("List") && missing(&["metadata", "name"]) {
        "metadata.name"
    } else {
        return Ok(());
    };
    let message = format!("this object has no `{field}` after everything that was done to it");
    Err(Error::new(ErrorKind::Invalid, place(resource), message))
}

/// Refuses two objects of one identity: a replacement or a patch gave one the name of the other.
fn distinct<'s>(resources: &[Resource<'s>], schemas: &Schemas<'s>) -> Result<'s, ()> {
    let mut known: FxHashMap<ResIdKey, &Resource<'s>> = FxHashMap::default();
    for resource in resources {
        let id = resource.id(schemas);
        if let Some(first) = known.insert(ResIdKey::new(id.clone()), resource) {
            return Err(duplicate(&id, resource, Some(first)));
        }
    }
    Ok(())
}

/// True for an object that is only there for the rendering.
fn is_local(resource: &Resource<'_>) -> bool {
    resource.is_gone() || strings(&resource.node, "annotations").get(LOCAL_CONFIG).is_some_and(|v| v != "false")
}

fn add_managed_by<'s>(resources: &mut [Resource<'s>]) -> Result<'s, ()> {
    let step = Step::new(StepKind::BuildMetadata, None);
    let (key, value) = MANAGED_BY;
    let pair = [(Node::string(key, Origin::default()), Node::string(value, Origin::default()))];
    let specs = [FieldSpec::any("metadata/labels", true)];
    for resource in resources {
        labels::apply(&mut resource.node, &pair, &specs, &step).map_err(|e| failed(e, None))?;
    }
    Ok(())
}
