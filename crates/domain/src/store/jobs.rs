//! Accepting, claiming and finishing jobs.

use async_trait::async_trait;

use crate::{
    id::{CreditEntryId, EventId, JobId, LeaseToken},
    idempotency::IdempotencyClaim,
    job::{Job, JobOptions},
    outcome::Outcome,
    provider::Tier,
    store::{Caller, EvidenceDigest, Finished, NewDelivery, Page, Paged, StoreError},
    time::Timestamp,
    verdict::{Previous, Verdicts},
};

/// A job to make, if it comes to that.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub id: JobId,
    /// Id of the ledger line of its reservation.
    pub reservation_id: CreditEntryId,
    /// A second line, for a reservation that takes from both pools.
    pub second_reservation_id: CreditEntryId,
    /// As the caller gave it.
    pub url: String,
    pub options: JobOptions,
    pub webhook_url: Option<String>,
    pub provider: String,
    pub tier: Tier,
    /// Credits, fixed at accept.
    pub price: i64,
    pub cache_key: [u8; 32],
}

/// Everything one `POST /v1/resolve` brings.
#[derive(Clone, Debug)]
pub struct JobAccept {
    pub job: NewJob,
    /// A `done` job with the same cache key that finished at or after this answers instead; `None` = none will do.
    pub cached_since: Option<Timestamp>,
    /// SHA-256 of the body, when there is no idempotency key: an unfinished job of the family with the same one answers instead.
    pub body_hash: Option<[u8; 32]>,
    pub idempotency: Option<IdempotencyClaim>,
    /// Resolve calls the family may make this UTC day.
    pub daily_quota: Option<u32>,
}

/// Why nothing was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    IdempotencyKeyReused,
    QuotaExceeded { limit: u32, resets_at: Timestamp },
    OutOfCredits { price: i64, balance: i64 },
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// Made: queued, reserved and recorded.
    Queued {
        job_id: JobId,
        queue_position: u64,
    },
    /// A fresh enough answer was known; only the quota moved.
    Cached {
        job: Box<Job>,
        balance: i64,
    },
    /// The idempotency key is known with this fingerprint.
    Replayed(Box<JobView>),
    /// The same body is still being worked on.
    SameBody(Box<JobView>),
    Refused(Refused),
}

/// A job as its caller sees it now.
#[derive(Clone, Debug, PartialEq)]
pub struct JobView {
    pub job: Job,
    pub balance: i64,
    /// 1 = next; 0 unless queued.
    pub queue_position: u64,
}

/// A worker asking for jobs.
#[derive(Clone, Copy, Debug)]
pub struct JobClaim {
    pub limit: u32,
    pub lease_until: Timestamp,
    /// The fence of every lease given by this claim.
    pub token: LeaseToken,
}

/// The right to finish one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JobLease {
    pub job_id: JobId,
    pub token: LeaseToken,
}

/// A job under a lease.
#[derive(Clone, Debug)]
pub struct ClaimedJob {
    pub lease: JobLease,
    pub caller: Caller,
    pub url: String,
    pub options: JobOptions,
    pub cache_key: [u8; 32],
    /// Leases lost before this one.
    pub lost_leases: u32,
    /// What the last `done` job with the same cache key found.
    pub previous: Option<Previous>,
}

/// A job whose lease ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiredJob {
    pub lease: JobLease,
    /// Leases lost, this one included.
    pub lost_leases: u32,
}

/// Whether giving a job back counts as a lost lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    Lost,
    HandedBack,
}

/// How a job ends, with every side effect of it (I02, I05).
#[derive(Clone, Debug)]
pub struct JobEnd {
    pub outcome: Outcome,
    pub hops_count: Option<u32>,
    pub verdicts: Option<Verdicts>,
    /// Stored before this call; referred to by digest.
    pub evidence: Option<EvidenceDigest>,
    /// Stored before this call, as the evidence is.
    pub screenshot: Option<EvidenceDigest>,
    /// Ledger line of the settlement or release, and one more if both pools are involved.
    pub ledger_ids: [CreditEntryId; 2],
    pub event_id: EventId,
    /// Used when the job has a `webhook_url`.
    pub delivery: NewDelivery,
}

/// Jobs and their acceptance.
#[async_trait]
pub trait JobStore: Send + Sync {
    /// Accepts one resolve: idempotency, same body, cache, quota, credits, job; first that answers wins. One transaction.
    async fn job_accept(
        &self,
        caller: Caller,
        accept: JobAccept,
        now: Timestamp,
    ) -> Result<Accepted, StoreError>;

    /// One job of the caller's family.
    async fn job_get(&self, caller: Caller, id: JobId) -> Result<Option<JobView>, StoreError>;

    /// The family's jobs, newest first.
    async fn job_list(&self, caller: Caller, page: Page) -> Result<Paged<JobView>, StoreError>;

    /// Leases up to `limit` queued jobs that are due, oldest first.
    async fn job_claim(&self, claim: JobClaim, now: Timestamp) -> Result<Vec<ClaimedJob>, StoreError>;

    /// Extends leases; answers those that were lost.
    async fn job_lease_extend(
        &self,
        leases: Vec<JobLease>,
        until: Timestamp,
    ) -> Result<Vec<JobLease>, StoreError>;

    /// Ends a job: state, charge or release, event, delivery. Refuses a stale lease.
    async fn job_finish(&self, lease: JobLease, end: JobEnd, now: Timestamp) -> Result<Finished, StoreError>;

    /// Puts a leased job back into the queue, due at `due_at`. Refuses a stale lease.
    async fn job_requeue(
        &self,
        lease: JobLease,
        counted: Counted,
        due_at: Timestamp,
    ) -> Result<Finished, StoreError>;

    /// Up to `limit` jobs whose lease ran out before `now`.
    async fn job_lease_expired(&self, now: Timestamp, limit: u32) -> Result<Vec<ExpiredJob>, StoreError>;
}
