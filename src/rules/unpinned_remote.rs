//! `unpinned-remote`: see `rules/unpinned-remote.md`.

use serde::Deserialize;

use crate::k8s::image::FLOATING_NAMES;
use crate::kustomize::{Remote, classify_remote};
use crate::rule::{KustomizationCx, Rule, Sink};
use crate::source::Span;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnpinnedRemote {}

impl Rule for UnpinnedRemote {
    fn kustomization<'a, 's>(&self, cx: &KustomizationCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let k = &cx.usage.kustomization;
        for entry in k.resources.iter().chain(&k.components).chain(&k.crds) {
            let Some(span) = entry.span() else { continue };
            report(entry, span, sink);
        }
        for generator in k.config_map_generator.iter().chain(&k.secret_generator) {
            for entry in generator.files.iter().chain(&generator.envs) {
                let url = file_of_generator(entry);
                if let Some(span) = entry.span().filter(|_| url.starts_with("http://") || url.starts_with("https://")) {
                    report(url, span, sink);
                }
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

fn report<'s>(url: &str, span: Span<'s>, sink: &mut Sink<'_, 's>) {
    let Some(why) = unpinned(url) else { return };
    let help = if is_file(url) {
        "put a commit, or `refs/tags/` and a release tag, into its place in the path, or keep a copy in this repository"
    } else {
        "pin it to a commit or a release tag, as in `?ref=v1.4.2`, or keep a copy in this repository"
    };
    sink.at_span(span, format!("remote `{url}` is not pinned: {why}")).help(help);
}

/// The file of a generator's entry, behind the key that it may begin with.
fn file_of_generator(entry: &str) -> &str {
    match entry.split_once('=') {
        Some((key, file)) if !key.contains("://") => file,
        _ => entry,
    }
}

/// True for the URL of one file.
fn is_file(url: &str) -> bool {
    let path = path_of(url).to_ascii_lowercase();
    let named = [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end));
    path.starts_with("http") && (named || path.contains("/raw/"))
}

/// True for what asks the API of a forge for a file: there, `ref` says which version is sent. Elsewhere, a file is what its path says.
fn is_of_api(url: &str) -> bool {
    let path = path_of(url);
    path.contains("://api.") || path.contains("/api/v")
}

fn path_of(url: &str) -> &str {
    url.split_once('?').map_or(url, |(path, _)| path)
}

/// Why what a remote entry brings may change without a commit here.
fn unpinned(url: &str) -> Option<String> {
    let remote = classify_remote(url)?;
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let file = is_file(url);
    let by_path = file && !is_of_api(url);
    let reference = query
        .split('&')
        .filter(|_| !by_path)
        .filter_map(|pair| pair.split_once('='))
        .filter(|(key, _)| matches!(*key, "ref" | "version"))
        .map(|(_, value)| value)
        .find(|value| !value.is_empty());
    if let Some(reference) = reference {
        return is_floating(reference).then(|| format!("`{reference}` moves"));
    }
    if remote == Remote::File || file {
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
            "https://raw.githubusercontent.com/shop/base/master/a.yaml?ref=v1.0.0",
            "https://github.com/shop/base/raw/main/motd.txt",
            "https://raw.githubusercontent.com/shop/base/refs/heads/main/a.yaml",
        ] {
            assert!(unpinned(url).is_some(), "{url}");
        }
        for url in [
            "https://github.com/shop/base?ref=v1.2.3",
            "github.com/shop/base//deploy?ref=0b1c2d3e4f5061728394a5b6c7d8e9f001122334",
            "https://raw.githubusercontent.com/shop/base/v1.0.0/a.yaml",
            "https://github.com/shop/base/releases/download/v1.0.0/a.yaml",
            "https://raw.githubusercontent.com/shop/base/refs/tags/v1.0.0/a.yaml",
            "https://raw.githubusercontent.com/shop/base/v1.0.0/api/v1/a.yaml",
            "https://api.github.com/repos/shop/base/contents/a.yaml?ref=v1.0.0",
            "../base",
            "deployment.yaml",
        ] {
            assert!(unpinned(url).is_none(), "{url}");
        }
    }
}
