//! Where each printed value comes from, as JSON lines and as comments in the YAML.

mod lines;
mod trace;

use serde::Serialize;

use crate::source::Span;
use crate::yaml::emit::{self, EmitError, Leaf, Observer};
use crate::yaml::{Kind, Node};
use trace::{Trace, trace};

/// One JSON object per line for every scalar of every object, in the order in which they are printed:
///
/// `{"doc":0,"pointer":"/spec/replicas","value":"3","path":"base/deploy.yaml","start":120,"end":121,"line":9,"column":13,"via":[…]}`
///
/// * `doc` is the index of the object, from 0; `pointer` the place in it (RFC 6901);
/// * `value` is what is printed, without quotes; null where no source text exists (a generated `kind`);
/// * `path`, `start`, `end` (bytes), `line` and `column` say where the effective text is written: null if it stands in no file;
/// * `via` has what brought it here or completed it, oldest first: `what`, and the place that asked for it as above. A step with
///   several places (the inputs of a hash) has an entry for each.
///
/// # Errors
/// As [`emit::document`].
pub fn json<'s>(objects: &[Node<'s>]) -> Result<String, EmitError<'s>> {
    let mut printed = String::new();
    let mut records = Records::default();
    for (doc, object) in objects.iter().enumerate() {
        printed.clear();
        records.doc = doc;
        emit::document_into(&mut printed, object, &mut records)?;
    }
    Ok(records.out)
}

/// The YAML of [`emit::stream`] with a comment beside each value: `# base/deploy.yaml:9 via replicas kustomization.yaml:4`.
///
/// # Errors
/// As [`emit::document`].
pub fn text<'s>(objects: &[Node<'s>]) -> Result<String, EmitError<'s>> {
    lines::text(objects)
}

#[derive(Serialize)]
struct Record<'a> {
    doc: usize,
    pointer: &'a str,
    value: Option<&'a str>,
    #[serde(flatten)]
    place: Place<'a>,
    via: Vec<ViaRecord<'a>>,
}

#[derive(Serialize)]
struct ViaRecord<'a> {
    what: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
}

#[derive(Serialize, Default)]
struct Place<'a> {
    path: Option<&'a str>,
    start: Option<u32>,
    end: Option<u32>,
    line: Option<u32>,
    column: Option<u32>,
}

impl<'s> Place<'s> {
    fn of(span: Option<Span<'s>>) -> Self {
        let Some(span) = span else { return Place::default() };
        let at = span.start_pos();
        Place {
            path: Some(span.source.display()),
            start: Some(span.start),
            end: Some(span.end),
            line: Some(at.line),
            column: Some(at.column),
        }
    }
}

/// Writes the lines while the objects are printed.
#[derive(Default)]
struct Records {
    doc: usize,
    pointer: String,
    /// The lengths of the pointer before each open entry and item.
    outer: Vec<usize>,
    out: String,
}

impl<'s> Observer<'s> for Records {
    fn enter_entry(&mut self, key: &str) {
        self.outer.push(self.pointer.len());
        self.pointer.push('/');
        for c in key.chars() {
            match c {
                '~' => self.pointer.push_str("~0"),
                '/' => self.pointer.push_str("~1"),
                _ => self.pointer.push(c),
            }
        }
    }

    fn enter_item(&mut self, index: usize) {
        self.outer.push(self.pointer.len());
        self.pointer.push('/');
        self.pointer.push_str(&index.to_string());
    }

    fn leave(&mut self) {
        self.pointer.truncate(self.outer.pop().unwrap_or_default());
    }

    fn leaf(&mut self, leaf: Leaf<'_, 's>) {
        if leaf.node.kind() != Kind::Scalar {
            return;
        }
        let Trace { span, steps } = trace(leaf.node);
        let via = steps.iter().flat_map(|step| {
            let places = if step.places.is_empty() { &[None][..] } else { &step.places };
            places.iter().map(|span| ViaRecord { what: step.kind.name(), place: Place::of(*span) })
        });
        let record = Record {
            doc: self.doc,
            pointer: &self.pointer,
            value: span.map(|_| leaf.value),
            place: Place::of(span),
            via: via.collect(),
        };
        // Strings and numbers only: this cannot fail.
        self.out.push_str(&serde_json::to_string(&record).unwrap_or_default());
        self.out.push('\n');
    }
}

#[cfg(test)]
mod tests;
