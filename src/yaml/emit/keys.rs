//! The keys of a mapping, in the order in which go-yaml v2 prints them.

use std::borrow::Cow;
use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use super::scalar::through_json;
use super::{EmitError, NodeRef};
use crate::yaml::node::Kind;
use crate::yaml::resolve::{self, Dialect, Value};
use crate::yaml::tree::{RawNode, Style};

/// A key's text and the entry's value.
pub(super) type Entry<'a, 's> = (Cow<'a, str>, NodeRef<'a, 's>);

/// The entries of a mapping as Go's maps have them, in written order. Keys must be strings and differ. In the outermost mapping
/// any scalar is taken as the string it is written as, and an entry whose key is null is dropped, as upstream does there.
pub(super) fn entries<'a, 's>(map: NodeRef<'a, 's>, outermost: bool) -> Result<Vec<Entry<'a, 's>>, EmitError<'s>> {
    check_unique(map)?;
    let mut entries = Vec::new();
    for (key, value) in map.entries() {
        if let Some(text) = key_text(key, outermost)? {
            entries.push((text, value));
        }
    }
    Ok(entries)
}

/// Puts the entries of a mapping in printed order at the end of `out`: as [`entries`], through JSON.
pub(super) fn sorted_entries<'a, 's>(
    out: &mut Vec<Entry<'a, 's>>,
    map: NodeRef<'a, 's>,
    outermost: bool,
) -> Result<(), EmitError<'s>> {
    let before = out.len();
    if usual_entries(out, map) {
        return Ok(());
    }
    out.truncate(before);
    let mut sorted: Vec<Entry<'a, 's>> = Vec::new();
    for (key, value) in entries(map, outermost)? {
        let entry = (key_through_json(key).map_err(|message| EmitError { message, span: map.span() })?, value);
        // The order is not transitive (`9` < `10` < `1x` < `9`), which the standard sort does not bear. Upstream prints such
        // keys in one order or another.
        let at = match sorted.last() {
            Some(last) if natural_order(&entry.0, &last.0) == Ordering::Less => {
                sorted.partition_point(|(key, _)| natural_order(key, &entry.0) == Ordering::Less)
            }
            _ => sorted.len(),
        };
        sorted.insert(at, entry);
    }
    out.append(&mut sorted);
    Ok(())
}

/// The entries of a mapping whose keys have no digits, in the common case: nothing is to be looked at twice. False for others.
fn usual_entries<'a, 's>(out: &mut Vec<Entry<'a, 's>>, map: NodeRef<'a, 's>) -> bool {
    let NodeRef::Source(map, via) = map else { return false };
    let (tree, text) = (map.source.tree(), map.source.text());
    let from = out.len();
    for (key, value) in map.pairs() {
        let Some(name) = usual_key(&tree.nodes[key.id as usize], text) else { return false };
        let entry = (Cow::Borrowed(name), NodeRef::Source(value, via));
        match out[from..].last() {
            Some((last, _)) if without_digits(last, name) != Ordering::Less => {
                match out[from..].binary_search_by(|(other, _)| without_digits(other, name)) {
                    Ok(_) => return false,
                    Err(at) => out.insert(from + at, entry),
                }
            }
            _ => out.push(entry),
        }
    }
    true
}

/// The text of a key in the common case: a plain string without digits, of which no reader makes anything else.
pub(super) fn usual_key<'s>(key: &RawNode, text: &'s str) -> Option<&'s str> {
    if key.style != Style::Plain || key.flags != 0 {
        return None;
    }
    let name = key.bare(text)?;
    let no_digits = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'-' | b'.' | b'/' | b'_');
    let is_string =
        || resolve::starts_a_string(name) || resolve::resolve(name, Style::Plain, None, Dialect::V3) == Value::Str;
    (name.len() < MAX_JSON_KEY && name.bytes().all(no_digits) && is_string()).then_some(name)
}

/// True if a key is printed before another; both are [`usual_key`]s.
pub(super) fn is_before(a: &str, b: &str) -> bool {
    without_digits(a, b) == Ordering::Less
}

/// [`natural_order`] of keys without digits, which is a total one.
fn without_digits(a: &str, b: &str) -> Ordering {
    let rank = |b: &u8| (b.is_ascii_alphabetic(), *b);
    match a.bytes().zip(b.bytes()).position(|(x, y)| x != y) {
        Some(at) => rank(&a.as_bytes()[at]).cmp(&rank(&b.as_bytes()[at])),
        None => a.len().cmp(&b.len()),
    }
}

