//! What the configuration says the cluster holds besides the manifests.

use globset::{Glob, GlobMatcher};

/// Objects that exist without being in the input.
#[derive(Clone, Debug)]
pub struct External {
    kind: String,
    name: GlobMatcher,
    namespace: Option<GlobMatcher>,
}

impl External {
    /// Objects of a kind whose name matches a glob, in namespaces that match another; none for all namespaces.
    ///
    /// # Errors
    /// A glob that cannot be read, in words.
    pub fn new(kind: &str, name: &str, namespace: Option<&str>) -> Result<Self, String> {
        let glob = |text: &str| Glob::new(text).map(|g| g.compile_matcher()).map_err(|e| e.to_string());
        Ok(External { kind: kind.into(), name: glob(name)?, namespace: namespace.map(glob).transpose()? })
    }

    /// True if an object of this kind and name is one of them. An unset namespace is any.
    pub fn covers(&self, kind: &str, name: &str, namespace: Option<&str>) -> bool {
        self.kind == kind
            && self.name.is_match(name)
            && match (&self.namespace, namespace) {
                (Some(glob), Some(namespace)) => glob.is_match(namespace),
                _ => true,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_globs_and_namespaces_may_be_open() {
        let any = External::new("Secret", "tls-*", None).unwrap();
        assert!(any.covers("Secret", "tls-shop", Some("a")) && !any.covers("ConfigMap", "tls-shop", None));
        let one = External::new("Secret", "*", Some("shop-?")).unwrap();
        assert!(one.covers("Secret", "x", Some("shop-a")) && one.covers("Secret", "x", None));
        assert!(!one.covers("Secret", "x", Some("other")));
        assert!(External::new("Secret", "[", None).is_err());
    }
}
