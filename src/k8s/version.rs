//! Kubernetes versions.

use std::fmt;
use std::str::FromStr;

/// A Kubernetes version: major and minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Always 1 so far.
    pub major: u32,
    /// The minor version.
    pub minor: u32,
}

impl Version {
    /// The newest version that the rules know.
    pub const LATEST: Version = Version { major: 1, minor: 37 };

    /// `1.minor`
    pub const fn v1(minor: u32) -> Self {
        Version { major: 1, minor }
    }

    /// Itself if it can be one of Kubernetes, be it newer than [`Version::LATEST`]; else why not, in words.
    pub fn as_kubernetes(self) -> Result<Self, String> {
        match self.major {
            1 => Ok(self),
            _ => Err(format!("there is no Kubernetes {self}; versions are 1.0 up to {} so far", Version::LATEST)),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Version {
    type Err = String;

    /// Reads `1.33`, `v1.33` and `1.33.2`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.trim_start_matches('v').splitn(3, '.');
        let mut number = || parts.next()?.parse::<u32>().ok();
        match (number(), number()) {
            (Some(major), Some(minor)) => Ok(Version { major, minor }),
            _ => Err(format!("`{text}` is no Kubernetes version; write it like `1.33`")),
        }
    }
}
