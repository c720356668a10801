//! The grammars of body sizes.

use super::Size;
use crate::yaml::Node;

/// Bytes of an nginx size: digits, optionally `k`, `m` or `g` in either case; 1024-based.
pub fn nginx_size(text: &str) -> Option<u128> {
    let (digits, unit) = match text.char_indices().next_back()? {
        (_, c) if c.is_ascii_digit() => (text, 1),
        (at, c) => (text.get(..at)?, factor(c)?),
    };
    number(digits)?.checked_mul(unit)
}

/// A size in words: `100m`, `1536k`, `17`; the largest unit that leaves no rest.
pub fn in_words(bytes: u128) -> String {
    for (shift, unit) in [(30, "g"), (20, "m"), (10, "k")] {
        if bytes > 0 && bytes.is_multiple_of(1 << shift) {
            return format!("{}{unit}", bytes >> shift);
        }
    }
    bytes.to_string()
}

/// A size for people: `8 GiB`, `1.5 TiB`.
pub fn for_people(bytes: u128) -> String {
    let mut value = bytes as f64;
    for unit in ["bytes", "KiB", "MiB", "GiB"] {
        if value < 1024.0 {
            return format!("{} {unit}", (value * 10.0).round() / 10.0);
        }
        value /= 1024.0;
    }
    format!("{} TiB", (value * 10.0).round() / 10.0)
}

/// An nginx size, 0 for unlimited. With `bytes_unit`, a unit `b` passes the controller's check and is dropped later.
pub(super) fn nginx(node: &Node<'_>, bytes_unit: bool, effect: &'static str) -> Size {
    let text = node.text().unwrap_or_default();
    let text = text.trim();
    match nginx_size(text) {
        Some(0) => Size::Unlimited,
        Some(bytes) => Size::Bytes(bytes),
        None => {
            let dropped = bytes_unit && text.strip_suffix(['b', 'B']).is_some_and(|d| number(d).is_some());
            let effect = if dropped { "nginx gets no limit from it, and its own 1m applies" } else { effect };
            Size::Invalid { effect, nearest: nearest(text).map(in_words) }
        }
    }
}

/// haproxy-ingress: an nginx size, or `unlimited`.
pub(super) fn haproxy(node: &Node<'_>) -> Size {
    let text = node.text().unwrap_or_default();
    let text = text.trim();
    match nginx_size(text) {
        Some(bytes) => Size::Bytes(bytes),
        None if text == "unlimited" => Size::Unlimited,
        None => Size::Invalid {
            effect: "the value is dropped, and bodies of any size pass",
            nearest: nearest(text).map(in_words),
        },
    }
}

/// NGINX Gateway Fabric: at most four digits and a lower-case unit.
pub(super) fn gateway_fabric(node: &Node<'_>) -> Size {
    let text = node.text().unwrap_or_default();
    let digits = text.trim_end_matches(['k', 'm', 'g']);
    match nginx_size(&text) {
        Some(bytes)
            if (1..=4).contains(&digits.len()) && text.len() - digits.len() <= 1 && number(digits).is_some() =>
        {
            if bytes == 0 { Size::Unlimited } else { Size::Bytes(bytes) }
        }
        _ => Size::Invalid {
            effect: "the API server rejects the policy, which wants one to four digits and `k`, `m` or `g`",
            nearest: nearest(&text).map(four_digits),
        },
    }
}

/// A non-negative integer, 0 for unlimited.
pub(super) fn integer(node: &Node<'_>, effect: &'static str) -> Size {
    match node.as_i64() {
        Some(0) => Size::Unlimited,
        Some(n) if n > 0 => Size::Bytes(n.unsigned_abs().into()),
        _ => {
            let text = node.text().unwrap_or_default();
            Size::Invalid { effect, nearest: nearest(text.trim()).map(|n| n.to_string()) }
        }
    }
}

