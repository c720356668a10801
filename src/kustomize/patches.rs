//! `patches`, `patchesStrategicMerge` and `patchesJson6902` (upstream `api/internal/builtins/Patch*Transformer.go`).

use super::Text;
use super::accumulate::duplicate;
use super::build::{Deleted, Role};
use super::candidates::note_objects;
use super::embed;
use super::error::{Error, ErrorKind, Result};
use super::facts::FactKind;
use super::history;
use super::jsonpatch::{self, Operation};
use super::kustomization::{Kustomization, Patch, Target};
use super::load;
use super::loader::Loader;
use super::merge;
use super::resid::ResId;
use super::resource::{Resource, normalize_strings};
use super::same::same;
use super::selector::Selector;
use super::shared;
use super::transform::{Transform, failed};
use crate::source::Span;
use crate::yaml::{Kind, Node, Step, StepKind};

/// The patches of a kustomization, read.
pub(super) struct Patches<'s> {
    pub(super) strategic_merge: Vec<LoadedPatch<'s>>,
    pub(super) patches: Vec<LoadedPatch<'s>>,
    pub(super) json6902: Vec<LoadedPatch<'s>>,
}

/// An entry of one of the fields.
pub(super) struct LoadedPatch<'s> {
    content: Content<'s>,
    target: Option<Target<'s>>,
    allow_name_change: bool,
    allow_kind_change: bool,
    /// As upstream's older transformers do: labels and annotations of the patch become strings, identities are checked.
    strict: bool,
    /// JSON patches of `patches` are remembered as a change of identity, those of `patchesJson6902` are not.
    remembered: bool,
    /// Stands for the entry in facts.
    entry: Option<Span<'s>>,
    /// Stands for it in steps.
    at: Option<Span<'s>>,
}

impl LoadedPatch<'_> {
    /// True if there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        matches!(&self.content, Content::Merge(patches) if patches.is_empty())
    }
}

enum Content<'s> {
    /// Strategic merge patches.
    Merge(Vec<Node<'s>>),
    /// The operations of a JSON 6902 patch.
    Json(Vec<Operation<'s>>),
    /// An empty file.
    Nothing,
}

/// Reads all patches of a kustomization.
pub(super) fn load<'s>(k: &Kustomization<'s>, loader: &mut Loader<'_, 's>) -> Result<'s, Patches<'s>> {
    let mut strategic_merge = Vec::new();
    for text in &k.patches_strategic_merge {
        strategic_merge.push(strategic(text, loader)?);
    }
    if let Some(first) = strategic_merge.first()
        && strategic_merge.iter().all(LoadedPatch::is_empty)
    {
        return Err(Error::new(ErrorKind::Invalid, first.entry, "the patch is empty"));
    }
    let mut patches = Vec::new();
    for patch in &k.patches {
        patches.push(any(patch, loader)?);
    }
    let mut json6902 = Vec::new();
    for patch in &k.patches_json6902 {
        json6902.push(json(patch, loader)?);
    }
    Ok(Patches { strategic_merge, patches, json6902 })
}

/// An entry of `patchesStrategicMerge`: inline objects if it reads as such, else a path.
pub(super) fn strategic<'s>(text: &Text<'s>, loader: &mut Loader<'_, 's>) -> Result<'s, LoadedPatch<'s>> {
    let inline = load::inline_objects(&text.node);
    let (objects, at) = match inline {
        Ok(objects) => {
            let at = objects.first().and_then(name_span).or(text.span());
            (objects, at)
        }
        Err(error) if text.contains('\n') => return Err(error),
        Err(_) => {
            let source = loader.file(text, Role::Patch, text.span())?;
            (load::objects(source).map_err(|e| e.note(text.span(), "read from here"))?, text.span())
        }
    };
    Ok(LoadedPatch {
        content: Content::Merge(objects),
        target: None,
        allow_name_change: false,
        allow_kind_change: false,
        strict: true,
        remembered: false,
        entry: text.span(),
        at,
    })
}

