//! Accumulates what a kustomization and everything below it gives, before the steps that are done once at the end
//! (upstream `api/internal/target/kusttarget.go`).

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::build::{Deleted, Role, UsedFile};
use super::configurations;
use super::crds;
use super::error::{Error, ErrorKind, Result};
use super::facts::Fact;
use super::generators;
use super::helm;
use super::history;
use super::kustomization::{Kustomization, Var};
use super::load;
use super::loader::{self, Loader, Named, Root};
use super::metadata::{self, Configured, Place};
use super::plugins;
use super::render::Renderer;
use super::resid::ResId;
use super::resource::Resource;
use super::schema::{Asked, Schemas};
use super::specs::FieldSpecs;
use super::transform;
use super::{Text, TransformError, absorb, untracked};
use crate::files::Located;
use crate::source::Span;

/// What a kustomization gives to the one that names it.
#[derive(Clone, Default)]
pub(super) struct Accumulation<'s> {
    pub(super) resources: Vec<Resource<'s>>,
    /// The field specs that its configurations and those below add up to; none before its own are added.
    pub(super) specs: Option<Arc<FieldSpecs>>,
    pub(super) vars: Vec<Var<'s>>,
    pub(super) kustomizations: Vec<Arc<Kustomization<'s>>>,
    pub(super) files: Vec<UsedFile<'s>>,
    pub(super) facts: Vec<Fact<'s>>,
    /// The objects that patches deleted.
    pub(super) deleted: Vec<Deleted<'s>>,
    /// The directories of all kustomizations that took part, links resolved.
    pub(super) dirs: Vec<PathBuf>,
    /// What it asked of the built-in schemas.
    asked: Asked,
}

/// One accumulation under way.
pub(super) struct Accumulator<'r, 's> {
    pub(super) renderer: &'r Renderer<'s>,
    pub(super) schemas: Schemas<'s>,
    /// An `openapi` field set the schemas. The first one of a build counts, the root's before all others.
    schema_set: bool,
    /// What the kustomizations above asked of the built-in schemas before this one.
    asked_above: Asked,
    /// The namespace that charts get from the kustomization or one above it.
    helm_namespace: Option<String>,
    /// The directories from the root to where we are, links resolved.
    stack: Vec<PathBuf>,
    /// The directory of the kustomization, relative to the root; only if the root asks for annotations of origins.
    pub(super) tracked: Option<Place>,
    /// Annotations of origins are also written for a root that asks for nothing but the label.
    tracks_all: bool,
}

impl<'r, 's> Accumulator<'r, 's> {
    pub(super) fn new(renderer: &'r Renderer<'s>) -> Self {
        Accumulator {
            renderer,
            schemas: Schemas::builtin(),
            schema_set: false,
            asked_above: Asked::Nothing,
            helm_namespace: None,
            stack: Vec::new(),
            tracked: None,
            tracks_all: false,
        }
    }

    /// One that writes annotations of origins for every root that has `buildMetadata`, as upstream does.
    pub(super) fn tracking(renderer: &'r Renderer<'s>) -> Self {
        Accumulator { tracks_all: true, ..Accumulator::new(renderer) }
    }

    /// True if `k` is the root, and its objects get annotations of their origins.
    fn is_tracked(&self, k: &Kustomization<'s>) -> bool {
        self.stack.is_empty() && metadata::is_asked(k) && (self.tracks_all || !untracked::is_label_only(k))
    }

    /// Accumulates the kustomization in `root`, which is no component, and keeps what it gives for others if it is to be `shared`.
    pub(super) fn base(
        &mut self,
        root: &Root,
        entry: Option<Span<'s>>,
        shared: bool,
    ) -> Result<'s, Arc<Accumulation<'s>>> {
        // What a base gives depends on the schemas and on what the root asks for, and charts on the namespace above, so only the
        // usual case is shared.
        let own_helm = self.helm_namespace.is_some() && self.renderer.options.helm.is_some();
        if !self.schema_set
            && self.tracked.is_none()
            && let Some(known) = self.renderer.known(root)
            && !(own_helm && has_charts(&known))
        {
            match &*known {
                Ok(done) if done.kustomizations.first().is_some_and(|k| self.is_tracked(k)) => {}
                Ok(done) if !done.dirs.iter().any(|dir| self.visited_below(dir)) => {
                    self.schemas.note(done.asked);
                    return Ok(done.clone());
                }
                Err(error) if error.kind != ErrorKind::Cycle && !self.tracks_all => return Err(error.clone()),
                _ => {}
            }
        }
        let (above, before) = (self.asked_above, self.schemas.take_asked());
        self.asked_above = above.max(before);
        let mut result = self.fresh_base(root, entry);
        self.asked_above = above;
        let asked = self.schemas.asked();
        self.schemas.note(before);
        if let Ok(done) = &mut result {
            done.asked = asked;
        }
        let result = result.map(Arc::new);
        if shared && !self.schema_set && self.tracked.is_none() && !(own_helm && has_charts(&result)) {
            self.renderer.remember(root, &result);
        }
        result
    }

