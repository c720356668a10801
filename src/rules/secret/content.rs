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
}

/// The last words of keys whose values are no secrets.
const SETTINGS: [&str; 38] = [
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

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert_eq!(content(key, text), is, "{key}: {text}");
        }
    }
}
