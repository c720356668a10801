//! Image references: their parts, whether they are valid, and how firmly they name one image.

use std::fmt;
use std::ops::Range;

/// An image reference in its parts, borrowed from the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageRef<'t> {
    /// The whole text.
    pub text: &'t str,
    /// The registry as written: a first component that holds `.` or `:` or is `localhost`.
    pub registry: Option<&'t str>,
    /// The name without the registry: `library/nginx`, `shop/api`, `nginx`.
    pub path: &'t str,
    /// The tag.
    pub tag: Option<&'t str>,
    /// The digest: `sha256:…`.
    pub digest: Option<&'t str>,
}

/// Why a text is no image reference, in words that go behind "has no valid image:".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(pub String);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}

/// How firmly a reference names one image. Ordered: what is greater is firmer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PinLevel {
    /// No tag, no digest.
    None,
    /// A tag made to move: `latest`, `stable`.
    FloatingName,
    /// A tag that says nothing about itself.
    Opaque,
    /// A version line: `7`, `1.27`.
    FloatingVersion,
    /// A full version: `1.27.3`.
    Version,
    /// A tag made once: a commit, a build number, a date.
    Unique,
    /// A digest.
    Digest,
}

impl PinLevel {
    /// The name in options of rules.
    pub fn name(self) -> &'static str {
        match self {
            PinLevel::None => "none",
            PinLevel::FloatingName => "floating-name",
            PinLevel::Opaque => "opaque",
            PinLevel::FloatingVersion => "floating-version",
            PinLevel::Version => "version",
            PinLevel::Unique => "unique",
            PinLevel::Digest => "digest",
        }
    }
}

/// Words that name a moving tag where they are a component of it.
pub const FLOATING_NAMES: [&str; 46] = [
    "latest",
    "stable",
    "main",
    "master",
    "trunk",
    "head",
    "tip",
    "develop",
    "development",
    "dev",
    "edge",
    "nightly",
    "canary",
    "snapshot",
    "current",
    "rolling",
    "lts",
    "mainline",
    "prod",
    "production",
    "prd",
    "staging",
    "stage",
    "stg",
    "qa",
    "uat",
    "test",
    "testing",
    "live",
    "release",
    "preview",
    "next",
    "unstable",
    "beta",
    "alpha",
    "alpine",
    "slim",
    "trixie",
    "bookworm",
    "bullseye",
    "buster",
    "noble",
    "jammy",
    "focal",
    "windowsservercore",
    "nanoserver",
];

