//! Fills the plan pool of every workspace at the turn of the month (UTC).

use std::sync::Arc;

use futures_util::future::BoxFuture;
use hopline_domain::{
    id::CreditEntryId,
    store::{StoreError, Workspace},
};

use crate::{parts::EngineParts, periodic::Chore};

const MONTH_PERIOD_MS: u64 = 60_000;
const BATCH_WORKSPACES: u32 = 100;
/// Batches of one round; what is left waits for the next.
const BATCHES_MAX: u32 = 1_000;

pub(crate) struct Month {
    pub(crate) parts: Arc<EngineParts>,
}

impl Chore for Month {
    fn name(&self) -> &'static str {
        "month"
    }

    fn period_ms(&self) -> u64 {
        MONTH_PERIOD_MS
    }

    fn round(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.turn_all())
    }
}

impl Month {
    async fn turn_all(&self) -> Result<u64, StoreError> {
        let mut turned = 0;
        for _ in 0..BATCHES_MAX {
            let due = self.parts.store.credit_month_due(self.parts.now(), BATCH_WORKSPACES).await?;
            for workspace in &due {
                self.turn(workspace).await?;
                turned += 1;
            }
            if due.len() < BATCH_WORKSPACES as usize {
                break;
            }
        }
        Ok(turned)
    }

    async fn turn(&self, workspace: &Workspace) -> Result<(), StoreError> {
        let now = self.parts.now();
        let credits = self.parts.plans.get(&workspace.plan).limits.credits_per_month.unwrap_or(0);
        let ledger_ids = [(); 2].map(|()| CreditEntryId::generate(now, &*self.parts.entropy));
        self.parts.store.credit_month_turn(workspace.id, credits, ledger_ids, now).await
    }
}
