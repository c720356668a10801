//! Tokens: plain and quoted scalars, properties, aliases, comments, the ends of lines.

use super::{Comment, Declined, Next, Parser, Properties, RawKind, RawNode, Result, Style};
use crate::yaml::decode;

/// A longer key is left to the conforming parser: YAML limits it to 1024 characters.
pub(super) const MAX_KEY: usize = 1000;

/// What ended a plain scalar.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Stop {
    /// `:` and white space.
    Colon,
    /// A comment.
    Comment,
    /// The end of the line.
    Line,
    /// `,`, `]` or `}` in a flow collection.
    Flow,
}

const LINE: u8 = 1;
const PLAIN: u8 = 2;
const FLOW: u8 = 4;
const DOUBLE: u8 = 8;
const SINGLE: u8 = 16;
const NAME: u8 = 32;

/// Which scans stop at a byte; [`NAME`]: which bytes the names of anchors have.
static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    class[b'\n' as usize] = LINE | PLAIN | FLOW | DOUBLE | SINGLE;
    class[b'\r' as usize] = LINE | PLAIN | FLOW | DOUBLE | SINGLE;
    class[b':' as usize] = PLAIN | FLOW;
    class[b'#' as usize] = PLAIN | FLOW;
    class[b',' as usize] = FLOW;
    class[b'[' as usize] = FLOW;
    class[b']' as usize] = FLOW;
    class[b'{' as usize] = FLOW;
    class[b'}' as usize] = FLOW;
    class[b'?' as usize] = FLOW;
    class[b'"' as usize] = DOUBLE;
    class[b'\\' as usize] = DOUBLE;
    class[b'\'' as usize] = SINGLE;
    class[b'-' as usize] = NAME;
    class[b'_' as usize] = NAME;
    let mut c = 0;
    while c < 26 {
        class[b'a' as usize + c] = NAME;
        class[b'A' as usize + c] = NAME;
        if c < 10 {
            class[b'0' as usize + c] = NAME;
        }
        c += 1;
    }
    class
};

