//! Secrets and ConfigMaps: base64, keys, size.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, general_purpose::PAD};

use super::super::secret::content::{Content, content};
use super::Reject;
use crate::k8s::Object;
use crate::k8s::placeholder::is_placeholder;
use crate::yaml::{Dialect, Node, Value};

const MAX: usize = 1 << 20;

/// Base64 as the API reads it: bits that are left over in the last letter may be anything.
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, PAD.with_decode_allow_trailing_bits(true));

pub(super) fn check<'s>(object: &Object<'s>, reject: &mut Reject<'_, '_, 's>) {
    let secret = object.is("", "Secret");
    if !secret && !object.is("", "ConfigMap") {
        return;
    }
    let fields: &[&str] = if secret { &["data", "stringData"] } else { &["data", "binaryData"] };
    let encoded = if secret { "data" } else { "binaryData" };
    // What sops or another tool decrypts on the way is not what is applied.
    let encrypted = object.node.get("sops").is_some();
    let may_be_large = fields.iter().filter_map(|f| object.node.get(f)).map(|map| most(&map)).sum::<usize>() > MAX;
    let mut size = 0;
    let mut not_base64: Vec<(String, Node<'s>)> = Vec::new();
    for field in fields {
        for (key, value) in object.node.get(field).iter().flat_map(Node::entries) {
            let Some(name) = key.text().filter(|k| !is_placeholder(k)) else { continue };
            if let Some(why) = wrong_key(&name) {
                reject.at(&key, format!("key `{name}` {why}"));
            }
            if *field != encoded {
                size += value.text().filter(|_| may_be_large).map_or(0, |text| text.len());
                continue;
            }
            let text = value.text().unwrap_or_default();
            let is_text = matches!(value.resolve(Dialect::V1), Value::Str);
            let raw: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\n' | b'\r')).collect();
            match BASE64.decode(&raw) {
                Ok(bytes) => size += bytes.len(),
                Err(_) if !is_text || encrypted || is_filled_in(&name, &text) => {}
                Err(_) => not_base64.push((name.into_owned(), value)),
            }
        }
    }
    if let [(_, first), others @ ..] = not_base64.as_slice() {
        let names: Vec<String> = not_base64.iter().map(|(name, _)| format!("`{name}`")).collect();
        let keys = if others.is_empty() { "key" } else { "keys" };
        let are = if others.is_empty() { "is" } else { "are" };
        let mut draft = reject.at(first, format!("`{encoded}` of {keys} {} {are} not base64", names.join(", ")));
        for (_, value) in others {
            draft.related(value, "nor is this");
        }
        if secret {
            draft.help("`stringData` takes values as they are").suggest("move what is not base64 to `stringData`");
        }
    }
    if !secret {
        twice(object, reject);
    }
    if size > MAX && !encrypted {
        let kib = size.div_ceil(1024);
        reject
            .at(&object.anchor(), format!("its data has {kib} KiB, and 1024 are allowed"))
            .help("keep large files in an image or a volume");
    }
}

/// More bytes than the values of a mapping have: to count them, all have to be decoded.
fn most(map: &Node<'_>) -> usize {
    let of = |value: Node<'_>| match value {
        // No escape makes more of two bytes than three.
        Node::Source(source, _) => 2 * source.span().text().len() + 2,
        _ => value.text().map_or(0, |text| text.len()),
    };
    map.entries().map(|(_, value)| of(value)).sum()
}

fn twice<'s>(object: &Object<'s>, reject: &mut Reject<'_, '_, 's>) {
    let Some(binary) = object.node.get("binaryData") else { return };
    for (key, _) in object.node.get("data").iter().flat_map(Node::entries) {
        let Some(name) = key.text() else { continue };
        if let Some((other, _)) = binary.entry(&name) {
            reject.at(&other, format!("key `{name}` is in `data` and in `binaryData`")).related(&key, "the first one");
        }
    }
}

/// Why a key cannot be the name of a file.
fn wrong_key(key: &str) -> Option<&'static str> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if key.is_empty() || !key.bytes().all(allowed) {
        return Some("is not made of letters, digits, `-`, `_` and `.`");
    }
    if key == "." || key.starts_with("..") {
        return Some("is not the name of a file");
    }
    (key.len() > 253).then_some("has more than 253 characters")
}

/// True for a value that somebody, or some tool, puts in before it is applied.
fn is_filled_in(key: &str, text: &str) -> bool {
    let text = text.trim();
    is_placeholder(text)
        || content(key, text) == Content::Sample
        || text.contains("$(")
        || (text.starts_with('<') && text.ends_with('>'))
        || ["ENC[", "ref+", "vault:", "AQ:", "op://"].iter().any(|start| text.starts_with(start))
}
