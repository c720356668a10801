//! What makes a text look like a secret. Shared by the rules of the category secret.
//!
//! Nothing here returns a secret: detectors give ranges and names, so that no message can hold one.

pub(super) mod content;
pub(super) mod lines;
pub(super) mod token;

use std::ops::Range;

use crate::k8s::Object;
use crate::k8s::placeholder::is_placeholder;
use crate::yaml::Node;

/// How a secret was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detector {
    /// The name says so.
    Name,
    /// The text is random.
    Entropy,
    /// A URL carries a password.
    Url,
}

impl Detector {
    /// In words, as in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Detector::Name => "by its name",
            Detector::Entropy => "random text",
            Detector::Url => "password in a URL",
        }
    }
}

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// How it was recognised.
    pub(super) detector: Detector,
    /// Where it stands, in bytes.
    pub(super) range: Range<usize>,
}

/// The last words of names of secrets.
const WORDS: [&str; 13] = [
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "secret",
    "token",
    "credential",
    "credentials",
    "apikey",
    "accesskey",
    "secretkey",
    "dsn",
];

/// The last two words of names of secrets.
const PAIRS: [[&str; 2]; 8] = [
    ["api", "key"],
    ["access", "key"],
    ["secret", "key"],
    ["private", "key"],
    ["signing", "key"],
    ["encryption", "key"],
    ["client", "secret"],
    ["connection", "string"],
];

/// The last words of names whose values may be random.
const RANDOM: [&str; 6] = ["key", "auth", "signature", "hash", "salt", "seed"];

/// What a value that refers to a secret elsewhere starts with.
const REFERENCES: [&str; 10] =
    ["vault:", "ref+", "op://", "arn:", "ENC[", "<path:", "secretref:", "gcpsm:", "akvs:", "awssm:"];

/// The secret in a value that has this name.
pub(super) fn detect(name: &str, value: &str, extra: &[String]) -> Option<Hit> {
    let hit = |detector, range| Some(Hit { detector, range });
    if let Some(range) = url_password(value) {
        return hit(Detector::Url, range);
    }
    let named = is_sensitive(name) && !is_object_name(name, value) && !is_open_connection(name, value);
    if (named || extra.iter().any(|e| e.eq_ignore_ascii_case(name))) && is_literal(value) {
        return hit(Detector::Name, 0..value.len());
    }
    let random = parts(name).last().is_some_and(|last| is_any(last, &RANDOM));
    if random && !parts(name).any(|part| is_any(part, &["public"])) && is_literal(value) && is_random(value) {
        return hit(Detector::Entropy, 0..value.len());
    }
    None
}

/// True if the name of a variable, key or flag says that its value is a secret.
pub(super) fn is_sensitive(name: &str) -> bool {
    let (before, last) = parts(name).fold(("", ""), |(_, last), part| (last, part));
    if PAIRS.iter().any(|[a, b]| a.eq_ignore_ascii_case(before) && b.eq_ignore_ascii_case(last)) {
        return true;
    }
    // The name of a Secret object, not what is in it.
    let of_object = || is_any(last, &["secret"]) && is_any(before, &["pull", "tls", "cert", "certificate", "existing"]);
    let ends = |end: &&str| last.len().checked_sub(end.len()).and_then(|n| last.get(n..));
    let suffix =
        ["password", "passwd", "passphrase"].iter().any(|s| ends(s).is_some_and(|e| e.eq_ignore_ascii_case(s)));
    (suffix || is_any(last, &WORDS)) && !of_object()
}

/// True for one of these words, in whatever case.
fn is_any(word: &str, known: &[&str]) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// True for a value that is the name of a Secret object, where the name asks for one: `KEYSTORE_SECRET: app-keystore-secret`.
fn is_object_name(name: &str, value: &str) -> bool {
    let asked = words(name).last().is_some_and(|last| last == "secret" || last == "credentials");
    let is_label = value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    asked && is_label && ["-secret", "-secrets", "-credentials"].iter().any(|end| value.ends_with(end))
}

/// True for a connection string that only says where to connect.
fn is_open_connection(name: &str, value: &str) -> bool {
    const KEYS: [&str; 6] = ["password=", "pwd=", "accountkey=", "accesskey=", "secret=", "signature="];
    let value: String = value.to_ascii_lowercase().split_whitespace().collect();
    words(name).ends_with(&["connection".to_string(), "string".to_string()]) && !KEYS.iter().any(|k| value.contains(k))
}

