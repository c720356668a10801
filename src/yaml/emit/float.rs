//! Floating-point numbers, as Go writes them.

/// A number as Go's JSON writes it: from 1e21 on and below 1e-6 with an exponent. Infinity and NaN are errors.
pub(super) fn json_number(float: f64) -> Result<String, String> {
    if !float.is_finite() {
        let name = if float.is_nan() {
            "NaN"
        } else if float > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        };
        return Err(format!("json: unsupported value: {name}"));
    }
    let decimal = Decimal::shortest(float);
    Ok(if (-6..21).contains(&decimal.exponent) { decimal.plain() } else { decimal.scientific(1) })
}

/// A number as go-yaml v2 prints what it read from JSON: an integer if it fits 64 bits, else with an exponent from 1e6 on and
/// below 1e-4.
pub(super) fn yaml_number(float: f64) -> Result<String, String> {
    let json = json_number(float)?;
    if json == "-0" {
        return Ok("0".to_owned());
    }
    if json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok() {
        return Ok(json);
    }
    let decimal = Decimal::shortest(float);
    Ok(if (-4..6).contains(&decimal.exponent) { decimal.plain() } else { decimal.scientific(2) })
}

/// The fewest decimal digits that give the number back; of several, the nearest; of two, the even one.
struct Decimal {
    sign: &'static str,
    /// Without a point, which is behind the first.
    digits: String,
    exponent: i32,
}

impl Decimal {
    fn shortest(float: f64) -> Self {
        let shortest = format!("{float:e}");
        let count = shortest.split('e').next().unwrap_or_default().bytes().filter(u8::is_ascii_digit).count();
        // The standard library takes the greater of two that are equally near.
        let nearest = format!("{float:.*e}", count.saturating_sub(1));
        let text = if nearest.parse() == Ok(float) { nearest } else { shortest };
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        Decimal {
            sign: if mantissa.starts_with('-') { "-" } else { "" },
            digits: mantissa.chars().filter(char::is_ascii_digit).collect(),
            exponent: exponent.parse().unwrap_or_default(),
        }
    }

    fn plain(&self) -> String {
        let Decimal { sign, digits, exponent } = self;
        let Ok(exponent) = usize::try_from(*exponent) else {
            return format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1));
        };
        match digits.split_at_checked(exponent + 1) {
            Some((whole, "")) => format!("{sign}{whole}"),
            Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
            None => format!("{sign}{digits}{}", "0".repeat(exponent + 1 - digits.len())),
        }
    }

    fn scientific(&self, exponent_digits: usize) -> String {
        let Decimal { sign, digits, exponent } = self;
        let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
        let point = if rest.is_empty() { "" } else { "." };
        let exponent_sign = if *exponent < 0 { '-' } else { '+' };
        let exponent = exponent.unsigned_abs();
        format!("{sign}{first}{point}{rest}e{exponent_sign}{exponent:0exponent_digits$}")
    }
}
