//! What keeps a store healthy: retention, orphans, depth of queues, a sign of life.

use async_trait::async_trait;

use crate::{store::StoreError, time::Timestamp};

/// Everything older than these is swept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub jobs_before: Timestamp,
    pub evidence_before: Timestamp,
    pub screenshots_before: Timestamp,
    pub events_before: Timestamp,
    pub attempts_before: Timestamp,
    pub audit_before: Timestamp,
    /// Idempotency records that expired before this.
    pub idempotency_before: Timestamp,
}

/// Rows removed by one sweep; the sweep is repeated until it removes none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub jobs: u32,
    pub evidence: u32,
    pub screenshots: u32,
    pub events: u32,
    pub attempts: u32,
    pub audit: u32,
    pub idempotency: u32,
}

impl Swept {
    pub const fn total(&self) -> u32 {
        let told = self.events + self.attempts;
        self.jobs + self.evidence + self.screenshots + told + self.audit + self.idempotency
    }
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueDepths {
    pub jobs_queued: u64,
    pub jobs_running: u64,
    pub deliveries_pending: u64,
    pub deliveries_under_way: u64,
}

#[async_trait]
pub trait MaintenanceStore: Send + Sync {
    /// Writes and reads one row: fails when the store can't be written.
    async fn store_probe(&self, now: Timestamp) -> Result<(), StoreError>;

    /// Version of the schema in use.
    async fn store_schema(&self) -> Result<i64, StoreError>;

    /// Removes at most `limit` rows of each kind that retention has ended for. Unfinished work is never removed, nor what it refers to.
    async fn retention_sweep(&self, retention: Retention, limit: u32) -> Result<Swept, StoreError>;

    async fn queue_depths(&self) -> Result<QueueDepths, StoreError>;
}