    /// Sets the schemas if the kustomization asks for it and none did before (upstream `openapi.SetSchema`).
    fn set_schema(&mut self, acc: &mut Accumulation<'s>, root: &Root, k: &Kustomization<'s>) -> Result<'s, ()> {
        let entry = |name: &str| k.openapi.iter().find(|(key, _)| key.text == name).map(|(_, value)| value);
        let file = match entry("path") {
            Some(path) => {
                let source = self.loader(root, &mut acc.files).file(path, Role::OpenApi, path.span())?;
                if let Some(bad) = source.tree().first_problem() {
                    return Err(load::syntax(source, bad).note(path.span(), "read from here"));
                }
                super::kustomization::first_document(source)
            }
            None => None,
        };
        let version = entry("version");
        if self.schema_set || (entry("path").is_none() && version.is_none_or(|v| v.is_empty())) {
            return Ok(());
        }
        match (version, file) {
            (Some(version), Some(_)) => {
                let message = "`openapi` has `path` or `version`, not both";
                return Err(Error::new(ErrorKind::Invalid, version.span(), message));
            }
            (Some(version), None) if version.text != "v1.21.2" => {
                let message = format!("the OpenAPI version `{}` is not built in; only `v1.21.2` is", version.text);
                return Err(Error::new(ErrorKind::Invalid, version.span(), message));
            }
            (_, Some(document)) => {
                self.schemas = Schemas::custom(&document, self.asked_above.max(self.schemas.asked()))
            }
            _ => {}
        }
        self.schema_set = true;
        Ok(())
    }

    fn fresh_base(&mut self, root: &Root, entry: Option<Span<'s>>) -> Result<'s, Accumulation<'s>> {
        let kustomization = self.read(root, entry)?;
        if kustomization.component && entry.is_some() {
            let message = "this is a Component, which belongs in `components`, not in `resources`";
            return Err(Error::new(ErrorKind::Invalid, entry, message));
        }
        if self.is_tracked(&kustomization) {
            self.tracked = Some(Place::default());
        }
        let mut acc = Accumulation::default();
        self.target(&mut acc, root, &kustomization)?;
        Ok(acc)
    }

    pub(super) fn read(&self, root: &Root, entry: Option<Span<'s>>) -> Result<'s, Arc<Kustomization<'s>>> {
        let source = loader::kustomization_file(self.renderer.ctx, root, entry)?;
        Kustomization::read(source).map(Arc::new)
    }

    /// The steps of one kustomization, on what its parent has accumulated if it is a component.
    fn target(&mut self, acc: &mut Accumulation<'s>, root: &Root, k: &Arc<Kustomization<'s>>) -> Result<'s, ()> {
        acc.kustomizations.push(k.clone());
        acc.files.push(UsedFile { source: k.source, role: Role::Kustomization, entry: None });
        acc.dirs.push(root.canonical.clone());
        self.stack.push(root.canonical.clone());
        let done = self.steps(acc, root, k);
        self.stack.pop();
        done.map_err(|mut error| {
            if error.path.as_os_str().is_empty() {
                error.path = k.source.path().to_path_buf();
            }
            error
        })
    }

    fn steps(&mut self, acc: &mut Accumulation<'s>, root: &Root, k: &Kustomization<'s>) -> Result<'s, ()> {
        super::unsupported::check(k, &self.renderer.options)?;
        let outer = self.helm_namespace.clone();
        if let Some(namespace) = k.namespace.as_ref().filter(|n| !n.is_empty()) {
            self.helm_namespace = Some(namespace.text.clone());
        }
        let done = self.steps_within(acc, root, k);
        self.helm_namespace = outer;
        done
    }

    fn steps_within(&mut self, acc: &mut Accumulation<'s>, root: &Root, k: &Kustomization<'s>) -> Result<'s, ()> {
        self.set_schema(acc, root, k)?;
        let mut ids = self.ids(&acc.resources);
        self.resources(acc, &mut ids, root, k.resources.iter())?;
        self.specs(acc, root, k)?;
        self.generate(acc, root, k)?;
        for path in &k.components {
            self.component(acc, root, path)?;
        }
        transform::run(self, acc, root, k)?;
        super::vars::add(acc, &k.vars, &self.schemas)
    }

    /// Adds the built-in field specs and those of the kustomization to what its bases brought.
    fn specs(&mut self, acc: &mut Accumulation<'s>, root: &Root, k: &Kustomization<'s>) -> Result<'s, ()> {
        let mut own = FieldSpecs::default();
        for path in &k.configurations {
            let specs = configurations::read(path, &mut self.loader(root, &mut acc.files))?;
            own.merge(&specs).map_err(|e| specs_conflict(path, e))?;
        }
        if let Some(last) = k.configurations.last() {
            let mut all = FieldSpecs::clone(FieldSpecs::builtin());
            all.merge(&own).map_err(|e| specs_conflict(last, e))?;
            add_specs(&mut acc.specs, &Arc::new(all)).map_err(|e| specs_conflict(last, e))?;
        } else if acc.specs.is_none() {
            acc.specs = Some(FieldSpecs::builtin().clone());
        } else {
            add_specs(&mut acc.specs, FieldSpecs::builtin())
                .map_err(|e| Error::new(ErrorKind::Conflict, None, e.message))?;
        }
        for path in &k.crds {
            let specs = crds::read(path, &mut self.loader(root, &mut acc.files))?;
            add_specs(&mut acc.specs, &Arc::new(specs)).map_err(|e| specs_conflict(path, e))?;
        }
        Ok(())
    }

    /// Entries of `resources`: files of objects, and directories of other kustomizations. `ids` are those of the objects that are
    /// there.
    pub(super) fn resources<'p>(
        &mut self,
        acc: &mut Accumulation<'s>,
        ids: &mut Ids<'s>,
        root: &Root,
        paths: impl Iterator<Item = &'p Text<'s>> + Clone,
    ) -> Result<'s, ()>
    where
        's: 'p,
    {
        let located = self.loader(root, &mut acc.files).look(paths.clone());
        paths.zip(located).try_for_each(|(path, located)| self.resource(acc, ids, root, path, located))
    }

    fn resource(
        &mut self,
        acc: &mut Accumulation<'s>,
        ids: &mut Ids<'s>,
        root: &Root,
        path: &Text<'s>,
        located: Option<Located>,
    ) -> Result<'s, ()> {
        let source = match self.loader(root, &mut acc.files).resource(path, located)? {
            Named::File(source) => source,
            Named::Dir => return self.child(acc, ids, root, path),
        };
        let objects = load::objects(source).map_err(|e| e.note(path.span(), "read from here"))?;
        let mut resources: Vec<Resource<'s>> = objects.into_iter().map(history::read).collect();
        if let Some(dir) = &self.tracked {
            let place = dir.join(path);
            resources.iter_mut().try_for_each(|r| metadata::read_from(r, &place))?;
        }
        self.append_all(&mut acc.resources, ids, resources).map_err(|e| e.note(path.span(), BROUGHT))
    }

    fn child(&mut self, acc: &mut Accumulation<'s>, ids: &mut Ids<'s>, root: &Root, path: &Text<'s>) -> Result<'s, ()> {
        let dir = self.enter(root, path, &mut acc.files)?;
        let outer = self.track(path);
        let child = self.base(&dir, path.span(), true).map_err(|e| chained(e, path));
        self.tracked = outer;
        let child = child?;
        acc.kustomizations.extend(child.kustomizations.iter().cloned());
        acc.files.extend(child.files.iter().copied());
        acc.facts.extend(child.facts.iter().copied());
        acc.deleted.extend(child.deleted.iter().cloned());
        acc.dirs.extend(child.dirs.iter().cloned());
        self.append_all(&mut acc.resources, ids, child.resources.clone()).map_err(|e| e.note(path.span(), BROUGHT))?;
        for var in &child.vars {
            add_var(&mut acc.vars, var)?;
        }
        if let Some(theirs) = &child.specs {
            add_specs(&mut acc.specs, theirs).map_err(|e| specs_conflict(path, e))?;
        }
        Ok(())
    }

    fn component(&mut self, acc: &mut Accumulation<'s>, root: &Root, path: &Text<'s>) -> Result<'s, ()> {
        let dir = self.enter(root, path, &mut acc.files)?;
        let kustomization = self.read(&dir, path.span()).map_err(|e| chained(e, path))?;
        if !kustomization.component {
            let message =
                format!("`{}` is a Kustomization, and `components` takes only those of `kind: Component`", path.text);
            return Err(Error::new(ErrorKind::Invalid, path.span(), message));
        }
        let outer = self.track(path);
        let done = self.target(acc, &dir, &kustomization).map_err(|e| chained(e, path));
        self.tracked = outer;
        done
    }

    /// Goes to another directory where origins are followed; gives where we come from.
    fn track(&mut self, path: &Text<'s>) -> Option<Place> {
        let inner = self.tracked.as_ref().map(|dir| dir.join(path));
        std::mem::replace(&mut self.tracked, inner)
    }

    /// The kustomization file, relative to the root, where origins are followed.
    pub(super) fn tracked_file(&self, k: &Kustomization<'s>) -> Option<Place> {
        let name = k.source.path().file_name()?.to_str()?;
        self.tracked.as_ref().map(|dir| dir.file(name))
    }

    /// The directory that an entry names, unless it leads back to where we come from.
    fn enter(&self, root: &Root, path: &Text<'s>, files: &mut Vec<UsedFile<'s>>) -> Result<'s, Root> {
        let dir = self.loader(root, files).dir(path, path.span())?;
        if self.visited_below(&dir.canonical) {
            let message = format!("`{}` leads back to a kustomization that includes this one", path.text);
            return Err(Error::new(ErrorKind::Cycle, path.span(), message));
        }
        Ok(dir)
    }

    /// True if `dir` is one that we come from, or above one.
    fn visited_below(&self, dir: &std::path::Path) -> bool {
        self.stack.iter().any(|visited| visited.starts_with(dir))
    }

    pub(super) fn loader<'l>(&self, root: &'l Root, files: &'l mut Vec<UsedFile<'s>>) -> Loader<'l, 's>
    where
        'r: 'l,
    {
        let Renderer { ctx, options, directories, .. } = self.renderer;
        Loader { ctx: *ctx, directories, options, root, files }
    }

    /// The identities of objects.
    pub(super) fn ids(&self, resources: &[Resource<'s>]) -> Ids<'s> {
        resources.iter().map(|r| ResIdKey::new(r.id(&self.schemas))).collect()
    }

    /// Appends objects; an error if one of the same identity is there. `ids` are those of the objects of `to`.
    pub(super) fn append_all(
        &self,
        to: &mut Vec<Resource<'s>>,
        ids: &mut Ids<'s>,
        new: Vec<Resource<'s>>,
    ) -> Result<'s, ()> {
        to.reserve(new.len());
        for resource in new {
            if !ids.insert(ResIdKey::new(resource.id(&self.schemas))) {
                let id = resource.id(&self.schemas);
                let first = to.iter().find(|r| r.id(&self.schemas).same(&id));
                return Err(duplicate(&id, &resource, first));
            }
            to.push(resource);
        }
        Ok(())
    }

    fn generate(&mut self, acc: &mut Accumulation<'s>, root: &Root, k: &Kustomization<'s>) -> Result<'s, ()> {
        use generators::Kind;
        let lists = [(Kind::ConfigMap, &k.config_map_generator), (Kind::Secret, &k.secret_generator)];
        let mut made = Vec::new();
        let file = self.tracked_file(k);
        for (kind, list) in lists {
            for generator in list {
                let mut loader = self.loader(root, &mut acc.files);
                let mut resource = generators::generate(kind, generator, k.generator_options.as_ref(), &mut loader)?;
                if let Some(file) = &file {
                    let kind = if kind == Kind::ConfigMap { "ConfigMapGenerator" } else { "SecretGenerator" };
                    metadata::generated(&mut resource, &Configured::builtin(file, kind))?;
                }
                made.push((resource, generator.entry()));
            }
        }
        for chart in &k.helm_charts {
            let mut loader = self.loader(root, &mut acc.files);
            for mut resource in helm::inflate(chart, &k.helm_globals, self.helm_namespace.as_deref(), &mut loader)? {
                if let Some(file) = &file {
                    let by = Configured::builtin(file, "HelmChartInflationGenerator");
                    metadata::generated(&mut resource, &by)?;
                }
                made.push((resource, chart.place));
            }
        }
        made.extend(plugins::generators(self, acc, root, &k.generators, file.as_ref())?);
        for (resource, entry) in made {
            absorb::absorb(&mut acc.resources, resource, &self.schemas).map_err(|e| e.or_at(entry))?;
        }
        Ok(())
    }
}

