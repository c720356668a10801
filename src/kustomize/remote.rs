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

/// True for what upstream takes for a git URL.
fn is_repository(path: &str) -> bool {
    if path.starts_with('/') {
        return false;
    }
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    match host_and_rest(path) {
        Some((scheme, rest)) => is_repository_path(rest, scheme == "file://"),
        None => false,
    }
}

/// The scheme and what is behind the host.
fn host_and_rest(url: &str) -> Option<(&'static str, &str)> {
    let url = strip_prefix_ignore_case(url, "git::").unwrap_or(url);
    let schemes = ["ssh://", "https://", "http://", "file://"];
    let (scheme, url) =
        schemes.into_iter().find_map(|s| Some((s, strip_prefix_ignore_case(url, s)?))).unwrap_or(("", url));
    let (user, url) = split_user(url);
    let lower = url.to_ascii_lowercase();
    let github = lower.starts_with("github.com/") || lower.starts_with("github.com:");
    let scp = scheme.is_empty() && (user || github);
    if scheme.is_empty() && !scp {
        return None;
    }
    if scheme == "file://" {
        return Some((scheme, url));
    }
    let slash = url.find('/');
    let colon = url.find(':').filter(|&at| scp && (slash.is_none() || at > 0 && Some(at) < slash));
    match colon.or(slash) {
        Some(0) => Some((scheme, url.get(1..)?)),
        Some(at) => Some((scheme, url.get(at + 1..)?)),
        None if url.is_empty() => None,
        None => Some((scheme, "")),
    }
}

fn is_repository_path(path: &str, whole: bool) -> bool {
    let (repo, inside) = if let Some(at) = path.find("_git/") {
        let rest = path.get(at + 5..).unwrap_or("");
        (path, rest.split_once('/').map_or("", |(_, inside)| inside))
    } else if let Some((repo, inside)) = path.split_once("//") {
        (repo, inside)
    } else if let Some(at) = path.find(".git") {
        (path, path.get(at + 4..).unwrap_or(""))
    } else if whole {
        (path, "")
    } else {
        match path.match_indices('/').nth(1) {
            Some((at, _)) => (path, path.get(at + 1..).unwrap_or("")),
            None if path.contains('/') => (path, ""),
            None => return false,
        }
    };
    !repo.is_empty() && !leaves(inside)
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

fn split_user(url: &str) -> (bool, &str) {
    match url.split_once('@') {
        Some((user, rest))
            if user.starts_with(|c: char| c.is_ascii_alphabetic())
                && user.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') =>
        {
            (true, rest)
        }
        _ => (false, url),
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
}
