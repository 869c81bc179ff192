//! Removes what retention has ended for, in batches, so that no sweep holds the store for long.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use hopline_domain::{
    limits,
    store::{Retention, StoreError},
    time::{DAY_MS, Timestamp},
};

use crate::{parts::EngineParts, periodic::Chore, settings::RetentionDays};

const RETAIN_PERIOD_MS: u64 = 3_600_000;
/// Batches of one round; what is left waits for the next.
const BATCHES_MAX: u32 = 1_000;

pub(crate) struct Retain {
    pub(crate) parts: Arc<EngineParts>,
}

impl Chore for Retain {
    fn name(&self) -> &'static str {
        "retain"
    }

    fn period_ms(&self) -> u64 {
        RETAIN_PERIOD_MS
    }

    fn round(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.sweep())
    }
}

impl Retain {
    async fn sweep(&self) -> Result<u64, StoreError> {
        let retention = retention_at(self.parts.now(), self.parts.settings.retention);
        let mut removed = 0;
        for _ in 0..BATCHES_MAX {
            let swept = self.parts.store.retention_sweep(retention, limits::RETENTION_BATCH_ROWS).await?;
            if swept.total() == 0 {
                break;
            }
            tracing::debug!(?swept, "retention removed rows");
            removed += u64::from(swept.total());
        }
        Ok(removed + self.sweep_clicks().await?)
    }

    async fn sweep_clicks(&self) -> Result<u64, StoreError> {
        let days = i64::from(self.parts.settings.retention.clicks);
        let before = self.parts.now().minus_ms(days * DAY_MS);
        let mut removed = 0;
        for _ in 0..BATCHES_MAX {
            let swept = self.parts.store.click_sweep(before, limits::RETENTION_BATCH_ROWS).await?;
            if swept == 0 {
                break;
            }
            removed += u64::from(swept);
        }
        Ok(removed)
    }
}

fn retention_at(now: Timestamp, days: RetentionDays) -> Retention {
    let before = |days: u32| now.minus_ms(i64::from(days) * DAY_MS);
    Retention {
        jobs_before: before(days.jobs),
        evidence_before: before(days.evidence),
        screenshots_before: before(days.screenshots),
        events_before: before(days.events),
        attempts_before: before(days.attempts),
        audit_before: before(days.audit),
        idempotency_before: now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_kept_for_its_own_days() {
        let days = RetentionDays {
            jobs: 90,
            evidence: 30,
            screenshots: 7,
            events: 29,
            attempts: 14,
            audit: 400,
            clicks: 400,
        };
        let now = Timestamp::parse("2026-06-05T12:00:00.000Z").unwrap();
        let retention = retention_at(now, days);
        assert_eq!(retention.jobs_before.to_string(), "2026-03-07T12:00:00.000Z");
        assert_eq!(retention.screenshots_before.to_string(), "2026-05-29T12:00:00.000Z");
        assert_eq!(retention.attempts_before.to_string(), "2026-05-22T12:00:00.000Z");
        assert_eq!(retention.idempotency_before, now);
    }
}
