//! A rate limit per minute as a token bucket, on the injected clock.

use crate::time::{MINUTE_MS, Timestamp};

/// Tokens refill evenly; a full bucket holds one minute's worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    per_minute: u32,
    /// Thousandths of a token, so that refilling needs no floats.
    millitokens: i64,
    at: Timestamp,
}

/// What the bucket says to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateDecision {
    pub allowed: bool,
    pub limit: u32,
    pub remaining: u32,
    /// Seconds until the bucket is full again, rounded up.
    pub reset_s: u32,
    /// Seconds until the next call would be allowed, rounded up; 0 when this one was.
    pub retry_after_s: u32,
}

const TOKEN: i64 = 1_000;

impl Bucket {
    pub fn full(per_minute: u32, now: Timestamp) -> Self {
        Self { per_minute, millitokens: i64::from(per_minute) * TOKEN, at: now }
    }

    /// Takes one token if there is one. A changed limit takes effect at once.
    pub fn take(&mut self, per_minute: u32, now: Timestamp) -> RateDecision {
        self.refill(per_minute, now);
        let allowed = self.millitokens >= TOKEN;
        if allowed {
            self.millitokens -= TOKEN;
        }
        self.decision(allowed)
    }

    fn refill(&mut self, per_minute: u32, now: Timestamp) {
        let full = i64::from(per_minute) * TOKEN;
        let elapsed_ms = now.since_ms(self.at);
        let gained = full * elapsed_ms.clamp(0, MINUTE_MS) / MINUTE_MS;
        self.at = match elapsed_ms {
            // Time that has bought no whole millitoken stays unspent, so frequent calls do not starve the bucket.
            0..MINUTE_MS => self.at.plus_ms((gained * MINUTE_MS + full - 1) / full.max(1)),
            _ => now,
        };
        self.per_minute = per_minute;
        self.millitokens = (self.millitokens + gained).min(full);
    }

    fn decision(&self, allowed: bool) -> RateDecision {
        let full = i64::from(self.per_minute) * TOKEN;
        RateDecision {
            allowed,
            limit: self.per_minute,
            remaining: u32::try_from(self.millitokens / TOKEN).unwrap_or(0),
            reset_s: self.seconds_for(full - self.millitokens),
            retry_after_s: if allowed { 0 } else { self.seconds_for(TOKEN - self.millitokens).max(1) },
        }
    }

    fn seconds_for(&self, millitokens: i64) -> u32 {
        let per_minute = i64::from(self.per_minute.max(1)) * TOKEN;
        u32::try_from((millitokens * 60 + per_minute - 1) / per_minute).unwrap_or(u32::MAX)
    }

    /// Whether this bucket is as good as new, so that forgetting it changes nothing.
    pub fn is_idle(&self, now: Timestamp) -> bool {
        now.since_ms(self.at) >= MINUTE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_a_minutes_worth_then_refills() {
        let start = Timestamp(1_000_000);
        let mut bucket = Bucket::full(60, start);
        for left in (0..60).rev() {
            assert_eq!(bucket.take(60, start).remaining, left);
        }
        let refused = bucket.take(60, start);
        assert!(!refused.allowed);
        assert_eq!(refused.retry_after_s, 1);
        assert!(bucket.take(60, start.plus_ms(1_000)).allowed);
        assert!(!bucket.take(60, start.plus_ms(1_000)).allowed);
    }

    #[test]
    fn frequent_calls_still_refill() {
        let start = Timestamp(0);
        let mut bucket = Bucket::full(1, start);
        assert!(bucket.take(1, start).allowed);
        let allowed =
            (1..=120_000).step_by(7).filter(|ms| bucket.take(1, start.plus_ms(*ms)).allowed).count();
        assert!((1..=2).contains(&allowed), "{allowed} calls were allowed in two minutes");
    }

    #[test]
    fn asking_too_early_costs_nothing() {
        let start = Timestamp(0);
        let mut bucket = Bucket::full(2, start);
        assert!(bucket.take(2, start).allowed && bucket.take(2, start).allowed);
        assert_eq!(bucket.take(2, start).retry_after_s, 30);
        assert!(!bucket.take(2, start.plus_ms(29_999)).allowed);
        assert!(bucket.take(2, start.plus_ms(30_000)).allowed);
    }
}
