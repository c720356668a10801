//! Quantities (`500m`, `1.5Gi`), compared as exact decimal numbers.

use std::borrow::Cow;
use std::fmt;

use crate::yaml::{Dialect, Node, Value};

/// A quantity: a number of nanos (10⁻⁹), rounded up, bounded like the API server's (2⁶³−1 units).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    nanos: i128,
}

/// Why a text is no quantity, in words that go behind the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(pub String);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}

const NANO: i128 = 1_000_000_000;
const MAX: i128 = i64::MAX as i128 * NANO;

impl Quantity {
    /// A whole number of units: cores, bytes.
    pub const fn units(units: i64) -> Self {
        Quantity { nanos: units as i128 * NANO }
    }

    /// Reads `<number><suffix>`: binary suffixes `Ki` to `Ei`, decimal ones `n u m k M G T P E`, or an exponent `e3`.
    ///
    /// # Errors
    /// Anything else, with the reason and the suffix that may be meant.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let length = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let (number, suffix) = rest.split_at(length);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return Err(Invalid(misread(text)));
        }
        let scale = Scale::of(suffix).ok_or_else(|| Invalid(unknown_suffix(suffix)))?;
        let size = scale.times(whole, fraction);
        Ok(Quantity { nanos: if negative { -size } else { size } })
    }

    /// Reads a scalar. Numbers without quotes count as the number that YAML makes of them (`0x10` is 16). None for a null and
    /// for what is no scalar.
    pub fn of(node: &Node<'_>) -> Option<Result<Self, Invalid>> {
        Some(Self::parse(&text_of(node)?))
    }

    /// The quantity of a scalar, if it is one.
    pub fn read(node: &Node<'_>) -> Option<Self> {
        Self::of(node)?.ok()
    }

    /// True below zero.
    pub fn is_negative(self) -> bool {
        self.nanos < 0
    }

    /// True for zero.
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// Whole units, rounded up: bytes, cores.
    pub fn ceil(self) -> i64 {
        i64::try_from(self.nanos.div_euclid(NANO) + i128::from(self.nanos.rem_euclid(NANO) != 0)).unwrap_or(i64::MAX)
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Quantity { nanos: (self.nanos + other.nanos).clamp(-MAX, MAX) }
    }

    /// The larger.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
}

/// As the API prints it: bytes with the largest binary suffix that leaves no fraction, else decimal with one that does.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = self.nanos / NANO;
        if self.nanos % NANO == 0 && units != 0 {
            let suffixes = [(60, "Ei"), (50, "Pi"), (40, "Ti"), (30, "Gi"), (20, "Mi"), (10, "Ki")];
            if let Some((bits, suffix)) = suffixes.into_iter().find(|(bits, _)| units % (1i128 << bits) == 0) {
                return write!(f, "{}{suffix}", units >> bits);
            }
        }
        for (size, suffix) in [(NANO, ""), (NANO / 1000, "m"), (1000, "u")] {
            if self.nanos % size == 0 {
                return write!(f, "{}{suffix}", self.nanos / size);
            }
        }
        write!(f, "{}n", self.nanos)
    }
}

/// The text that the API server gets for a scalar: what YAML makes of a number without quotes, else the text.
pub fn text_of<'s>(node: &Node<'s>) -> Option<Cow<'s, str>> {
    if !node.is_scalar() || node.is_null() {
        return None;
    }
    match node.resolve(Dialect::V1) {
        Value::Int(number) => Some(Cow::Owned(number.to_string())),
        _ => node.text(),
    }
}

/// What a suffix multiplies by: 2^binary · 10^decimal.
struct Scale {
    binary: u32,
    decimal: i32,
}

impl Scale {
    fn of(suffix: &str) -> Option<Self> {
        let binary = |binary| Some(Scale { binary, decimal: 0 });
        let decimal = |decimal| Some(Scale { binary: 0, decimal });
        match suffix {
            "Ki" => binary(10),
            "Mi" => binary(20),
            "Gi" => binary(30),
            "Ti" => binary(40),
            "Pi" => binary(50),
            "Ei" => binary(60),
            "n" => decimal(-9),
            "u" => decimal(-6),
            "m" => decimal(-3),
            "" => decimal(0),
            "k" => decimal(3),
            "M" => decimal(6),
            "G" => decimal(9),
            "T" => decimal(12),
            "P" => decimal(15),
            "E" => decimal(18),
            _ => {
                let exponent = suffix.strip_prefix(['e', 'E'])?;
                let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return None;
                }
                decimal(exponent.parse().ok()?)
            }
        }
    }

    /// The number of nanos, rounded up and bounded.
    fn times(&self, whole: &str, fraction: &str) -> i128 {
        let fraction = fraction.trim_end_matches('0');
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa.saturating_mul(10).saturating_add(i128::from(digit - b'0'));
        }
        if mantissa == 0 {
            return 0;
        }
        let power = i64::from(self.decimal) + 9 - fraction.len() as i64;
        let mut nanos = mantissa.saturating_mul(1i128 << self.binary);
        for _ in 0..power.clamp(0, 64) {
            nanos = nanos.saturating_mul(10);
        }
        for _ in 0..(-power).clamp(0, 64) {
            nanos = nanos / 10 + i128::from(nanos % 10 != 0);
        }
        nanos.min(MAX)
    }
}

