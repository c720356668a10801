//! Numbers as Go prints them.

/// The shortest decimal form that reads back as `value`, as Go's `%g` and with it go-yaml v3 writes it: with an exponent of at
/// least two digits below 1e-4 and from 1e6 on.
pub(super) fn format_g(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::format_g;

    #[test]
    fn exponents_as_in_go() {
        for (value, text) in [
            (0.0, "0"),
            (5.0, "5"),
            (1.5, "1.5"),
            (-0.25, "-0.25"),
            (8080.0, "8080"),
            (999_999.0, "999999"),
            (1_000_000.0, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (9_223_372_036_854_775_807.0, "9.223372036854776e+18"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e100, "1e+100"),
        ] {
            assert_eq!(format_g(value), text);
        }
    }
}
