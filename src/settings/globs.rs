//! Globs on paths, as in `.gitignore`.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// A list of globs on paths that are relative to one directory, with `/`. `*` stays within a path component, `**` does not. One
/// without `/` matches at any depth, and each also matches what lies below what it matches.
#[derive(Clone, Debug, Default)]
pub struct PathGlobs {
    set: GlobSet,
    prefixes: Vec<String>,
}

impl PathGlobs {
    /// Reads the globs.
    ///
    /// # Errors
    /// The index of a glob that cannot be read, and why.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, (usize, String)> {
        let mut set = GlobSetBuilder::new();
        let mut prefixes = Vec::new();
        for (at, pattern) in patterns.into_iter().enumerate() {
            let anchored = pattern.trim_start_matches("./").trim_start_matches('/');
            let bare = anchored.trim_end_matches('/');
            let from = if pattern.trim_end_matches('/').contains('/') { "" } else { "**/" };
            for glob in [format!("{from}{bare}"), format!("{from}{bare}/**")] {
                let glob = GlobBuilder::new(&glob).literal_separator(true).build();
                set.add(glob.map_err(|e| (at, e.kind().to_string()))?);
            }
            let plain = |part: &&str| from.is_empty() && !part.contains(['*', '?', '[', '{', '\\']);
            prefixes.push(bare.split('/').take_while(plain).collect::<Vec<_>>().join("/"));
        }
        let set = set.build().map_err(|e| (0, e.to_string()))?;
        Ok(PathGlobs { set, prefixes })
    }

    /// For each glob the directory or file that all it matches lies in or is; empty if it may lie anywhere.
    pub fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.prefixes.iter().map(String::as_str)
    }

    /// True if one of them matches.
    pub fn matches(&self, path: &str) -> bool {
        self.set.is_match(path)
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }
}

/// A list of globs on names.
#[derive(Clone, Debug, Default)]
pub struct NameGlobs(GlobSet);

impl NameGlobs {
    /// Reads the globs.
    ///
    /// # Errors
    /// The index of a glob that cannot be read, and why.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, (usize, String)> {
        let mut set = GlobSetBuilder::new();
        for (at, pattern) in patterns.into_iter().enumerate() {
            set.add(GlobBuilder::new(pattern).build().map_err(|e| (at, e.kind().to_string()))?);
        }
        set.build().map(NameGlobs).map_err(|e| (0, e.to_string()))
    }

    /// These names with `then`, a glob, behind each.
    ///
    /// # Errors
    /// As [`NameGlobs::new`].
    pub fn literal(names: &[&str], then: &str) -> Result<Self, (usize, String)> {
        let names: Vec<String> = names.iter().map(|name| globset::escape(name) + then).collect();
        Self::new(names.iter().map(String::as_str))
    }

    /// True if there are none, or if there is a name and one of them matches it.
    pub fn allows(&self, name: Option<&str>) -> bool {
        self.0.is_empty() || name.is_some_and(|n| self.0.is_match(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_a_gitignore() {
        let matches = |glob: &str, path: &str| PathGlobs::new([glob]).unwrap().matches(path);
        assert!(matches("prod", "k8s/overlays/prod") && matches("prod", "k8s/overlays/prod/hpa.yaml"));
        assert!(matches("k8s/overlays/prod", "k8s/overlays/prod/hpa.yaml"));
        assert!(matches("./k8s/overlays/*", "k8s/overlays/prod/hpa.yaml"));
        assert!(matches("**/prod/", "k8s/overlays/prod"));
        assert!(matches("*.gen.yaml", "a/b.gen.yaml"));
        assert!(!matches("/prod", "k8s/prod") && matches("/prod", "prod"));
        assert!(!matches("overlays/prod", "k8s/overlays/prod") && !matches("prod", "production/a.yaml"));
        assert_eq!(PathGlobs::new(["a", "["]).err().unwrap().0, 1);
        let globs = PathGlobs::new(["k8s/base/**", "prod", "./a/b.yaml", "/k8s"]).unwrap();
        assert_eq!(globs.prefixes().collect::<Vec<_>>(), ["k8s/base", "", "a/b.yaml", "k8s"]);
        let names = NameGlobs::new(["api-*"]).unwrap();
        assert!(names.allows(Some("api-1")) && !names.allows(Some("web")) && !names.allows(None));
    }
}