/// The words of a name in lower case, without digits at their end.
pub(super) fn words(name: &str) -> Vec<String> {
    parts(name).map(str::to_ascii_lowercase).collect()
}

/// The words of a name as it has them, without digits at their end. Names of all sorts are looked at: this makes no texts.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    let runs = name.split(|c: char| !c.is_ascii_alphanumeric());
    runs.flat_map(humps).map(|w| w.trim_end_matches(|c: char| c.is_ascii_digit())).filter(|w| !w.is_empty())
}

/// The words of letters and digits in a row: each starts with a capital.
fn humps(run: &str) -> impl Iterator<Item = &str> {
    let (bytes, mut from) = (run.as_bytes(), 0);
    let starts = |at: usize| {
        let after_lower = !bytes[at - 1].is_ascii_uppercase();
        let before_lower = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        bytes[at].is_ascii_uppercase() && (after_lower || before_lower)
    };
    std::iter::from_fn(move || {
        let start = from;
        from = (start + 1..bytes.len()).find(|at| starts(*at)).unwrap_or(bytes.len());
        run.get(start..from).filter(|hump| !hump.is_empty())
    })
}

/// True if the value is written out, and is not a switch, a path, an address, or a reference to where the secret is.
pub(super) fn is_literal(value: &str) -> bool {
    let value = value.trim();
    let word = matches!(
        value.to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "none" | "nil" | "undefined"
    );
    let path = ["/", "./", "../", "~/"].iter().any(|p| value.starts_with(p));
    let drive = value.get(1..3) == Some(":\\");
    let hidden = value.bytes().all(|b| matches!(b, b'*' | b'.' | b'-' | b'_'));
    value.chars().count() >= 3
        && !word
        && !path
        && !drive
        && !hidden
        && !value.contains("$(")
        && !value.starts_with('$')
        && !is_reference(value)
        && !is_placeholder(value)
        && (!value.contains("://") || url_password(value).is_some())
}

/// True if the value says where the secret is.
pub(super) fn is_reference(value: &str) -> bool {
    let value = value.trim_start();
    REFERENCES.iter().any(|r| value.starts_with(r)) || (value.starts_with("projects/") && value.contains("/secrets/"))
}

/// Where the first literal password of a URL (`scheme://user:password@host`) stands.
pub(super) fn url_password(text: &str) -> Option<Range<usize>> {
    let mut from = 0;
    while let Some(at) = text[from..].find("://") {
        let colon = from + at;
        let start = colon + 3;
        let end = text[start..]
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '`' | '<' | '>' | ','))
            .map_or(text.len(), |n| start + n);
        let has_scheme = text[..colon].ends_with(|c: char| c.is_ascii_alphanumeric());
        if has_scheme
            && let Some(host) = text[start..end].rfind('@')
            && start + host + 1 < end
            && let Some(user) = text[start..start + host].find(':')
        {
            let range = start + user + 1..start + host;
            let password = &text[range.clone()];
            if is_literal(password) && !password.contains(['{', '}', '$']) {
                return Some(range);
            }
        }
        from = start;
    }
    None
}

/// True for a long text without meaning: keys, hashes, salts.
fn is_random(value: &str) -> bool {
    let bytes = value.as_bytes();
    let is_hex = bytes.iter().all(u8::is_ascii_hexdigit);
    if is_hex {
        return bytes.len() >= 32 && entropy(bytes) >= 3.0;
    }
    let alphabet = bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_'));
    let uuid = bytes.len() == 36 && [8, 13, 18, 23].iter().all(|i| bytes.get(*i) == Some(&b'-'));
    let has = |class: fn(&u8) -> bool| bytes.iter().any(class);
    // Names and words in one case are no random text, however many letters they use.
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    alphabet && !uuid && mixed && bytes.len() >= 20 && entropy(bytes) >= 3.5
}

/// Shannon entropy in bits for each byte.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = bytes.len() as f64;
    let share = |n: &u32| f64::from(*n) / total;
    counts.iter().filter(|n| **n > 0).map(|n| -share(n) * share(n).log2()).sum()
}

