//! What the rules about namespaces share: who puts objects in one.

use crate::k8s::Object;
use crate::rule::{Run, Within};
use crate::yaml::Node;

/// True if an object of the run deploys this directory into a namespace of its choice: Flux's Kustomization, Argo CD's Application.
pub(super) fn is_deployed_into(run: &Run<'_>, directory: &str) -> bool {
    let of_kind = |group: &'static str, kind: &str| {
        run.of_kind(Within::Run, kind).into_iter().filter(move |o| o.group() == group)
    };
    let flux = of_kind("kustomize.toolkit.fluxcd.io", "Kustomization")
        .filter_map(Object::spec)
        .filter(|spec| says(spec, &["targetNamespace"]))
        .any(|spec| is_at(spec.get("path"), directory));
    let argo = |kind: &'static str, path: &'static [&'static str]| {
        of_kind("argoproj.io", kind).filter_map(|o| o.node.path(path)).any(|spec| {
            let many = spec.get("sources");
            let mut sources = spec.get("source").into_iter().chain(many.iter().flat_map(Node::items));
            says(&spec, &["destination", "namespace"]) && sources.any(|source| is_at(source.get("path"), directory))
        })
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
