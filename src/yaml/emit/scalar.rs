//! The printed value of a scalar: typed by go-yaml v3, written as Go's JSON, read again by go-yaml v2.

use std::borrow::Cow;

use base64::Engine;

use super::float::yaml_number;
use super::{EmitError, NodeRef, block};
use crate::yaml::resolve::{self, Dialect, TAG_PREFIX, Value};
use crate::yaml::tree::{RawKind, Style};

/// What a scalar is printed as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Printed<'a> {
    /// Null, a boolean, a number or a name: printed as it is.
    Bare(Cow<'a, str>),
    /// A string: quoted as it needs.
    Text(Cow<'a, str>),
}

impl Printed<'_> {
    /// The value without quotes.
    pub(super) fn text(&self) -> &str {
        match self {
            Printed::Bare(text) | Printed::Text(text) => text,
        }
    }
}

/// The printed value of a scalar. `flow`: it stands in a collection that is written with brackets.
pub(super) fn printed<'a, 's>(node: NodeRef<'a, 's>, flow: bool) -> Result<Printed<'a>, EmitError<'s>> {
    if let Some(name) = name(node) {
        return Ok(Printed::Bare(Cow::Borrowed(name)));
    }
    let fail = |message: String| EmitError { message, span: node.span() };
    Ok(match typed(node, flow)? {
        Typed::Null => Printed::Bare(Cow::Borrowed("null")),
        Typed::Bool(true) => Printed::Bare(Cow::Borrowed("true")),
        Typed::Bool(false) => Printed::Bare(Cow::Borrowed("false")),
        Typed::Int(int) => Printed::Bare(Cow::Owned(int.to_string())),
        Typed::Float(float) => Printed::Bare(Cow::Owned(yaml_number(float).map_err(fail)?)),
        Typed::Str(text) => Printed::Text(through_json(text).map_err(|message| fail(message.to_owned()))?),
    })
}

/// The text of a scalar that stands plain in a file and is so printed: one word that cannot have another type than string. Most
/// scalars are one.
fn name<'s>(node: NodeRef<'_, 's>) -> Option<&'s str> {
    let NodeRef::Source(src, _) = node else { return None };
    let raw = src.raw();
    if raw.kind != RawKind::Scalar || raw.style != Style::Plain || raw.flags != 0 {
        return None;
    }
    raw.bare(src.source.text()).filter(|text| is_name(text))
}

/// True for one word that, without quotes, cannot have another type than string.
pub(super) fn is_name(text: &str) -> bool {
    let harmless = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'/');
    resolve::starts_a_string(text) && text.len() <= LONGEST_NAME && text.as_bytes().iter().all(harmless)
}

/// Long enough for most.
const LONGEST_NAME: usize = 64;

/// A scalar as it is in Go's maps.
pub(super) enum Typed<'a> {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(Cow<'a, str>),
}

/// The value that go-yaml v3 reads from what it wrote. `flow`: it stands in a collection that is written with brackets.
pub(super) fn typed<'a, 's>(node: NodeRef<'a, 's>, flow: bool) -> Result<Typed<'a>, EmitError<'s>> {
    let fail = |message: String| EmitError { message, span: node.span() };
    if node.is_alias() {
        return Err(fail("an alias was not replaced by its value".to_owned()));
    }
    let text = node.text();
    let value = resolve::resolve(&text, node.style(), node.tag(), Dialect::V3);
    // In a collection with brackets go-yaml v3 writes an empty value, and a time with its colons, in quotes, and then reads a
    // string.
    let quoted_in_flow = text.is_empty() || (value == Value::Timestamp && text.contains([':', ',']));
    if flow && node.tag().is_none() && quoted_in_flow {
        return Ok(Typed::Str(text));
    }
    Ok(match value {
        Value::Null => Typed::Null,
        Value::Bool(value) => Typed::Bool(value),
        Value::Int(int) => Typed::Int(int),
        Value::Float(float) => Typed::Float(float),
        Value::Timestamp => Typed::Str(Cow::Owned(timestamp(&text).map_err(fail)?)),
        Value::Binary => Typed::Str(Cow::Owned(binary(&text).map_err(fail)?)),
        Value::Str if flow => Typed::Str(text),
        Value::Str => Typed::Str(block::written_and_read(text, node.style()).map_err(|m| fail(m.to_owned()))?),
        Value::Invalid => return Err(fail(misfit(&text, node.tag().unwrap_or_default()))),
    })
}

/// What is wrong with a text that does not fit its tag.
fn misfit(text: &str, tag: &str) -> String {
    let found = match resolve::resolve(text, Style::Plain, None, Dialect::V3) {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        _ => "str",
    };
    let wanted = tag.strip_prefix(TAG_PREFIX).or_else(|| tag.strip_prefix("!!")).unwrap_or(tag);
    format!("cannot decode !!{found} `{text}` as a !!{wanted}")
}

/// A timestamp as JSON has it.
fn timestamp(text: &str) -> Result<String, String> {
    resolve::canonical_time(text).ok_or_else(|| "timezone hour outside of range [0,23]".to_owned())
}

/// The text that base64 stands for. Bytes that are not UTF-8 become U+FFFD one by one, as in Go's JSON.
fn binary(text: &str) -> Result<String, String> {
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
    if text.is_ascii() && memchr::memchr(0x7f, text.as_bytes()).is_none() {
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
