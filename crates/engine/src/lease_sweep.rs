//! Takes back what was claimed and never finished: jobs go into the queue again with back-off, or end when their leases
//! were lost too often; deliveries return to their lanes.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use hopline_domain::{
    id::{CreditEntryId, DeliveryId, EventId},
    limits,
    outcome::{Outcome, Reason},
    store::{Counted, ExpiredJob, Finished, JobEnd, NewDelivery, StoreError},
    time::Timestamp,
};

use crate::{meters, parts::EngineParts, periodic::Chore};

const BATCH_ROWS: u32 = 256;
/// Batches of one round; what is left waits for the next.
const BATCHES_MAX: u32 = 100;

pub(crate) struct LeaseSweep {
    pub(crate) parts: Arc<EngineParts>,
}

impl Chore for LeaseSweep {
    fn name(&self) -> &'static str {
        "lease_sweep"
    }

    fn period_ms(&self) -> u64 {
        limits::LEASE_SWEEP_MS
    }

    fn round(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async { Ok(self.sweep_jobs().await? + self.sweep_deliveries().await?) })
    }
}

impl LeaseSweep {
    async fn sweep_jobs(&self) -> Result<u64, StoreError> {
        let mut swept = 0;
        for _ in 0..BATCHES_MAX {
            let expired = self.parts.store.job_lease_expired(self.parts.now(), BATCH_ROWS).await?;
            for job in &expired {
                self.take_back(*job).await?;
                swept += 1;
            }
            if expired.len() < BATCH_ROWS as usize {
                break;
            }
        }
        Ok(swept)
    }

    async fn take_back(&self, job: ExpiredJob) -> Result<(), StoreError> {
        let now = self.parts.now();
        let store = &self.parts.store;
        let finished = match back_at(job.lost_leases, now) {
            Some(due_at) => store.job_requeue(job.lease, Counted::Lost, due_at).await?,
            None => store.job_finish(job.lease, self.exhausted(now), now).await?,
        };
        if finished == Finished::Recorded {
            meters::lease_lost("job");
            tracing::warn!(job.id = %job.lease.job_id, job.lost_leases = job.lost_leases, "a job's lease ran out");
        }
        Ok(())
    }

    fn exhausted(&self, now: Timestamp) -> JobEnd {
        let entropy = &*self.parts.entropy;
        JobEnd {
            outcome: Outcome::Failed { reason: Reason::LeaseExhausted },
            hops_count: None,
            verdicts: None,
            evidence: None,
            screenshot: None,
            ledger_ids: [(); 2].map(|()| CreditEntryId::generate(now, entropy)),
            event_id: EventId::generate(now, entropy),
            delivery: NewDelivery { id: DeliveryId::generate(now, entropy) },
        }
    }

    async fn sweep_deliveries(&self) -> Result<u64, StoreError> {
        let mut swept = 0;
        for _ in 0..BATCHES_MAX {
            let returned = self.parts.store.delivery_lease_sweep(self.parts.now(), BATCH_ROWS).await?;
            swept += u64::from(returned);
            if returned < BATCH_ROWS {
                break;
            }
        }
        Ok(swept)
    }
}

/// When a job that lost `lost_leases` is due again; `None` when it has lost too many.
fn back_at(lost_leases: u32, now: Timestamp) -> Option<Timestamp> {
    if lost_leases >= limits::LEASE_ATTEMPTS_MAX {
        return None;
    }
    Some(now.plus_ms(limits::LEASE_BACKOFF_MS << lost_leases.saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_waits_longer_each_time_and_ends_at_the_bound() {
        let waits = |lost| back_at(lost, Timestamp(0)).map(|at| at.0);
        assert_eq!([1, 2, 3, 4].map(waits), [Some(5_000), Some(10_000), None, None]);
    }
}
