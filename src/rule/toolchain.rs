//! What other tools do to manifests before they reach a cluster, as their own files in the tree say.

use std::collections::BTreeSet;
use std::path::Path;

use super::Scope;
use crate::files::{display_path, normal};
use crate::k8s::Object;
use crate::yaml::Node;

/// The tools that the tree is made for. Found, not configured.
#[derive(Clone, Debug, Default)]
pub struct Toolchain {
    /// Flux fills in `${NAME}`: one of its Kustomizations has a `postBuild`.
    pub substitutes: bool,
    /// Images that Skaffold builds, and names anew when it deploys, as its `artifacts` and the manifests have them.
    pub built_images: BTreeSet<String>,
    /// Directories of the Components that Flux adds, below the top of the repository.
    components: BTreeSet<String>,
}

impl Toolchain {
    /// What the objects of a run say.
    pub fn of(scopes: &[Scope<'_>]) -> Self {
        let mut found = Toolchain::default();
        for object in scopes.iter().flat_map(|s| s.kind_in_any_group("Kustomization")) {
            if let Some(spec) = object.spec().filter(|_| object.group() == "kustomize.toolkit.fluxcd.io") {
                found.substitutes |= spec.get("postBuild").is_some_and(|p| !p.is_empty());
                found.add_components(&spec);
            }
        }
        for object in scopes.iter().flat_map(|s| s.kind_in_any_group("Config")).filter(|o| o.group() == "skaffold") {
            found.built_images.extend(artifacts(object));
        }
        found
    }

    fn add_components(&mut self, spec: &Node<'_>) {
        let path = spec.get("path").and_then(|p| p.as_str()).unwrap_or_default();
        let top = Path::new("/");
        let dir = normal(top, Path::new(path.trim_start_matches('/')));
        for component in spec.get("components").iter().flat_map(Node::items) {
            if let Some(component) = component.as_str() {
                self.components.insert(display_path(&normal(&dir, Path::new(&*component)), top));
            }
        }
    }

    /// True if Flux adds the Component in this directory, as reports show it. The paths of Flux start at the top of the
    /// repository, shown ones where the run was started: the shorter one has to be the end of the other.
    pub fn adds_component(&self, dir: &str) -> bool {
        let ends = |long: &str, short: &str| {
            long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with('/')) && !short.is_empty()
        };
        self.components.iter().any(|known| ends(known, dir) || ends(dir, known))
    }
}

fn artifacts<'s>(config: &Object<'s>) -> Vec<String> {
    let list = config.node.path(&["build", "artifacts"]);
    let images = list.iter().flat_map(Node::items).filter_map(|a| a.get("image"));
    images.filter_map(|image| image.as_str().map(|i| i.into_owned())).collect()
}
