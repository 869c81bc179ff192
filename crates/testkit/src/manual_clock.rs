//! A clock that stands still until a test moves its hands.

use std::sync::atomic::{AtomicI64, Ordering};

use hopline_domain::time::{Clock, Timestamp};

/// Where every manual clock starts: 2026-06-05T12:00:00.000Z.
const START: Timestamp = Timestamp(1_780_660_800_000);

#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Forward or, for tests of jumping clocks, back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::at(START)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_only_when_moved() {
        let clock = ManualClock::default();
        assert_eq!(clock.now().to_string(), "2026-06-05T12:00:00.000Z");
        clock.advance_ms(5_000);
        assert_eq!(clock.now(), START.plus_ms(5_000));
        clock.set(START.minus_ms(1));
        assert_eq!(clock.now(), START.minus_ms(1));
    }
}
