//! Replays: past events sent to an endpoint again.

use async_trait::async_trait;

use crate::{
    endpoint::{Replay, ReplayFilter, ReplayKind},
    id::{EndpointId, ReplayId, WorkspaceId},
    idempotency::IdempotencyClaim,
    store::{AuditEntry, Caller, Changed, Created, StoreError},
    time::Timestamp,
};

/// Everything one `POST …/replay` brings.
#[derive(Clone, Debug)]
pub struct ReplayCreate {
    pub id: ReplayId,
    pub endpoint_id: EndpointId,
    pub filter: ReplayFilter,
    pub kind: ReplayKind,
    pub rate_per_s: Option<u32>,
    pub idempotency: Option<IdempotencyClaim>,
    pub audit: AuditEntry,
}

/// Replays.
#[async_trait]
pub trait ReplayStore: Send + Sync {
    /// Takes the events there are now. `Conflict` when too many run already.
    async fn replay_create(
        &self,
        caller: Caller,
        create: ReplayCreate,
        now: Timestamp,
    ) -> Result<Created<Replay>, StoreError>;

    async fn replay_get(&self, workspace_id: WorkspaceId, id: ReplayId)
    -> Result<Option<Replay>, StoreError>;

    /// Stops a running one; what it has queued stays. `Conflict` when it has ended.
    async fn replay_cancel(
        &self,
        caller: Caller,
        id: ReplayId,
        audit: AuditEntry,
        now: Timestamp,
    ) -> Result<Changed<Replay>, StoreError>;

    /// Moves one running replay on by at most `limit` events, with the deliveries they make, in one transaction.
    async fn replay_step(&self, now: Timestamp, limit: u32) -> Result<ReplayStep, StoreError>;
}

/// What a step of the replays came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayStep {
    /// Some replay moved; there may be more to do at once.
    Moved { scanned: u32, matched: u32 },
    /// None may move before then.
    Waits { until: Timestamp },
    /// None is running.
    Idle,
}