impl<'t> ImageRef<'t> {
    /// Reads a reference by the grammar of OCI distribution.
    ///
    /// # Errors
    /// A text that no container runtime accepts, with the reason.
    pub fn parse(text: &'t str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid("it is empty".into()));
        }
        if let Some(bad) = text.chars().find(|c| c.is_whitespace()) {
            let name = if bad == ' ' { "a space" } else { "white space" };
            return Err(Invalid(format!("`{}` holds {name}", text.trim_end_matches(['\n', '\r']).replace('\n', " "))));
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return Err(Invalid(format!("`{text}` starts with `{scheme}://`, and a reference has no scheme")));
        }
        let reference = Self::split(text);
        reference.check()?;
        Ok(reference)
    }

    /// The parts, whether valid or not. The tag follows the last `:` behind the last `/`.
    pub fn split(text: &'t str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let last = rest.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match rest[last..].rfind(':') {
            Some(at) => (&rest[..last + at], Some(&rest[last + at + 1..])),
            None => (rest, None),
        };
        let (registry, path) = match name.split_once('/') {
            Some((first, path)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), path),
            _ => (None, name),
        };
        ImageRef { text, registry, path, tag, digest }
    }

    fn check(&self) -> Result<(), Invalid> {
        let text = self.text;
        let fail = |what: String| Err(Invalid(format!("`{text}` {what}")));
        if self.registry.is_some_and(|r| !is_registry(r)) {
            return fail(format!("has `{}` where a registry's host stands", self.registry.unwrap_or_default()));
        }
        if self.path.is_empty() {
            return fail("has no name".into());
        }
        if let Some((first, _)) = self.path.rsplit('/').next().and_then(|last| last.split_once(':')) {
            return fail(format!("has two tags behind `{first}`"));
        }
        for part in self.path.split('/') {
            if part.is_empty() {
                return fail("has an empty part between two `/`".into());
            }
            if part.contains(':') {
                return fail(format!("has `:` in `{part}`, which is no registry"));
            }
            if part.contains(|c: char| c.is_ascii_uppercase()) {
                return fail(format!("has upper case in `{part}`"));
            }
            if let Some(bad) = part.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-')) {
                return fail(format!("has `{bad}` in its name"));
            }
            if !is_path_component(part) {
                return fail(format!("has misplaced separators in `{part}`"));
            }
        }
        if self.name_len() > 255 {
            return fail("has a name of more than 255 characters".into());
        }
        match self.tag {
            Some("") => return fail("has an empty tag".into()),
            Some(tag) if tag.len() > 128 => return fail("has a tag of more than 128 characters".into()),
            Some(tag) if tag.starts_with(['.', '-']) => {
                return fail(format!("has a tag that starts with `{}`", &tag[..1]));
            }
            Some(tag) => {
                if let Some(bad) = tag.chars().find(|c| !(c.is_ascii_alphanumeric() || "_.-".contains(*c))) {
                    return fail(format!("has `{bad}` in its tag"));
                }
            }
            None => {}
        }
        let Some(digest) = self.digest else { return Ok(()) };
        let Some((algorithm, hex)) = digest.split_once(':') else {
            return fail("has a digest without an algorithm; write `@sha256:…`".into());
        };
        let length = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            _ => return fail(format!("has a digest by `{algorithm}`, which runtimes do not know")),
        };
        if let Some(bad) = hex.chars().find(|c| !matches!(c, '0'..='9' | 'a'..='f')) {
            return fail(format!("has `{bad}` in its digest, which is lower-case hexadecimal"));
        }
        if hex.len() != length {
            return fail(format!("has a {algorithm} digest of {} digits instead of {length}", hex.len()));
        }
        Ok(())
    }

    /// The full name without tag and digest; Docker Hub's short names expanded: `docker.io/library/nginx`.
    pub fn name(&self) -> String {
        match self.registry {
            Some("index.docker.io" | "registry-1.docker.io" | "docker.io") | None => {
                let library = if self.path.contains('/') { "" } else { "library/" };
                format!("docker.io/{library}{}", self.path)
            }
            Some(registry) => format!("{registry}/{}", self.path),
        }
    }

    /// The last component of the name: `nginx`.
    pub fn base_name(&self) -> &'t str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// Length in bytes of the name as written: the text up to the tag or digest.
    pub fn name_len(&self) -> usize {
        self.registry.map_or(0, |r| r.len() + 1) + self.path.len()
    }

    /// The bytes of the tag in the text; of the whole name if there is none.
    pub fn tag_range(&self) -> Range<usize> {
        let name = self.name_len();
        match self.tag {
            Some(tag) => name + 1..name + 1 + tag.len(),
            None => 0..name,
        }
    }

    /// How firmly it names one image.
    pub fn pin_level(&self) -> PinLevel {
        self.pin_level_with(&FLOATING_NAMES)
    }

    /// [`ImageRef::pin_level`] with other words for moving tags.
    pub fn pin_level_with<S: AsRef<str>>(&self, floating: &[S]) -> PinLevel {
        if self.digest.is_some_and(is_digest) {
            return PinLevel::Digest;
        }
        let Some(tag) = self.tag else { return PinLevel::None };
        let parts = || tag.split(['-', '.', '_', '+']);
        let listed = |part: &str| floating.iter().any(|word| part.eq_ignore_ascii_case(word.as_ref()));
        if is_unique(tag) {
            return PinLevel::Unique;
        }
        let moving = |part: &str| ["snapshot", "latest", "nightly"].iter().any(|w| part.eq_ignore_ascii_case(w));
        if parts().any(|part| moving(part) && listed(part)) {
            return PinLevel::FloatingName;
        }
        match version_numbers(tag) {
            3.. => PinLevel::Version,
            1 | 2 => PinLevel::FloatingVersion,
            _ if parts().any(listed) => PinLevel::FloatingName,
            _ => match version_behind_a_word(tag) {
                3.. => PinLevel::Version,
                2 => PinLevel::FloatingVersion,
                _ => PinLevel::Opaque,
            },
        }
    }
}