/// Envoy Gateway: a Kubernetes quantity.
pub(super) fn quantity(node: &Node<'_>) -> Size {
    let text = node.text().unwrap_or_default();
    match bytes_of_quantity(&text) {
        Some(bytes) => Size::Bytes(bytes),
        None => Size::Invalid {
            effect: "the API server rejects the policy, which wants a quantity such as `10Mi`",
            nearest: nearest(&text).map(|n| {
                let words = in_words(n);
                match words.strip_suffix(['k', 'm', 'g']) {
                    Some(number) => {
                        let unit = words.get(number.len()..).unwrap_or_default();
                        format!("{number}{}i", if unit == "k" { "K".into() } else { unit.to_ascii_uppercase() })
                    }
                    None => words,
                }
            }),
        },
    }
}

/// Bytes of a quantity, fractions of a byte rounded up.
fn bytes_of_quantity(text: &str) -> Option<u128> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at_checked(split)?;
    let factor: f64 = match suffix {
        "" => 1.0,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => f64::from(1u32 << 20),
        "Gi" => f64::from(1u32 << 30),
        "Ti" => 1024f64.powi(4),
        "Pi" => 1024f64.powi(5),
        "Ei" => 1024f64.powi(6),
        _ => return None,
    };
    let value: f64 = number.parse().ok()?;
    // Saturates far above any limit that means something.
    Some((value * factor).ceil() as u128)
}

/// What someone most likely meant: a number with a unit in another notation (`10MB`, `1.5m`, `8Mi`).
fn nearest(text: &str) -> Option<u128> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at_checked(split)?;
    let unit = unit.trim().to_ascii_lowercase();
    let factor: u128 = match unit.as_str() {
        "" | "b" | "byte" | "bytes" => 1,
        "k" | "kb" | "ki" | "kib" => 1 << 10,
        "m" | "mb" | "mi" | "mib" => 1 << 20,
        "g" | "gb" | "gi" | "gib" => 1 << 30,
        "t" | "tb" | "ti" | "tib" => 1 << 40,
        _ => return None,
    };
    let bytes = match number(digits) {
        Some(whole) => whole.checked_mul(factor)?,
        None => (digits.parse::<f64>().ok()? * factor as f64).ceil() as u128,
    };
    (bytes > 0).then_some(bytes)
}

/// A size with at most four digits, rounded up where it has more.
fn four_digits(bytes: u128) -> String {
    let exact = in_words(bytes);
    if exact.trim_end_matches(['k', 'm', 'g']).len() <= 4 {
        return exact;
    }
    let rounded = [(10, "k"), (20, "m"), (30, "g")].map(|(shift, unit)| (bytes.div_ceil(1 << shift), unit));
    rounded.iter().find(|(n, _)| *n <= 9999).map_or("9999g".into(), |(n, unit)| format!("{n}{unit}"))
}

fn number(digits: &str) -> Option<u128> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

fn factor(unit: char) -> Option<u128> {
    match unit {
        'k' | 'K' => Some(1 << 10),
        'm' | 'M' => Some(1 << 20),
        'g' | 'G' => Some(1 << 30),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nginx_sizes() {
        assert_eq!(nginx_size("10"), Some(10));
        assert_eq!(nginx_size("8M"), Some(8 << 20));
        assert_eq!(nginx_size("1g"), Some(1 << 30));
        for bad in ["", "m", "10MB", "10Mi", "1.5m", "-1", "10 m", "512b", "ä"] {
            assert_eq!(nginx_size(bad), None, "{bad}");
        }
    }

    #[test]
    fn nearest_valid_sizes() {
        let say = |text: &str| nearest(text).map(in_words);
        assert_eq!(say("10MB").as_deref(), Some("10m"));
        assert_eq!(say("8Mi").as_deref(), Some("8m"));
        assert_eq!(say("1.5m").as_deref(), Some("1536k"));
        assert_eq!(say("512b").as_deref(), Some("512"));
        assert_eq!(say("1 GB").as_deref(), Some("1g"));
        assert_eq!(say("plenty"), None);
        assert_eq!(four_digits(10 << 20), "10m");
        assert_eq!(four_digits(12345), "13k");
    }

    #[test]
    fn quantities() {
        assert_eq!(bytes_of_quantity("10Mi"), Some(10 << 20));
        assert_eq!(bytes_of_quantity("1.5k"), Some(1500));
        assert_eq!(bytes_of_quantity("10mb"), None);
        assert_eq!(bytes_of_quantity("ten"), None);
    }
}
