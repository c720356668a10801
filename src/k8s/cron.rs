//! Schedules of CronJobs: standard five-field cron expressions and descriptors, as the controller reads them.

/// Why a schedule does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The API server rejects it; the reason.
    Rejected(String),
    /// It is accepted and no date fits; the reason.
    NeverFires(String),
}

struct Field {
    name: &'static str,
    min: u32,
    max: u32,
    words: &'static [&'static str],
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: [Field; 5] = [
    Field { name: "minute", min: 0, max: 59, words: &[] },
    Field { name: "hour", min: 0, max: 23, words: &[] },
    Field { name: "day of month", min: 1, max: 31, words: &[] },
    Field { name: "month", min: 1, max: 12, words: &MONTHS },
    Field { name: "day of week", min: 0, max: 6, words: &DAYS },
];

/// Longest length of each month.
const LENGTHS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Checks a schedule, without a time zone in front.
///
/// # Errors
/// What is wrong with it.
pub fn check(schedule: &str) -> Result<(), Problem> {
    let rejected = |why: String| Err(Problem::Rejected(why));
    let schedule = schedule.trim();
    if schedule.is_empty() {
        return rejected("it is empty".into());
    }
    if schedule.starts_with('@') {
        return descriptor(schedule).map_err(Problem::Rejected);
    }
    let parts: Vec<&str> = schedule.split_whitespace().collect();
    if parts.len() != FIELDS.len() {
        let hint = if parts.len() == 6 { "; seconds have no field" } else { "" };
        return rejected(format!("it has {} fields instead of 5{hint}", parts.len()));
    }
    let mut sets = [0u64; 5];
    for ((set, part), field) in sets.iter_mut().zip(&parts).zip(&FIELDS) {
        *set = list(part, field).map_err(Problem::Rejected)?;
    }
    let [_, _, days, months, _] = sets;
    // Where both days are restricted, either is enough.
    let any_weekday = parts[4].starts_with(['*', '?']);
    let fits = |month: usize, length: u32| months & (1 << (month + 1)) != 0 && days & ((2u64 << length) - 1) != 0;
    if any_weekday && !LENGTHS.iter().enumerate().any(|(month, length)| fits(month, *length)) {
        return Err(Problem::NeverFires("no month that it names has such a day".into()));
    }
    Ok(())
}

fn descriptor(schedule: &str) -> Result<(), String> {
    match schedule {
        "@yearly" | "@annually" | "@monthly" | "@weekly" | "@daily" | "@midnight" | "@hourly" => Ok(()),
        _ => match schedule.strip_prefix("@every ") {
            Some(duration) if is_duration(duration) => Ok(()),
            Some(duration) => Err(format!("`{duration}` is no duration like `1h30m`")),
            None => Err(format!("there is no descriptor `{schedule}`")),
        },
    }
}

/// A duration as Go reads it: numbers with units.
fn is_duration(text: &str) -> bool {
    let mut rest = text.trim_start_matches(['+', '-']);
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let number = &rest[..digits];
        if !number.bytes().any(|b| b.is_ascii_digit()) || number.matches('.').count() > 1 {
            return false;
        }
        rest = &rest[digits..];
        let units = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"];
        match units.iter().find_map(|unit| rest.strip_prefix(unit)) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    true
}

/// The values of a field, as bits.
fn list(text: &str, field: &Field) -> Result<u64, String> {
    let mut set = 0;
    for part in text.split(',').filter(|p| !p.is_empty()) {
        set |= range(part, field)?;
    }
    if set == 0 { Err(format!("the {} is empty", field.name)) } else { Ok(set) }
}

fn range(text: &str, field: &Field) -> Result<u64, String> {
    let name = field.name;
    let mut parts = text.split('/');
    let (span, step) = (parts.next().unwrap_or_default(), parts.next());
    if parts.next().is_some() {
        return Err(format!("`{text}` has two steps"));
    }
    let mut ends = span.split('-');
    let (first, last) = (ends.next().unwrap_or_default(), ends.next());
    if ends.next().is_some() {
        return Err(format!("`{text}` has too many `-`"));
    }
    let (from, mut to) = match (first, last) {
        ("*" | "?", None) => (field.min, field.max),
        ("*" | "?", Some(_)) => return Err(format!("`{text}` is no range")),
        (first, None) => {
            let value = value(first, field)?;
            (value, value)
        }
        (first, Some(last)) => (value(first, field)?, value(last, field)?),
    };
    let step = match step {
        None => 1,
        Some(step) => {
            if last.is_none() {
                to = field.max;
            }
            step.parse::<u32>().map_err(|_| format!("step `{step}` of the {name} is no number"))?
        }
    };
    for bound in [from, to] {
        if !(field.min..=field.max).contains(&bound) {
            let sunday = if field.max == 6 && bound == 7 { "; Sunday is 0" } else { "" };
            return Err(format!("{name} {bound} is not between {} and {}{sunday}", field.min, field.max));
        }
    }
    if from > to {
        return Err(format!("range `{span}` of the {name} runs backwards"));
    }
    if step == 0 {
        return Err(format!("the step of the {name} is 0"));
    }
    Ok((from..=to).step_by(step as usize).fold(0, |set, value| set | (1 << value)))
}

