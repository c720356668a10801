//! The type of a scalar, as the readers of Kubernetes manifests see it.
//!
//! Two dialects exist. `V1` is what the API server, kubectl and the reader of `kustomization.yaml` use (sigs.k8s.io/yaml on
//! go-yaml v2): YAML 1.1 booleans. `V3` is what kustomize reads resources and strategic merge patches with (go-yaml v3).
//! The rules here are those of the two libraries, odd corners included; the table in the tests was recorded from them.

mod number;
mod time;

use super::tree::Style;

pub use time::canonical_time;

/// Which reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// sigs.k8s.io/yaml (go-yaml v2): `yes`, `on`, `y` are booleans.
    V1,
    /// go-yaml v3: only `true` and `false` in their three case forms are; `2001-01-01` is a timestamp.
    V3,
}

/// A typed scalar.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer: any of 64 bits, signed or unsigned.
    Int(i128),
    /// A floating-point number. Integers beyond 64 bits are floats too.
    Float(f64),
    /// A timestamp without quotes (V3 only); the text is the scalar's, [`canonical_time`] writes it in full.
    Timestamp,
    /// A string; the text is the scalar's.
    Str,
    /// `!!binary`; the text is the scalar's, in base64.
    Binary,
    /// The text does not fit the explicit tag (`!!int foo`): readers fail.
    Invalid,
}

/// Prefix of the tags that YAML itself defines.
pub const TAG_PREFIX: &str = "tag:yaml.org,2002:";

/// The type of a scalar with this text, style and explicit tag.
pub fn resolve(text: &str, style: Style, tag: Option<&str>, dialect: Dialect) -> Value {
    let Some(tag) = tag.filter(|tag| !tag.is_empty()) else {
        return if style == Style::Plain { untagged(text, dialect) } else { Value::Str };
    };
    let Some(name) = tag.strip_prefix(TAG_PREFIX).or_else(|| tag.strip_prefix("!!")) else {
        // `!` alone asks for no type: go-yaml v3 then looks at the text of a plain scalar, v2 does not.
        let bare = tag == "!" && style == Style::Plain && dialect == Dialect::V3;
        return if bare { untagged(text, dialect) } else { Value::Str };
    };
    if name == "str" {
        return Value::Str;
    }
    let value = bare_type(text, dialect);
    match (name, value) {
        ("binary", _) => Value::Binary,
        ("null", Value::Null) => Value::Null,
        ("bool", Value::Bool(value)) => Value::Bool(value),
        ("int", Value::Int(value)) => Value::Int(value),
        ("float", Value::Float(value)) => Value::Float(value),
        // An unsigned integer beyond i64 is refused as a float.
        ("float", Value::Int(value)) if i64::try_from(value).is_ok() => Value::Float(value as f64),
        ("timestamp", _) if time::parse(text).is_some() => match dialect {
            Dialect::V1 => Value::Str,
            Dialect::V3 => Value::Timestamp,
        },
        ("null" | "bool" | "int" | "float" | "timestamp", _) => Value::Invalid,
        _ => Value::Str,
    }
}

/// The type of a plain scalar without tag.
fn untagged(text: &str, dialect: Dialect) -> Value {
    match plain_type(text, dialect) {
        // go-yaml v2 hands a timestamp on as the text it is.
        Value::Timestamp if dialect == Dialect::V1 => Value::Str,
        value => value,
    }
}

/// True for the text of a plain scalar that is null in both dialects.
pub(super) fn is_plain_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// True if go-yaml v2 takes this text without quotes for a string (a timestamp is none).
pub(super) fn is_plain_string(text: &str) -> bool {
    plain_type(text, Dialect::V1) == Value::Str
}

/// True for a text that is a string in both dialects because of how it starts. Of letters alone, longer ones than `false` are too.
pub(super) fn starts_a_string(text: &str) -> bool {
    let Some(&first) = text.as_bytes().first() else { return false };
    let letters = || text.len() > "false".len() && text.bytes().all(|b| b.is_ascii_alphabetic());
    !can_be_typed(first, Dialect::V1) || letters()
}

/// As [`untagged`], with timestamps in both dialects.
fn plain_type(text: &str, dialect: Dialect) -> Value {
    // Nearly every string ends here.
    if !text.is_empty() && !can_be_typed(text.as_bytes()[0], dialect) {
        return Value::Str;
    }
    if time::parse(text).is_some() {
        return Value::Timestamp;
    }
    bare_type(text, dialect)
}

/// The type of a text by the words and the number formats: never a timestamp.
fn bare_type(text: &str, dialect: Dialect) -> Value {
    if is_plain_null(text) {
        return Value::Null;
    }
    if !text.as_bytes().first().is_some_and(|first| can_be_typed(*first, dialect)) {
        return Value::Str;
    }
    match text {
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y" if dialect == Dialect::V1 => Value::Bool(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N" if dialect == Dialect::V1 => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::Float(f64::NEG_INFINITY),
        _ => number::parse(text, dialect).unwrap_or(Value::Str),
    }
}

/// True if a text that starts with this byte can be other than a string.
fn can_be_typed(first: u8, dialect: Dialect) -> bool {
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' | b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' => true,
        b'y' | b'Y' | b'o' | b'O' => dialect == Dialect::V1,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
