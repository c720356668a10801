//! Breaking lines between words, so that a terminal does not break them within.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

/// Narrower columns are not worth it.
const LEAST: usize = 20;

/// The text in lines of at most so many columns; a word that is longer has a line of its own. Its own line breaks stay.
pub(super) fn wrap(text: Cow<'_, str>, columns: usize) -> Cow<'_, str> {
    let columns = columns.max(LEAST);
    if text.lines().all(|line| line.width() <= columns) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    for (i, line) in text.lines().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        let mut at = 0;
        for (j, word) in line.split(' ').enumerate() {
            let width = word.width();
            if j > 0 && at + 1 + width > columns {
                out.push('\n');
                at = 0;
            } else if j > 0 {
                out.push(' ');
                at += 1;
            }
            out.push_str(word);
            at += width;
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        let wrapped = |text| wrap(Cow::Borrowed(text), 20);
        assert_eq!(wrapped("it fits into one"), "it fits into one");
        assert_eq!(wrapped("a sentence that is longer\nthan it"), "a sentence that is\nlonger\nthan it");
        assert_eq!(
            wrapped("see `nginx.ingress.kubernetes.io/limit-rps` there"),
            "see\n`nginx.ingress.kubernetes.io/limit-rps`\nthere"
        );
        assert_eq!(wrapped("十十十十十 十十十十十"), "十十十十十\n十十十十十");
    }
}