/// An entry of `patches`: what it is shows in its text.
pub(super) fn any<'s>(patch: &Patch<'s>, loader: &mut Loader<'_, 's>) -> Result<'s, LoadedPatch<'s>> {
    let inline = patch.patch.as_ref().filter(|p| !p.trim().is_empty());
    let (objects, json) = match (inline, &patch.path) {
        (Some(_), Some(path)) => {
            let message = "a patch has `path` or `patch`, not both";
            return Err(Error::new(ErrorKind::Invalid, path.span(), message));
        }
        (None, None) => return Err(Error::new(ErrorKind::Invalid, patch.span, "a patch needs `path` or `patch`")),
        (Some(text), None) => (load::inline_patch(&text.node), inline_json(text, embed::parse_trimmed(&text.node))),
        (None, Some(path)) => {
            let source = loader.file(path, Role::Patch, path.span())?;
            (load::objects(source), file_json(source))
        }
    };
    let entry = patch.entry();
    let content = match (objects, json) {
        (Ok(objects), Ok(operations)) if !objects.is_empty() && !operations.is_empty() => {
            let message = "this is both a strategic merge patch and a JSON patch";
            return Err(Error::new(ErrorKind::Invalid, entry, message));
        }
        (Ok(objects), _) if objects.is_empty() => Content::Nothing,
        (Ok(objects), _) => Content::Merge(objects),
        (Err(_), Ok(operations)) => Content::Json(operations),
        // The error of the reading that the text was most likely meant for.
        (Err(merge), Err(json)) => {
            let error = if merge.kind == ErrorKind::Syntax || !json.1 { merge } else { json.0 };
            return Err(error.or_at(entry).note(entry, "neither a strategic merge patch nor a JSON patch"));
        }
    };
    let at = patch.path.as_ref().map_or_else(|| inline_place(patch, &content), Text::span);
    Ok(LoadedPatch {
        content,
        target: patch.target.clone(),
        allow_name_change: patch.allow_name_change,
        allow_kind_change: patch.allow_kind_change,
        strict: patch.target.is_some(),
        remembered: true,
        entry,
        at,
    })
}

/// An entry of `patchesJson6902`.
pub(super) fn json<'s>(patch: &Patch<'s>, loader: &mut Loader<'_, 's>) -> Result<'s, LoadedPatch<'s>> {
    let invalid = |message: &str| Err(Error::new(ErrorKind::Invalid, patch.entry(), message));
    if patch.target.as_ref().is_none_or(|t| t.name.is_none()) {
        return invalid("a patch of `patchesJson6902` must have a `target` with a `name`");
    }
    let read = match (&patch.patch, &patch.path) {
        (Some(_), Some(_)) => return invalid("a patch has `path` or `patch`, not both"),
        (None, None) => return invalid("a patch needs `path` or `patch`"),
        (Some(text), None) => inline_json(text, embed::parse(&text.node)),
        (None, Some(path)) => file_json(loader.file(path, Role::Patch, path.span())?),
    };
    let operations = read.map_err(|(error, _)| error.or_at(patch.entry()))?;
    if operations.is_empty() {
        return invalid("the patch is empty");
    }
    let content = Content::Json(operations);
    let at = patch.path.as_ref().map_or_else(|| inline_place(patch, &content), Text::span);
    Ok(LoadedPatch {
        content,
        target: patch.target.clone(),
        allow_name_change: false,
        allow_kind_change: false,
        strict: true,
        remembered: false,
        entry: patch.entry(),
        at,
    })
}

/// What stands for an inline patch in steps: what its target is named by, else the name in the patch itself.
fn inline_place<'s>(patch: &Patch<'s>, content: &Content<'s>) -> Option<Span<'s>> {
    let target = patch.target.as_ref().and_then(|t| {
        let parts = [&t.name, &t.kind, &t.label_selector, &t.annotation_selector, &t.namespace, &t.group, &t.version];
        parts.into_iter().flatten().find_map(Text::span)
    });
    let named = match content {
        Content::Merge(objects) => objects.first().and_then(name_span),
        _ => None,
    };
    target.or(named).or(patch.span)
}

fn name_span<'s>(object: &Node<'s>) -> Option<Span<'s>> {
    object.path(&["metadata", "name"])?.span()
}