/// True if charts took part, or may have.
fn has_charts(done: &Result<'_, Arc<Accumulation<'_>>>) -> bool {
    done.as_ref()
        .map_or(true, |done| done.kustomizations.iter().any(|k| !k.helm_charts.is_empty() || !k.generators.is_empty()))
}

/// Identities of objects.
pub(super) type Ids<'s> = FxHashSet<ResIdKey<'s>>;

/// What makes two objects the same.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct ResIdKey<'s>(super::resid::Gvk<'s>, Cow<'s, str>, Cow<'s, str>);

impl<'s> ResIdKey<'s> {
    pub(super) fn new(id: ResId<'s>) -> Self {
        let namespace = id.effective_namespace_text();
        ResIdKey(id.gvk, id.name, namespace)
    }
}

/// Where an object's identity is written.
pub(super) fn place<'s>(resource: &Resource<'s>) -> Option<Span<'s>> {
    let name = resource.node.path(&["metadata", "name"]);
    name.and_then(|n| n.span()).or_else(|| resource.node.span())
}

/// What is said of the entry that an object comes by which is there already.
const BROUGHT: &str = "brought in by this entry";

pub(super) fn duplicate<'s>(id: &ResId<'_>, resource: &Resource<'s>, first: Option<&Resource<'s>>) -> Box<Error<'s>> {
    let error = Error::new(ErrorKind::Conflict, place(resource), format!("there is more than one {id}"));
    error.note(first.and_then(place), "the other one")
}

