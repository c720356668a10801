//! Streams of JSON objects: one behind the other without `---`, as `kubectl get -o json` prints several and as one a line.
//! YAML knows no such thing, but kubectl reads it where a file starts with `{` (apimachinery `YAMLOrJSONDecoder`).

use std::ops::Range;

use serde::de::IgnoredAny;

use super::problem;
use super::tree::SyntaxError;

/// Objects behind each other.
pub(super) struct Stream {
    /// The objects, two or more.
    pub(super) values: Vec<Range<u32>>,
    /// What follows them that is none.
    pub(super) rest: Option<SyntaxError>,
}

/// The stream of a part of the text; `None` if it is none: not at the start of the file, or fewer than two objects.
pub(super) fn stream(text: &str, part: &Range<u32>) -> Option<Stream> {
    let bytes = text.get(part.start as usize..part.end as usize)?;
    if part.start != 0 || !bytes.trim_start().starts_with('{') {
        return None;
    }
    let mut stream = Stream { values: Vec::new(), rest: None };
    let mut values = serde_json::Deserializer::from_str(bytes).into_iter::<IgnoredAny>();
    loop {
        let behind = values.byte_offset();
        let start = bytes.len() - bytes.get(behind..)?.trim_start().len();
        let object = bytes[start..].starts_with('{');
        match values.next() {
            None => break,
            Some(Ok(_)) if object => stream.values.push(start as u32..values.byte_offset() as u32),
            Some(_) => {
                let line = memchr::memchr2(b'\n', b'\r', &bytes.as_bytes()[start..]).map_or(bytes.len(), |n| start + n);
                stream.rest =
                    Some(problem::error(start as u32, line as u32, "this is no JSON object, as those before it are"));
                break;
            }
        }
    }
    (stream.values.len() > 1).then_some(stream)
}

/// What is to be said to those who read YAML only.
pub(super) fn joined(second: &Range<u32>) -> SyntaxError {
    problem::error(
        second.start,
        second.end,
        "several JSON objects, of which YAML reads the first; write `---` between them",
    )
}