/// Operations, or the error and whether the text looks like a list of operations.
type JsonResult<'s> = std::result::Result<Vec<Operation<'s>>, (Box<Error<'s>>, bool)>;

fn inline_json<'s>(text: &Text<'s>, embedded: embed::Embedded<'s>) -> JsonResult<'s> {
    let error = embedded
        .error
        .map(|(message, span)| Error::new(ErrorKind::Syntax, span, format!("this is not YAML: {message}")));
    operations(embedded.roots.into_iter().next(), error, text.trim())
}

fn file_json<'s>(source: &'s crate::source::Source) -> JsonResult<'s> {
    let root = super::kustomization::first_document(source);
    let error = source.tree().first_problem().map(|e| {
        Error::new(ErrorKind::Syntax, Some(source.span(e.start..e.end)), format!("this is not YAML: {}", e.message))
    });
    operations(root, error, source.text())
}

fn operations<'s>(root: Option<Node<'s>>, error: Option<Box<Error<'s>>>, text: &str) -> JsonResult<'s> {
    match (root, error) {
        (None, Some(error)) => Err((error, false)),
        (None, None) => Ok(Vec::new()),
        (Some(root), _) if root.is_null() => Ok(Vec::new()),
        (Some(root), _) => {
            jsonpatch::parse(&root, text).map_err(|e| (failed(e, root.span()), root.kind() == Kind::Seq))
        }
    }
}

