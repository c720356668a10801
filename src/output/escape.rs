//! Making text from the input safe to print.

use std::borrow::Cow;

/// What stands for a character that a terminal acts on instead of showing it: the control characters (line feed and tab
/// excepted), and those that reorder or break the line. `None` if the character is harmless.
pub(super) fn stand_in(c: char) -> Option<char> {
    match c {
        '\n' | '\t' => None,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + c as u32),
        '\u{7f}' => Some('\u{2421}'),
        _ if is_invisible_control(c) => Some('\u{fffd}'),
        _ => None,
    }
}

/// C1 controls, line and paragraph separators, and the characters that change the direction of text.
pub(super) fn is_invisible_control(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with every acting character replaced and tabs made spaces; line breaks stay. `\r\n` counts as a line break.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c == '\t' || stand_in(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace('\t', " ");
    Cow::Owned(text.chars().map(|c| stand_in(c).unwrap_or(c)).collect())
}

/// The text on one line: line breaks, with the white space around them, become one space.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    let text = visible(text);
    if !text.contains('\n') {
        return text;
    }
    Cow::Owned(text.split('\n').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
}

/// The first `max` characters, with `…` if something was cut.
pub(super) fn clip(text: &str, max: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.chars().take(max.saturating_sub(1)).chain(['…']).collect()),
    }
}

/// A path as a relative URI reference (RFC 3986 §4.2): each byte that may not stand in a path segment is percent-encoded.
/// `:` always is, so that no first segment is taken for a scheme.
pub(super) fn uri_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for &byte in path.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=@/".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Text for XML character data and quoted attribute values. What XML 1.0 cannot hold at all is replaced.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(stand_in(c).unwrap_or(c)),
        }
    }
    out
}

/// Text for one table cell of GitHub-flavoured Markdown. Pairs of backticks become code; nothing else is read as markup,
/// neither Markdown nor HTML, and nothing as a mention, a reference or a link.
pub(super) fn markdown(text: &str) -> String {
    let text = visible(text);
    let parts: Vec<&str> = text.trim().split('`').collect();
    let mut out = String::with_capacity(text.len() + 16);
    let last = parts.len() - 1;
    for (i, part) in parts.iter().enumerate() {
        let code = i % 2 == 1 && i < last;
        if code {
            out.push_str("<code>");
        } else if i % 2 == 1 {
            out.push_str("&#96;");
        }
        markdown_text(part, code, &mut out);
        if code {
            out.push_str("</code>");
        }
    }
    out
}

/// Text for the inside of a `<code>` element in a cell; backticks are no markup there.
pub(super) fn markdown_code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    markdown_text(&one_line(text), true, &mut out);
    out
}

fn markdown_text(text: &str, code: bool, out: &mut String) {
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => out.push_str("<br>"),
            '\t' => out.push(' '),
            '&' | '<' | '>' | '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' | '$' | '"' => {
                out.push_str(&format!("&#{};", c as u32));
            }
            ':' if chars.peek() == Some(&'/') => out.push_str("&#58;"),
            '.' if before == 'w' || before == 'W' => out.push_str("&#46;"),
            // The empty comment keeps the forge from making a mention or a reference of the rendered text.
            '@' | '#' if !code && !before.is_alphanumeric() => {
                out.push(c);
                out.push_str("<!-- -->");
            }
            _ => out.push(c),
        }
        before = c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts_on_a_terminal() {
        assert_eq!(visible("a\u{1b}[31mred\u{9b}m\r\n\u{202e}b\u{7f}"), "a␛[31mred\u{fffd}m\n\u{fffd}b␡");
        assert_eq!(visible("plain ä 😀"), "plain ä 😀");
        assert_eq!(one_line("a\r\n  b\tc\n\n"), "a b c");
        assert_eq!(clip("äöüß", 3), "äö…");
        assert_eq!(clip("äöü", 3), "äöü");
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri_path("a b/ä#?%.yaml"), "a%20b/%C3%A4%23%3F%25.yaml");
        assert_eq!(uri_path("c:d"), "c%3Ad");
    }

    #[test]
    fn xml_holds_anything() {
        assert_eq!(xml("<a b=\"c\">'&\u{0}\u{1b}\n"), "&lt;a b=&quot;c&quot;&gt;&apos;&amp;␀␛&#10;");
    }

    #[test]
    fn markdown_is_inert_but_for_code() {
        assert_eq!(markdown("run `a|b` as *root*\nnow"), "run <code>a&#124;b</code> as &#42;root&#42;<br>now");
        assert_eq!(markdown("a ` b"), "a &#96; b");
        assert_eq!(markdown("<img src=x> @me #1 http://x"), "&#60;img src=x&#62; @<!-- -->me #<!-- -->1 http&#58;//x");
        assert_eq!(markdown("`</code><b>`"), "<code>&#60;/code&#62;&#60;b&#62;</code>");
    }
}
