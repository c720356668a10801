//! The content hash at the end of generated names (upstream `api/hasher/hasher.go`).

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::source::Span;
use crate::yaml::Node;

/// The ten characters for a ConfigMap or a Secret, and the places of all data that decide them. None for other kinds.
pub(super) fn of<'s>(object: &Node<'s>) -> Option<(String, Vec<Span<'s>>)> {
    let kind = object.get("kind")?.text()?.into_owned();
    let mut inputs = Vec::new();
    let mut data = |field: &str| strings(object, field, &mut inputs);
    let encoded = match kind.as_str() {
        "ConfigMap" => {
            let (binary, data) = (data("binaryData"), data("data"));
            let binary = binary.map(|b| format!("\"binaryData\":{b},")).unwrap_or_default();
            let data = data.unwrap_or_else(|| "\"\"".into());
            format!("{{{binary}\"data\":{data},\"kind\":\"ConfigMap\",\"name\":\"\"}}")
        }
        "Secret" => {
            let (plain, data) = (data("stringData"), data("data"));
            let plain = plain.map(|s| format!("\"stringData\":{s},")).unwrap_or_default();
            let data = data.unwrap_or_else(|| "\"\"".into());
            let type_ = object.get("type").and_then(|t| t.text()).unwrap_or_default().into_owned();
            inputs.extend(object.get("type").and_then(|t| t.origin().span));
            format!("{{\"data\":{data},\"kind\":\"Secret\",\"name\":\"\",{plain}\"type\":{}}}", quoted(&type_))
        }
        _ => return None,
    };
    let hash = Sha256::digest(encoded.as_bytes());
    let mut hex = String::new();
    for byte in hash.iter().take(5) {
        let _ = write!(hex, "{byte:02x}");
    }
    let swapped = hex.chars().map(|c| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    });
    Some((swapped.collect(), inputs))
}

/// A mapping of strings as JSON, keys sorted; none if the field is missing or empty.
fn strings<'s>(object: &Node<'s>, field: &str, inputs: &mut Vec<Span<'s>>) -> Option<String> {
    let mut sorted = BTreeMap::new();
    for (key, value) in object.get(field)?.entries() {
        inputs.extend([key.origin().span, value.origin().span].into_iter().flatten());
        inputs.extend(value.pieces().iter().filter_map(|p| p.span));
        sorted.insert(key.text()?.into_owned(), value.as_str().unwrap_or_default().into_owned());
    }
    let pairs: Vec<String> = sorted.iter().map(|(k, v)| format!("{}:{}", quoted(k), quoted(v))).collect();
    Some(format!("{{{}}}", pairs.join(",")))
}

/// A JSON string as Go writes it.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