fn is_digest(digest: &str) -> bool {
    let hex = |hex: &str, len: usize| hex.len() == len && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    match digest.split_once(':') {
        Some(("sha256", digits)) => hex(digits, 64),
        Some(("sha512", digits)) => hex(digits, 128),
        _ => false,
    }
}

fn is_registry(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    if port.is_some_and(|p| p.is_empty() || !p.bytes().all(|b| b.is_ascii_digit())) {
        return false;
    }
    if let Some(inner) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return inner.parse::<std::net::Ipv6Addr>().is_ok();
    }
    host.split('.').all(|label| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

/// Alphanumeric runs parted by one `.`, one or two `_`, or any number of `-`.
fn is_path_component(part: &str) -> bool {
    let separator = |c: char| matches!(c, '.' | '_' | '-');
    if part.starts_with(separator) || part.ends_with(separator) {
        return false;
    }
    part.split(|c: char| !separator(c)).all(|s| matches!(s, "" | "." | "_" | "__") || s.bytes().all(|b| b == b'-'))
}

/// True if the tag holds what is made only once: a commit, a build number, a date, a UUID.
fn is_unique(tag: &str) -> bool {
    let hex = |part: &str| {
        (7..=40).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_hexdigit())
            && part.bytes().any(|b| b.is_ascii_digit())
    };
    let commit = |part: &str| hex(part) && part.bytes().any(|b| b.is_ascii_alphabetic());
    let part_is_unique = |part: &str| {
        let number = part.len() >= 7 && part.bytes().all(|b| b.is_ascii_digit());
        let prefixed = ["sha", "git", "g"].iter().any(|p| part.strip_prefix(p).is_some_and(hex));
        number || commit(part) || prefixed
    };
    let build_number = tag.len() >= 4
        && tag.bytes().all(|b| b.is_ascii_digit())
        && !tag.parse::<u32>().is_ok_and(|n| (1900..=2100).contains(&n));
    build_number || tag.split(['-', '.', '_', '+']).any(part_is_unique) || holds(tag, is_date) || holds(tag, is_uuid)
}

/// True if the check holds for the text from some place on that starts a word.
fn holds(text: &str, check: fn(&[u8]) -> bool) -> bool {
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|at| (at == 0 || !bytes[at - 1].is_ascii_alphanumeric()) && check(&bytes[at..]))
}

/// `YYYY-MM-DD`
fn is_date(bytes: &[u8]) -> bool {
    let number = |range: Range<usize>| {
        let digits = bytes.get(range)?;
        digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0u32, |n, d| n * 10 + u32::from(d - b'0')))
    };
    let parted = bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
    let free = !bytes.get(10).is_some_and(u8::is_ascii_digit);
    parted
        && free
        && number(0..4).is_some_and(|y| (1900..=2100).contains(&y))
        && number(5..7).is_some_and(|m| (1..=12).contains(&m))
        && number(8..10).is_some_and(|d| (1..=31).contains(&d))
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() >= 36
        && !bytes.get(36).is_some_and(u8::is_ascii_alphanumeric)
        && bytes[..36].iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// How many numbers the longest version of the tag has: `v?N.N…` at its start or behind `-` or `_`. Numbers of fewer than three
/// count only if no letter follows (`17-jdk`, not `17a`).
fn version_numbers(tag: &str) -> usize {
    let bytes = tag.as_bytes();
    let starts = (0..bytes.len()).filter(|&at| at == 0 || matches!(bytes[at - 1], b'-' | b'_'));
    starts.map(|at| numbers_at(bytes, at + usize::from(matches!(bytes[at], b'v' | b'V')))).max().unwrap_or(0)
}

/// The same for a version written right behind a word: `3scale2.10`. A single number there is a part of the word (`jdk17`).
fn version_behind_a_word(tag: &str) -> usize {
    let bytes = tag.as_bytes();
    let starts = (1..bytes.len()).filter(|&at| bytes[at - 1].is_ascii_alphabetic());
    starts.map(|at| numbers_at(bytes, at)).max().unwrap_or(0)
}

