//! The grammar of label selectors: `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>1,j<2`.

use crate::yaml::Node;

/// A parsed label selector. The default selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operator {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    DoesNotExist,
    GreaterThan(i64),
    LessThan(i64),
}

impl LabelSelector {
    /// Parses a selector; an empty one selects everything.
    ///
    /// # Errors
    /// Says what was found and what was expected, or which key or value is invalid.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0 };
        let mut requirements = Vec::new();
        if parser.peek() == &Token::End {
            return Ok(LabelSelector { requirements });
        }
        loop {
            requirements.push(parser.requirement()?);
            match parser.next() {
                Token::End => return Ok(LabelSelector { requirements }),
                Token::Comma => {}
                other => return Err(format!("found {}, expected `,` or the end", other.show())),
            }
        }
    }

    /// True if a mapping of labels or annotations, or none, is selected. Values are taken by their text.
    pub fn matches(&self, labels: Option<&Node<'_>>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = labels.and_then(|l| l.get(&requirement.key));
            // A null is the empty text.
            let text = value.map(|v| v.as_str().unwrap_or_default().into_owned());
            requirement.operator.holds(text.as_deref())
        })
    }
}

impl Operator {
    fn holds(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|v| v.parse::<i64>().ok());
        match self {
            Operator::In(values) => value.is_some_and(|v| values.iter().any(|x| x == v)),
            Operator::NotIn(values) => value.is_none_or(|v| values.iter().all(|x| x != v)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::GreaterThan(limit) => number().is_some_and(|n| n > *limit),
            Operator::LessThan(limit) => number().is_some_and(|n| n < *limit),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Open,
    Close,
    Comma,
    Not,
    Equals,
    NotEquals,
    Greater,
    Less,
    End,
}

impl Token {
    fn show(&self) -> String {
        let text = match self {
            Token::Word(word) => word,
            Token::Open => "(",
            Token::Close => ")",
            Token::Comma => ",",
            Token::Not => "!",
            Token::Equals => "=",
            Token::NotEquals => "!=",
            Token::Greater => ">",
            Token::Less => "<",
            Token::End => return "the end".into(),
        };
        format!("`{text}`")
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let special = |c: char| "=!(),><".contains(c);
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t', '\r', '\n']);
    while let Some(c) = rest.chars().next() {
        let (token, len) = match c {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '>' => (Token::Greater, 1),
            '<' => (Token::Less, 1),
            '=' if rest.starts_with("==") => (Token::Equals, 2),
            '=' => (Token::Equals, 1),
            '!' if rest.starts_with("!=") => (Token::NotEquals, 2),
            '!' => (Token::Not, 1),
            '\0' => break,
            _ => {
                let end = rest.find(|c: char| special(c) || " \t\r\n\0".contains(c)).unwrap_or(rest.len());
                (Token::Word(rest.get(..end).unwrap_or_default().to_string()), end)
            }
        };
        tokens.push(token);
        rest = rest.get(len..).unwrap_or_default().trim_start_matches([' ', '\t', '\r', '\n']);
    }
    tokens.push(Token::End);
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn word(&mut self) -> Result<String, String> {
        match self.next() {
            Token::Word(word) => Ok(word),
            other => Err(format!("found {}, expected a key or value", other.show())),
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let not = *self.peek() == Token::Not;
        if not {
            self.at += 1;
        }
        let key = self.word()?;
        check_key(&key)?;
        let operator = match (not, self.peek()) {
            (true, _) => Operator::DoesNotExist,
            (false, Token::End | Token::Comma) => Operator::Exists,
            _ => self.operator()?,
        };
        if let Operator::In(values) | Operator::NotIn(values) = &operator {
            values.iter().try_for_each(|value| check_value(value))?;
        }
        Ok(Requirement { key, operator })
    }

    fn operator(&mut self) -> Result<Operator, String> {
        match self.next() {
            Token::Equals => Ok(Operator::In(vec![self.value()?])),
            Token::NotEquals => Ok(Operator::NotIn(vec![self.value()?])),
            Token::Greater => Ok(Operator::GreaterThan(self.number()?)),
            Token::Less => Ok(Operator::LessThan(self.number()?)),
            Token::Word(word) if word == "in" => Ok(Operator::In(self.values()?)),
            Token::Word(word) if word == "notin" => Ok(Operator::NotIn(self.values()?)),
            other => Err(format!("found {}, expected `=`, `!=`, `==`, `in` or `notin`", other.show())),
        }
    }

    fn value(&mut self) -> Result<String, String> {
        match self.peek() {
            Token::End | Token::Comma => Ok(String::new()),
            _ => self.word(),
        }
    }

    fn number(&mut self) -> Result<i64, String> {
        let value = self.value()?;
        check_value(&value)?;
        value.parse().map_err(|_| format!("`{value}` is not an integer, which `>` and `<` need"))
    }

    /// `(x,y)`; nothing between two commas is the empty value.
    fn values(&mut self) -> Result<Vec<String>, String> {
        match self.next() {
            Token::Open => {}
            other => return Err(format!("found {}, expected `(`", other.show())),
        }
        let mut values = Vec::new();
        loop {
            values.push(match self.peek() {
                Token::Comma | Token::Close => String::new(),
                _ => self.word()?,
            });
            match self.next() {
                Token::Close => return Ok(values),
                Token::Comma => {}
                other => return Err(format!("found {}, expected `,` or `)`", other.show())),
            }
        }
    }
}

/// A qualified name: an optional DNS subdomain and `/`, then at most 63 characters of `[A-Za-z0-9_.-]`, alphanumeric at both
/// ends.
fn check_key(key: &str) -> Result<(), String> {
    let bad = || Err(format!("`{key}` is not a valid label key"));
    let name = match key.split_once('/') {
        Some((prefix, name)) => {
            let label = |l: &str| {
                let bytes = l.as_bytes();
                let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
                edge(bytes.first())
                    && edge(bytes.last())
                    && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
            };
            if prefix.len() > 253 || !prefix.split('.').all(label) {
                return bad();
            }
            name
        }
        None => key,
    };
    if name.is_empty() || !is_label(name) { bad() } else { Ok(()) }
}

fn check_value(value: &str) -> Result<(), String> {
    if value.is_empty() || is_label(value) { Ok(()) } else { Err(format!("`{value}` is not a valid label value")) }
}

fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    bytes.len() <= 63
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::yaml::SrcNode;

    fn selects(selector: &str, labels: &str) -> bool {
        let source = Source::new("l.yaml".into(), "l.yaml".into(), labels.as_bytes().to_vec());
        let root = source.tree().documents[0].root.map(|id| Node::Source(SrcNode { source: &source, id }, None));
        LabelSelector::parse(selector).unwrap().matches(root.as_ref())
    }

    #[test]
    fn operators() {
        let labels = "{app: web, tier: front, rank: 3, empty: ''}";
        for yes in [
            "",
            "app=web",
            "app==web,tier!=back",
            "app in (api, web)",
            "app notin (api)",
            "other notin (x)",
            "other!=x",
            "app",
            "!other",
            "rank>2,rank<4",
            "empty=",
            "empty in ()",
            "empty in (,x)",
            "in notin (in)",
        ] {
            assert!(selects(yes, labels), "{yes}");
        }
        for no in ["app=api", "other=x", "other", "!app", "rank>3", "app>1", "app in ()", "app notin (web)"] {
            assert!(!selects(no, labels), "{no}");
        }
    }

    #[test]
    fn what_is_not_a_selector_is_refused() {
        for bad in [
            "app=", "=", "a,,b", "a=b,", "a in", "a in (x", "!a=b", "a b", "a=b=c", "-a=b", "a=b c", "a>x", "A/b/c",
            "X/b",
        ] {
            let parsed = LabelSelector::parse(bad);
            assert_eq!(parsed.is_err(), bad != "app=", "{bad}: {parsed:?}");
        }
    }
}
