//! The port's `JobStore` on SQLite.

use async_trait::async_trait;
use hopline_domain::{
    id::JobId,
    store::{
        Accepted, Caller, ClaimedJob, Counted, ExpiredJob, Finished, JobAccept, JobClaim, JobEnd, JobLease,
        JobStore, JobView, Page, Paged, StoreError,
    },
    time::Timestamp,
};

use super::store::SqliteStore;

pub(super) mod accept;
pub(super) mod claim;
mod finish;
pub(super) mod lease;
pub(super) mod read;
pub(super) mod row;

#[async_trait]
impl JobStore for SqliteStore {
    async fn job_accept(
        &self,
        caller: Caller,
        accept: JobAccept,
        now: Timestamp,
    ) -> Result<Accepted, StoreError> {
        self.core.run("accept the job", move |turn| accept::accept(turn, caller, &accept, now)).await
    }

    async fn job_get(&self, caller: Caller, id: JobId) -> Result<Option<JobView>, StoreError> {
        self.core_readers.run("read the job", move |connection| read::get(connection, caller, id)).await
    }

    async fn job_list(&self, caller: Caller, page: Page) -> Result<Paged<JobView>, StoreError> {
        self.core_readers.run("list the jobs", move |connection| read::list(connection, caller, page)).await
    }

    async fn job_claim(&self, claim: JobClaim, now: Timestamp) -> Result<Vec<ClaimedJob>, StoreError> {
        self.core.run("claim jobs", move |turn| claim::claim(turn.connection, claim, now)).await
    }

    async fn job_lease_extend(
        &self,
        leases: Vec<JobLease>,
        until: Timestamp,
    ) -> Result<Vec<JobLease>, StoreError> {
        self.core.run("extend leases", move |turn| lease::extend(turn.connection, &leases, until)).await
    }

    async fn job_finish(&self, lease: JobLease, end: JobEnd, now: Timestamp) -> Result<Finished, StoreError> {
        let evidence_bytes = self.evidence_bytes(end.evidence).await?;
        let screenshot_bytes = self.screenshot_bytes(end.screenshot).await?;
        let ending = finish::Ending { end, evidence_bytes, screenshot_bytes, now };
        self.core.run("finish the job", move |turn| finish::finish(turn, lease, &ending)).await
    }

    async fn job_requeue(
        &self,
        lease: JobLease,
        counted: Counted,
        due_at: Timestamp,
    ) -> Result<Finished, StoreError> {
        self.core.run("requeue the job", move |turn| lease::requeue(turn, lease, counted, due_at)).await
    }

    async fn job_lease_expired(&self, now: Timestamp, limit: u32) -> Result<Vec<ExpiredJob>, StoreError> {
        self.core_readers
            .run("find expired leases", move |connection| lease::expired(connection, now, limit))
            .await
    }
}
