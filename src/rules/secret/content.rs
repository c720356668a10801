//! What a value of a Secret is, as far as its key and its text tell: not all that Secrets hold is secret.

use super::lines::is_settings_file;
use super::{detect, is_sensitive, url_password, words};

/// What a value of a Secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Content {
    /// A secret: the key or the text says so.
    Secret,
    /// Nothing tells.
    Unknown,
    /// A setting that anybody may read: a host, a user, an address, a file of such.
    Setting,
    /// A sample that was meant to be replaced: `my-password`, a key with `...` for its body.
    Sample,
    /// A sentence: it says something about the value.
    Prose,
}

/// The last words of keys whose values are no secrets.
const SETTINGS: [&str; 39] = [
    "address",
    "addr",
    "bucket",
    "database",
    "db",
    "dbname",
    "domain",
    "email",
    "enabled",
    "endpoint",
    "engine",
    "host",
    "hostname",
    "id",
    "insecure",
    "issuer",
    "login",
    "mode",
    "name",
    "namespace",
    "path",
    "port",
    "project",
    "protocol",
    "provider",
    "proxy",
    "realm",
    "region",
    "schema",
    "scheme",
    "server",
    "tenant",
    "type",
    "uri",
    "url",
    "user",
    "username",
    "version",
    "zone",
];

/// The first words of samples.
const SAMPLES: [&str; 12] =
    ["your", "my", "update", "insert", "enter", "replace", "example", "sample", "dummy", "fake", "put", "add"];

/// What the value of this key is. `text` is decoded and without space around it.
pub(in crate::rules) fn content(key: &str, text: &str) -> Content {
    if is_sample(key, text) {
        return Content::Sample;
    }
    if is_prose(key, text) {
        return Content::Prose;
    }
    if is_date(text) {
        return Content::Setting;
    }
    // The password of every truststore that Java makes: only what is public is behind it.
    if text == "changeit" && key.to_ascii_lowercase().contains("trust") {
        return Content::Setting;
    }
    let has_secret =
        text.contains("PRIVATE KEY-----") || text.contains("\"auths\"") || text.contains("client-key-data");
    if has_secret || detect(key, text, &[]).is_some() {
        return Content::Secret;
    }
    let words = words(key);
    let is_file = is_settings_file(key) || words.last().is_some_and(|last| last == "config");
    if let Some(content) = file(text).filter(|_| is_file) {
        return content;
    }
    if is_sensitive(key) || text.contains('\n') || words.iter().any(|w| w == "webhook" || w == "hook") {
        return Content::Unknown;
    }
    let is_open = |text: &str| !text.replace("://git@", "://").contains(['?', '@']) && url_password(text).is_none();
    let named = words.last().is_some_and(|last| SETTINGS.contains(&last.as_str()));
    let address = text.contains("://");
    let switch = matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no");
    if switch || ((named || address) && (!address || is_open(text))) { Content::Setting } else { Content::Unknown }
}

/// What a file of settings is, if it has them one to a line.
fn file(text: &str) -> Option<Content> {
    let mut found = None;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';', '!'])) {
        if line.len() > 1 && line.starts_with(['{', '[']) && !line.ends_with(']') {
            return None;
        }
        let Some((name, value)) = line.split_once('=').or_else(|| line.split_once(':')) else { continue };
        let value = value.trim().trim_end_matches(',').trim_matches(['"', '\'']);
        if detect(name, value, &[]).is_some() {
            return Some(Content::Secret);
        }
        found = Some(Content::Setting);
    }
    found
}

/// True for what nobody would take for the value itself: `your-api-key-here`, `my-password`, `-----BEGIN …----- ... -----END …`.
fn is_sample(key: &str, text: &str) -> bool {
    if let Some((_, rest)) = text.split_once("-----BEGIN ") {
        let body = rest.split_once("-----").map_or("", |(_, body)| body);
        let body = body.split_once("-----END").map_or(body, |(body, _)| body);
        return body.bytes().filter(u8::is_ascii_alphanumeric).count() < 32;
    }
    let parts: Vec<String> = text.split(['-', '_', ' ']).map(str::to_ascii_lowercase).collect();
    let [first, others @ ..] = parts.as_slice() else { return false };
    let asked = words(key);
    let repeats = asked.last().is_some_and(|last| others.contains(last));
    SAMPLES.contains(&first.as_str()) && (repeats || others.last().is_some_and(|last| last == "here"))
}

