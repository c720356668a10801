//! What the place of a file in the tree says about it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::source::Source;

/// The names of directories whose files are to copy from, to read, or to try something with.
const SAMPLES: [&str; 6] = ["example", "examples", "samples", "docs", "testdata", "e2e"];

/// Where the walks of a run start, and files that a kustomization names without using them. Found, not configured.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    walks: Vec<PathBuf>,
    offered: BTreeSet<PathBuf>,
}

impl Layout {
    /// The directories that were named, and the files beside a kustomization that only its comments, or its plugins, name.
    pub fn new(walks: Vec<PathBuf>, offered: impl IntoIterator<Item = PathBuf>) -> Self {
        Layout { walks, offered: offered.into_iter().collect() }
    }

    /// True for a file in a directory of examples, documentation or test data, or below one. One that the walk starts in is
    /// meant to be judged as it is.
    pub fn is_sample(&self, source: &Source) -> bool {
        self.below(source.path(), &SAMPLES)
    }

    /// True for a file of tests, or of samples ([`Layout::is_sample`]).
    pub fn is_of_tests(&self, source: &Source) -> bool {
        self.is_sample(source) || self.below(source.path(), &["test", "tests"])
    }

    /// True for a file that the kustomization beside it names behind `#`, or for a plugin: what it would become is not known.
    pub fn is_offered(&self, source: &Source) -> bool {
        self.offered.contains(source.path())
    }

    fn below(&self, file: &Path, names: &[&str]) -> bool {
        self.walks
            .iter()
            .filter_map(|walk| file.strip_prefix(walk).ok()?.parent())
            .any(|dir| dir.iter().any(|part| names.iter().any(|name| part.eq_ignore_ascii_case(name))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_known_by_a_directory_below_the_walk() {
        let sample = |walk: &str, file: &str| {
            let source = Source::new(file.into(), file.into(), Vec::new());
            Layout::new(vec![walk.into()], []).is_sample(&source)
        };
        assert!(sample("/shop", "/shop/a/Examples/b/c.yaml"));
        assert!(sample("/examples", "/examples/docs/c.yaml"));
        assert!(!sample("/shop/examples", "/shop/examples/b/c.yaml"));
        assert!(!sample("/shop", "/shop/example-shop/example.yaml"));
        assert!(!sample("/other", "/shop/examples/c.yaml"));
    }
}