fn misread(text: &str) -> String {
    if text.is_empty() {
        return "it is empty".into();
    }
    if text.contains(',') {
        return "a comma is no decimal point".into();
    }
    if text.matches('.').count() > 1 {
        return "it has two decimal points".into();
    }
    "it is no number".into()
}

fn unknown_suffix(suffix: &str) -> String {
    if suffix.contains(',') {
        return "a comma is no decimal point".into();
    }
    if suffix.starts_with(char::is_whitespace) {
        let unit = suffix.trim();
        return if unit.is_empty() {
            "white space follows the number".into()
        } else {
            "a space parts number and unit".into()
        };
    }
    match meant(suffix) {
        Some(unit) => format!("there is no unit `{suffix}`; `{unit}` may be meant"),
        None => format!("there is no unit `{suffix}`"),
    }
}

/// The suffix that an unknown one is mostly meant to be: `MB` is `M`, `mb` and `MiB` are `Mi`, `gi` is `Gi`.
pub fn meant(suffix: &str) -> Option<&'static str> {
    let suffix = suffix.trim();
    Some(match suffix {
        "K" | "KB" | "kB" => "k",
        "MB" => "M",
        "GB" => "G",
        "TB" => "T",
        "PB" => "P",
        _ => match suffix.to_ascii_lowercase().as_str() {
            "k" | "ki" | "kb" | "kib" => "Ki",
            "mi" | "mb" | "mib" | "mbi" | "megabytes" => "Mi",
            "g" | "gi" | "gb" | "gib" | "gig" => "Gi",
            "t" | "ti" | "tb" | "tib" => "Ti",
            "mcpu" | "mcore" | "mcores" | "millicores" => "m",
            "b" | "cpu" | "core" | "cores" | "bytes" => "",
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(text: &str) -> Quantity {
        Quantity::parse(text).unwrap()
    }

    #[test]
    fn quantities_are_exact() {
        for (a, b) in [
            ("1", "1000m"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("1.", "1"),
            ("1Gi", "1073741824"),
            ("1.5Gi", "1536Mi"),
            ("1e3", "1k"),
            ("1E3", "1000"),
            ("1E", "1000P"),
            ("12e-1", "1200m"),
            ("0.1n", "1n"),
            ("+2", "2"),
            ("0.30000000000000000000000000000000000000000000", "300m"),
            ("99999999999999999999999999999999999999999999Ei", "9223372036854775807"),
            ("1e-400", "1n"),
        ] {
            assert_eq!(q(a), q(b), "{a} = {b}");
        }
        assert!(q("1G") < q("1Gi") && q("100m") < q("0.2") && q("-1").is_negative() && q("0Mi").is_zero());
    }

    #[test]
    fn quantities_are_printed_short() {
        for (text, printed) in
            [("1024Mi", "1Gi"), ("1500m", "1500m"), ("0.5", "500m"), ("1000M", "1000000000"), ("0", "0")]
        {
            assert_eq!(q(text).to_string(), printed);
        }
        assert_eq!(q("1500m").ceil(), 2);
    }

    #[test]
    fn errors_name_the_unit() {
        for (text, why) in [
            ("", "it is empty"),
            ("512MB", "there is no unit `MB`; `M` may be meant"),
            ("512mb", "there is no unit `mb`; `Mi` may be meant"),
            ("1 Gi", "a space parts number and unit"),
            ("0,5", "a comma is no decimal point"),
            ("1.2.3", "it has two decimal points"),
            ("half", "it is no number"),
            ("1e", "there is no unit `e`"),
            ("5ki", "there is no unit `ki`; `Ki` may be meant"),
        ] {
            assert_eq!(Quantity::parse(text).unwrap_err().0, why, "{text}");
        }
    }
}
