//! Go's regular expressions (RE2) in the syntax of the `regex` crate. Both are of the same family; what differs is translated:
//! Perl classes are ASCII in Go, a brace that repeats nothing is literal, `[` in a class is literal, and `\Q…\E` quotes.

/// The same expression for the `regex` crate. What is invalid stays so.
pub(super) fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let tail = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            '\\' => escape(tail, false, &mut out),
            '[' => class(tail, &mut out),
            '{' if repetition(tail).is_none() => {
                out.push_str("\\{");
                tail
            }
            _ => {
                out.push(c);
                tail
            }
        };
    }
    out
}

/// Writes an escape whose backslash is read already; returns what follows.
fn escape<'p>(tail: &'p str, in_class: bool, out: &mut String) -> &'p str {
    let Some(c) = tail.chars().next() else {
        out.push('\\');
        return tail;
    };
    let rest = tail.get(c.len_utf8()..).unwrap_or_default();
    if c == 'Q' && !in_class {
        let (quoted, rest) = rest.split_once("\\E").unwrap_or((rest, ""));
        out.push_str(&regex::escape(quoted));
        return rest;
    }
    let set = match c {
        'd' | 'D' => "0-9",
        'w' | 'W' => "0-9A-Za-z_",
        's' | 'S' => r"\t\n\x0C\r\x20",
        'b' | 'B' if !in_class => {
            out.push_str(if c == 'b' { r"(?-u:\b)" } else { r"(?-u:\B)" });
            return rest;
        }
        '<' | '>' => {
            out.push(c);
            return rest;
        }
        _ => {
            out.push('\\');
            out.push(c);
            return rest;
        }
    };
    match (c.is_ascii_uppercase(), in_class) {
        (false, true) => out.push_str(set),
        (false, false) => out.push_str(&format!("[{set}]")),
        (true, _) => out.push_str(&format!("[^{set}]")),
    }
    rest
}

/// Writes a class whose `[` is read already; returns what follows.
fn class<'p>(tail: &'p str, out: &mut String) -> &'p str {
    out.push('[');
    let mut rest = tail;
    if let Some(negated) = rest.strip_prefix('^') {
        out.push('^');
        rest = negated;
    }
    let mut first = true;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            ']' if !first => {
                out.push(']');
                return after;
            }
            '\\' => {
                rest = escape(after, true, out);
                first = false;
                continue;
            }
            '[' if after.starts_with(':') && after.contains(":]") => out.push('['),
            '[' | ']' | '&' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '-' if after.starts_with('-') => out.push_str("\\-"),
            _ => out.push(c),
        }
        if c == '['
            && let Some((name, behind)) = after.split_once(":]")
            && after.starts_with(':')
        {
            out.push_str(name);
            out.push_str(":]");
            rest = behind;
        } else {
            rest = after;
        }
        first = false;
    }
    rest
}

/// The text behind `n}`, `n,}` or `n,m}`.
fn repetition(tail: &str) -> Option<&str> {
    let (inside, rest) = tail.split_once('}')?;
    let (from, to) = inside.split_once(',').unwrap_or((inside, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    (!from.is_empty() && digits(from) && digits(to)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        regex::Regex::new(&translate(pattern)).unwrap().is_match(text)
    }

    #[test]
    fn braces_that_repeat_nothing_are_literal() {
        assert!(matches("^{registry}/app$", "{registry}/app"));
        assert!(matches("^a{2}$", "aa"));
        assert!(matches("^a{2,}$", "aaa"));
        assert!(!matches("^a{2,3}$", "aaaa"));
        assert!(matches("^a{,2}$", "a{,2}"));
    }

    #[test]
    fn perl_classes_are_ascii() {
        assert!(matches(r"^\d$", "1"));
        assert!(!matches(r"^\d$", "١"));
        assert!(matches(r"^[\w-]+$", "a-b_1"));
        assert!(!matches(r"^\w$", "ä"));
        assert!(matches(r"^[^\d]$", "a"));
        assert!(matches(r"^\W$", "ä"));
    }

    #[test]
    fn brackets_and_quotes() {
        assert!(matches("^[[a]+$", "[a"));
        assert!(matches("^[]a]+$", "]a"));
        assert!(matches("^[[:alpha:]&&]+$", "ab&"));
        assert!(matches(r"^\Qa.b(\E$", "a.b("));
        assert!(matches(r"^\<a\>$", "<a>"));
    }
}