fn key_through_json(key: Cow<'_, str>) -> Result<Cow<'_, str>, String> {
    if json_length(&key) > MAX_JSON_KEY || key.contains('\u{85}') {
        return Err("a mapping key is too long or holds U+0085 (yaml: did not find expected ',' or '}')".to_owned());
    }
    through_json(key).map_err(str::to_owned)
}

/// The text of a key; none for a key to be dropped.
fn key_text<'a, 's>(key: NodeRef<'a, 's>, outermost: bool) -> Result<Option<Cow<'a, str>>, EmitError<'s>> {
    let fail = |message: String| EmitError { message, span: key.span() };
    if key.kind() != Kind::Scalar || key.is_alias() {
        return Err(fail("a mapping key must be a scalar (yaml: invalid map key)".to_owned()));
    }
    let text = key.text();
    match resolve::resolve(&text, key.style(), key.tag(), Dialect::V3) {
        Value::Str => {}
        // go-yaml v3 writes an empty key in quotes, and then reads a string.
        Value::Null if text.is_empty() && key.tag().is_none() => {}
        Value::Null if outermost => return Ok(None),
        _ if outermost => {}
        _ => return Err(fail(NOT_A_STRING.to_owned())),
    }
    Ok(Some(text))
}

const NOT_A_STRING: &str = "a mapping key must be a string (json: unsupported type: map[interface {}]interface {})";

/// go-yaml v2 reads no longer key, in characters and with its quotes, when it reads the JSON.
const MAX_JSON_KEY: usize = 1024;

/// How many characters a text has as a JSON string.
fn json_length(text: &str) -> usize {
    if text.len() < MAX_JSON_KEY / 6 {
        return 0;
    }
    let quoted = |c: char| match c {
        '"' | '\\' | '\u{8}' | '\t' | '\n' | '\u{c}' | '\r' => 2,
        '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => 6,
        _ => 1,
    };
    text.chars().map(quoted).sum::<usize>() + 2
}

/// Fails if two keys are written with the same value.
fn check_unique<'s>(map: NodeRef<'_, 's>) -> Result<(), EmitError<'s>> {
    let keys: Vec<(Cow<'_, str>, NodeRef<'_, 's>)> = map.entries().map(|(key, _)| (key.text(), key)).collect();
    let mut seen = FxHashMap::default();
    for (index, (text, key)) in keys.iter().enumerate() {
        let first = if keys.len() <= FEW {
            keys.iter().take(index).find(|(other, _)| other == text).map(|(_, first)| *first)
        } else {
            seen.insert(text, *key)
        };
        if let Some(first) = first {
            let line = first.span().map(|s| format!(" at line {}", s.start_pos().line)).unwrap_or_default();
            return Err(EmitError { message: format!("mapping key {text:?} already defined{line}"), span: key.span() });
        }
    }
    Ok(())
}

/// So many keys are faster compared with each other than hashed.
const FEW: usize = 16;

/// Compares as people count: runs of digits by their number, letters behind everything else.
fn natural_order(a: &str, b: &str) -> Ordering {
    let common = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let (Some(&x), Some(&y)) = (a.as_bytes().get(common), b.as_bytes().get(common)) else {
        return a.len().cmp(&b.len());
    };
    if x.is_ascii_alphabetic() && y.is_ascii_alphabetic() {
        return x.cmp(&y);
    }
    let mut at = common;
    while !a.is_char_boundary(at) {
        at -= 1;
    }
    let (x, y) = (first_char(&a[at..]), first_char(&b[at..]));
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => x.cmp(&y),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            // With a zero on either side, digits in front that are not all zero belong to the number.
            let before = a[..at].bytes().rev().take_while(u8::is_ascii_digit);
            let carry = (x == '0' || y == '0') && before.into_iter().any(|b| b != b'0');
            let (number_a, digits_a) = leading_number(&a[at..], carry);
            let (number_b, digits_b) = leading_number(&b[at..], carry);
            number_a.cmp(&number_b).then(digits_a.cmp(&digits_b)).then(x.cmp(&y))
        }
    }
}

fn first_char(text: &str) -> char {
    text.chars().next().unwrap_or_default()
}

/// The number that the digits at the start make, and how many they are. Overflows as 64 bits do.
fn leading_number(text: &str, carry: bool) -> (i64, usize) {
    let digits = text.bytes().take_while(u8::is_ascii_digit);
    digits.fold((i64::from(carry), 0), |(number, count), digit| {
        (number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')), count + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_without_digits_have_their_natural_order(a in "[a-cA-C./_-]{0,5}", b in "[a-cA-C./_-]{0,5}") {
            prop_assert_eq!(without_digits(&a, &b), natural_order(&a, &b));
        }
    }
}