impl<'s> Transform<'_, 's> {
    /// Applies an entry.
    pub(super) fn patch(&mut self, patch: &LoadedPatch<'s>) -> Result<'s, ()> {
        let counts = match &patch.content {
            Content::Nothing => return Ok(()),
            Content::Json(operations) => self.json_patch(patch, operations),
            Content::Merge(objects) => match &patch.target {
                Some(target) => self.merge_into_selected(patch, objects, target),
                None => self.merge_into_named(patch, objects),
            },
        };
        let (matched, changed) = counts?;
        self.drop_gone();
        self.fact(FactKind::Patch, patch.entry, matched, changed);
        Ok(())
    }

    fn json_patch(&mut self, patch: &LoadedPatch<'s>, operations: &[Operation<'s>]) -> Result<'s, (usize, usize)> {
        let Some(target) = &patch.target else {
            return Err(Error::new(ErrorKind::Invalid, patch.entry, "a JSON patch needs a `target`"));
        };
        let step = Step::new(StepKind::JsonPatch, patch.at);
        let selected = select(self.resources, target, self.schemas)?;
        let mut changed = 0;
        for at in &selected {
            let Some(resource) = self.resources.get_mut(*at) else { continue };
            if patch.remembered {
                resource.store_previous(self.schemas);
            }
            let before = resource.node.clone();
            if resource.has_history() {
                history::make_room(&mut resource.node);
            }
            jsonpatch::apply(&mut resource.node, operations, &step).map_err(|e| failed(e, patch.entry))?;
            resource.shared.clear();
            normalize_strings(&mut resource.node, "annotations");
            changed += usize::from(note_change(resource, &before, patch));
        }
        Ok((selected.len(), changed))
    }

    fn merge_into_selected(
        &mut self,
        patch: &LoadedPatch<'s>,
        objects: &[Node<'s>],
        target: &Target<'s>,
    ) -> Result<'s, (usize, usize)> {
        let [object] = objects else {
            let message = "a patch with a `target` can hold only one object";
            return Err(Error::new(ErrorKind::Invalid, patch.entry, message));
        };
        let selected = select(self.resources, target, self.schemas)?;
        let changed = self.merge_into(patch, object, &selected)?;
        Ok((selected.len(), changed))
    }

    fn merge_into_named(&mut self, patch: &LoadedPatch<'s>, objects: &[Node<'s>]) -> Result<'s, (usize, usize)> {
        let mut changed = 0;
        for object in objects {
            let id = Resource::new(object.clone()).id(self.schemas);
            let at = self.named(&id, object, patch)?;
            changed += self.merge_into(patch, object, &[at])?;
        }
        Ok((objects.len(), changed))
    }

    /// The one object that a patch names.
    fn named(&self, id: &ResId<'_>, object: &Node<'s>, patch: &LoadedPatch<'s>) -> Result<'s, usize> {
        let span = name_span(object).or(patch.entry);
        let matches: Vec<usize> = (0..self.resources.len())
            .filter(|at| {
                self.resources
                    .get(*at)
                    .is_some_and(|r| !r.is_gone() && r.may_be(id) && r.any_id(self.schemas, |other| id.same(other)))
            })
            .collect();
        let error = match matches.as_slice() {
            [at] => return Ok(*at),
            [] => {
                let error = Error::new(ErrorKind::NoMatch, span, format!("there is no {id} for this patch"));
                note_objects(error, self.resources, self.schemas, &id.gvk.kind, &id.name)
            }
            several => {
                let error =
                    Error::new(ErrorKind::Conflict, span, format!("there is more than one {id} for this patch"));
                several.iter().fold(error, |e, at| {
                    e.note(self.resources.get(*at).and_then(super::accumulate::place), "one of them")
                })
            }
        };
        Err(if error.span == patch.entry { error } else { error.note(patch.entry, "the patch is named here") })
    }

    /// Merges a patch into the objects at these places; how many it changed.
    fn merge_into(&mut self, patch: &LoadedPatch<'s>, object: &Node<'s>, selected: &[usize]) -> Result<'s, usize> {
        let step = Step::new(StepKind::Patch, patch.at);
        let mut object = object.clone();
        if patch.strict {
            normalize_strings(&mut object, "labels");
            normalize_strings(&mut object, "annotations");
        }
        let mut changed = 0;
        for at in selected {
            let Some(resource) = self.resources.get_mut(*at) else { continue };
            let before = resource.node.clone();
            if patch.allow_name_change || patch.allow_kind_change {
                resource.store_previous(self.schemas);
            }
            let object = if patch.strict { in_version_of(&before, &object) } else { object.clone() };
            let merged =
                merge::merge(before.clone(), &object, self.schemas, &step).map_err(|e| failed(e, patch.entry))?;
            resource.node = match merged {
                // Upstream only keeps what was written into the object itself: a patch that replaces all of it changes nothing.
                Some(_) if replaces_all(&object) => before.clone(),
                Some(node) => restored(node, &before, patch),
                None => {
                    let at = object.get("$patch").and_then(|directive| directive.span()).or(patch.at);
                    self.deleted.extend(at.map(|at| Deleted { object: under_first_name(resource, &before), at }));
                    Node::map(Vec::new(), before.origin())
                }
            };
            if takes_history(&object) {
                resource.forget_history();
            }
            if !resource.shared.is_empty() {
                shared::forget_replaced(resource, &object);
                shared::sync(resource);
            }
            changed += usize::from(note_change(resource, &before, patch));
        }
        if patch.strict {
            self.drop_gone();
            self.no_duplicates(patch)?;
        }
        Ok(changed)
    }

    fn no_duplicates(&self, patch: &LoadedPatch<'s>) -> Result<'s, ()> {
        if !patch.allow_name_change && !patch.allow_kind_change {
            return Ok(());
        }
        let ids: Vec<ResId<'s>> = self.resources.iter().map(|r| r.id(self.schemas)).collect();
        for (at, id) in ids.iter().enumerate() {
            if let Some(first) = ids.iter().take(at).position(|other| other.same(id))
                && let Some(resource) = self.resources.get(at)
            {
                let error = duplicate(id, resource, self.resources.get(first));
                return Err(error.note(patch.entry, "this patch makes them the same"));
            }
        }
        Ok(())
    }
}

/// An object under the name that it was read with.
fn under_first_name<'s>(resource: &Resource<'s>, object: &Node<'s>) -> Node<'s> {
    let mut object = object.clone();
    if let Some(first) = resource.previous.first().filter(|first| first.name != resource.name())
        && let Some(name) = object.get_mut("metadata").and_then(|metadata| metadata.get_mut("name"))
    {
        *name = Node::string(&*first.name, name.origin());
    }
    object
}