/// How many numbers with dots between them start here; 0 for fewer than three that a letter follows.
fn numbers_at(bytes: &[u8], mut at: usize) -> usize {
    let mut count = 0;
    loop {
        let digits = bytes.get(at..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 {
            break;
        }
        count += 1;
        at += digits;
        if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
            at += 1;
        } else {
            break;
        }
    }
    if count >= 3 || !bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) { count } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_tag() {
        let image = ImageRef::parse("host:5000/shop/api").unwrap();
        assert_eq!((image.registry, image.path, image.tag), (Some("host:5000"), "shop/api", None));
        let image = ImageRef::parse(
            "host:5000/api:1.2@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        )
        .unwrap();
        assert_eq!((image.tag, image.pin_level()), (Some("1.2"), PinLevel::Digest));
        assert_eq!(&image.text[image.tag_range()], "1.2");
        assert_eq!(ImageRef::parse("api:5000").unwrap().tag, Some("5000"));
    }

    #[test]
    fn docker_hub_names_are_expanded() {
        for (text, name) in [
            ("nginx", "docker.io/library/nginx"),
            ("docker.io/nginx:1", "docker.io/library/nginx"),
            ("shop/api", "docker.io/shop/api"),
            ("localhost/api", "localhost/api"),
            ("ghcr.io/a/b/c:1", "ghcr.io/a/b/c"),
        ] {
            assert_eq!(ImageRef::parse(text).unwrap().name(), name);
        }
    }

    #[test]
    fn pin_levels() {
        use PinLevel::*;
        for (tag, level) in [
            ("latest", FloatingName),
            ("stable-alpine", FloatingName),
            ("1.2.3-SNAPSHOT", FloatingName),
            ("main-1a2b3c4", Unique),
            ("sha-1a2b3c4", Unique),
            ("v1.2.0-14-g2414721", Unique),
            ("git1a2b3c4d", Unique),
            ("20240115", Unique),
            ("2024-01-15", Unique),
            ("nightly-2024-01-15", Unique),
            ("build-3f0b2f6e-12f0-4a53-9a0e-6a3f2f1c9d1e", Unique),
            ("4711", Unique),
            ("2022", FloatingVersion),
            ("1.27.3-alpine", Version),
            ("v1.27.3", Version),
            ("2024.01.15", Version),
            ("release-1.2.3", Version),
            ("7", FloatingVersion),
            ("1.27", FloatingVersion),
            ("16-alpine", FloatingVersion),
            ("v2", FloatingVersion),
            ("3scale2.10", FloatingVersion),
            ("3scale2.10.1", Version),
            ("stable-alpine3.18", FloatingName),
            ("16-alpine3.18.4", FloatingVersion),
            ("jdk17", Opaque),
            ("blue", Opaque),
            ("1.27rc1", Opaque),
            ("prod", FloatingName),
        ] {
            let text = format!("shop/api:{tag}");
            assert_eq!(ImageRef::parse(&text).unwrap().pin_level(), level, "{tag}");
        }
        assert_eq!(ImageRef::parse("nginx").unwrap().pin_level(), None);
        assert_eq!(ImageRef::parse("a:prod").unwrap().pin_level_with(&["latest"]), Opaque);
    }

    #[test]
    fn invalid_references_say_why() {
        for (text, why) in [
            ("", "it is empty"),
            ("shop/API:1", "`shop/API:1` has upper case in `API`"),
            ("shop/api :1", "`shop/api :1` holds a space"),
            ("https://shop/api", "`https://shop/api` starts with `https://`, and a reference has no scheme"),
            ("shop/api:", "`shop/api:` has an empty tag"),
            ("shop/api:1:2", "`shop/api:1:2` has two tags behind `api`"),
            ("shop/api@sha256:12", "`shop/api@sha256:12` has a sha256 digest of 2 digits instead of 64"),
            ("shop/api@12", "`shop/api@12` has a digest without an algorithm; write `@sha256:…`"),
            ("shop//api", "`shop//api` has an empty part between two `/`"),
            ("shop/-api", "`shop/-api` has misplaced separators in `-api`"),
            ("shop/a..b", "`shop/a..b` has misplaced separators in `a..b`"),
            ("api:v1+2", "`api:v1+2` has `+` in its tag"),
        ] {
            assert_eq!(ImageRef::parse(text).unwrap_err().0, why);
        }
        for text in ["a__b/c--d", "[::1]:5000/a", "Example.COM/a", "localhost/a:B_c"] {
            ImageRef::parse(text).unwrap();
        }
    }
}
