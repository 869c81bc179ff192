//! Claiming deliveries fairly by lane, recording attempts, and what people do to deliveries by hand.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    delivery::{Attempt, Decision, Delivery, DeliveryState, LaneState, MessageId, Receiver},
    id::{DeliveryId, EndpointId, JobId, LeaseToken, WorkspaceId},
    lane::LaneKey,
    limits,
    retry::RetrySchedule,
    store::{FamilySecret, Finished, Page, Paged, StoreError},
    time::Timestamp,
};

/// A delivery to make together with its event.
#[derive(Clone, Copy, Debug)]
pub struct NewDelivery {
    pub id: DeliveryId,
}

/// A worker asking for deliveries.
#[derive(Clone, Copy, Debug)]
pub struct DeliveryClaim {
    pub limit: u32,
    /// Deliveries one claim may take from a lane for each place it has free: lets a fast lane be served in runs.
    pub run_length: u32,
    pub lease_until: Timestamp,
    pub token: LeaseToken,
}

/// The right to record one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeliveryLease {
    pub delivery_id: DeliveryId,
    pub token: LeaseToken,
}

/// How the deliveries of one lane are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneRules {
    pub receiver: Receiver,
    pub schedule: RetrySchedule,
    /// One attempt, from the first look-up to the last byte read.
    pub timeout_ms: u64,
    /// An endpoint's own headers, sealed for it.
    pub sealed_headers: Option<(EndpointId, Vec<u8>)>,
}

impl Default for LaneRules {
    /// The rules of a request's `webhook_url`.
    fn default() -> Self {
        Self {
            receiver: Receiver::AdHoc,
            schedule: RetrySchedule::default(),
            timeout_ms: limits::DELIVERY_TIMEOUT_MS,
            sealed_headers: None,
        }
    }
}

/// A delivery, or a batch of them, under a lease, with all that sending it needs.
#[derive(Clone, Debug)]
pub struct ClaimedDelivery {
    pub lease: DeliveryLease,
    pub lease_until: Timestamp,
    pub workspace_id: WorkspaceId,
    pub lane: LaneKey,
    /// Attempts of this lane that may be under way at once.
    pub lane_concurrency: u32,
    pub url: String,
    pub message_id: MessageId,
    /// `None` for clicks and batches.
    pub event_seq: Option<i64>,
    pub body: Vec<u8>,
    pub rules: Arc<LaneRules>,
    /// Number of the coming attempt, 1 for the first.
    pub attempt_number: u32,
    /// Place of the coming attempt in the schedule, 0 for the first.
    pub step: u32,
    /// Live secrets, newest first, sealed.
    pub secrets: Vec<FamilySecret>,
    pub signature_headers: Vec<String>,
}

/// The end of one attempt and what follows from it.
#[derive(Clone, Debug)]
pub struct AttemptEnd {
    pub attempt: Attempt,
    pub decision: Decision,
}

/// Which deliveries a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    pub job_id: Option<JobId>,
    pub endpoint_id: Option<EndpointId>,
    pub state: Option<DeliveryState>,
}

/// A delivery with the state of its lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryView {
    pub delivery: Delivery,
    pub lane: LaneState,
}

/// What a hand-made change of a delivery did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManualRetry {
    /// Changed; the delivery as it is now.
    Changed(Box<DeliveryView>),
    /// An attempt is under way: nothing was changed.
    UnderWay,
    /// It has ended in a way that does not allow this.
    Ended(DeliveryState),
    NotFound,
}

/// Deliveries and their attempts.
#[async_trait]
pub trait DeliveryStore: Send + Sync {
    /// Leases due deliveries: fairly over workspaces and lanes, first attempts before retries, never past a lane's room or pause.
    async fn delivery_claim(
        &self,
        claim: DeliveryClaim,
        now: Timestamp,
    ) -> Result<Vec<ClaimedDelivery>, StoreError>;

    /// Records an attempt with the decision it led to. Refuses a stale lease.
    async fn delivery_attempt_finish(
        &self,
        lease: DeliveryLease,
        end: AttemptEnd,
        now: Timestamp,
    ) -> Result<Finished, StoreError>;

    /// Gives unsent deliveries back; they are due at once and no attempt is counted. Stale leases are passed over.
    async fn delivery_release(&self, leases: Vec<DeliveryLease>, now: Timestamp) -> Result<(), StoreError>;

    /// Returns deliveries whose lease ran out to their lanes, at most `limit`; answers how many.
    async fn delivery_lease_sweep(&self, now: Timestamp, limit: u32) -> Result<u32, StoreError>;

    /// When the next pending delivery is due, if any.
    async fn delivery_next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    async fn delivery_get(
        &self,
        workspace_id: WorkspaceId,
        id: DeliveryId,
    ) -> Result<Option<(DeliveryView, Vec<Attempt>)>, StoreError>;

    /// Deliveries of a workspace, newest first.
    async fn delivery_list(
        &self,
        workspace_id: WorkspaceId,
        filter: DeliveryFilter,
        page: Page,
    ) -> Result<Paged<DeliveryView>, StoreError>;

    /// Makes a delivery due now. An ended one gets a whole schedule again; a succeeded one too.
    async fn delivery_retry(
        &self,
        workspace_id: WorkspaceId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<ManualRetry, StoreError>;

    /// Ends a pending delivery.
    async fn delivery_cancel(
        &self,
        workspace_id: WorkspaceId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<ManualRetry, StoreError>;
}