/// True for an object that SOPS encrypted: its values are no secrets any more.
pub(super) fn is_sops(object: &Node<'_>) -> bool {
    object.get("sops").is_some_and(|s| s.get("mac").is_some())
}

/// True for an object whose values nobody should judge.
pub(super) fn is_encrypted(object: &Object<'_>) -> bool {
    is_sops(&object.node)
}

/// `1 character`, `12 characters`
pub(super) fn length(text: &str) -> String {
    let n = text.chars().count();
    format!("{n} character{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in [
            "DB_PASSWORD",
            "PGPASSWORD",
            "dbPassword",
            "spring.datasource.password",
            "API_KEY",
            "apiKey",
            "APIKey",
            "aws-secret-access-key",
            "GITHUB_TOKEN",
            "TOKEN2",
            "clientSecret",
            "SENTRY_DSN",
            "connection-string",
            "SMTP_PASS",
        ] {
            assert!(is_sensitive(name), "{name}");
        }
        for name in [
            "PASSWORD_FILE",
            "TOKEN_URL",
            "secretName",
            "KEY",
            "tokenTtl",
            "MAX_TOKENS",
            "BYPASS",
            "",
            "PRIVATE_KEY_PATH",
            "imagePullSecret",
            "PASSWORD_MIN_LENGTH",
        ] {
            assert!(!is_sensitive(name), "{name}");
        }
    }

    #[test]
    fn literals() {
        for value in ["hunter2", "s3cr3t!", "12345", "postgres://u:pass@db/x"] {
            assert!(is_literal(value), "{value}");
        }
        for value in [
            "",
            "ab",
            "true",
            "None",
            "$(DB_PASSWORD)",
            "${DB_PASSWORD}",
            "/run/secrets/db",
            "https://vault.internal/x",
            "vault:secret/data/db#password",
            "op://vault/item/field",
            "arn:aws:secretsmanager:eu-central-1:1:secret:x",
            "projects/1/secrets/db/versions/2",
            "ENC[AES256_GCM,data:x]",
            "<path:kv/data/db#password>",
            "CHANGE_ME",
            "{{ .Values.password }}",
            "*****",
        ] {
            assert!(!is_literal(value), "{value}");
        }
    }

    #[test]
    fn detectors() {
        let found = |name: &str, value: &str| detect(name, value, &[]).map(|h| (h.detector, h.range));
        assert_eq!(found("DB_PASSWORD", "hunter2"), Some((Detector::Name, 0..7)));
        assert_eq!(found("DATABASE_URL", "postgres://shop:hunter2@db:5432/shop"), Some((Detector::Url, 16..23)));
        assert_eq!(found("CACHE", "redis://:hunter2@cache"), Some((Detector::Url, 9..16)));
        assert_eq!(found("DATABASE_URL", "postgres://shop:$(DB_PASSWORD)@db:5432/shop"), None);
        assert_eq!(found("DATABASE_URL", "postgres://shop@db:5432/shop"), None);
        assert_eq!(found("HASH_SEED", "c2hvcA9xZ3Vq81mLw7Rt"), Some((Detector::Entropy, 0..20)));
        assert_eq!(found("COOKIE_KEY", &"0123456789abcdef".repeat(2)), Some((Detector::Entropy, 0..32)));
        assert_eq!(found("FEATURE_KEY", "checkout-with-one-click-enabled"), None);
        assert_eq!(found("COLOR", "c2hvcA9xZ3Vq81mLw7Rt"), None);
        assert_eq!(found("OBJECT_KEY", "8f14e45f-ceea-467f-a0e6-1b3c5d7e9f00"), None);
        assert!(detect("PIN", "hunter2", &["pin".into()]).is_some());
        assert_eq!(found("SSO_PUBLIC_KEY", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"), None);
        assert_eq!(found("JGROUPS_ENCRYPT_SECRET", "eap-app-secret"), None);
        assert_eq!(found("CLIENT_SECRET", "hunter2-secret!"), Some((Detector::Name, 0..15)));
        assert_eq!(found("SPANNER_CONNECTION_STRING", "projects/shop/instances/a/databases/orders"), None);
        assert!(found("CONNECTION_STRING", "Server=db; Password = hunter2").is_some());
    }
}
