//! Timestamps, as go-yaml and Go's `time` package read and write them.

/// A point in time with its offset from UTC, as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Time {
    date: (u32, u32, u32),
    clock: (u32, u32, u32),
    nanos: u32,
    /// Minutes east of UTC.
    offset: i32,
}

/// The timestamp in full (RFC 3339, fraction without trailing zeros): `2001-1-2` is `2001-01-02T00:00:00Z`. None for what is
/// no timestamp, and for one with an offset of a day, which Go's JSON refuses to write.
pub fn canonical_time(text: &str) -> Option<String> {
    let Time { date: (year, month, day), clock: (hour, minute, second), nanos, offset } = parse(text)?;
    let mut out = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if nanos != 0 {
        out.push_str(format!(".{nanos:09}").trim_end_matches('0'));
    }
    let (sign, ahead) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
    match ahead {
        0 => out.push('Z'),
        1440.. => return None,
        _ => out.push_str(&format!("{sign}{:02}:{:02}", ahead / 60, ahead % 60)),
    }
    Some(out)
}

/// Reads the four formats: a date; date and time apart by blanks, without zone; date and time apart by `T` or `t`, with zone.
pub(super) fn parse(text: &str) -> Option<Time> {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return None;
    }
    let mut at = Reader { rest: &bytes[5..] };
    let year = text[..4].parse().ok()?;
    let month = at.one_or_two_digits()?;
    at.byte(b'-')?;
    let day = at.one_or_two_digits()?;
    if !(1..=12).contains(&month) || day < 1 || day > days_in(month, year) {
        return None;
    }
    let mut time = Time { date: (year, month, day), ..Time::default() };
    let zoned = match at.rest.first() {
        None => return Some(time),
        Some(b' ') => false,
        Some(b'T' | b't') => true,
        Some(_) => return None,
    };
    at.rest = if zoned { &at.rest[1..] } else { at.rest.trim_ascii_start() };
    time.clock.0 = at.one_or_two_digits().filter(|h| *h < 24)?;
    at.byte(b':')?;
    time.clock.1 = at.one_or_two_digits().filter(|m| *m < 60)?;
    at.byte(b':')?;
    time.clock.2 = at.one_or_two_digits().filter(|s| *s < 60)?;
    time.nanos = at.fraction();
    if zoned {
        time.offset = at.zone()?;
    }
    at.rest.is_empty().then_some(time)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    fn digit(&mut self) -> Option<u32> {
        let digit = *self.rest.first().filter(|b| b.is_ascii_digit())?;
        self.rest = &self.rest[1..];
        Some(u32::from(digit - b'0'))
    }

    fn one_or_two_digits(&mut self) -> Option<u32> {
        let first = self.digit()?;
        Some(self.digit().map_or(first, |second| first * 10 + second))
    }

    fn two_digits(&mut self) -> Option<u32> {
        Some(self.digit()? * 10 + self.digit()?)
    }

    /// Nanoseconds behind a dot or comma; digits behind the ninth are dropped. Nothing is read if no digit follows.
    fn fraction(&mut self) -> u32 {
        let [b'.' | b',', b'0'..=b'9', ..] = self.rest else { return 0 };
        self.rest = &self.rest[1..];
        let (mut nanos, mut unit) = (0, 100_000_000);
        while let Some(digit) = self.digit() {
            nanos += digit * unit;
            unit /= 10;
        }
        nanos
    }

    /// `Z`, or an offset, in minutes. Go takes offsets of up to 24 hours and 60 minutes.
    fn zone(&mut self) -> Option<i32> {
        if self.byte(b'Z').is_some() {
            return Some(0);
        }
        let sign = match self.rest.first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        let hours = self.two_digits().filter(|h| *h <= 24)?;
        self.byte(b':')?;
        let minutes = self.two_digits().filter(|m| *m <= 60)?;
        Some(sign * (hours * 60 + minutes) as i32)
    }
}

fn days_in(month: u32, year: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