/// True for a date, with a time behind it or not: `2019-03-20T17:54:53Z`.
fn is_date(text: &str) -> bool {
    let form = |(at, b): (usize, u8)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() };
    let (date, time) = text.split_at_checked(10).unwrap_or_default();
    date.len() == 10
        && date.bytes().enumerate().all(form)
        && (time.is_empty()
            || time.starts_with(['T', ' ']) && time.len() >= 6 && time.bytes().all(|b| !b.is_ascii_lowercase()))
}

/// True for three or more words of letters alone. A passphrase may be just that.
fn is_prose(key: &str, text: &str) -> bool {
    let word = |word: &str| word.chars().all(|c| c.is_alphabetic() || "'!?.,;-".contains(c));
    text.split_whitespace().count() >= 3
        && text.split_whitespace().all(word)
        && words(key).last().is_none_or(|last| last != "passphrase")
}

/// True for hashes of passwords alone, one to a line, each behind the name of a user or not.
pub(in crate::rules) fn is_hashes(text: &str) -> bool {
    const FORMS: [&str; 10] = ["$2a$", "$2b$", "$2x$", "$2y$", "$apr1$", "$1$", "$5$", "$6$", "$argon2", "{SHA}"];
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    let hash = |line: &str| {
        let (_, hash) = line.split_once(':').unwrap_or(("", line));
        FORMS.iter().any(|form| hash.starts_with(form))
    };
    lines.peek().is_some() && lines.all(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_passwords() {
        assert!(is_hashes("$2a$10$RncPyHW"));
        assert!(is_hashes("anna:$apr1$vJ6$8vTV\nbob:{SHA}W6ph5Mm5\n"));
        assert!(!is_hashes("anna:$apr1$vJ6$8vTV\nbob:hunter2") && !is_hashes("hunter2") && !is_hashes(""));
    }

    #[test]
    fn secrets_settings_and_samples() {
        for (key, text, is) in [
            ("password", "hunter2", Content::Secret),
            ("url", "postgres://shop:hunter2@db/shop", Content::Secret),
            (
                "tls.key",
                "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\n-----END",
                Content::Secret,
            ),
            (".dockerconfigjson", "{\"auths\":{\"r\":{\"auth\":\"eA==\"}}}", Content::Secret),
            ("app.properties", "db.user=shop\ndb.password=hunter2", Content::Secret),
            ("app.properties", "db.user=shop\ndb.pool=5", Content::Setting),
            ("app.properties", "queue.\"A.#\".size=5", Content::Setting),
            ("app.yaml", "db:\n  password: hunter2", Content::Secret),
            ("app.json", "{\"user\": \"shop\", \"password\": \"hunter2\"}", Content::Unknown),
            ("url", "https://charts.shop.io/stable", Content::Setting),
            ("url", "ssh://git@git.shop.io/shop", Content::Setting),
            ("url", "https://store.shop.io/x?sig=abc", Content::Unknown),
            ("webhook-url", "https://hooks.shop.io/T0/B0/x", Content::Unknown),
            ("sentry-dsn", "https://abc@sentry.shop.io/1", Content::Unknown),
            ("username", "admin", Content::Setting),
            ("enableOCI", "true", Content::Setting),
            ("cookie", "c2hvcA", Content::Unknown),
            ("password", "$2a$10$abcdefgh", Content::Unknown),
            ("password", "my-password", Content::Sample),
            ("AWS_ACCESS_KEY_ID", "UPDATE_AWS_ACCESS_KEY_ID", Content::Sample),
            ("HF_API_KEY", "your-model-api-key-here", Content::Sample),
            ("sshPrivateKey", "-----BEGIN OPENSSH PRIVATE KEY-----\n...\n-----END", Content::Sample),
            ("password", "MyPassword1", Content::Secret),
            ("password", "pre-set-password", Content::Secret),
            ("webhook.github.secret", "shhhh! it's a github secret", Content::Prose),
            ("passphrase", "correct horse battery staple", Content::Secret),
            ("authorization", "Bearer abc4567", Content::Unknown),
            ("trustStorePassword", "changeit", Content::Setting),
            ("trustStorePath", "/var/run/truststore.p12", Content::Setting),
            ("admin.passwordMtime", "2019-03-20T17:54:53Z", Content::Setting),
            ("session", "2019-03-20-hunter2", Content::Unknown),
            ("keyStorePassword", "changeit", Content::Secret),
        ] {
            assert_eq!(content(key, text), is, "{key}: {text}");
        }
    }
}
