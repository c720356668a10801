//! The type of a scalar, as the readers of Kubernetes manifests see it.
//!
//! Two dialects exist. `V1` is what the API server, kubectl and the reader of `kustomization.yaml` use (sigs.k8s.io/yaml on
//! go-yaml v2): YAML 1.1 booleans. `V3` is what kustomize reads resources and strategic merge patches with (go-yaml v3).

use super::tree::Style;

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
    /// An integer.
    Int(i128),
    /// A floating-point number.
    Float(f64),
    /// A timestamp without quotes (V3 only); the text is the scalar's.
    Timestamp,
    /// A string; the text is the scalar's.
    Str,
    /// `!!binary`; the text is the scalar's, in base64.
    Binary,
}

/// The type of a scalar with this text, style and explicit tag.
pub fn resolve(text: &str, style: Style, tag: Option<&str>, dialect: Dialect) -> Value {
    if tag == Some(super::node::STR_TAG) || (style != Style::Plain && tag.is_none()) {
        return Value::Str;
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y" if dialect == Dialect::V1 => return Value::Bool(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N" if dialect == Dialect::V1 => return Value::Bool(false),
        _ => {}
    }
    if let Ok(int) = text.parse::<i128>() {
        return Value::Int(int);
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && let Ok(float) = text.parse::<f64>()
    {
        return Value::Float(float);
    }
    Value::Str
}