fn chained<'s>(mut error: Box<Error<'s>>, path: &Text<'s>) -> Box<Error<'s>> {
    if let Some(span) = path.span()
        && error.span != Some(span)
    {
        error.chain.push(span);
    }
    error
}

pub(super) fn add_var<'s>(vars: &mut Vec<Var<'s>>, var: &Var<'s>) -> Result<'s, ()> {
    let same = |v: &&Var<'s>| v.name.as_deref() == var.name.as_deref();
    if let Some(first) = vars.iter().find(same) {
        let name = var.name.as_deref().unwrap_or_default();
        let error = Error::new(ErrorKind::Conflict, var.entry(), format!("the var `{name}` is defined more than once"));
        return Err(error.note(first.entry(), "first defined here"));
    }
    vars.push(var.clone());
    Ok(())
}

/// Merges field specs, as upstream does even into nothing: a spec for all kinds goes if one for a kind comes before it.
fn add_specs(
    to: &mut Option<Arc<FieldSpecs>>,
    more: &Arc<FieldSpecs>,
) -> std::result::Result<(), TransformError<'static>> {
    // Upstream's merge of what is all there changes nothing.
    if to.as_ref().is_some_and(|to| Arc::ptr_eq(to, more)) {
        return Ok(());
    }
    if to.is_none() && Arc::ptr_eq(more, FieldSpecs::builtin()) {
        *to = Some(more.clone());
        return Ok(());
    }
    let mut merged = to.as_deref().cloned().unwrap_or_default();
    merged.merge(more)?;
    *to = Some(Arc::new(merged));
    Ok(())
}

fn specs_conflict<'s>(path: &Text<'s>, error: TransformError<'static>) -> Box<Error<'s>> {
    Error::new(ErrorKind::Conflict, path.span(), error.message)
}