fn value(text: &str, field: &Field) -> Result<u32, String> {
    if let Some(at) = field.words.iter().position(|w| text.eq_ignore_ascii_case(w)) {
        return Ok(at as u32 + field.min);
    }
    if text.contains(['L', 'W', '#']) {
        return Err(format!("`{text}` for the {} is not supported by Kubernetes", field.name));
    }
    text.parse().map_err(|_| format!("`{text}` is no {}", field.name))
}

/// True for what may be a name of the time zone database: a zone without an area, or one in an area that exists. The names of
/// places are not checked.
pub fn may_be_zone(name: &str) -> bool {
    const ALONE: [&str; 46] = [
        "UTC",
        "GMT",
        "UCT",
        "Zulu",
        "Universal",
        "Greenwich",
        "CET",
        "CST6CDT",
        "EET",
        "EST",
        "EST5EDT",
        "HST",
        "MET",
        "MST",
        "MST7MDT",
        "PST8PDT",
        "PRC",
        "ROC",
        "ROK",
        "WET",
        "Cuba",
        "Egypt",
        "Eire",
        "GB",
        "GB-Eire",
        "GMT+0",
        "GMT-0",
        "GMT0",
        "Hongkong",
        "Iceland",
        "Iran",
        "Israel",
        "Jamaica",
        "Japan",
        "Kwajalein",
        "Libya",
        "NZ",
        "NZ-CHAT",
        "Navajo",
        "Poland",
        "Portugal",
        "Singapore",
        "Turkey",
        "W-SU",
        "Factory",
        "posixrules",
    ];
    const AREAS: [&str; 16] = [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
        "Etc",
        "US",
        "Canada",
        "Brazil",
        "Chile",
        "Mexico",
    ];
    match name.split_once('/') {
        Some((area, place)) => {
            let mut bytes = place.bytes();
            AREAS.contains(&area)
                && place.starts_with(|c: char| c.is_ascii_uppercase())
                && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'/'))
        }
        None => ALONE.contains(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_that_work() {
        for schedule in [
            "0 3 * * *",
            "*/5 0-6,22-23 1,15 jan-jun MON-FRI",
            "0 0 ? * 0",
            "5/15 * * * *",
            "0 0 29 2 *",
            "0 0 31 2 1",
            "@hourly",
            "@every 1h30m",
            "@every 1.5s",
        ] {
            assert_eq!(check(schedule), Ok(()), "{schedule}");
        }
    }

    #[test]
    fn schedules_that_do_not() {
        for (schedule, why) in [
            ("", "it is empty"),
            ("* * * *", "it has 4 fields instead of 5"),
            ("0 0 3 * * *", "it has 6 fields instead of 5; seconds have no field"),
            ("60 * * * *", "minute 60 is not between 0 and 59"),
            ("0 0 * * 7", "day of week 7 is not between 0 and 6; Sunday is 0"),
            ("0 0 L * *", "`L` for the day of month is not supported by Kubernetes"),
            ("0 0 * * 1#2", "`1#2` for the day of week is not supported by Kubernetes"),
            ("*/0 * * * *", "the step of the minute is 0"),
            ("0 6-2 * * *", "range `6-2` of the hour runs backwards"),
            ("@reboot", "there is no descriptor `@reboot`"),
            ("@every day", "`day` is no duration like `1h30m`"),
            ("0 three * * *", "`three` is no hour"),
        ] {
            assert_eq!(check(schedule), Err(Problem::Rejected(why.into())), "{schedule}");
        }
        for schedule in ["0 0 30 2 *", "0 0 31 4,6,9,11 *"] {
            assert!(matches!(check(schedule), Err(Problem::NeverFires(_))), "{schedule}");
        }
    }

    #[test]
    fn zones() {
        assert!(["UTC", "Europe/Berlin", "America/Argentina/Salta", "Etc/GMT+5"].iter().all(|z| may_be_zone(z)));
        assert!(!["Local", "", "Berlin", "Europa/Berlin", "CEST", "europe/berlin"].iter().any(|z| may_be_zone(z)));
    }
}
