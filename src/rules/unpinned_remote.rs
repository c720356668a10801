//! `unpinned-remote`: see `rules/unpinned-remote.md`.

use serde::Deserialize;

use crate::k8s::image::FLOATING_NAMES;
use crate::kustomize::{Remote, classify_remote};
use crate::rule::{KustomizationCx, Rule, Sink};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnpinnedRemote {}

impl Rule for UnpinnedRemote {
    fn kustomization<'a, 's>(&self, cx: &KustomizationCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let k = &cx.usage.kustomization;
        for entry in k.resources.iter().chain(&k.components).chain(&k.crds) {
            let Some(span) = entry.span() else { continue };
            if let Some(why) = unpinned(entry) {
                sink.at_span(span, format!("remote `{}` is not pinned: {why}", &**entry)).help(
                    "pin it to a commit or a release tag, as in `?ref=v1.4.2`, or keep a copy in this repository",
                );
            }
        }
        for field in ["helmCharts", "helmChartInflationGenerator"] {
            for chart in cx.node.get(field).iter().flat_map(|list| list.items()) {
                let [name, version, repo] = match field {
                    "helmCharts" => ["name", "version", "repo"],
                    _ => ["chartName", "chartVersion", "chartRepoUrl"],
                };
                let set = |key| chart.get(key).is_some_and(|n| n.as_str().is_some_and(|t| !t.is_empty()));
                // Without a repository, the chart is a directory beside the kustomization.
                if let (Some(name), true, false) = (chart.get(name), set(repo), set(version)) {
                    let text = name.text().unwrap_or_default();
                    sink.at(&name, format!("remote chart `{text}` is not pinned: it has no `{version}`"))
                        .help(format!("add `{version}:` with the version of the chart"));
                }
            }
        }
    }
}

/// Why what a remote entry brings may change without a commit here.
fn unpinned(url: &str) -> Option<String> {
    let remote = classify_remote(url)?;
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let reference = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(key, _)| matches!(*key, "ref" | "version"))
        .map(|(_, value)| value)
        .find(|value| !value.is_empty());
    if let Some(reference) = reference {
        return is_floating(reference).then(|| format!("`{reference}` moves"));
    }
    let lower = path.to_ascii_lowercase();
    let is_file = [".yaml", ".yml", ".json"].iter().any(|end| lower.ends_with(end));
    if remote == Remote::File || (is_file && lower.starts_with("http")) {
        // `releases/latest/download` follows the newest release.
        return path.split('/').skip(3).find(|part| is_branch(part)).map(|part| format!("`{part}` moves"));
    }
    Some("it has no `ref`".into())
}

fn is_floating(reference: &str) -> bool {
    let name = reference.strip_prefix("refs/heads/").or_else(|| reference.strip_prefix("origin/")).unwrap_or(reference);
    FLOATING_NAMES.iter().any(|word| word.eq_ignore_ascii_case(name))
}

fn is_branch(part: &str) -> bool {
    matches!(part, "main" | "master" | "HEAD" | "develop" | "latest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_and_unpinned() {
        for url in [
            "https://github.com/shop/base?ref=main",
            "github.com/shop/base//deploy",
            "git@github.com:shop/base.git?ref=HEAD",
            "https://raw.githubusercontent.com/shop/base/master/a.yaml",
            "https://github.com/shop/base/releases/latest/download/a.yaml",
            "https://github.com/shop/base//deploy?timeout=90s",
        ] {
            assert!(unpinned(url).is_some(), "{url}");
        }
        for url in [
            "https://github.com/shop/base?ref=v1.2.3",
            "github.com/shop/base//deploy?ref=0b1c2d3e4f5061728394a5b6c7d8e9f001122334",
            "https://raw.githubusercontent.com/shop/base/v1.0.0/a.yaml",
            "https://github.com/shop/base/releases/download/v1.0.0/a.yaml",
            "../base",
            "deployment.yaml",
        ] {
            assert!(unpinned(url).is_none(), "{url}");
        }
    }
}
