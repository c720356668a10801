//! Lines of configuration files in ConfigMaps: `KEY=VALUE`, `key: value`, `"key": "value",`.

use std::ops::Range;

use crate::source::Span;
use crate::yaml::{Node, Style};

/// A setting in a file.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::rules) struct Setting<'t> {
    /// Its name.
    pub(in crate::rules) name: &'t str,
    /// Its value, without quotes.
    pub(in crate::rules) value: &'t str,
    /// The line that it is on.
    pub(in crate::rules) line: &'t str,
}

/// True if a key of a ConfigMap names a file of settings.
pub(in crate::rules) fn is_settings_file(key: &str) -> bool {
    const ENDS: [&str; 9] = ["env", "properties", "ini", "conf", "cfg", "toml", "yaml", "yml", "json"];
    let end = key.rsplit(['.', '_', '-']).next().unwrap_or_default();
    ENDS.iter().any(|known| known.eq_ignore_ascii_case(end))
}

/// The text of a block (`|`) of several lines as its file has it, seen without decoding it: the lines of its value, indented. None for
/// any other scalar.
pub(in crate::rules) fn block<'s>(node: &Node<'s>) -> Option<&'s str> {
    let Node::Source(source, _) = node else { return None };
    if source.raw().style != Style::Literal {
        return None;
    }
    let text = source.span().text();
    let mut lines = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    lines.nth(1).map(|_| text)
}

/// The settings in a file's text, comments left out.
pub(in crate::rules) fn settings(text: &str) -> impl Iterator<Item = Setting<'_>> {
    text.lines().filter_map(setting)
}

fn setting(line: &str) -> Option<Setting<'_>> {
    let text = line.trim();
    let text = text.strip_prefix("export ").or_else(|| text.strip_prefix("- ")).unwrap_or(text).trim_start();
    // An argument in a command that a text shows is no setting of the file.
    let shown = text.starts_with("--") || text.ends_with('\\');
    if shown || text.starts_with(['#', ';', '!']) || text.starts_with("//") {
        return None;
    }
    let at = text.find(['=', ':'])?;
    let name = text[..at].trim().trim_matches(['"', '\'']);
    let named = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    if name.is_empty() || !named {
        return None;
    }
    let mut value = text[at + 1..].trim();
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let inner = &value[1..];
        value = inner.find(quote).map_or(inner, |end| &inner[..end]);
    } else {
        value = value.split(" #").next().unwrap_or_default().trim_end().trim_end_matches(',');
    }
    let nested = matches!(value, "" | "|" | ">" | "|-" | ">-") || value.starts_with(['{', '[', '&', '*', '!']);
    (!nested).then_some(Setting { name, value, line })
}

/// Where a part of a scalar's line stands in the file that wrote it. `cursor` is where the last one was found; calls go down the
/// scalar's lines. None if the text is not written as it reads.
pub(in crate::rules) fn place<'s>(
    node: &Node<'s>,
    line: &str,
    part: Range<usize>,
    cursor: &mut usize,
) -> Option<Span<'s>> {
    let span = node.span()?;
    let written = span.text();
    let at = written.get(*cursor..)?.find(line.trim())? + *cursor;
    *cursor = at;
    let indent = line.len() - line.trim_start().len();
    let start = span.start + (at + part.start.checked_sub(indent)?) as u32;
    Some(Span { start, end: start + part.len() as u32, ..span })
}

/// The range of a part within the text that it is a slice of.
pub(in crate::rules) fn range_in(part: &str, whole: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
    start..start + part.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_several_formats() {
        let read = |line| setting(line).map(|s| (s.name, s.value));
        assert_eq!(read("db.password=hunter2"), Some(("db.password", "hunter2")));
        assert_eq!(read("  password: \"hunter2\" # old"), Some(("password", "hunter2")));
        assert_eq!(read("  \"apiKey\": \"hunter2\","), Some(("apiKey", "hunter2")));
        assert_eq!(read("export TOKEN='hunter2'"), Some(("TOKEN", "hunter2")));
        assert_eq!(read("# password=hunter2"), None);
        assert_eq!(read("password:"), None);
        assert_eq!(read("if [ $password = x ]; then"), None);
        assert_eq!(read("["), None);
        assert_eq!(read("--from-literal=url=https://shop.example.com \\"), None);
    }

    #[test]
    fn names_of_files() {
        assert!(is_settings_file("application.properties"));
        assert!(is_settings_file(".env"));
        assert!(!is_settings_file("entrypoint.sh"));
    }
}
