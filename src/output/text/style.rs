//! Colours and terminal links.

use annotate_snippets::renderer::{DEFAULT_ERROR_STYLE, DEFAULT_NOTE_STYLE, DEFAULT_WARNING_STYLE, Effects, Style};

use crate::finding::Severity;

/// The colour of a severity; no style without colours.
pub(in crate::output) fn severity(severity: Severity, color: bool) -> Style {
    let style = match severity {
        Severity::Error => DEFAULT_ERROR_STYLE,
        Severity::Warning => DEFAULT_WARNING_STYLE,
        Severity::Note => DEFAULT_NOTE_STYLE,
    };
    if color { style } else { Style::new() }
}

/// The colour of a failure.
pub(in crate::output) fn failure(color: bool) -> Style {
    severity(Severity::Error, color)
}

/// Bold, if there are colours at all.
pub(in crate::output) fn bold(color: bool) -> Style {
    if color { Style::new().effects(Effects::BOLD) } else { Style::new() }
}

/// Text that links to a target in terminals that know OSC 8; the text alone without a target.
pub(in crate::output) fn link(text: &str, uri: Option<&str>) -> String {
    match uri {
        Some(uri) => format!("\u{1b}]8;;{}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\", link_target(uri)),
        None => text.to_string(),
    }
}

/// A link's target with all but printable ASCII percent-encoded, as OSC 8 wants it.
pub(super) fn link_target(uri: &str) -> String {
    uri.bytes().map(|b| if b.is_ascii_graphic() { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}
