//! Files that stand beside a kustomization and that none uses.

use std::path::{Path, PathBuf};

use memchr::memmem;

use super::{Discovery, classify, is_kustomization, looks_like_manifest, looks_like_patch};
use crate::files::Context;
use crate::rule::SourceRole;
use crate::source::Source;
use crate::yaml::{Node, SrcNode};

/// A file that no kustomization uses.
pub struct Unused<'s> {
    /// The file.
    pub source: &'s Source,
    /// True if it looks like a patch, not like a whole object.
    pub patch: bool,
    /// The directory of the kustomization nearest above it.
    pub dir: PathBuf,
}

/// YAML files of the walked directories that hold an object or a patch, stand beside or below a kustomization with none nearer,
/// and are named by none; and those of them that its text mentions all the same.
pub(super) fn unused_files<'s>(
    ctx: Context<'s>,
    walked: &[(PathBuf, Vec<PathBuf>)],
    found: &Discovery<'s>,
) -> (Vec<Unused<'s>>, Vec<PathBuf>) {
    let mut out: Vec<Unused<'s>> = Vec::new();
    let mut mentioned = Vec::new();
    for path in walked.iter().flat_map(|(_, files)| files) {
        let yaml = path.extension().is_some_and(|e| e == "yaml" || e == "yml");
        let hidden = path.file_name().is_none_or(|n| n.to_string_lossy().starts_with('.'));
        if !yaml || hidden || is_kustomization(path) || found.used.contains_key(path) {
            continue;
        }
        let Some(dir) = path.ancestors().skip(1).find(|dir| found.graph.kustomizations.contains_key(*dir)) else {
            continue;
        };
        if classify::chart_of_template(ctx, path).is_some() {
            continue;
        }
        if let Ok(source) = ctx.load(path)
            && let Some(patch) = object_or_patch(source)
        {
            if is_mentioned(ctx, found, dir, path) {
                mentioned.push(path.clone());
            } else {
                out.push(Unused { source, patch, dir: dir.to_path_buf() });
            }
        }
    }
    out.sort_by(|a, b| a.source.path().cmp(b.source.path()));
    out.dedup_by(|a, b| std::ptr::eq(a.source, b.source));
    (out, mentioned)
}

/// True for a file with a patch, false for one with objects, none for anything else.
fn object_or_patch(source: &Source) -> Option<bool> {
    let text = source.text();
    let may_be_operations = || memmem::find(text.as_bytes(), b"op").is_some() && text.contains("path");
    if !looks_like_manifest(text) && !may_be_operations() {
        return None;
    }
    let roots = source.tree().documents.iter().filter_map(|d| d.root);
    let kinds: Vec<Option<bool>> = roots
        .map(|id| {
            let node = Node::Source(SrcNode { source, id }, None);
            if looks_like_patch(&node) || is_operations(&node) { Some(true) } else { is_object(&node).then_some(false) }
        })
        .collect();
    kinds.iter().flatten().next().copied()
}

fn is_object(node: &Node<'_>) -> bool {
    let metadata = node.get("metadata");
    let named = ["name", "generateName"].iter().any(|key| metadata.as_ref().is_some_and(|m| m.get(key).is_some()));
    node.get("apiVersion").is_some() && node.get("kind").is_some() && (named || node.get("items").is_some())
}

/// The operations of a JSON patch.
fn is_operations(node: &Node<'_>) -> bool {
    node.items().next().is_some_and(|first| first.get("op").is_some() && first.get("path").is_some())
}

/// True if the kustomization, or a file of it that configures a plugin, has the file's name in its text: plugins name files in
/// ways that only they know, and an entry behind `#` was left there for whoever wants it.
fn is_mentioned(ctx: Context<'_>, found: &Discovery<'_>, dir: &Path, path: &Path) -> bool {
    let Some(kustomization) = found.graph.kustomizations.get(dir) else { return false };
    let Some(name) = path.file_name().and_then(|n| n.to_str()) else { return true };
    let configurations = kustomization
        .files
        .iter()
        .filter(|(_, role)| *role == SourceRole::Configuration)
        .filter_map(|(path, _)| ctx.sources.get(path).or_else(|| ctx.load(path).ok()));
    std::iter::once(kustomization.source)
        .chain(configurations)
        .flat_map(|source| source.text().lines())
        .any(|line| line.contains(name))
}
