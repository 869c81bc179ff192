//! Extends the leases of jobs that are still worked on, every third of a lease.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use hopline_domain::store::StoreError;

use super::held::HeldLeases;
use crate::{meters, parts::EngineParts, periodic::Chore};

pub(crate) struct Heartbeat {
    pub(crate) parts: Arc<EngineParts>,
    pub(crate) held: Arc<HeldLeases>,
}

impl Chore for Heartbeat {
    fn name(&self) -> &'static str {
        "heartbeat"
    }

    fn period_ms(&self) -> u64 {
        u64::try_from(self.parts.settings.lease_ms / 3).unwrap_or(1).max(1)
    }

    fn round(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.extend())
    }
}

impl Heartbeat {
    async fn extend(&self) -> Result<u64, StoreError> {
        let leases = self.held.leases();
        if leases.is_empty() {
            return Ok(0);
        }
        let until = self.parts.now().plus_ms(self.parts.settings.lease_ms);
        let lost = self.parts.store.job_lease_extend(leases.clone(), until).await?;
        self.held.extended(&leases, &lost, until);
        for lease in &lost {
            meters::lease_lost("job");
            tracing::warn!(job.id = %lease.job_id, "a job's lease was lost while it was worked on");
        }
        Ok(leases.len() as u64)
    }
}
