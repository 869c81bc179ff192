//! How many deliveries of a lane one claim takes for each of its free places.
//!
//! Receivers that answer at once are served in runs, which saves claims. Runs shrink to one when an attempt is slow, and
//! stay there while one hangs, so that nothing waits here behind a receiver that may not come back. (Lanes whose last
//! attempt failed get no runs from the store in any case.)

use std::sync::atomic::{AtomicU32, Ordering};

const RUN_LENGTH_MAX: u32 = 16;
/// From this long on an attempt is slow.
const SLOW_MS: u64 = 50;
/// Quick attempts in a row after which runs double.
const QUICK_ATTEMPTS: u32 = 16;

/// Shared by all lanes of this process. Races between attempts only make it a little early or late.
#[derive(Debug)]
pub(crate) struct RunLength {
    now: AtomicU32,
    quick: AtomicU32,
    hanging: AtomicU32,
}

/// An attempt that hangs; dropped when it ends.
#[derive(Debug)]
pub(crate) struct Hanging<'a>(&'a RunLength);

impl Default for RunLength {
    fn default() -> Self {
        Self { now: AtomicU32::new(1), quick: AtomicU32::new(0), hanging: AtomicU32::new(0) }
    }
}

impl RunLength {
    pub(crate) fn get(&self) -> u32 {
        if self.hanging.load(Ordering::Relaxed) > 0 { 1 } else { self.now.load(Ordering::Relaxed) }
    }

    /// Learns from an attempt that has ended.
    pub(crate) fn observe(&self, duration_ms: u64) {
        if duration_ms >= SLOW_MS {
            self.quick.store(0, Ordering::Relaxed);
            self.now.store(1, Ordering::Relaxed);
        } else if self.quick.fetch_add(1, Ordering::Relaxed) + 1 >= QUICK_ATTEMPTS {
            self.quick.store(0, Ordering::Relaxed);
            let doubled = self.now.load(Ordering::Relaxed) * 2;
            self.now.store(doubled.min(RUN_LENGTH_MAX), Ordering::Relaxed);
        }
    }

    /// Keeps runs at one until the answer is dropped.
    pub(crate) fn hang(&self) -> Hanging<'_> {
        self.hanging.fetch_add(1, Ordering::Relaxed);
        Hanging(self)
    }
}

impl Drop for Hanging<'_> {
    fn drop(&mut self) {
        self.0.hanging.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observe(run_length: &RunLength, attempts: u32, duration_ms: u64) {
        for _ in 0..attempts {
            run_length.observe(duration_ms);
        }
    }

    #[test]
    fn grows_while_quick_and_starts_again_when_slow() {
        let run_length = RunLength::default();
        assert_eq!(run_length.get(), 1);
        observe(&run_length, QUICK_ATTEMPTS - 1, 1);
        assert_eq!(run_length.get(), 1);
        observe(&run_length, 1, 49);
        assert_eq!(run_length.get(), 2);
        observe(&run_length, QUICK_ATTEMPTS * 10, 1);
        assert_eq!(run_length.get(), RUN_LENGTH_MAX);
        observe(&run_length, 1, 50);
        assert_eq!(run_length.get(), 1);
    }

    #[test]
    fn stays_at_one_while_an_attempt_hangs() {
        let run_length = RunLength::default();
        observe(&run_length, QUICK_ATTEMPTS, 1);
        let (one, other) = (run_length.hang(), run_length.hang());
        drop(one);
        assert_eq!(run_length.get(), 1);
        drop(other);
        assert_eq!(run_length.get(), 2);
    }
}
