//! Telling manifests from other files, by what is cheap to see.

use std::path::{Path, PathBuf};

use memchr::memmem;

use crate::files::{Context, FileKind};
use crate::source::Source;
use crate::yaml::{Node, SrcNode};

/// True for the extensions of manifests: `.yaml`, `.yml`, `.json`.
pub fn is_manifest_name(path: &Path) -> bool {
    path.extension().and_then(|e| e.to_str()).is_some_and(|e| matches!(e, "yaml" | "yml" | "json"))
}

/// True if the text may hold a Kubernetes object: it has the words `apiVersion` and `kind`. Files without them are counted and
/// not parsed: nothing can be said about them.
pub fn looks_like_manifest(text: &str) -> bool {
    let bytes = text.as_bytes();
    memmem::find(bytes, b"apiVersion").is_some() && memmem::find(bytes, b"kind").is_some()
}

/// The Helm chart whose template the file is: some directory above it is called `templates` and stands beside a `Chart.yaml`.
pub(super) fn chart_of_template(ctx: Context<'_>, path: &Path) -> Option<PathBuf> {
    path.ancestors().skip(1).filter(|dir| dir.file_name().is_some_and(|n| n == "templates")).find_map(|dir| {
        let chart = dir.parent()?;
        matches!(ctx.files.kind(&chart.join("Chart.yaml")), Ok(FileKind::File)).then(|| chart.to_path_buf())
    })
}

/// The directory of test data below `root` that `dir` is or lies in: the first one called `testdata`, however that is written.
pub(super) fn test_data(root: &Path, dir: &Path) -> Option<PathBuf> {
    let below = dir.strip_prefix(root).ok()?;
    let mut at = root.to_path_buf();
    for part in below {
        at.push(part);
        let name = part.to_string_lossy().to_ascii_lowercase().replace(['-', '_'], "");
        if name.trim_end_matches(|c: char| c.is_ascii_digit()) == "testdata" {
            return Some(at);
        }
    }
    None
}

/// Why a file that may hold manifests is not judged, if so. `kustomization` is the nearest one above it.
pub(super) fn not_judged(source: &Source, kustomization: Option<&str>) -> Option<String> {
    let text = source.text();
    let broken = !source.tree().errors.is_empty();
    if broken && memmem::find(text.as_bytes(), b"{{").is_some() && memmem::find(text.as_bytes(), b"}}").is_some() {
        return Some("a template with `{{ … }}`, not YAML; lint what it renders".into());
    }
    let by = kustomization?;
    let mut roots = source.tree().documents.iter().filter_map(|d| d.root);
    roots
        .any(|id| looks_like_patch(&Node::Source(SrcNode { source, id }, None)))
        .then(|| format!("looks like a patch that no kustomization uses (nearest: `{by}`)"))
}

/// True for a document that cannot be a whole object: a `$patch` directive near the top, nothing but metadata, or a workload
/// without the parts that the API requires.
pub fn looks_like_patch(node: &Node<'_>) -> bool {
    if only_metadata(node) {
        return true;
    }
    let spec = node.get("spec");
    if node.get("$patch").is_some() || spec.as_ref().is_some_and(|s| s.get("$patch").is_some()) {
        return true;
    }
    let Some(spec) = spec else { return false };
    let kind = node.get("kind").and_then(|k| k.as_str()).unwrap_or_default();
    match &*kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => {
            spec.get("selector").is_none() || lacks_images(&spec)
        }
        "Job" => lacks_images(&spec),
        "CronJob" => spec.get("schedule").is_none(),
        "Service" => {
            spec.get("ports").is_none() && spec.get("externalName").is_none() && spec.get("clusterIP").is_none()
        }
        _ => false,
    }
}

/// True for a document with nothing but its type and its metadata, of a kind that is nothing without more.
fn only_metadata(node: &Node<'_>) -> bool {
    let whole = ["Namespace", "ServiceAccount", "ConfigMap", "Secret", "Role", "ClusterRole", "PriorityClass"];
    let kind = node.get("kind").and_then(|k| k.as_str()).unwrap_or_default();
    !whole.contains(&&*kind)
        && node.entries().all(|(key, _)| ["apiVersion", "kind", "metadata"].iter().any(|k| key.has_text(k)))
        && node.get("metadata").is_some()
}

fn lacks_images(spec: &Node<'_>) -> bool {
    match spec.path(&["template", "spec", "containers"]) {
        Some(containers) => containers.items().all(|c| c.get("image").is_none()),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_data_is_known_by_the_name_of_its_directory() {
        let found = |file: &str| test_data(Path::new("/testdata/repo"), Path::new(file).parent().unwrap());
        assert_eq!(
            found("/testdata/repo/a/testdata/b/testdata/c.yaml"),
            Some(PathBuf::from("/testdata/repo/a/testdata"))
        );
        assert_eq!(found("/testdata/repo/testData2/c.yaml"), Some(PathBuf::from("/testdata/repo/testData2")));
        assert_eq!(found("/testdata/repo/test-data/c.yaml"), Some(PathBuf::from("/testdata/repo/test-data")));
        assert_eq!(found("/testdata/repo/a/testdata.yaml"), None);
        assert_eq!(found("/testdata/repo/a/testdatabase/c.yaml"), None);
    }

    #[test]
    fn patches_are_told_from_objects() {
        let is_patch = |text: &str| {
            let source = Source::new("a.yaml".into(), "a.yaml".into(), text.into());
            let id = source.tree().documents[0].root.unwrap();
            looks_like_patch(&Node::Source(SrcNode { source: &source, id }, None))
        };
        let webhook = "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n";
        assert!(is_patch(&format!("{webhook}metadata: {{name: a, annotations: {{b: c}}}}\n")));
        assert!(!is_patch(&format!("{webhook}metadata: {{name: a}}\nwebhooks: []\n")));
        assert!(!is_patch("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"));
        assert!(is_patch("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: 2}\n"));
    }
}
