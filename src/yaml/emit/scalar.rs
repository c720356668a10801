//! The printed value of a scalar: typed by go-yaml v3, written as Go's JSON, read again by go-yaml v2.

use std::borrow::Cow;

use base64::Engine;

use super::float::yaml_number;
use super::{EmitError, NodeRef, folded};
use crate::yaml::resolve::{self, Dialect, TAG_PREFIX, Value};
use crate::yaml::tree::Style;

/// What a scalar is printed as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Printed<'a> {
    /// Null, a boolean or a number: printed as it is.
    Bare(Cow<'a, str>),
    /// A string: quoted as it needs.
    Text(Cow<'a, str>),
}

impl Printed<'_> {
    /// The value without quotes.
    pub(crate) fn text(&self) -> &str {
        match self {
            Printed::Bare(text) | Printed::Text(text) => text,
        }
    }
}

/// The printed value of a scalar. `flow`: it stands in a collection that is written with brackets.
pub(crate) fn printed<'a, 's>(node: NodeRef<'a, 's>, flow: bool) -> Result<Printed<'a>, EmitError<'s>> {
    let fail = |message: String| EmitError { message, span: node.span() };
    if node.is_alias() {
        return Err(fail("an alias was not replaced by its value".to_owned()));
    }
    let mut text = node.text();
    let mut value = resolve::resolve(&text, node.style(), node.tag(), Dialect::V3);
    // In a collection with brackets go-yaml v3 writes an empty value, and a time with its colons, in quotes, and then reads a
    // string.
    if flow && node.tag().is_none() && (text.is_empty() || (value == Value::Timestamp && text.contains([':', ',']))) {
        value = Value::Str;
    }
    if value == Value::Str {
        if node.style() == Style::Folded && !flow {
            text = folded::refold(text);
        }
        return through_json(text).map(Printed::Text).map_err(|message| fail(message.to_owned()));
    }
    typed(&text, value, node.tag().unwrap_or_default()).map_err(fail)
}

/// As [`printed`], for every type but strings.
fn typed<'a>(text: &str, value: Value, tag: &str) -> Result<Printed<'a>, String> {
    Ok(match value {
        Value::Null => Printed::Bare(Cow::Borrowed("null")),
        Value::Bool(true) => Printed::Bare(Cow::Borrowed("true")),
        Value::Bool(false) => Printed::Bare(Cow::Borrowed("false")),
        Value::Int(int) => Printed::Bare(Cow::Owned(int.to_string())),
        Value::Float(float) => Printed::Bare(Cow::Owned(yaml_number(float)?)),
        Value::Timestamp => Printed::Text(Cow::Owned(timestamp(text)?)),
        Value::Binary => {
            let text = through_json(Cow::Owned(binary(text)?)).map_err(str::to_owned)?;
            Printed::Text(Cow::Owned(text.into_owned()))
        }
        Value::Str => Printed::Text(Cow::Owned(text.to_owned())),
        Value::Invalid => {
            let found = match resolve::resolve(text, Style::Plain, None, Dialect::V3) {
                Value::Null => "null",
                Value::Bool(_) => "bool",
                Value::Int(_) => "int",
                Value::Float(_) => "float",
                _ => "str",
            };
            let wanted = tag.strip_prefix(TAG_PREFIX).or_else(|| tag.strip_prefix("!!")).unwrap_or(tag);
            return Err(format!("cannot decode !!{found} `{text}` as a !!{wanted}"));
        }
    })
}

/// A timestamp as JSON has it.
pub(crate) fn timestamp(text: &str) -> Result<String, String> {
    resolve::canonical_time(text).ok_or_else(|| "timezone hour outside of range [0,23]".to_owned())
}

/// The text that base64 stands for. Bytes that are not UTF-8 become U+FFFD one by one, as in Go's JSON.
pub(crate) fn binary(text: &str) -> Result<String, String> {
    let base64: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\n' | b'\r')).collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(base64)
        .map_err(|_| "!!binary value contains invalid base64 data".to_owned())?;
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Ok(out)
}

/// What go-yaml v2 makes of a string in JSON. It refuses some characters, and takes U+0085 for a line break, to be folded.
pub(super) fn through_json(text: Cow<'_, str>) -> Result<Cow<'_, str>, &'static str> {
    if text.bytes().all(|b| b < 0x7f) {
        return Ok(text);
    }
    let refused = |c: char| matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(refused) {
        return Err("control characters are not allowed");
    }
    Ok(if text.contains(NEXT_LINE) { Cow::Owned(fold_next_lines(&text)) } else { text })
}

const NEXT_LINE: char = '\u{85}';

/// Each run of U+0085 and blanks becomes a blank if it holds one of them, else a line break for each behind the first.
fn fold_next_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(NEXT_LINE) {
        out.push_str(rest[..at].trim_end_matches(' '));
        let behind = rest[at..].trim_start_matches([' ', NEXT_LINE]);
        let run = &rest[at..rest.len() - behind.len()];
        match run.matches(NEXT_LINE).count() {
            1 => out.push(' '),
            count => out.extend(std::iter::repeat_n('\n', count - 1)),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}
