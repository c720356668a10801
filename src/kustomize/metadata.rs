//! `buildMetadata: [originAnnotations, transformerAnnotations]`: annotations that say which file an object is from, and what
//! ran over it (upstream `api/resource/origin.go`, `api/resmap/reswrangler.go`). Like upstream, they are written while the
//! objects are made, so that patches and transformers meet them.

use std::path::{Component, Path};

use super::Text;
use super::error::{Error, ErrorKind, Result};
use super::fieldspec::FieldSpec;
use super::filters::labels;
use super::kustomization::Kustomization;
use super::remote;
use super::resource::{Resource, strings};
use super::transform::failed;
use crate::yaml::{Node, Origin, Step, StepKind, emit};

const ORIGIN: &str = "config.kubernetes.io/origin";
const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// True if a root asks for annotations of its objects' origins.
pub(super) fn is_asked(root: &Kustomization<'_>) -> bool {
    root.build_metadata.iter().any(|o| matches!(o.text.as_str(), "originAnnotations" | "transformerAnnotations"))
}

/// A path relative to the root, with what it names appended (Go's `filepath.Join`).
///
/// # Errors
/// For the URL of a repository: what upstream writes then depends on the copy that it fetches.
pub(super) fn join<'s>(base: &str, path: &Text<'s>) -> Result<'s, String> {
    if remote::classify(path).is_some() {
        let message = "`buildMetadata` with annotations is not supported together with remote bases, so this kustomization is not rendered";
        return Err(Error::new(ErrorKind::Unsupported, path.span(), message));
    }
    Ok(clean(base, path))
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
    path: String,
    /// `apiVersion`, `kind`, `name` and `namespace` of its configuration.
    by: [String; 4],
}

impl Configured {
    /// A field of the kustomization at `path`.
    pub(super) fn builtin(path: &str, kind: &str) -> Self {
        Configured { path: path.into(), by: ["builtin".into(), kind.into(), String::new(), String::new()] }
    }

    /// A configuration of its own; none if where it is from is not followed.
    pub(super) fn by(config: &Resource<'_>) -> Option<Self> {
        let by = [config.api_version(), config.kind(), config.name(), config.namespace()];
        config.path.clone().map(|path| Configured { path, by })
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![pair("configuredIn", &self.path), "configuredBy:".into()];
        let fields = ["apiVersion", "kind", "name", "namespace"].into_iter().zip(&self.by);
        lines.extend(
            fields.filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("  {}", pair(key, value))),
        );
        lines
    }
}

/// Notes that an object was read from a file.
pub(super) fn read_from<'s>(resource: &mut Resource<'s>, path: &str) -> Result<'s, ()> {
    resource.path = Some(path.to_string());
    annotate(resource, ORIGIN, format!("{}\n", pair("path", path)))
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
    for (option, key) in [("originAnnotations", ORIGIN), ("transformerAnnotations", TRANSFORMATIONS)] {
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
