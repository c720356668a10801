//! Integers and floats, as go-yaml reads them.

use std::borrow::Cow;

use super::{Dialect, Value};

/// The number that a plain scalar stands for. The words for infinity and NaN are not read here.
pub(super) fn parse(text: &str, dialect: Dialect) -> Option<Value> {
    if text.starts_with('.') {
        return between_digits(text).then(|| float(&text.replace('_', "")))?;
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-') {
        return None;
    }
    let digits = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    let text = digits.as_ref();
    integer(text).or_else(|| float(text)).or_else(|| doubly_signed(text, dialect))
}

/// `0x`, `0o` and `0b` in either case, `0` for octal, else decimal; must fit 64 bits. A sign in front takes one bit.
fn integer(text: &str) -> Option<Value> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (Some(-1), &text[1..]),
        b'+' => (Some(1), &text[1..]),
        _ => (None, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = i128::from(u64::from_str_radix(digits, radix).ok()?);
    match sign {
        None => Some(Value::Int(magnitude)),
        Some(sign) => i64::try_from(sign * magnitude).ok().map(|int| Value::Int(int.into())),
    }
}

/// Decimal floats. One that is too large for 64 bits is no float.
fn float(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let exponent_ok = exponent.is_none_or(|e| {
        let digits = e.strip_prefix(['-', '+']).unwrap_or(e);
        !digits.is_empty() && all_digits(digits)
    });
    if !all_digits(whole) || !all_digits(fraction) || whole.len() + fraction.len() == 0 || !exponent_ok {
        return None;
    }
    text.parse::<f64>().ok().filter(|f| f.is_finite()).map(Value::Float)
}

/// `0b-1`, and in go-yaml v3 `0o-7`: a sign behind the prefix is read too.
fn doubly_signed(text: &str, dialect: Dialect) -> Option<Value> {
    let (digits, radix) = match text.strip_prefix("0b") {
        Some(digits) => (digits, 2),
        None if dialect == Dialect::V3 => (text.strip_prefix("0o")?, 8),
        None => return None,
    };
    i64::from_str_radix(digits, radix).ok().map(|int| Value::Int(int.into()))
}

/// True if every underscore stands between two digits.
fn between_digits(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    bytes.iter().enumerate().all(|(at, b)| *b != b'_' || (at > 0 && digit(at - 1) && digit(at + 1)))
}
