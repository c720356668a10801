//! Globs in options of rules.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// A list of globs. `*` stays within a path component, `**` does not; a glob also matches what lies below it.
#[derive(Debug, Default)]
pub(super) struct Globs(GlobSet);

impl Globs {
    /// The globs of a default option.
    pub(super) fn of(patterns: &[&str]) -> Self {
        build(patterns.iter().copied()).map(Globs).unwrap_or_default()
    }

    /// True if there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True if one of them matches.
    pub(super) fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

impl<'de> Deserialize<'de> for Globs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let patterns = Vec::<String>::deserialize(deserializer)?;
        build(patterns.iter().map(String::as_str)).map(Globs).map_err(D::Error::custom)
    }
}

/// Reads an option that is one glob.
pub(super) fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Globs>, D::Error> {
    let Some(pattern) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    build(std::iter::once(pattern.as_str())).map(|set| Some(Globs(set))).map_err(D::Error::custom)
}

fn build<'p>(patterns: impl Iterator<Item = &'p str>) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let below = format!("{}/**", pattern.trim_end_matches('/'));
        for pattern in [pattern, &below] {
            set.add(GlobBuilder::new(pattern).literal_separator(true).build()?);
        }
    }
    set.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_end_on_path_limits() {
        let globs = Globs::of(&["ghcr.io/shop", "docker.io/library/*"]);
        assert!(
            globs.matches("ghcr.io/shop/api")
                && globs.matches("ghcr.io/shop")
                && globs.matches("docker.io/library/nginx")
        );
        assert!(!globs.matches("ghcr.io/shopping/api") && !globs.matches("docker.io/x/library/nginx"));
    }

    #[test]
    fn a_bad_glob_is_an_error_of_the_options() {
        assert!(serde_json::from_str::<Globs>(r#"["["]"#).is_err());
        assert!(serde_json::from_str::<Globs>(r#"["a/**"]"#).is_ok());
    }
}
