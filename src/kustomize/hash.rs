//! The content hash at the end of a generated name (upstream `api/hasher/hasher.go`).

use sha2::{Digest, Sha256};

use crate::source::Span;
use crate::yaml::emit::{self, EmitError};
use crate::yaml::{Kind, Node};

/// A content hash, and the places of all text that decides it.
pub(super) type Hash<'s> = (String, Vec<Span<'s>>);

/// The hash of a ConfigMap or Secret: ten characters, of the type and the data, whatever the name. None for other kinds: their
/// hash depends on details of upstream's memory. Fails for data that JSON cannot hold.
pub(super) fn of<'s>(object: &Node<'s>) -> Result<Option<Hash<'s>>, EmitError<'s>> {
    let kind = object.get("kind").and_then(|kind| kind.text()).unwrap_or_default();
    // The fields in the order of their names. `name` is always empty: upstream looks it up where it is not.
    let (json, fields) = match &*kind {
        "ConfigMap" => {
            let binary = map_field(object, "binaryData")?.map(|json| format!("\"binaryData\":{json},"));
            let data = field(object, "data")?;
            let json =
                format!("{{{}\"data\":{data},\"kind\":\"ConfigMap\",\"name\":\"\"}}", binary.unwrap_or_default());
            (json, ["binaryData", "data"].as_slice())
        }
        "Secret" => {
            let plain = map_field(object, "stringData")?.map(|json| format!("\"stringData\":{json},"));
            let (data, of_type) = (field(object, "data")?, field(object, "type")?);
            let json = format!(
                "{{\"data\":{data},\"kind\":\"Secret\",\"name\":\"\",{}\"type\":{of_type}}}",
                plain.unwrap_or_default()
            );
            (json, ["data", "stringData", "type"].as_slice())
        }
        _ => return Ok(None),
    };
    let digest = Sha256::digest(json.as_bytes());
    let hex = digest.iter().take(5).flat_map(|byte| [byte >> 4, byte & 15]);
    let hash = hex.map(|digit| char::from(ALPHABET[usize::from(digit)])).collect();
    let mut inputs = Vec::new();
    for value in fields.iter().filter_map(|name| object.get(name)) {
        add_places(&value, &mut inputs);
    }
    Ok(Some((hash, inputs)))
}

/// Hex digits without those that make words, and without those that look like letters.
const ALPHABET: &[u8; 16] = b"gh2k456789mbcdtf";

/// A field as JSON: a scalar as the text it is written with, an absent one as the empty string.
fn field<'s>(object: &Node<'s>, name: &str) -> Result<String, EmitError<'s>> {
    if let Some(json) = map_field(object, name)? {
        return Ok(json);
    }
    let text = object.get(name).and_then(|value| value.text()).unwrap_or_default();
    emit::json(&Node::string(&*text, Default::default()))
}

/// A field that is a collection, as JSON. A sequence is taken for a mapping that is not there.
fn map_field<'s>(object: &Node<'s>, name: &str) -> Result<Option<String>, EmitError<'s>> {
    let Some(value) = object.get(name) else { return Ok(None) };
    match value.kind() {
        Kind::Map => emit::json(&value).map(Some),
        Kind::Seq => emit::json(&value).map(|_| Some("null".to_owned())),
        Kind::Scalar => Ok(None),
    }
}

/// Where the scalars of a node are written, keys included.
fn add_places<'s>(node: &Node<'s>, places: &mut Vec<Span<'s>>) {
    match node.kind() {
        Kind::Map => {
            for (key, value) in node.entries() {
                add_places(&key, places);
                add_places(&value, places);
            }
        }
        Kind::Seq => node.items().for_each(|item| add_places(&item, places)),
        Kind::Scalar => {
            places.extend(node.origin().span);
            places.extend(node.pieces().iter().filter_map(|piece| piece.span));
        }
    }
}

#[cfg(test)]
mod tests;
