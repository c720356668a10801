//! Expressions that need no engine: names. Most of those that people write are, and compiling one costs more than the rest of what
//! a patch does.

/// An expression of letters, digits, `-`, `_`, `/`, `:` and the dot, which stands for any character but a line feed.
#[derive(Clone, Debug)]
pub(in crate::kustomize) struct Literal(Box<str>);

impl Literal {
    /// The expression, if it is one of these.
    pub(in crate::kustomize) fn new(pattern: &str) -> Option<Self> {
        let simple = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b':' | b'.');
        pattern.bytes().all(simple).then(|| Literal(pattern.into()))
    }

    /// What follows it in a text that starts with it.
    pub(in crate::kustomize) fn rest<'t>(&self, text: &'t str) -> Option<&'t str> {
        let mut chars = text.chars();
        for expected in self.0.bytes() {
            let c = chars.next()?;
            if c != char::from(expected) && (expected != b'.' || c == '\n') {
                return None;
            }
        }
        Some(chars.as_str())
    }

    /// True if it is found somewhere in a text.
    pub(in crate::kustomize) fn is_in(&self, text: &str) -> bool {
        self.rest(text).is_some() || text.char_indices().any(|(at, c)| self.rest(&text[at + c.len_utf8()..]).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::super::regex;
    use super::*;

    #[test]
    fn a_literal_matches_as_the_expression_does() {
        let texts = [
            "",
            "a",
            "ab",
            "a.b",
            "axb",
            "a\nb",
            "aéb",
            "a.b.c",
            "A.B",
            "x/a.b",
            "a.b:1",
            "quay.io/a/b",
            "éa.b",
            "aab\n",
        ];
        for pattern in ["", "a", "a.b", "a.", ".", "quay.io/a/b", "x/a.b", "a.b:1"] {
            let literal = Literal::new(pattern).unwrap();
            let whole = regex(&format!("^(?:{pattern})$")).unwrap();
            let anywhere = regex(pattern).unwrap();
            let prefix = regex(&format!("^(?:{pattern})")).unwrap();
            for text in texts {
                assert_eq!(literal.rest(text) == Some(""), whole.is_match(text), "{pattern} {text:?}");
                assert_eq!(literal.is_in(text), anywhere.is_match(text), "{pattern} {text:?}");
                assert_eq!(literal.rest(text), prefix.find(text).map(|m| &text[m.end()..]), "{pattern} {text:?}");
            }
        }
    }

    #[test]
    fn what_means_more_is_no_literal() {
        for pattern in ["a*", "a|b", "^a", "a$", "(a)", "[a]", "a?", "a+", "a{2}", "\\.", "é", "a b"] {
            assert!(Literal::new(pattern).is_none(), "{pattern}");
        }
    }
}
