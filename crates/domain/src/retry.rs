//! When a delivery is tried again: the schedule, jitter that only adds, and `Retry-After`.

use serde::{Deserialize, Serialize};

use crate::{
    entropy::Entropy,
    limits,
    time::{SECOND_MS, Timestamp},
};

/// Delays before each retry of the schedule of Standard Webhooks, in seconds: 75 h 35 min 5 s in all.
const DEFAULT_S: [u32; 9] =
    [5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600];

/// When a delivery is tried again. The first attempt is made at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RetrySchedule(Vec<u32>);

impl RetrySchedule {
    /// Takes the delay before each retry in seconds, each after the attempt before it: at most
    /// `limits::RETRIES_MAX` of 1 to `limits::RETRY_DELAY_S_MAX`.
    pub fn new(delays_s: Vec<u32>) -> Option<Self> {
        let sound = delays_s.len() <= limits::RETRIES_MAX
            && delays_s.iter().all(|delay_s| (1..=limits::RETRY_DELAY_S_MAX).contains(delay_s));
        sound.then_some(Self(delays_s))
    }

    /// Seconds before each retry.
    pub fn delays_s(&self) -> &[u32] {
        &self.0
    }

    /// When the attempt at `step` (0 = first) is due, counted from `now`; `None` when the schedule is used up.
    pub fn due_at(&self, step: u32, now: Timestamp, entropy: &dyn Entropy) -> Option<Timestamp> {
        let Some(retry) = step.checked_sub(1) else { return Some(now) };
        let delay_s = *self.0.get(usize::try_from(retry).ok()?)?;
        Some(now.plus_ms(with_jitter_ms(i64::from(delay_s) * SECOND_MS, entropy)))
    }
}

impl Default for RetrySchedule {
    fn default() -> Self {
        Self(DEFAULT_S.to_vec())
    }
}

/// Adds 0–10 %: never early.
fn with_jitter_ms(delay_ms: i64, entropy: &dyn Entropy) -> i64 {
    let most = u64::try_from(delay_ms).unwrap_or(0) * limits::RETRY_JITTER_PERCENT / 100;
    delay_ms + i64::try_from(entropy.up_to(most)).unwrap_or(0)
}

/// Milliseconds a `Retry-After` asks to wait (RFC 9110 §10.2.3), capped at 24 h; `None` for what can't be trusted.
pub fn retry_after_ms(value: &str, now: Timestamp) -> Option<i64> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        let seconds = value.parse::<i64>().unwrap_or(i64::MAX);
        return Some(seconds.saturating_mul(SECOND_MS).min(limits::RETRY_AFTER_MS_MAX));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let at = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    let at = Timestamp(i64::try_from(at.as_millis()).ok()?);
    Some(at.since_ms(now).clamp(0, limits::RETRY_AFTER_MS_MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::entropy::OsEntropy;

    #[test]
    fn reads_only_retry_after_it_can_trust() {
        let now = Timestamp::parse("2026-06-05T12:00:00.000Z").unwrap();
        assert_eq!(retry_after_ms("3", now), Some(3_000));
        assert_eq!(retry_after_ms("0", now), Some(0));
        assert_eq!(retry_after_ms("Fri, 05 Jun 2026 12:01:00 GMT", now), Some(60_000));
        assert_eq!(retry_after_ms("Fri, 05 Jun 2026 11:00:00 GMT", now), Some(0));
        for absurd in ["99999999999999999999", "86401", "Fri, 05 Jun 2099 12:01:00 GMT"] {
            assert_eq!(retry_after_ms(absurd, now), Some(limits::RETRY_AFTER_MS_MAX), "{absurd}");
        }
        for garbage in ["", "-5", "inf", "NaN", "1e15", "1.5", "soon", "3 seconds"] {
            assert_eq!(retry_after_ms(garbage, now), None, "{garbage}");
        }
    }

    #[test]
    fn schedules_are_bounded_and_end() {
        assert_eq!(DEFAULT_S.iter().sum::<u32>(), 75 * 3_600 + 35 * 60 + 5);
        assert!(RetrySchedule::new(vec![]).unwrap().due_at(1, Timestamp(0), &OsEntropy).is_none());
        assert!(RetrySchedule::new(vec![0]).is_none());
        assert!(RetrySchedule::new(vec![limits::RETRY_DELAY_S_MAX + 1]).is_none());
        assert!(RetrySchedule::new(vec![1; limits::RETRIES_MAX + 1]).is_none());
        assert!(RetrySchedule::default().due_at(10, Timestamp(0), &OsEntropy).is_none());
    }

    proptest! {
        #[test]
        fn jitter_only_adds_and_at_most_a_tenth(step in 0_u32..10, now in 0_i64..4_000_000_000_000) {
            let schedule = RetrySchedule::default();
            let due = schedule.due_at(step, Timestamp(now), &OsEntropy).unwrap();
            let base = if step == 0 { 0 } else { i64::from(DEFAULT_S[step as usize - 1]) * SECOND_MS };
            let delay = due.since_ms(Timestamp(now));
            prop_assert!(delay >= base && delay <= base + base / 10);
        }

        #[test]
        fn never_panics(value in ".{0,40}", now in any::<i64>()) {
            retry_after_ms(&value, Timestamp(now));
        }
    }
}
