//! What the rules about namespaces share: which objects live in one, and who puts them there.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use crate::k8s::Object;
use crate::k8s::namespaced::is_namespaced;
use crate::rule::Run;
use crate::yaml::Node;

/// Which kinds of a run live in a namespace.
pub(super) struct Namespaces<'a, 's> {
    run: &'a Run<'s>,
    /// By group and kind, as the definitions of the run say. Made when a custom kind is first asked for.
    custom: OnceCell<FxHashMap<(String, String), bool>>,
}

impl<'a, 's> Namespaces<'a, 's> {
    /// Of all kinds that the run defines.
    pub(super) fn of(run: &'a Run<'s>) -> Self {
        Namespaces { run, custom: OnceCell::new() }
    }

    /// Whether the object lives in a namespace; none if nothing says so.
    pub(super) fn holds(&self, object: &Object<'_>) -> Option<bool> {
        is_namespaced(object).or_else(|| {
            let custom = self.custom.get_or_init(|| definitions(self.run));
            custom.get(&(object.group().to_owned(), object.kind().to_owned())).copied()
        })
    }
}

fn definitions(run: &Run<'_>) -> FxHashMap<(String, String), bool> {
    let mut custom = FxHashMap::default();
    for definition in run.scopes.iter().flat_map(|s| s.of_kind("apiextensions.k8s.io", "CustomResourceDefinition")) {
        let text = |path: &[&str]| definition.spec().and_then(|s| s.path(path)?.as_str());
        if let (Some(group), Some(kind), Some(scope)) = (text(&["group"]), text(&["names", "kind"]), text(&["scope"])) {
            custom.insert((group.into_owned(), kind.into_owned()), scope == "Namespaced");
        }
    }
    custom
}

/// True if an object of the run deploys this directory into a namespace of its choice: Flux's Kustomization, Argo CD's Application.
pub(super) fn is_deployed_into(run: &Run<'_>, directory: &str) -> bool {
    let flux = run
        .scopes
        .iter()
        .flat_map(|s| s.of_kind("kustomize.toolkit.fluxcd.io", "Kustomization"))
        .filter_map(Object::spec)
        .filter(|spec| says(spec, &["targetNamespace"]))
        .any(|spec| is_at(spec.get("path"), directory));
    let argo = |kind: &'static str, path: &'static [&'static str]| {
        run.scopes.iter().flat_map(move |s| s.of_kind("argoproj.io", kind)).filter_map(|o| o.node.path(path)).any(
            |spec| {
                let many = spec.get("sources");
                let mut sources = spec.get("source").into_iter().chain(many.iter().flat_map(Node::items));
                says(&spec, &["destination", "namespace"]) && sources.any(|source| is_at(source.get("path"), directory))
            },
        )
    };
    flux || argo("Application", &["spec"]) || argo("ApplicationSet", &["spec", "template", "spec"])
}

fn says(node: &Node<'_>, path: &[&str]) -> bool {
    node.path(path).and_then(|n| n.as_str()).is_some_and(|t| !t.is_empty())
}

/// True if a path from the top of some repository may be this directory, or one above it. One that is still to be filled in may be
/// any.
fn is_at(path: Option<Node<'_>>, directory: &str) -> bool {
    let Some(path) = path.and_then(|p| p.as_str()) else { return false };
    if path.contains("{{") || path.contains("${") {
        return true;
    }
    let path = path.trim_start_matches("./").trim_matches('/');
    path.is_empty()
        || path == "."
        || format!("/{directory}/").contains(&format!("/{path}/"))
        || format!("/{path}/").ends_with(&format!("/{directory}/"))
}
