//! A line on standard error that shows a person at a terminal how far a long run is.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::progress::{Phase, Progress};
use crate::source::Sources;

/// A run that takes less shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// Whether somebody is there to watch: a terminal that can rewrite a line, outside of CI.
pub(super) fn wanted(quiet: bool) -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let dumb = set("TERM").is_some_and(|term| term == "dumb");
    !quiet && !dumb && set("CI").is_none_or(|ci| ci == "false") && std::io::stderr().is_terminal()
}

/// Does the work, and shows its progress if it takes long. The line is gone when this returns.
pub(super) fn watched<T>(shown: bool, progress: &Progress, sources: &Sources, work: impl FnOnce() -> T) -> T {
    if !shown {
        return work();
    }
    std::thread::scope(|scope| {
        let (working, ended) = channel();
        scope.spawn(move || draw(&ended, PATIENCE, || line(progress.now(), sources.len()), &mut std::io::stderr()));
        let result = work();
        drop(working);
        result
    })
}

/// Draws until the work has ended. Spaces take the line away again, so this needs no control sequences. A terminal that
/// cannot be written to is left alone.
fn draw(ended: &Receiver<()>, patience: Duration, line: impl Fn() -> String, out: &mut dyn Write) {
    let mut wait = patience;
    let mut drawn = 0;
    while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        let text = line();
        _ = write!(out, "\r{text:drawn$}").and_then(|()| out.flush());
        // What was longer before is blanked now.
        drawn = text.len();
        wait = TICK;
    }
    if wait == TICK {
        _ = write!(out, "\r{:drawn$}\r", "").and_then(|()| out.flush());
    }
}

/// Short enough for the narrowest terminal, and ASCII, so that a byte is a column.
fn line((phase, done, total): (Phase, usize, usize), files: usize) -> String {
    match phase {
        Phase::Read => format!("reading: {files} files"),
        Phase::Render => format!("rendering: {done} of {total} roots"),
        Phase::Judge => format!("judging: {done} of {total} objects"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_rewritten_and_taken_away() {
        let (working, ended) = channel();
        let working = std::cell::RefCell::new(Some(working));
        let calls = std::cell::Cell::new(0);
        let next = || {
            calls.set(calls.get() + 1);
            if calls.get() == 2 {
                working.take();
            }
            ["", "rendering: 9 of 12 roots", "judging"][calls.get()].to_string()
        };
        let mut out = Vec::new();
        draw(&ended, Duration::ZERO, next, &mut out);
        let shown = String::from_utf8(out).unwrap();
        let blank = " ".repeat("judging".len());
        assert_eq!(shown, format!("\rrendering: 9 of 12 roots\rjudging{}\r{blank}\r", " ".repeat(17)));
    }

    #[test]
    fn a_short_run_shows_nothing() {
        let (working, ended) = channel();
        drop(working);
        let mut out = Vec::new();
        draw(&ended, Duration::from_secs(60), || "never".into(), &mut out);
        assert!(out.is_empty());
    }

    #[test]
    fn each_phase_has_its_words() {
        assert_eq!(line((Phase::Read, 0, 0), 7), "reading: 7 files");
        assert_eq!(line((Phase::Render, 3, 40), 7), "rendering: 3 of 40 roots");
        assert_eq!(line((Phase::Judge, 3, 40), 7), "judging: 3 of 40 objects");
    }
}
