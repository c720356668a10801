//! `buildMetadata: [originAnnotations, transformerAnnotations]`: annotations that say which file an object is from, and what
//! ran over it (upstream `api/resource/origin.go`, `api/resmap/reswrangler.go`). Like upstream, they are written while the
//! objects are made, so that patches and transformers meet them.

use std::path::{Component, Path};

use super::Text;
use super::error::Result;
use super::fieldspec::FieldSpec;
use super::filters::labels;
use super::kustomization::Kustomization;
use super::remote::{self, Repository};
use super::resource::{Resource, strings};
use super::transform::failed;
use crate::yaml::{Node, Origin, Step, StepKind, emit};

const ORIGIN: &str = "config.kubernetes.io/origin";
const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// The annotations that are written and, unless they are asked for, taken out again.
pub(super) const KEYS: [&str; 2] = [ORIGIN, TRANSFORMATIONS];

/// True if the objects of a root have annotations of their origins while it is rendered. Upstream writes them for every option, also
/// for those for which it takes them out again (`managedByLabel`), and patches and transformers meet them.
pub(super) fn is_asked(root: &Kustomization<'_>) -> bool {
    !root.build_metadata.is_empty()
}

/// Where something is from: a path relative to the root, or to the root of a repository.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    path: String,
    repository: Option<Repository>,
}

impl Place {
    /// What an entry names, as upstream tracks it: a repository starts afresh.
    pub(super) fn join(&self, entry: &Text<'_>) -> Self {
        match remote::repository(entry) {
            // Upstream takes the path out of the directory that it would clone to, which has this name.
            Some(repository) if repository.path.is_empty() => {
                Place { path: "notCloned".into(), repository: Some(repository) }
            }
            Some(repository) => Place { path: clean("", &repository.path), repository: Some(repository) },
            None => self.file(entry),
        }
    }

    /// A file or directory below.
    pub(super) fn file(&self, name: &str) -> Self {
        Place { path: clean(&self.path, name), repository: self.repository.clone() }
    }

    fn lines(&self) -> Vec<String> {
        let Some(repository) = &self.repository else { return Vec::new() };
        let mut lines = vec![pair("repo", &repository.url)];
        if !repository.reference.is_empty() {
            lines.push(pair("ref", &repository.reference));
        }
        lines
    }
}

/// `path` below `base`, with `.` and `..` resolved by text; leading `..` stay.
pub(super) fn clean(base: &str, path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for part in Path::new(base).components().chain(Path::new(path).components()) {
        match part {
            Component::ParentDir if out.last().is_some_and(|last| *last != "..") => drop(out.pop()),
            Component::ParentDir => out.push(".."),
            Component::Normal(name) => out.extend(name.to_str()),
            _ => {}
        }
    }
    out.join("/")
}

/// What made or changed objects.
pub(super) struct Configured {
    /// The file that asks for it.
    place: Place,
    /// `apiVersion`, `kind`, `name` and `namespace` of its configuration.
    by: [String; 4],
}

impl Configured {
    /// A field of the kustomization at `place`.
    pub(super) fn builtin(place: &Place, kind: &str) -> Self {
        Configured { place: place.clone(), by: ["builtin".into(), kind.into(), String::new(), String::new()] }
    }

    /// A configuration of its own; none if where it is from is not followed.
    pub(super) fn by(config: &Resource<'_>) -> Option<Self> {
        let by = [config.api_version(), config.kind(), config.name(), config.namespace()];
        config.place.clone().map(|place| Configured { place, by })
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = self.place.lines();
        lines.extend([pair("configuredIn", &self.place.path), "configuredBy:".into()]);
        let fields = ["apiVersion", "kind", "name", "namespace"].into_iter().zip(&self.by);
        lines.extend(
            fields.filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("  {}", pair(key, value))),
        );
        lines
    }
}

/// Notes that an object was read from a file.
pub(super) fn read_from<'s>(resource: &mut Resource<'s>, place: &Place) -> Result<'s, ()> {
    let mut lines = vec![pair("path", &place.path)];
    lines.extend(place.lines());
    resource.place = Some(place.clone());
    annotate(resource, ORIGIN, format!("{}\n", lines.join("\n")))
}

/// Notes that a generator made an object.
pub(super) fn generated<'s>(resource: &mut Resource<'s>, by: &Configured) -> Result<'s, ()> {
    if strings(&resource.node, "annotations").contains_key(ORIGIN) {
        return Ok(());
    }
    annotate(resource, ORIGIN, format!("{}\n", by.lines().join("\n")))
}

/// Notes that a transformer ran over an object, whether or not it changed anything.
pub(super) fn transformed<'s>(resource: &mut Resource<'s>, by: &Configured) -> Result<'s, ()> {
    let annotations = strings(&resource.node, "annotations");
    if !annotations.contains_key(ORIGIN) {
        return generated(resource, by);
    }
    let before = annotations.get(TRANSFORMATIONS).map(String::as_str).unwrap_or_default();
    annotate(resource, TRANSFORMATIONS, format!("{before}- {}\n", by.lines().join("\n  ")))
}

/// The origin of the object that another one is merged into stays.
pub(super) fn keep_origin<'s>(new: &mut Node<'s>, old: &Node<'s>) {
    let kept = old.path(&["metadata", "annotations", ORIGIN]);
    if let (Some(kept), Some(annotations)) = (kept, new.get_mut("metadata").and_then(|m| m.get_mut("annotations"))) {
        annotations.set(Node::string(ORIGIN, Origin::default()), kept);
    }
}

/// Takes out the annotations that the root does not ask for, whoever wrote them.
pub(super) fn remove_unasked(object: &mut Node<'_>, root: Option<&Kustomization<'_>>) {
    let asked = |option: &str| root.is_some_and(|k| k.build_metadata.iter().any(|o| o.text == option));
    for (option, key) in ["originAnnotations", "transformerAnnotations"].into_iter().zip(KEYS) {
        if !asked(option)
            && object.path(&["metadata", "annotations", key]).is_some()
            && let Some(annotations) = object.get_mut("metadata").and_then(|m| m.get_mut("annotations"))
        {
            annotations.remove(key);
        }
    }
}

fn annotate<'s>(resource: &mut Resource<'s>, key: &str, text: String) -> Result<'s, ()> {
    let step = Step::new(StepKind::BuildMetadata, None);
    let pair = [(Node::string(key, Origin::default()), Node::string(text, Origin::default()))];
    let specs = [FieldSpec::any("metadata/annotations", true)];
    labels::apply(&mut resource.node, &pair, &specs, &step).map_err(|e| failed(e, None))?;
    super::shared::forget_annotations(resource);
    Ok(())
}

/// `key: value`, quoted where needed.
fn pair(key: &str, value: &str) -> String {
    let entry = (Node::string(key, Origin::default()), Node::string(value, Origin::default()));
    let printed = emit::document(&Node::map(vec![entry], Origin::default()));
    printed.map_or_else(|_| format!("{key}: {value}"), |text| text.trim_end().to_string())
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn paths_are_relative_to_the_root() {
        assert_eq!(clean("", "./a.yaml"), "a.yaml");
        assert_eq!(clean("../base", "../other/b.yaml"), "../other/b.yaml");
        assert_eq!(clean("..", "../b"), "../../b");
        assert_eq!(clean("a", "../.."), "..");
    }
}
