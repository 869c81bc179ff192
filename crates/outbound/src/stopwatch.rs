//! Durations of I/O and deadlines. Durations are evidence, not decisions, so they are measured here and not by the
//! injected clock; nothing else in this room reads a clock.

use std::time::Duration;

use tokio::time::Instant;

/// Measures the phases of one exchange, one after the other.
#[derive(Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(now())
    }

    /// Milliseconds since the start or the last lap.
    pub(crate) fn lap_ms(&mut self) -> u32 {
        let previous = std::mem::replace(&mut self.0, now());
        u32::try_from((self.0 - previous).as_millis()).unwrap_or(u32::MAX)
    }
}

pub(crate) fn now() -> Instant {
    Instant::now()
}

pub(crate) fn after_ms(ms: u64) -> Instant {
    now() + Duration::from_millis(ms)
}
