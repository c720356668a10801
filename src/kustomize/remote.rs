//! Which entries name something remote (upstream `api/internal/git/repospec.go`, `api/internal/loader`). Nothing is fetched.

/// What a remote entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remote {
    /// A file behind `http` or `https`.
    File,
    /// A git repository.
    Repository,
}

/// What a `resources` entry names, if it is remote: upstream first tries a file, then a repository.
pub fn classify(path: &str) -> Option<Remote> {
    if is_repository(path) {
        return Some(Remote::Repository);
    }
    is_file(path).then_some(Remote::File)
}

/// True for what is read over HTTP.
pub(super) fn is_file(path: &str) -> bool {
    let scheme = path.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    // Go's URL parser refuses control characters.
    matches!(scheme.as_deref(), Some("http" | "https")) && !path.contains(|c: char| c.is_ascii_control())
}

/// A repository, as upstream takes a git URL apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repository {
    /// What is cloned.
    pub(super) url: String,
    /// The directory in it.
    pub(super) path: String,
    /// The branch, tag or commit; empty if none is given.
    pub(super) reference: String,
}

/// The parts of a git URL; none for what upstream takes for none.
pub(super) fn repository(url: &str) -> Option<Repository> {
    if url.starts_with('/') {
        return None;
    }
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let (host, rest) = host_and_rest(url)?;
    let (repo, path) = split_repository(rest, host == "file://")?;
    if repo.is_empty() || leaves(path) {
        return None;
    }
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let reference = value("ref").filter(|r| !r.is_empty()).or_else(|| value("version")).unwrap_or_default();
    let path = path.strip_prefix('/').unwrap_or(path).to_string();
    Some(Repository { url: format!("{host}{repo}"), path, reference: reference.to_string() })
}

/// True for what upstream takes for a git URL.
fn is_repository(path: &str) -> bool {
    repository(path).is_some()
}

/// Scheme, user and host as they are cloned from, and what is behind them.
fn host_and_rest(url: &str) -> Option<(String, &str)> {
    let url = strip_prefix_ignore_case(url, "git::").unwrap_or(url);
    let schemes = ["ssh://", "https://", "http://", "file://"];
    let (scheme, url) =
        schemes.into_iter().find_map(|s| Some((s, strip_prefix_ignore_case(url, s)?))).unwrap_or(("", url));
    if scheme == "file://" {
        return Some((scheme.to_string(), url));
    }
    let (user, url) = split_user(url);
    let lower = url.to_ascii_lowercase();
    let github = lower.starts_with("github.com/") || lower.starts_with("github.com:");
    let scp = scheme.is_empty() && (!user.is_empty() || github);
    if scheme.is_empty() && !scp {
        return None;
    }
    let slash = url.find('/');
    let colon = url.find(':').filter(|&at| scp && (slash.is_none() || at > 0 && Some(at) < slash));
    let (host, rest) = match colon.or(slash) {
        Some(at) => (url.get(..=at)?, url.get(at + 1..)?),
        None if url.is_empty() => return None,
        None => (url, ""),
    };
    // GitHub is reached in one of two ways, however it is written.
    let host = match (github, scheme == "ssh://" || !user.is_empty()) {
        (true, true) => format!("{user}github.com:"),
        (true, false) => "https://github.com/".to_string(),
        (false, _) => format!("{scheme}{user}{host}"),
    };
    Some((host, rest))
}

/// The repository and the directory in it.
fn split_repository(path: &str, whole: bool) -> Option<(&str, &str)> {
    let at = |end: usize| Some((path.get(..end)?, path.get(end..)?));
    if let Some(marker) = path.find("_git/") {
        let rest = path.get(marker + 5..)?;
        let end = rest.find('/').map_or(path.len(), |slash| marker + 5 + slash);
        return at(end).map(|(repo, inside)| (repo, inside.strip_prefix('/').unwrap_or(inside)));
    }
    if let Some(parts) = path.split_once("//") {
        return Some(parts);
    }
    if let Some(suffix) = path.find(".git") {
        return at(suffix + 4);
    }
    if whole {
        return Some((path, ""));
    }
    match path.match_indices('/').nth(1) {
        Some((end, _)) => at(end).map(|(repo, inside)| (repo, inside.strip_prefix('/').unwrap_or(inside))),
        None => path.contains('/').then_some((path, "")),
    }
}

/// True if a path below the repository leads out of it.
fn leaves(path: &str) -> bool {
    let mut depth = 0i64;
    for part in path.trim_start_matches('/').split('/') {
        match part {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        if depth < 0 {
            return true;
        }
    }
    false
}

/// The user with its `@`, if there is one.
fn split_user(url: &str) -> (&str, &str) {
    match url.split_once('@') {
        Some((user, _))
            if user.starts_with(|c: char| c.is_ascii_alphabetic())
                && user.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') =>
        {
            url.split_at(user.len() + 1)
        }
        _ => ("", url),
    }
}

fn strip_prefix_ignore_case<'u>(url: &'u str, prefix: &str) -> Option<&'u str> {
    let head = url.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &url[prefix.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classifies_as_upstream() {
        for url in [
            "github.com/owner/repo",
            "https://github.com/owner/repo/deploy?ref=v1.0.0",
            "git@github.com:owner/repo",
            "ssh://git@host.example/owner/repo.git//deploy",
            "https://host.example/a/b.git",
            "git::https://github.com/owner/repo//deploy",
            "file:///srv/repo",
            "https://raw.example.com/owner/repo/main/crd.yaml",
        ] {
            assert_eq!(classify(url), Some(Remote::Repository), "{url}");
        }
        assert_eq!(classify("https://host.example/crd.yaml"), Some(Remote::File));
        for path in
            ["../base", "base", "a/b.yaml", "/abs/olute", "owner/repo.git", "my@file.yaml/x", "./github.com/a/b"]
        {
            assert_eq!(classify(path), None, "{path}");
        }
    }
    #[test]
    fn takes_urls_apart() {
        let parts = |url: &str| repository(url).map(|r| format!("{} | {} | {}", r.url, r.path, r.reference));
        for (url, expected) in [
            ("github.com/o/r/a/b?ref=v1", "https://github.com/o/r | a/b | v1"),
            ("https://user@github.com/o/r//a?version=v2", "user@github.com:o/r | a | v2"),
            ("git@github.com:o/r", "git@github.com:o/r |  | "),
            ("ssh://git@host.example/o/r.git/a", "ssh://git@host.example/o/r.git | a | "),
            ("https://dev.example/o/_git/r/a/b?timeout=9&ref=x", "https://dev.example/o/_git/r | a/b | x"),
            ("file:///srv/r//a", "file:///srv/r | a | "),
        ] {
            assert_eq!(parts(url).as_deref(), Some(expected), "{url}");
        }
    }
}
