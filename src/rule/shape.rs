//! The shape of a rule's options, found by asking serde what it would read.
//!
//! The options of a rule are a struct that serde fills. A deserializer that records what it is asked for tells the names and
//! types of the fields, so that configuration can be checked value by value, and described by a schema, with nothing written twice.

use std::cell::RefCell;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// What a value of an option may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Anything: the option reads it by itself.
    Any,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A string.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list.
    List(Box<Shape>),
    /// A mapping with keys of the user's choice.
    Mapping(Box<Shape>),
    /// A mapping with these keys.
    Fields(Vec<(&'static str, Shape)>),
}

impl Shape {
    /// What a type that serde reads looks like.
    pub fn of<T: DeserializeOwned>() -> Shape {
        explore::<T>(&mut Vec::new())
    }

    /// In words: `a list of strings`.
    pub fn words(&self) -> String {
        match self {
            Shape::Any => "a value".into(),
            Shape::Bool => "true or false".into(),
            Shape::Int => "a whole number".into(),
            Shape::Float => "a number".into(),
            Shape::Text => "a string".into(),
            Shape::Choice(words) => format!("one of {}", words.join(", ")),
            Shape::List(item) => match &**item {
                Shape::Text => "a list of strings".into(),
                Shape::Int => "a list of whole numbers".into(),
                Shape::Choice(words) => format!("a list of {}", words.join(", ")),
                Shape::Fields(_) | Shape::Mapping(_) => "a list of mappings".into(),
                _ => "a list".into(),
            },
            Shape::Mapping(_) | Shape::Fields(_) => "a mapping".into(),
        }
    }
}

/// A step into a value.
#[derive(Clone, Copy)]
enum Step {
    Field(&'static str),
    Item,
    Value,
}

/// Options do not nest deeper.
const MAX_DEPTH: usize = 6;

fn explore<T: DeserializeOwned>(path: &mut Vec<Step>) -> Shape {
    if path.len() > MAX_DEPTH {
        return Shape::Any;
    }
    let found = RefCell::new(Shape::Any);
    // The answer is in what was asked; the probe never completes a value.
    _ = T::deserialize(Probe { path, found: &found });
    let mut into = |step| {
        path.push(step);
        let shape = explore::<T>(path);
        path.pop();
        shape
    };
    match found.into_inner() {
        Shape::List(_) => Shape::List(Box::new(into(Step::Item))),
        Shape::Mapping(_) => Shape::Mapping(Box::new(into(Step::Value))),
        Shape::Fields(fields) => {
            Shape::Fields(fields.into_iter().map(|(name, _)| (name, into(Step::Field(name)))).collect())
        }
        other => other,
    }
}

/// Follows a path into what is asked for, and records what is asked at its end.
struct Probe<'p> {
    path: &'p [Step],
    found: &'p RefCell<Shape>,
}

/// Ends the probing.
#[derive(Debug)]
struct Done;

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("done")
    }
}

impl std::error::Error for Done {}

impl Error for Done {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Done
    }
}

impl Probe<'_> {
    fn end<V>(self, shape: Shape) -> Result<V, Done> {
        if self.path.is_empty() {
            *self.found.borrow_mut() = shape;
        }
        Err(Done)
    }
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Done;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Any)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Bool)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Int)
    }

    fn deserialize_i8<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Int)
    }

    fn deserialize_i16<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Int)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Int)
    }

    fn deserialize_i128<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Int)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Int)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Int)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Int)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Int)
    }

    fn deserialize_u128<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Int)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Float)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Float)
    }

    fn deserialize_str<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Text)
    }

    fn deserialize_string<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Text)
    }

    fn deserialize_char<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Done> {
        self.end(Shape::Text)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Done> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Done> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Done> {
        match self.path.split_first() {
            Some((Step::Item, rest)) => visitor.visit_seq(One { path: rest, found: self.found, key: None }),
            _ => self.end(Shape::List(Box::new(Shape::Any))),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Done> {
        match self.path.split_first() {
            Some((Step::Value, rest)) => visitor.visit_map(One { path: rest, found: self.found, key: Some("key") }),
            _ => self.end(Shape::Mapping(Box::new(Shape::Any))),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Done> {
        match self.path.split_first() {
            Some((Step::Field(name), rest)) => {
                visitor.visit_map(One { path: rest, found: self.found, key: Some(name) })
            }
            _ => self.end(Shape::Fields(fields.iter().map(|f| (*f, Shape::Any)).collect())),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Done> {
        self.end(Shape::Choice(variants))
    }

    forward_to_deserialize_any! { bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any }
}

/// A list or mapping with one entry.
struct One<'p> {
    path: &'p [Step],
    found: &'p RefCell<Shape>,
    key: Option<&'static str>,
}

impl<'de> SeqAccess<'de> for One<'_> {
    type Error = Done;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Done> {
        seed.deserialize(Probe { path: self.path, found: self.found }).map(Some)
    }
}

impl<'de> MapAccess<'de> for One<'_> {
    type Error = Done;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Done> {
        let key: Option<StrDeserializer<'_, Done>> = self.key.take().map(IntoDeserializer::into_deserializer);
        key.map(|k| seed.deserialize(k)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Done> {
        seed.deserialize(Probe { path: self.path, found: self.found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Level {
        VeryLow,
        High,
    }

    #[derive(serde::Deserialize)]
    #[expect(dead_code, reason = "only the types of its fields count")]
    struct Extra {
        name: String,
        least: f64,
    }

    #[derive(serde::Deserialize)]
    #[serde(default, deny_unknown_fields)]
    #[derive(Default)]
    struct Options {
        on: bool,
        min: Option<i64>,
        words: Vec<String>,
        levels: Vec<Level>,
        extra: Vec<Extra>,
        by_name: BTreeMap<String, u32>,
        any: serde_json::Value,
    }

    #[test]
    fn shapes_are_what_serde_asks_for() {
        let list = |s| Shape::List(Box::new(s));
        assert_eq!(
            Shape::of::<Options>(),
            Shape::Fields(vec![
                ("on", Shape::Bool),
                ("min", Shape::Int),
                ("words", list(Shape::Text)),
                ("levels", list(Shape::Choice(&["very_low", "high"]))),
                ("extra", list(Shape::Fields(vec![("name", Shape::Text), ("least", Shape::Float)]))),
                ("by_name", Shape::Mapping(Box::new(Shape::Int))),
                ("any", Shape::Any),
            ])
        );
    }
}