/// Whether a patch changed an object; notes it in the object if not.
fn note_change<'s>(resource: &mut Resource<'s>, before: &Node<'s>, patch: &LoadedPatch<'s>) -> bool {
    let changed = !same(before, &resource.node);
    if let Some(entry) = patch.entry.filter(|entry| !changed && !resource.idle.contains(entry)) {
        resource.idle.push(entry);
    }
    changed
}

/// A patch with the API version of what it is merged into, as upstream has it (`api/resmap/reswrangler.go`, `ApplySmPatch`): of the
/// kind that it names, not of its version, are the lists that it merges.
fn in_version_of<'s>(object: &Node<'s>, patch: &Node<'s>) -> Node<'s> {
    let (Some(version), Some(own)) = (object.get("apiVersion"), patch.get("apiVersion")) else { return patch.clone() };
    let mut patch = patch.clone();
    if own.text() != version.text()
        && let Some(place) = patch.get_mut("apiVersion")
    {
        *place = version;
    }
    patch
}

fn replaces_all(patch: &Node<'_>) -> bool {
    patch.get("$patch").is_some_and(|directive| directive.has_text("replace"))
}

/// True for a patch whose directive takes out all annotations, and so the history that upstream keeps in them.
fn takes_history(patch: &Node<'_>) -> bool {
    [&["metadata", "$patch"][..], &["metadata", "annotations", "$patch"]].iter().any(|path| {
        patch.path(path).is_some_and(|directive| directive.has_text("replace") || directive.has_text("delete"))
    })
}

/// A patch changes kind and name only if it may, the namespace never, the API version only without a target.
fn restored<'s>(mut node: Node<'s>, before: &Node<'s>, patch: &LoadedPatch<'s>) -> Node<'s> {
    if node.is_empty() {
        return node;
    }
    let mut put_back = |path: &[&str]| {
        let (old, new) = (before.path(path), node.path(path));
        let (Some(field), holder) =
            (path.last(), if path.len() > 1 { node.get_mut("metadata") } else { Some(&mut node) })
        else {
            return;
        };
        let Some(holder) = holder else {
            if let (Some(old), [outer, field]) = (old, path) {
                let made = Node::map(vec![(Node::string(*field, old.origin()), old.clone())], old.origin());
                node.set(Node::string(*outer, old.origin()), made);
            }
            return;
        };
        match (old, new) {
            // A patch repeats these to say which object it means: the object's own stay, and so does where they are written.
            (Some(old), Some(new)) if !same(&old, &new) || old.style() == new.style() => {
                if let Some(slot) = holder.get_mut(field) {
                    *slot = old;
                }
            }
            (Some(old), None) => drop(holder.set(Node::string(*field, old.origin()), old)),
            (None, Some(_)) => drop(holder.remove(field)),
            _ => {}
        }
    };
    if !patch.allow_kind_change {
        put_back(&["kind"]);
    }
    if !patch.allow_name_change {
        put_back(&["metadata", "name"]);
    }
    put_back(&["metadata", "namespace"]);
    if patch.strict {
        put_back(&["apiVersion"]);
    }
    node
}

/// The places of the objects that a target selects.
pub(super) fn select<'s>(
    resources: &[Resource<'s>],
    target: &Target<'s>,
    schemas: &super::schema::Schemas<'s>,
) -> Result<'s, Vec<usize>> {
    let selector = selector(target)?;
    let mut out = Vec::new();
    for (at, resource) in resources.iter().enumerate() {
        let gvk = resource.gvk();
        if !selector.matches_kind(&gvk.group, &gvk.version, &gvk.kind) {
            continue;
        }
        let (now, first) = (resource.id(schemas), resource.original_id(schemas));
        let namespace = |id: &ResId<'_>| selector.matches_namespace(id.effective_namespace());
        let name = |id: &ResId<'_>| selector.matches_name(&id.name);
        if (namespace(&first) || namespace(&now))
            && (name(&first) || name(&now))
            && selector.matches_metadata(&resource.node)
        {
            out.push(at);
        }
    }
    Ok(out)
}

/// The compiled selector of a target.
pub(super) fn selector<'s>(target: &Target<'s>) -> Result<'s, Selector> {
    Selector::new(&target.texts()).map_err(|e| Error::new(ErrorKind::Invalid, target.span, e.message))
}
