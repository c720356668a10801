//! Paths to fields: `spec.template.spec.containers[name=api].image`, `metadata.annotations.foo\.bar/baz`, `args[0]`.

use std::fmt;
use std::str::FromStr;

use crate::yaml::Kind;

/// A path from an object to a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldPath {
    /// Its parts, from the object down.
    pub parts: Vec<Part>,
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A key of a mapping.
    Key(String),
    /// `[2]`: an item of a list, from 0.
    Index(usize),
    /// `[name=api]`: the item of a list whose key has this value.
    Match(String, String),
}

impl FromStr for FieldPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut key = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => key.push(chars.next().unwrap_or('\\')),
                '.' => push_key(&mut parts, &mut key),
                '[' => {
                    push_key(&mut parts, &mut key);
                    let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    parts.push(bracket(&inside));
                }
                _ => key.push(c),
            }
        }
        push_key(&mut parts, &mut key);
        if parts.is_empty() {
            return Err("the path of the field is empty; write it like `spec.replicas`".into());
        }
        Ok(FieldPath { parts })
    }
}

fn push_key(parts: &mut Vec<Part>, key: &mut String) {
    if !key.is_empty() {
        parts.push(Part::Key(std::mem::take(key)));
    }
}

fn bracket(inside: &str) -> Part {
    match (inside.parse(), inside.split_once('=')) {
        (Ok(index), _) => Part::Index(index),
        (Err(_), Some((key, value))) => Part::Match(key.into(), value.into()),
        // `[foo.bar/baz]`: a key in brackets.
        (Err(_), None) => Part::Key(inside.into()),
    }
}

impl FieldPath {
    /// The part that a candidate of a collection stands for.
    pub(super) fn last_of(candidate: &str, kind: Kind) -> Vec<Part> {
        match kind {
            Kind::Map => vec![Part::Key(candidate.to_string())],
            _ => vec![bracket(candidate.trim_start_matches('[').trim_end_matches(']'))],
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Key(key) => f.write_str(&key.replace('\\', "\\\\").replace('.', "\\.").replace('[', "\\[")),
            Part::Index(index) => write!(f, "[{index}]"),
            Part::Match(key, value) => write!(f, "[{key}={value}]"),
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.parts.iter().enumerate() {
            if at > 0 && matches!(part, Part::Key(_)) {
                f.write_str(".")?;
            }
            write!(f, "{part}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_they_are_printed() {
        for text in ["spec.replicas", "a[0].b[name=x.y].c", "metadata.annotations.foo\\.bar/baz"] {
            let path: FieldPath = text.parse().unwrap();
            assert_eq!(path.to_string(), text);
        }
        assert_eq!("a.[b.c]".parse::<FieldPath>().unwrap().to_string(), "a.b\\.c");
        assert!("".parse::<FieldPath>().is_err());
    }
}
