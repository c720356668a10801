//! How far a run has come, for whoever shows it.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed};

/// What a run is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading files; their number shows only at the end.
    Read,
    /// Rendering roots.
    Render,
    /// Judging objects.
    Judge,
}

/// Counts that the run raises and that another thread may watch. The run reads nothing back.
#[derive(Debug, Default)]
pub struct Progress {
    phase: AtomicU8,
    done: AtomicUsize,
    total: AtomicUsize,
}

impl Progress {
    /// A new phase with so many steps begins.
    pub(crate) fn enter(&self, phase: Phase, total: usize) {
        self.done.store(0, Relaxed);
        self.total.store(total, Relaxed);
        self.phase.store(phase as u8, Relaxed);
    }

    /// A step of the phase is done.
    pub(crate) fn step(&self) {
        self.done.fetch_add(1, Relaxed);
    }

    /// The phase, and how many of its steps are done. Taken while the run goes on, so the three may be a moment apart.
    pub fn now(&self) -> (Phase, usize, usize) {
        let phase = match self.phase.load(Relaxed) {
            0 => Phase::Read,
            1 => Phase::Render,
            _ => Phase::Judge,
        };
        let total = self.total.load(Relaxed);
        (phase, self.done.load(Relaxed).min(total), total)
    }
}
