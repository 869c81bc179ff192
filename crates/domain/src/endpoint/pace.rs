//! How an endpoint is spoken to: how often it is tried, how long each try takes, how many at once, how many a second.

use crate::{limits, retry::RetrySchedule, time::Timestamp};

/// The pace of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    pub schedule: RetrySchedule,
    /// One attempt, from the first look-up to the last byte read.
    pub timeout_ms: u64,
    /// Attempts under way at once.
    pub concurrency: u32,
    /// Attempts a second; `None` = as many as its concurrency allows.
    pub rate_per_s: Option<u32>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            schedule: RetrySchedule::default(),
            timeout_ms: limits::DELIVERY_TIMEOUT_MS,
            concurrency: limits::LANE_CONCURRENCY_DEFAULT,
            rate_per_s: None,
        }
    }
}

const SECOND_US: i64 = 1_000_000;
/// A tenth of a second's attempts may come at once.
const BURST_PART: i64 = 10;

/// A rate limit's memory: the generic cell rate algorithm in microseconds, so that it is one number in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    pub per_s: u32,
    /// When everything taken so far would have been due at an even pace, in microseconds since 1970.
    pub even_until_us: i64,
}

impl RateLimit {
    fn interval_us(self) -> i64 {
        SECOND_US / i64::from(self.per_s.max(1))
    }

    fn burst(self) -> i64 {
        (i64::from(self.per_s) / BURST_PART).max(1)
    }

    /// How many may be taken now.
    pub fn allowance(self, now: Timestamp) -> u32 {
        let ahead_us = self.even_until_us.saturating_sub(now.0.saturating_mul(1_000)).max(0);
        let free = (self.burst() * self.interval_us() - ahead_us) / self.interval_us();
        u32::try_from(free.clamp(0, self.burst())).unwrap_or(0)
    }

    /// When at least one may be taken; not later than `now` if one may be taken already.
    pub fn free_at(self, now: Timestamp) -> Timestamp {
        let free_us = self.even_until_us.saturating_sub((self.burst() - 1) * self.interval_us());
        Timestamp((free_us + 999).div_euclid(1_000)).max(now)
    }

    /// The memory after `count` were taken.
    #[must_use]
    pub fn taken(self, count: u32, now: Timestamp) -> Self {
        let from_us = self.even_until_us.max(now.0.saturating_mul(1_000));
        Self { even_until_us: from_us.saturating_add(i64::from(count) * self.interval_us()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ten_a_second_is_one_each_tenth() {
        let mut limit = RateLimit { per_s: 10, even_until_us: 0 };
        let start = Timestamp(1_000_000);
        let mut sent = 0;
        for ms in 0..1_000 {
            let now = start.plus_ms(ms);
            let count = limit.allowance(now);
            limit = limit.taken(count, now);
            sent += count;
        }
        assert_eq!(sent, 10);
        assert_eq!(limit.free_at(start.plus_ms(999)), start.plus_ms(1_000));
    }

    proptest! {
        #[test]
        fn no_second_sees_more_than_the_rate_and_its_burst(
            per_s in 1_u32..500,
            steps in prop::collection::vec(0_i64..400, 1..200),
        ) {
            let mut limit = RateLimit { per_s, even_until_us: 0 };
            let (mut now, mut taken) = (Timestamp(1_000_000), Vec::new());
            for step in steps {
                now = now.plus_ms(step);
                let count = limit.allowance(now);
                prop_assert_eq!(count > 0, limit.free_at(now) == now);
                limit = limit.taken(count, now);
                taken.push((now, count));
            }
            let most = per_s + (per_s / 10).max(1) + 1;
            for (from, _) in &taken {
                let within = taken.iter().filter(|(at, _)| (0..1_000).contains(&at.since_ms(*from)));
                let sum: u32 = within.map(|(_, count)| count).sum();
                prop_assert!(sum <= most, "{sum} in a second at {per_s}/s");
            }
        }
    }
}
