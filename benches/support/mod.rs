//! What the benchmarks that print their own report share.

use std::time::{Duration, Instant};

/// The time of the fastest of these rounds.
pub(crate) fn fastest(rounds: usize, mut work: impl FnMut()) -> Duration {
    let mut time = || {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..rounds).map(|_| time()).min().unwrap_or_default()
}

/// True unless `cargo bench NAME` asks for something else.
pub(crate) fn is_asked(name: &str) -> bool {
    std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).all(|arg| name.contains(&arg))
}