impl<'a> Parser<'a, '_> {
    /// A byte; 0 behind the end.
    #[inline]
    pub(super) fn at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// True for white space and for the end.
    #[inline]
    pub(super) fn is_blank_at(&self, at: usize) -> bool {
        matches!(self.at(at), b' ' | b'\n' | b'\r' | b'\t' | 0)
    }

    #[inline]
    pub(super) fn count_spaces(&self, at: usize) -> usize {
        self.bytes[at..].iter().take_while(|b| **b == b' ').count()
    }

    /// The first byte from `at` on that is in `class`, or the end.
    #[inline]
    fn find(&self, at: usize, class: u8) -> usize {
        let rest = &self.bytes[at..];
        rest.iter().position(|b| CLASS[*b as usize] & class != 0).map_or(self.bytes.len(), |i| at + i)
    }

    /// Moves over spaces. A tab in front of a token is not for us.
    #[inline]
    pub(super) fn skip_spaces(&mut self) -> Result {
        while self.at(self.at) == b' ' {
            self.at += 1;
        }
        if self.at(self.at) == b'\t' { self.skip_trailing_blanks() } else { Ok(()) }
    }

    #[cold]
    fn skip_trailing_blanks(&mut self) -> Result {
        while matches!(self.at(self.at), b' ' | b'\t') {
            self.at += 1;
        }
        if matches!(self.at(self.at), b'\n' | b'\r' | b'#' | 0) { Ok(()) } else { Err(Declined) }
    }

    /// If nothing but a comment is left of the line: moves to the next line. `at` is behind white space.
    #[inline]
    pub(super) fn ends_line(&mut self) -> Result<bool> {
        match self.at(self.at) {
            b'\n' => self.at += 1,
            b'\r' => self.at += 2,
            b'#' if self.at > self.line && matches!(self.bytes[self.at - 1], b' ' | b'\t') => self.comment(),
            b'#' => return Err(Declined),
            0 => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Moves over white space, a comment and the line break. Nothing else may be there.
    #[inline]
    pub(super) fn end_line(&mut self) -> Result {
        while matches!(self.at(self.at), b' ' | b'\t') {
            self.at += 1;
        }
        if self.ends_line()? { Ok(()) } else { Err(Declined) }
    }

    /// Records the comment that starts here and moves to the next line.
    pub(super) fn comment(&mut self) {
        let start = self.at;
        let rest = &self.bytes[start..];
        let (len, next) = memchr::memchr(b'\n', rest).map_or((rest.len(), rest.len()), |i| (i, i + 1));
        let len = if rest[..len].ends_with(b"\r") { len - 1 } else { len };
        self.tree.comments.push(Comment { start: start as u32, end: (start + len) as u32 });
        self.at = start + next;
    }

    /// Declines what cannot start a plain scalar, or is an indicator.
    #[inline]
    pub(super) fn check_plain_start(&self, in_flow: bool) -> Result {
        let ok = match self.at(self.at) {
            b':' | b'?' if !in_flow => !self.is_blank_at(self.at + 1),
            // As in go-yaml: a lone `-` between brackets is a value too, as in `[kubectl, apply, -f, -]`.
            b'-' => !self.is_blank_at(self.at + 1),
            b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"'
            | b'%' | b'@' | b'`' | 0 => false,
            // A byte order mark, which is text for some and white space for others.
            0xef => !self.bytes[self.at..].starts_with(b"\xef\xbb\xbf"),
            _ => true,
        };
        if ok { Ok(()) } else { Err(Declined) }
    }

    /// Scans one line of a plain scalar of block context. Its end, without white space behind it; `at` is where it stopped.
    #[inline]
    pub(super) fn plain(&mut self, start: usize) -> (usize, Stop) {
        let mut at = start;
        let stop = loop {
            at = self.find(at, PLAIN);
            match self.at(at) {
                b':' if self.is_blank_at(at + 1) => break Stop::Colon,
                b'#' if at > start && matches!(self.bytes[at - 1], b' ' | b'\t') => break Stop::Comment,
                b':' | b'#' => at += 1,
                _ => break Stop::Line,
            }
        };
        self.at = at;
        (self.trim_end(start, at), stop)
    }

    /// Scans a plain scalar of flow context, as [`Parser::plain`].
    pub(super) fn flow_plain(&mut self, start: usize) -> Result<(usize, Stop)> {
        let mut at = start;
        let stop = loop {
            at = self.find(at, FLOW);
            match self.at(at) {
                b':' if self.is_blank_at(at + 1) => break Stop::Colon,
                // As in go-yaml, a `:` without a space behind it belongs to the text, also in `[a:, b]`.
                b'?' | b'[' | b'{' => return Err(Declined),
                b'#' if at > start && matches!(self.bytes[at - 1], b' ' | b'\t') => break Stop::Comment,
                b',' | b']' | b'}' => break Stop::Flow,
                b':' | b'#' => at += 1,
                _ => break Stop::Line,
            }
        };
        self.at = at;
        Ok((self.trim_end(start, at), stop))
    }

    #[inline]
    fn trim_end(&self, start: usize, mut end: usize) -> usize {
        while end > start && matches!(self.bytes[end - 1], b' ' | b'\t') {
            end -= 1;
        }
        end
    }

    /// Moves over a quoted scalar. Continued lines must be indented more than the parent.
    pub(super) fn quoted(&mut self, quote: u8) -> Result<(Style, u16)> {
        let (style, class) = if quote == b'"' { (Style::DoubleQuoted, DOUBLE) } else { (Style::SingleQuoted, SINGLE) };
        let mut flags = 0;
        let mut at = self.at + 1;
        loop {
            at = self.find(at, class);
            match self.at(at) {
                b'\'' if self.at(at + 1) == b'\'' => {
                    flags = RawNode::ENCODED;
                    at += 2;
                }
                b'"' | b'\'' => {
                    self.at = at + 1;
                    return Ok((style, flags));
                }
                b'\\' => {
                    flags = RawNode::ENCODED;
                    at = self.escape(at + 1)?;
                }
                b'\n' | b'\r' => {
                    flags = RawNode::ENCODED;
                    at = self.continued_line(at)?;
                }
                _ => return Err(Declined),
            }
        }
    }

    /// Checks the escape whose letter is at `at`; the offset behind it.
    fn escape(&self, at: usize) -> Result<usize> {
        let digits = match self.at(at) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            b'\n' | b'\r' => return Ok(at),
            c if decode::simple_escape(c as char).is_some() => return Ok(at + 1),
            _ => return Err(Declined),
        };
        let hex = self.text.get(at + 1..at + 1 + digits).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        if code.and_then(char::from_u32).is_some() { Ok(at + 1 + digits) } else { Err(Declined) }
    }

    /// Moves over line breaks and blank lines inside of a quoted scalar, to the text of its next line. As in go-yaml, that
    /// line may have any indentation.
    fn continued_line(&mut self, mut at: usize) -> Result<usize> {
        loop {
            at += if self.at(at) == b'\r' { 2 } else { 1 };
            self.line = at;
            while matches!(self.at(at), b' ' | b'\t') {
                at += 1;
            }
            match self.at(at) {
                b'\n' | b'\r' => {}
                b'.' if at == self.line => return Err(Declined),
                0 => return Err(Declined),
                _ => return Ok(at),
            }
        }
    }

    /// Reads the alias that stands here.
    pub(super) fn alias(&mut self, in_flow: bool) -> Result {
        let start = self.at;
        let name = self.name(start + 1, in_flow)?;
        let Some(&target) = self.anchors.get(name) else { return Err(Declined) };
        if self.properties.is_some() {
            return Err(Declined);
        }
        self.at = start + 1 + name.len();
        let id = self.push(RawKind::Alias, Style::Plain, start, self.at, 0);
        self.tree.aliases.insert(id, target);
        self.aliased = true;
        Ok(())
    }

    /// Reads anchor and tag, and the white space behind them.
    pub(super) fn read_properties(&mut self) -> Result {
        if self.properties.is_some() {
            return Err(Declined);
        }
        let mut properties = Properties { line: self.line, ..Properties::default() };
        loop {
            let start = self.at;
            match self.at(start) {
                b'&' if properties.anchor.is_none() => {
                    let name = self.name(start + 1, false)?;
                    properties.anchor = Some(name);
                    self.at += 1 + name.len();
                }
                b'!' if properties.tag.is_none() => {
                    let core = self.at(start + 1) == b'!';
                    let name = self.name(start + 1 + usize::from(core), false)?;
                    if core && name == "merge" {
                        return Err(Declined);
                    }
                    let prefix = if core { "tag:yaml.org,2002:" } else { "!" };
                    properties.tag = Some(format!("{prefix}{name}").into());
                    self.at += 1 + usize::from(core) + name.len();
                }
                b'&' | b'!' | b'*' => return Err(Declined),
                b'-' if self.is_blank_at(start + 1) => return Err(Declined),
                _ => break,
            }
            self.next = Next::Node(self.at as u32);
            self.skip_spaces()?;
        }
        self.properties = Some(Box::new(properties));
        Ok(())
    }

    /// The name at `at`: letters, digits, `-` and `_`, and then white space.
    fn name(&self, at: usize, in_flow: bool) -> Result<&'a str> {
        let rest = &self.bytes[at.min(self.bytes.len())..];
        let len = rest.iter().position(|b| CLASS[*b as usize] & NAME == 0).unwrap_or(rest.len());
        let ends = self.is_blank_at(at + len) || (in_flow && matches!(self.at(at + len), b',' | b']' | b'}'));
        if len == 0 || !ends {
            return Err(Declined);
        }
        self.text.get(at..at + len).ok_or(Declined)
    }
}
