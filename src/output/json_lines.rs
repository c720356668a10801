//! JSON that is compact inside and broken into lines outside, so that one finding is one line.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::escape::is_invisible_control;

/// Writes a value as JSON with a final line break. Containers down to `depth` (the outermost is 1) have one entry per
/// line; deeper ones are compact. Characters that a terminal would act on are written as `\u` escapes, which keeps the
/// value exact.
pub(super) fn write(value: &impl Serialize, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    let lines = Lines { depth: 0, limit: depth, empty: true };
    value.serialize(&mut Serializer::with_formatter(&mut *out, lines))?;
    out.write_all(b"\n")
}

struct Lines {
    depth: usize,
    limit: usize,
    /// Whether the container being written has no entry yet.
    empty: bool,
}

impl Lines {
    fn open<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.empty = true;
        out.write_all(bracket)
    }

    fn entry<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        self.line_break(out)
    }

    fn close<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        let broken = self.depth <= self.limit && !self.empty;
        self.depth -= 1;
        self.empty = false;
        if broken {
            out.write_all(b"\n")?;
            indent(out, self.depth)?;
        }
        out.write_all(bracket)
    }

    fn line_break<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        if self.depth <= self.limit {
            out.write_all(b"\n")?;
            indent(out, self.depth)?;
        }
        Ok(())
    }
}

fn indent<W: ?Sized + Write>(out: &mut W, depth: usize) -> io::Result<()> {
    (0..depth).try_for_each(|_| out.write_all(b"  "))
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.entry(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.empty = false;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.entry(out, first)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.empty = false;
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        // The first bytes, in UTF-8, of the characters in question.
        while memchr::memchr3(0x7f, 0xc2, 0xe2, rest.as_bytes()).is_some()
            && let Some((at, c)) = rest.char_indices().find(|(_, c)| is_invisible_control(*c))
        {
            out.write_all(&rest.as_bytes()[..at])?;
            write!(out, "\\u{:04x}", c as u32)?;
            rest = &rest[at + c.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn breaks_outside_and_stays_exact() {
        let value = json!({"a": 1, "e": [], "o": {}, "list": [{"x": [1, 2]}, {"y": "\u{9b}\u{202e}\u{1b}ä"}]});
        let mut out = Vec::new();
        super::write(&value, 2, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "{\n  \"a\":1,\n  \"e\":[],\n  \"o\":{},\n  \"list\":[\n    {\"x\":[1,2]},\n    \
             {\"y\":\"\\u009b\\u202e\\u001bä\"}\n  ]\n}\n"
        );
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
